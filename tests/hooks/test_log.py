"""The execution log: newest first, by script hook or webhook, counted, cleared, and pruned."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storeroom.errors import FieldUnknown, NotFound, ValueRefused
from storeroom_hooks import ExecutionRecord, HookRepository
from tests.hooks.helpers import EVENT, age, script, webhook

DAY = timedelta(days=1)


@pytest.fixture
def entries(hooks: HookRepository) -> list[ExecutionRecord]:
    """Three runs and two calls of one hook each, the oldest first, and one run of another."""
    run, other, called = script(hooks), script(hooks), webhook(hooks)
    made = [
        hooks.log.add_run(run.id, success=True),
        hooks.log.add_call(called.id, success=False),
        hooks.log.add_run(run.id, success=False),
        hooks.log.add_call(called.id, success=True),
        hooks.log.add_run(run.id, success=True),
        hooks.log.add_run(other.id, success=True),
    ]
    for place, entry in enumerate(made):
        age(hooks, entry, DAY * (len(made) - place))
    return [hooks.log.get(entry.id) for entry in made]


def test_lists_are_newest_first_by_script_hook_or_webhook(
    hooks: HookRepository, entries: list[ExecutionRecord]
) -> None:
    newest = entries[::-1]
    runs = [entry for entry in newest if entry.script_id == entries[0].script_id]
    calls = [entry for entry in newest if entry.webhook_id is not None]
    assert hooks.log.list() == newest
    assert hooks.log.list(script=entries[0].script_id) == runs
    assert hooks.log.list(webhook=entries[1].webhook_id) == calls
    assert hooks.log.list(success=False) == [entries[2], entries[1]]
    assert hooks.log.list(since=entries[4].triggered_at) == [entries[5], entries[4]]
    assert hooks.log.list(until=entries[1].triggered_at) == [entries[0]]
    assert (len(runs), len(calls)) == (3, 2)
    assert hooks.log.count() == 6
    assert hooks.log.count(script=entries[0].script_id) == 3
    assert hooks.log.count(webhook=entries[1].webhook_id, success=True) == 1


def test_pages_go_on_where_the_last_ended_also_among_entries_of_one_moment(
    hooks: HookRepository, entries: list[ExecutionRecord]
) -> None:
    for entry in entries[1:5]:
        age(hooks, entry, DAY)
    expected = [entry.id for entry in hooks.log.list()]
    page = hooks.log.page(size=2)
    seen = [entry.id for entry in page.items]
    while page.next is not None:
        page = hooks.log.page(size=2, after=page.next)
        seen += [entry.id for entry in page.items]
    assert seen == expected
    assert len(seen) == 6
    assert hooks.log.numbered_page(2, size=2).total == 6


def test_a_hook_is_cleared_and_the_others_stay(hooks: HookRepository, entries: list[ExecutionRecord]) -> None:
    assert hooks.log.clear(script=entries[0].script_id) == 3
    assert {entry.id for entry in hooks.log.list()} == {entries[1].id, entries[3].id, entries[5].id}
    assert hooks.log.clear(webhook=entries[1].webhook_id) == 2
    assert hooks.log.list() == [entries[5]]
    assert hooks.log.clear(everything=True) == 1
    assert hooks.log.count() == 0
    assert hooks.scripts.count() == 2


@pytest.mark.parametrize(
    "given", [{}, {"script": None}, {"script": 1, "webhook": 1}, {"script": 1, "everything": True}]
)
def test_nothing_is_cleared_by_oversight(
    hooks: HookRepository, entries: list[ExecutionRecord], given: dict[str, Any]
) -> None:
    with pytest.raises(TypeError, match="name one"):
        hooks.log.clear(**given)
    assert hooks.log.count() == len(entries)


def test_what_is_older_is_pruned_the_oldest_first(hooks: HookRepository, entries: list[ExecutionRecord]) -> None:
    before = datetime.now(UTC) - 2.5 * DAY
    assert hooks.log.prune(before, limit=3) == 3
    assert [entry.id for entry in hooks.log.list()] == [entry.id for entry in entries[:2:-1]]
    assert hooks.log.prune(before) == 1
    assert hooks.log.prune(before) == 0
    assert hooks.log.count() == 2


def test_an_event_is_the_hooks_own_unless_it_is_given(hooks: HookRepository) -> None:
    run, called = script(hooks), webhook(hooks)
    assert [hooks.log.add_run(run.id, success=True).event, hooks.log.add_call(called.id, success=True).event] == [
        EVENT,
        EVENT,
    ]
    assert hooks.log.add_run(run.id, success=True, event="test").event == "test"
    assert hooks.log.add_call(called.id, success=True, event="test").event == "test"


def test_output_that_no_database_stores_is_escaped(hooks: HookRepository) -> None:
    raw = "a\0b\udcff ä%(x)s:y"
    entry = hooks.log.add_run(script(hooks).id, success=False, stdout=raw, stderr=raw, error=raw)
    assert entry.stdout == entry.stderr == entry.error == "a\\x00b\\udcff ä%(x)s:y"
    assert hooks.log.add_call(webhook(hooks).id, success=False, error=raw).error == entry.error


def test_runs_and_calls_are_added_by_their_keys(hooks: HookRepository) -> None:
    run, called = script(hooks), webhook(hooks)
    assert hooks.log.add(script_id=run.id, success=True, stdout="x").stdout == "x"
    assert hooks.log.add(webhook_id=called.id, success=False, error="y").error == "y"
    items = [{"script_id": run.id, "success": True}, {"webhook_id": called.id, "success": True, "status_code": 200}]
    assert hooks.log.add_many(items) == 2
    assert hooks.log.count() == 4


def test_many_are_added_or_none(hooks: HookRepository) -> None:
    run = script(hooks)
    with pytest.raises(NotFound):
        hooks.log.add_many([{"script_id": run.id, "success": True}, {"script_id": run.id + 1, "success": True}])
    assert hooks.log.count() == 0


@pytest.mark.parametrize("key", ["script_id", "webhook_id"])
def test_what_an_entry_lacks_is_refused_by_its_name(hooks: HookRepository, key: str) -> None:
    with pytest.raises(FieldUnknown) as error:
        hooks.log.add(**{key: 1, "success": True, "triggered_at": datetime.now(UTC)})
    assert error.value.field == "triggered_at"
    with pytest.raises(TypeError, match="give one of them"):
        hooks.log.add(success=True)
    with pytest.raises(TypeError, match="give one of them"):
        hooks.log.add(script_id=1, webhook_id=1, success=True)


BAD: dict[str, tuple[str, dict[str, Any]]] = {
    "a time before the start": ("duration_ms", {"duration_ms": -0.1}),
    "a time without end": ("duration_ms", {"duration_ms": float("inf")}),
    "no number": ("duration_ms", {"duration_ms": float("nan")}),
    "an empty event": ("event", {"event": ""}),
    "a code that is text": ("exit_code", {"exit_code": "0"}),
    "a code beyond 64 bits": ("exit_code", {"exit_code": 1 << 63}),
    "a success like true": ("success", {"success": 1}),
}
NO_TEXT: dict[str, tuple[str, object]] = {
    "output that is bytes": ("stdout", b"secret"),
    "output that is a list": ("stderr", ["secret"]),
    "an error that is one": ("error", OSError("secret")),
}


@pytest.mark.parametrize("what", BAD)
def test_what_cant_be_logged_is_refused_by_field_and_value(hooks: HookRepository, what: str) -> None:
    field, given = BAD[what]
    with pytest.raises(ValueRefused) as error:
        hooks.log.add_run(script(hooks).id, **{"success": True, **given})
    assert error.value.field == field
    assert error.value.value is given[field]
    assert str(error.value).startswith(f"{field}: ")
    assert hooks.log.count() == 0


@pytest.mark.parametrize("what", NO_TEXT)
def test_output_that_isnt_text_is_refused_by_its_type_and_not_shown(hooks: HookRepository, what: str) -> None:
    field, value = NO_TEXT[what]
    with pytest.raises(ValueRefused) as error:
        hooks.log.add(script_id=script(hooks).id, success=True, **{field: value})
    assert (error.value.field, error.value.value) == (field, "**********")
    assert str(error.value).startswith(f"{field}: {type(value).__name__} isn't text; ")
    assert hooks.log.count() == 0
