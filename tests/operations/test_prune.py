"""What got old goes, of every plugin, in batches; what is counted beforehand is what goes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from storeroom import Retention, Statement, Storeroom
from storeroom.errors import ConfigurationError
from storeroom.operations import prune as pruning
from tests.operations.library import authors, books, open_room, put, rows
from tests.operations.shelf import plugin
from tests.registry.making import manifest, module

DAY = timedelta(days=1)
AGES = (0, 50, 150, 151, 152, 400)


@pytest.fixture
def room(url: str) -> Iterator[Storeroom]:
    with open_room(url, upgrade=True) as room:
        put(room, authors, id=1, name="A")
        for age in AGES:
            put(room, books, author_id=1, title=str(age), language="", added_at=datetime.now(UTC) - age * DAY)
        yield room


def left(room: Storeroom) -> list[str]:
    return sorted((row.title for row in rows(room, books)), key=int)


def test_rows_older_than_their_age_go(room: Storeroom) -> None:
    report = room.prune()
    ((name, described, age, before, count),) = ((p.name, p.rows, p.age, p.before, p.count) for p in report.pruned)
    assert (name, described, age, count) == ("shelf.books", "old books", 100 * DAY, 4)
    assert abs(before - (datetime.now(UTC) - 100 * DAY)) < timedelta(minutes=1)
    assert report.errors == []
    assert left(room) == ["0", "50"]
    assert [each.count for each in room.prune().pruned] == [0]


def test_an_age_can_be_given(room: Storeroom) -> None:
    assert [each.count for each in room.prune({"shelf.books": 200 * DAY}).pruned] == [1]
    assert left(room) == ["0", "50", "150", "151", "152"]
    assert [each.count for each in room.prune({"shelf.books": timedelta(0)}).pruned] == [5]


def test_a_dry_run_counts_and_leaves(room: Storeroom) -> None:
    assert [each.count for each in room.prune(dry_run=True).pruned] == [4]
    assert left(room) == [str(age) for age in AGES]


def test_it_goes_in_batches_each_a_transaction_of_its_own(room: Storeroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "BATCH", 2)
    removed: list[int] = []

    def note(work: Any, before: datetime, limit: int) -> int:
        removed.append(plugin.remove(work, before, limit))
        if len(removed) == 2:
            raise RuntimeError("of the second batch")
        return removed[-1]

    broken = Retention(name="shelf.books", rows="old books", age=100 * DAY, count=plugin.count, prune=note)
    monkeypatch.setattr(plugin, "RETENTION", broken)
    report = room.prune()
    assert removed == [2, 2]
    assert report.pruned == []
    (error,) = report.errors
    assert str(error).startswith(
        "hook 'storeroom_prune' of plugin 'shelf' could not prune 'shelf.books': RuntimeError: of the second batch"
    )
    assert left(room) == ["0", "50", "150", "151"]  # the oldest first, and the first batch is kept


@pytest.mark.parametrize(
    ("ages", "says"),
    [
        ({"shelf": DAY}, r"no plugin in use prunes 'shelf'.*; give the age of one of: shelf.books"),
        ({"shelf.books": -DAY}, r"the age of 'shelf.books' is .*; give a duration from 0 to 36,500 days"),
        ({"shelf.books": timedelta.max}, r"give a duration"),
        ({"shelf.books": 5}, r"the age of 'shelf.books' is 5; give a duration"),
    ],
)
def test_ages_that_mean_nothing_are_refused_and_nothing_goes(room: Storeroom, ages: Any, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        room.prune(ages)
    assert left(room) == [str(age) for age in AGES]


HOOK = (
    "from datetime import timedelta\nfrom storeroom import Retention\n{}\n@hookimpl\ndef storeroom_prune():\n    {}\n"
)
GOOD = "return [Retention(name='good', rows='x', age=timedelta(0), count=lambda *a: 3, prune=lambda *a: 0)]"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("raise LookupError('lost')", "raised LookupError: lost"),
        ("return 5", "returned 5; it must return a list of Retentions"),
        ("return ['books']", "it must return a list of Retentions"),
        (GOOD, "names rows 'good', which is neither 'bad' nor 'bad.…'"),
        (GOOD.replace("'good'", "'bad'").replace("lambda *a: 3", "lambda *a: 1 / 0"), "could not prune 'bad'"),
    ],
)
def test_a_plugin_that_fails_is_told_and_leaves_the_others(body: str, says: str) -> None:
    plugins = {"bad": module(HOOK.format(manifest(), body)), "good": module(HOOK.format(manifest(), GOOD))}
    with Storeroom.open("sqlite://", plugins=plugins, discover=False, upgrade=True) as room:
        report = room.prune(dry_run=True)
    assert [(each.name, each.count) for each in report.pruned] == [("good", 3)]
    (error,) = report.errors
    assert error.plugin == "bad"
    assert says in str(error)


def test_a_plugin_without_the_hook_keeps_everything(room: Storeroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugin, "RETENTION", None)
    report = room.prune()
    assert (report.pruned, report.errors) == ([], [])
    with room.read() as uow:
        assert Statement(text("SELECT count(*) FROM shelf_books")).scalar(uow) == len(AGES)
