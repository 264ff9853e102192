"""`run` tries a whole transaction again, and only what a conflict made fail."""

from collections.abc import Iterator

import pytest

from storeroom import Storeroom, UnitOfWork, retry
from storeroom.errors import (
    Busy,
    ConfigurationError,
    ConnectionLost,
    Duplicate,
    OutcomeUnknown,
    SerializationConflict,
    StoreroomError,
    Timeout,
    UnitOfWorkNested,
)
from tests.core.tables import bank, engine_of, open_account, open_room, owners


class FailingWork:
    """Writes a row, then raises the errors one after the other, then returns."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.seen: list[UnitOfWork] = []

    def __call__(self, uow: UnitOfWork) -> str:
        self.seen.append(uow)
        open_account(uow, "ada")
        if self.errors:
            raise self.errors.pop(0)
        return "done"


@pytest.fixture
def room() -> Iterator[Storeroom]:
    with open_room("sqlite://") as room:
        bank.create_all(engine_of(room))
        yield room


@pytest.mark.parametrize("error", [Busy("x"), SerializationConflict("x"), ConnectionLost("x")])
def test_the_whole_transaction_is_run_again_and_its_result_returned(room: Storeroom, error: StoreroomError) -> None:
    work = FailingWork(error, error)
    assert room.run(work) == "done"
    assert len(set(map(id, work.seen))) == 3
    assert owners(room) == ["ada"]


@pytest.mark.parametrize("error", [LookupError("x"), Duplicate("x"), Timeout("x"), OutcomeUnknown("x")])
def test_no_other_error_is_worth_another_try(room: Storeroom, error: Exception) -> None:
    work = FailingWork(error)
    with pytest.raises(type(error)):
        room.run(work)
    assert len(work.seen) == 1
    assert owners(room) == []


@pytest.mark.parametrize(("attempts", "tries"), [(1, 1), (3, 3), (None, 5)])
def test_the_last_error_is_raised_after_as_many_attempts_as_were_allowed(
    room: Storeroom, attempts: int | None, tries: int
) -> None:
    work = FailingWork(*(Busy(str(number)) for number in range(1, 10)))
    with pytest.raises(Busy, match=f"^{tries}$"):
        room.run(work, attempts=attempts)
    assert len(work.seen) == tries
    assert owners(room) == []


@pytest.mark.parametrize("attempts", [0, -1])
def test_no_attempts_at_all_make_no_sense(room: Storeroom, attempts: int) -> None:
    with pytest.raises(ConfigurationError, match=f"attempts is {attempts}; .* at least 1"):
        room.run(FailingWork(), attempts=attempts)


def test_a_run_inside_a_write_is_refused_at_once(room: Storeroom) -> None:
    work = FailingWork()
    with room.write(), pytest.raises(UnitOfWorkNested):
        room.run(work)
    assert work.seen == []


def test_the_pauses_are_random_and_grow_up_to_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    ranges: list[tuple[float, float]] = []
    pauses: list[float] = []

    def choose(least: float, most: float) -> float:
        ranges.append((least, most))
        return most

    monkeypatch.setattr("random.uniform", choose)
    monkeypatch.setattr("time.sleep", pauses.append)
    failures = [Busy("x")] * 9

    def fail() -> None:
        if failures:
            raise failures.pop()

    retry.retrying(fail, 10)
    assert ranges == [(0, min(1.0, 0.01 * 2**number)) for number in range(9)]
    assert pauses == [most for _, most in ranges]
