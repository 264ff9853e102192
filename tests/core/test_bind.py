"""A unit of work inside the program's own transaction: a part of it, which never ends it."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, insert, select, text
from sqlalchemy.exc import ProgrammingError

from storeroom import Settings, Storeroom, UnitOfWork
from storeroom.errors import (
    Busy,
    ConfigurationError,
    Duplicate,
    ForeignKeyMissing,
    StatementFailed,
    TransactionEnded,
    UnitOfWorkNested,
)
from storeroom.testing import Server, requires
from tests.core.tables import ENTER, OWNERS, accounts, bank, open_account, open_room, owners

Failing = Callable[[UnitOfWork], None]


@pytest.fixture
def program(bank_url: str) -> Iterator[Engine]:
    """The program's own engine on the bank's database, of which the room knows nothing."""
    engine = create_engine(bank_url)
    if not requires.ready_connections.met_by(engine):

        @event.listens_for(engine, "connect")
        def prepare(driver: sqlite3.Connection, _record: object) -> None:
            driver.execute("PRAGMA foreign_keys=ON")

    yield engine
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # of a QueuePool
    engine.dispose()


def insert_own(connection: Connection, owner: str) -> None:
    connection.execute(insert(accounts).values(owner=owner))


def leave_with_an_error(uow: UnitOfWork) -> None:
    open_account(uow, "lost")
    raise LookupError("mine")


def bind_and(room: Storeroom, connection: Connection, work: Callable[[UnitOfWork], Any]) -> None:
    with room.bind(connection) as uow:
        work(uow)


def test_the_programs_commit_keeps_both_its_own_work_and_the_rooms(room: Storeroom, program: Engine) -> None:
    with program.connect() as connection:
        insert_own(connection, "ada")
        with room.bind(connection) as uow:
            assert OWNERS.all(uow) == [("ada",)]
            open_account(uow, "bob")
        assert owners(room) == []
        connection.commit()
    assert owners(room) == ["ada", "bob"]


@pytest.mark.parametrize("begun", [False, True], ids=["first", "after the program's own statement"])
def test_the_programs_rollback_undoes_all(room: Storeroom, program: Engine, begun: bool) -> None:
    with program.connect() as connection:
        if begun:
            insert_own(connection, "ada")
        bind_and(room, connection, lambda uow: open_account(uow, "bob"))
        connection.rollback()
    assert owners(room) == []


@pytest.mark.parametrize("begun", [False, True], ids=["first", "after the program's own statement"])
def test_an_error_that_leaves_the_block_undoes_the_block_only(room: Storeroom, program: Engine, begun: bool) -> None:
    with program.begin() as connection:
        if begun:
            insert_own(connection, "ada")
        with pytest.raises(LookupError, match="mine"):
            bind_and(room, connection, leave_with_an_error)
        insert_own(connection, "bob")
    assert owners(room) == (["ada", "bob"] if begun else ["bob"])


def test_blocks_follow_each_other_and_nest(room: Storeroom, program: Engine) -> None:
    with program.begin() as connection:
        bind_and(room, connection, lambda uow: open_account(uow, "ada"))
        with room.bind(connection) as outer:
            open_account(outer, "bob")
            with pytest.raises(LookupError):
                bind_and(room, connection, leave_with_an_error)
            open_account(outer, "eve")
    assert owners(room) == ["ada", "bob", "eve"]


def duplicate(uow: UnitOfWork) -> None:
    for _ in range(2):
        open_account(uow, "twice")


def duplicate_on_the_connection(uow: UnitOfWork) -> None:
    for _ in range(2):
        uow.connection.execute(insert(accounts).values(owner="twice"))


@pytest.mark.parametrize("fail", [duplicate, duplicate_on_the_connection])
def test_the_databases_errors_are_classified_and_the_program_goes_on(
    room: Storeroom, program: Engine, fail: Failing
) -> None:
    with program.begin() as connection:
        with pytest.raises(Duplicate):
            bind_and(room, connection, fail)
        insert_own(connection, "ada")
    assert owners(room) == ["ada"]


def swallow_a_failure(uow: UnitOfWork) -> None:
    with pytest.raises(Duplicate):
        duplicate(uow)


def commit_within(uow: UnitOfWork) -> None:
    uow.connection.commit()


@pytest.mark.parametrize("misuse", [swallow_a_failure, commit_within])
def test_misuse_is_reported_and_nothing_of_the_block_is_kept(room: Storeroom, program: Engine, misuse: Failing) -> None:
    def work(uow: UnitOfWork) -> None:
        open_account(uow, "ada")
        misuse(uow)

    with program.connect() as connection:
        with pytest.raises(TransactionEnded):
            bind_and(room, connection, work)
        connection.rollback()
    assert owners(room) == []


def test_a_block_whose_savepoint_is_gone_says_so(room: Storeroom, program: Engine) -> None:
    with program.connect() as connection:
        with pytest.raises(TransactionEnded), room.bind(connection):
            connection.rollback()  # behind the unit of work's back
        insert_own(connection, "ada")
        connection.commit()
    assert owners(room) == ["ada"]


def test_the_programs_connection_is_its_own_again_after_the_block(room: Storeroom, program: Engine) -> None:
    with program.connect() as connection:
        with room.bind(connection) as uow:
            assert uow.connection is connection
        with pytest.raises(Exception, match="no_such"):
            connection.execute(text("SELECT no_such_column"))
        connection.rollback()
        insert_own(connection, "ada")
        connection.commit()
    assert owners(room) == ["ada"]


def test_a_write_inside_a_bound_block_is_refused_at_once(bank_url: str) -> None:
    engine = create_engine(bank_url)
    with open_room(engine=engine, settings=Settings(busy_timeout=3600)) as room, engine.begin() as connection:
        bound = room.bind(connection)
        with pytest.raises(UnitOfWorkNested), bound, room.write():
            pass
    engine.dispose()


def test_a_connection_in_autocommit_is_refused_and_stays_usable(room: Storeroom, bank_url: str) -> None:
    engine = create_engine(bank_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        with pytest.raises(ConfigurationError, match=r"in autocommit mode.*bind one that isn't"), room.bind(connection):
            pass
        assert not connection.in_transaction()
        insert_own(connection, "ada")
        assert owners(room) == ["ada"]
    engine.dispose()


def test_a_connection_to_another_database_is_refused(room: Storeroom, new_database: Callable[[], str]) -> None:
    engine = create_engine(new_database())
    with engine.connect() as connection:
        with pytest.raises(ConfigurationError, match="to the room's own database"), room.bind(connection):
            pass
        assert not connection.in_transaction()
    engine.dispose()


@pytest.fixture
def on_server(server: Server) -> Iterator[Engine]:
    """The program's own engine on an empty PostgreSQL database."""
    url = server.create_database()
    engine = create_engine(url)
    yield engine
    engine.dispose()
    server.drop_database(url)


def test_a_connection_to_another_kind_of_database_is_refused(on_server: Engine) -> None:
    with open_room("sqlite://") as room, on_server.connect() as connection:
        attempt = room.bind(connection)
        with pytest.raises(ConfigurationError, match="but the room is sqlite://"):
            attempt.__enter__()


def test_a_transaction_that_has_failed_cannot_be_joined(on_server: Engine) -> None:
    with open_room(engine=on_server) as room, on_server.connect() as connection:
        with pytest.raises(ProgrammingError):
            connection.execute(text("SELECT no_such_column"))
        with pytest.raises(StatementFailed, match="transaction is aborted"), room.bind(connection):
            pass
        connection.rollback()


class TestForeignKeysOnSQLite:
    """SQLite has them off by default, and can't change that inside a transaction."""

    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        engine = create_engine(f"sqlite:///{tmp_path}/bank.db")
        bank.create_all(engine)
        engine.dispose()
        return tmp_path / "bank.db"

    @pytest.fixture
    def file_room(self, file: Path) -> Iterator[Storeroom]:
        with open_room(f"sqlite:///{file}", settings=Settings(busy_timeout=0.05)) as room:
            yield room

    @staticmethod
    def foreign_keys(connection: Connection) -> int:
        return int(connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one())

    @pytest.mark.parametrize("before", [0, 1])
    def test_they_hold_inside_and_come_back_as_they_were(self, file: Path, file_room: Storeroom, before: int) -> None:
        engine = create_engine(f"sqlite:///{file}", pool_size=1, max_overflow=0)

        @event.listens_for(engine, "connect")
        def prepare(driver: sqlite3.Connection, _record: object) -> None:
            driver.execute(f"PRAGMA foreign_keys={before}")

        for _ in range(2):
            with engine.begin() as connection, pytest.raises(ForeignKeyMissing):
                bind_and(file_room, connection, lambda uow: ENTER.affected(uow, account_id=1, number=1))
            with engine.connect() as connection:
                assert self.foreign_keys(connection) == before
        engine.dispose()

    def test_a_transaction_that_began_with_them_off_is_refused(self, file: Path, file_room: Storeroom) -> None:
        engine = create_engine(f"sqlite:///{file}")
        with engine.begin() as connection:
            insert_own(connection, "ada")
            with pytest.raises(ConfigurationError, match="run PRAGMA foreign_keys=ON when it connects"):
                bind_and(file_room, connection, leave_with_an_error)
            insert_own(connection, "bob")
        engine.dispose()
        assert owners(file_room) == ["ada", "bob"]

    def test_they_come_back_too_when_the_write_lock_is_not_to_be_had(self, file: Path, file_room: Storeroom) -> None:
        engine = create_engine(f"sqlite:///{file}", connect_args={"timeout": 0})
        with file_room.write(), engine.connect() as connection:
            other = Storeroom.open(f"sqlite:///{file}", discover=False)
            with pytest.raises(Busy):
                bind_and(other, connection, leave_with_an_error)
            assert self.foreign_keys(connection) == 0
            other.close()
        engine.dispose()

    def test_a_pool_that_keeps_nothing_has_nothing_to_put_back(self, file: Path, file_room: Storeroom) -> None:
        engine = create_engine(f"sqlite:///{file}", poolclass=NullPool)
        with engine.begin() as connection:
            bind_and(file_room, connection, lambda uow: open_account(uow, "ada"))
        with engine.connect() as connection:
            assert list(connection.scalars(select(accounts.c.owner))) == ["ada"]
        engine.dispose()
