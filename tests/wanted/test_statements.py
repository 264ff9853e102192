"""Each verb runs as many statements as its docstring says."""

import inspect
import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from storeroom import Storeroom
from storeroom_wanted import WantedRecord, WantedRepository
from tests.wanted.helpers import NEW_YEAR, item, put

Verb = Callable[[WantedRepository, WantedRecord], object]

ONE: dict[str, Verb] = {
    "upsert a new one": lambda wanted, record: wanted.upsert(**item("/new")),
    "upsert a changed one": lambda wanted, record: wanted.upsert(**item(title="New")),
    "set_status": lambda wanted, record: wanted.set_status(record.id, "failed", error="no"),
    "mark_searched": lambda wanted, record: wanted.mark_searched(record.id),
    "set_retry_after a time": lambda wanted, record: wanted.set_retry_after(record.id, NEW_YEAR),
    "set_retry_after a while": lambda wanted, record: wanted.set_retry_after(record.id, timedelta(1)),
    "due": lambda wanted, record: wanted.due(limit=9),
    "summary": lambda wanted, record: wanted.summary(),
    "missing_by_series": lambda wanted, record: wanted.missing_by_series(),
    "missing_by_series of one": lambda wanted, record: wanted.missing_by_series(instance_name="a"),
    "now": lambda wanted, record: wanted.now(),
    "stream_keys": lambda wanted, record: list(wanted.stream_keys()),
    "paths": lambda wanted, record: wanted.paths(),
    "delete_path": lambda wanted, record: wanted.delete_path("/a"),
    "remove_unseen nothing": lambda wanted, record: wanted.remove_unseen([], before=NEW_YEAR),
    "history": lambda wanted, record: wanted.history("/a"),
    "get": lambda wanted, record: wanted.get(record.id),
    "page": lambda wanted, record: wanted.page(status="wanted", text="a"),
    "update": lambda wanted, record: wanted.update(record.id, version=1, title="b"),
    "delete": lambda wanted, record: wanted.delete(record.id),
}
SEVERAL: dict[str, tuple[Verb, int]] = {
    "upsert the same": (lambda wanted, record: wanted.upsert(**item()), 2),
    "upsert_many": (lambda wanted, record: wanted.upsert_many(item(f"/{number}") for number in range(500)), 1),
    "remove_unseen": (lambda wanted, record: wanted.remove_unseen([], before=wanted.now() + timedelta(1)), 3),
}


def count(room: Storeroom, verb: Verb) -> int:
    with room.write() as uow:
        wanted = uow[WantedRepository]
        record = put(wanted)
        put(wanted, "/b")
        before = uow.statements
        verb(wanted, record)
        return uow.statements - before


@pytest.mark.parametrize("what", ONE)
def test_a_verb_is_one_statement(room: Storeroom, what: str) -> None:
    assert count(room, ONE[what]) == 1
    documented = inspect.getdoc(getattr(WantedRepository, what.split(maxsplit=1)[0])) or ""
    assert re.search(r"\bone statement\b", documented, re.IGNORECASE)


@pytest.mark.parametrize("what", SEVERAL)
def test_some_are_several(room: Storeroom, what: str) -> None:
    verb, expected = SEVERAL[what]
    assert count(room, verb) == expected


def test_every_verb_of_the_plugin_is_counted_here() -> None:
    own = {
        name
        for each in WantedRepository.__mro__
        if each.__module__.startswith("storeroom_wanted")
        for name, value in vars(each).items()
        if inspect.isfunction(value) and not name.startswith("_")
    }
    assert own - {what.split()[0] for what in [*ONE, *SEVERAL]} == set()
