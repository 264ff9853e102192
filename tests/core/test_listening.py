"""Who listens is told of each statement, on either way, and nobody is told of values."""

import logging
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import bindparam, insert, select, text

from storeroom import Statement, StatementRun, Storeroom, UnitOfWork
from storeroom.errors import Duplicate, ValueRefused
from storeroom.sql.bulk import insert_many
from tests.core.tables import accounts

ADD = Statement(insert(accounts))
NAMES = Statement(select(accounts.c.owner).where(accounts.c.owner != bindparam("other")).order_by(accounts.c.owner))
EVERYTHING = Statement(text("SELECT owner FROM bank_accounts"))


@pytest.fixture
def told(room: Storeroom) -> Iterator[list[StatementRun]]:
    for _ in range(3):  # so that the fast ways are known
        with pytest.raises(LookupError):
            room.run(work_in_vain)
    runs: list[StatementRun] = []
    with room.listen(runs.append):
        yield runs


def work(uow: UnitOfWork) -> None:
    ADD.affected(uow, owner="ada")
    NAMES.all(uow, other="x")
    NAMES.first(uow, other="ada")
    list(NAMES.stream(uow, other="x"))
    EVERYTHING.scalar(uow)


def work_in_vain(uow: UnitOfWork) -> None:
    work(uow)
    raise LookupError


@pytest.mark.parametrize("plain", [False, True])
def test_each_statement_is_told(room: Storeroom, told: list[StatementRun], plain: bool) -> None:
    with room.write() as uow:
        if plain:
            assert uow.connection.in_transaction()
        work(uow)
    assert [(run.parameters, run.rows) for run in told] == [(1, 1), (1, 1), (1, 0), (1, 1), (0, 1)]
    assert "INSERT INTO bank_accounts" in told[0].text
    assert told[-1].text == "SELECT owner FROM bank_accounts"
    assert all(run.seconds > 0 for run in told)
    assert "ada" not in repr(told)


def test_what_fails_is_told_and_what_is_refused_is_not(room: Storeroom, told: list[StatementRun]) -> None:
    with room.write() as uow:
        ADD.affected(uow, owner="ada")
        with pytest.raises(Duplicate), uow.savepoint():
            ADD.affected(uow, owner="ada")
        with pytest.raises(ValueRefused):
            ADD.affected(uow, owner="\0")
    assert [run.rows for run in told] == [1, None]


def test_bulk_statements_are_told(room: Storeroom, told: list[StatementRun]) -> None:
    with room.write() as uow:
        assert insert_many(uow, accounts, [{"owner": name} for name in "abc"]) == 3
        assert uow.statements == len(told)
    assert any("bank_accounts" in run.text for run in told)


def test_after_the_block_nobody_is_told(room: Storeroom) -> None:
    runs: list[StatementRun] = []
    with room.listen(runs.append), room.listen(runs.append), room.read() as uow:
        EVERYTHING.all(uow)
    with room.read() as uow:
        EVERYTHING.all(uow)
    assert len(runs) == 2


def test_the_error_of_a_listener_is_logged(room: Storeroom, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_run: StatementRun) -> None:
        raise LookupError("mine")

    with room.listen(fail), room.read() as uow:
        assert EVERYTHING.all(uow) == []
    assert "a listener to statements failed" in caplog.text


def test_slow_statements_are_logged(make_room: Callable[..., Storeroom], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "storeroom.engine"):
        make_room(slow_statement=3600).run(EVERYTHING.all)
        assert caplog.text == ""
        make_room(slow_statement=1e-9).run(EVERYTHING.all)
    assert "seconds (0 rows, 0 parameters): SELECT owner FROM bank_accounts" in caplog.text
