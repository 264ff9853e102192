"""After a statement failed, a transaction can only be undone, whoever ran the statement and on either database."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, select, text
from sqlalchemy.exc import PendingRollbackError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from storeroom import Statement, Storeroom, UnitOfWork, plugin_registry
from storeroom.errors import Duplicate, ReadOnly, StatementFailed, StoreroomError, TransactionEnded
from tests.core.tables import OWNERS, accounts, checked_out, engine_of, open_account, owners

BROKEN = Statement(text("SELECT no_such_column"))


class Base(DeclarativeBase):
    registry = plugin_registry("bank")


class Account(Base):
    __tablename__ = accounts.name

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str]
    branch: Mapped[str] = mapped_column(default="main")
    balance: Mapped[int] = mapped_column(default=0)


def swallow(work: Callable[..., Any], *arguments: Any) -> None:
    """Do as a careless author does."""
    try:
        work(*arguments)
    except Exception:
        return
    pytest.fail("it was expected to fail")


def fail_by_statement(uow: UnitOfWork) -> None:
    swallow(BROKEN.all, uow)


def fail_on_the_connection(uow: UnitOfWork) -> None:
    swallow(uow.connection.execute, text("SELECT no_such_column"))


def fail_in_the_session(uow: UnitOfWork) -> None:
    swallow(uow.session.execute, text("SELECT no_such_column"))


FAILURES = [fail_by_statement, fail_on_the_connection, fail_in_the_session]


@pytest.mark.parametrize("fail", FAILURES)
def test_nothing_more_can_be_done_after_a_failed_statement(room: Storeroom, fail: Callable[[UnitOfWork], None]) -> None:
    def work(uow: UnitOfWork) -> None:
        open_account(uow, "ada")
        fail(uow)
        OWNERS.all(uow)

    with pytest.raises(TransactionEnded, match=r"an earlier statement .* failed .*; let the error pass"):
        room.run(work)
    assert owners(room) == []


@pytest.mark.parametrize("fail", FAILURES)
def test_a_swallowed_error_never_drops_the_writes_silently(room: Storeroom, fail: Callable[[UnitOfWork], None]) -> None:
    def work(uow: UnitOfWork) -> None:
        open_account(uow, "ada")
        fail(uow)

    with pytest.raises(TransactionEnded):
        room.run(work)
    assert owners(room) == []


@pytest.mark.parametrize("fail", FAILURES)
def test_after_a_savepoint_the_rest_goes_on(room: Storeroom, fail: Callable[[UnitOfWork], None]) -> None:
    def part(uow: UnitOfWork) -> None:
        with uow.savepoint():
            open_account(uow, "lost")
            fail(uow)

    with room.write() as uow:
        open_account(uow, "ada")
        swallow(part, uow)  # which raises although its own error was swallowed inside
        open_account(uow, "bob")
    assert owners(room) == ["ada", "bob"]


def test_a_savepoint_undoes_its_part_when_any_error_leaves_it(room: Storeroom) -> None:
    def part(uow: UnitOfWork) -> None:
        with uow.savepoint():
            open_account(uow, "lost")
            raise LookupError

    with room.write() as uow:
        with uow.savepoint():
            open_account(uow, "ada")
            swallow(part, uow)
        open_account(uow, "bob")
    assert owners(room) == ["ada", "bob"]


def test_a_savepoint_undoes_the_part_of_a_session_that_was_begun_before(room: Storeroom) -> None:
    def part(uow: UnitOfWork) -> None:
        with uow.savepoint():
            uow.session.add(Account(owner="lost"))
            uow.session.flush()
            raise LookupError

    with room.write() as uow:
        uow.session.add(Account(owner="ada"))
        swallow(part, uow)
        with uow.savepoint():
            uow.session.add(Account(owner="bob"))
        assert [account.owner for account in uow.session.scalars(select(Account))] == ["ada", "bob"]
    assert owners(room) == ["ada", "bob"]


def test_a_savepoint_keeps_what_a_session_that_was_begun_inside_wrote(room: Storeroom) -> None:
    with room.write() as uow:
        with uow.savepoint():
            uow.session.add(Account(owner="ada"))
        assert OWNERS.all(uow) == [("ada",)]
        uow.session.add(Account(owner="bob"))
    assert owners(room) == ["ada", "bob"]


def test_no_savepoint_can_be_set_after_a_failed_statement(room: Storeroom) -> None:
    def work(uow: UnitOfWork) -> None:
        fail_by_statement(uow)
        with uow.savepoint():
            pytest.fail("it was entered")

    with pytest.raises(TransactionEnded):
        room.run(work)


def test_a_savepoint_of_the_connections_own_recovers_too(room: Storeroom) -> None:
    with room.write() as uow:
        nested = uow.connection.begin_nested()
        fail_by_statement(uow)
        nested.rollback()
        open_account(uow, "ada")
    assert owners(room) == ["ada"]


def test_an_error_of_the_driver_that_leaves_the_block_is_classified(room: Storeroom) -> None:
    def work(uow: UnitOfWork) -> None:
        for _ in range(2):
            uow.connection.execute(insert(accounts).values(id=1, owner="ada"))

    with pytest.raises(Duplicate):
        room.run(work)
    assert owners(room) == []


def ends_by_commit(uow: UnitOfWork) -> None:
    uow.connection.commit()


def ends_by_rollback(uow: UnitOfWork) -> None:
    uow.connection.rollback()


def ends_by_close(uow: UnitOfWork) -> None:
    uow.connection.close()


@pytest.mark.parametrize("end", [ends_by_commit, ends_by_rollback, ends_by_close])
@pytest.mark.parametrize("careless", [False, True])
def test_only_the_unit_of_work_ends_its_transaction(
    room: Storeroom, end: Callable[[UnitOfWork], None], careless: bool
) -> None:
    def work(uow: UnitOfWork) -> None:
        open_account(uow, "ada")
        if careless:
            swallow(end, uow)
        else:
            end(uow)

    with pytest.raises(TransactionEnded, match=r"only the unit of work ends its transaction.*uow\.savepoint"):
        room.run(work)
    assert owners(room) == []  # so it was refused before it was sent
    assert checked_out(room) == 0


def test_a_connection_that_was_thrown_away_is_gone_with_its_transaction(room: Storeroom) -> None:
    def work(uow: UnitOfWork) -> None:
        open_account(uow, "ada")
        uow.connection.invalidate()
        OWNERS.all(uow)

    with pytest.raises(TransactionEnded, match="connection of this transaction is gone; let the error pass"):
        room.run(work)
    assert owners(room) == []


@pytest.mark.parametrize("sql", ["COMMIT", "ROLLBACK"])
def test_a_transaction_that_was_ended_at_the_driver_is_reported(room: Storeroom, sql: str) -> None:
    def work(uow: UnitOfWork) -> None:
        uow.connection.exec_driver_sql(sql)

    with pytest.raises(TransactionEnded):
        room.run(work)
    room.run(lambda uow: open_account(uow, "ada"))
    assert owners(room) == ["ada"]


def test_a_savepoint_whose_transaction_was_ended_at_the_driver_raises_the_first_error(room: Storeroom) -> None:
    def work(uow: UnitOfWork) -> None:
        with uow.savepoint():
            uow.connection.exec_driver_sql("ROLLBACK")
            raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        room.run(work)
    assert owners(room) == []


def test_a_savepoint_that_was_released_by_others_is_reported(room: Storeroom) -> None:
    def work(uow: UnitOfWork) -> None:
        with uow.savepoint():
            nested = uow.connection.get_nested_transaction()
            assert nested is not None
            nested.commit()

    with pytest.raises(TransactionEnded):
        room.run(work)


def test_a_listener_of_the_engine_that_raises_at_commit_undoes_the_transaction(room: Storeroom) -> None:
    def refuse(_connection: Connection) -> None:
        raise LookupError("mine")

    event.listen(engine_of(room), "commit", refuse)
    with pytest.raises(LookupError, match="mine"):
        room.run(lambda uow: open_account(uow, "ada"))
    event.remove(engine_of(room), "commit", refuse)
    room.run(lambda uow: open_account(uow, "bob"))
    assert owners(room) == ["bob"]


def test_the_session_is_flushed_at_the_end_of_the_block(room: Storeroom) -> None:
    with room.write() as uow:
        uow.session.add(Account(owner="ada"))
        assert uow.session is uow.session
        open_account(uow, "bob")
    assert sorted(owners(room)) == ["ada", "bob"]


def test_a_rollback_of_the_session_undoes_its_own_work_only(room: Storeroom) -> None:
    with room.write() as uow:
        open_account(uow, "ada")
        uow.session.add(Account(owner="lost"))
        uow.session.flush()
        uow.session.rollback()
        uow.session.add(Account(owner="bob"))
    assert owners(room) == ["ada", "bob"]


def test_an_error_of_the_last_flush_is_classified_and_undoes_all(room: Storeroom) -> None:
    def work(uow: UnitOfWork) -> None:
        open_account(uow, "ada")
        uow.session.add(Account(owner="ada"))

    with pytest.raises(Duplicate) as caught:
        room.run(work)
    assert caught.value.table == accounts.name
    assert owners(room) == []


def test_an_error_of_a_flush_that_is_swallowed_is_reported(room: Storeroom) -> None:
    def work(uow: UnitOfWork) -> None:
        open_account(uow, "ada")
        uow.session.add(Account(owner="ada"))
        swallow(uow.session.flush)

    with pytest.raises(PendingRollbackError):
        room.run(work)
    assert owners(room) == []


def test_the_session_is_dropped_when_an_error_leaves_the_block(room: Storeroom) -> None:
    sessions: list[Session] = []

    def work(uow: UnitOfWork) -> None:
        sessions.append(uow.session)
        uow.session.add(Account(owner="ada"))
        uow.session.flush()
        raise LookupError

    with pytest.raises(LookupError):
        room.run(work)
    assert not sessions[0].in_transaction()
    assert owners(room) == []


def write_by_statement(uow: UnitOfWork) -> None:
    open_account(uow, "ada")


def write_on_the_connection(uow: UnitOfWork) -> None:
    uow.connection.execute(insert(accounts).values(owner="ada"))


def write_in_the_session(uow: UnitOfWork) -> None:
    uow.session.add(Account(owner="ada"))


@pytest.mark.parametrize("write", [write_by_statement, write_on_the_connection, write_in_the_session])
def test_the_database_refuses_writes_in_a_reading_unit_of_work(
    make_room: Callable[..., Storeroom], write: Callable[[UnitOfWork], None]
) -> None:
    room = make_room(pool_size=1, pool_overflow=0)  # so that the next unit of work has the same connection

    def read() -> None:
        with room.read() as uow:
            write(uow)

    with pytest.raises(ReadOnly, match=r"write in room\.write\(\)"):
        read()
    room.run(write)
    assert owners(room) == ["ada"]


def test_a_swallowed_read_only_error_is_reported(room: Storeroom) -> None:
    def read() -> None:
        with room.read() as uow:
            swallow(open_account, uow, "ada")

    with pytest.raises(TransactionEnded):
        read()


def test_what_the_database_does_not_understand_is_a_failed_statement(room: Storeroom) -> None:
    with pytest.raises(StatementFailed, match=r"no_such_column.*; correct it, or grant") as caught:
        room.run(BROKEN.all)
    assert caught.value.code in ("SQLITE_ERROR", "42703")
    assert isinstance(caught.value, StoreroomError)
