"""What can't be a hook: refused by field and value before anything is sent, and by the database itself."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from storeroom import Storeroom
from storeroom.errors import CheckFailed, ConstraintViolated, ForeignKeyMissing, NullRefused, ValueRefused
from storeroom_hooks import HookRepository
from tests.hooks.helpers import PATH, URL, script, webhook

GOOD: dict[str, dict[str, Any]] = {
    "scripts": {"name": "a", "event": "e", "script_path": PATH},
    "webhooks": {"name": "a", "event": "e", "url": URL},
}
BAD_NAMES = ["", None, 7, b"a", "a\0", "\ud800", "x" * 201]
BAD_TIMES = [0, -1, 1.5, True, None, "30", 1 << 31]
BAD: list[tuple[str, str, list[Any]]] = [
    ("scripts", "name", BAD_NAMES),
    ("scripts", "event", BAD_NAMES),
    ("scripts", "script_path", ["", None, 7, b"a", "a\0", "\ud800"]),
    ("scripts", "timeout_seconds", BAD_TIMES),
    ("scripts", "enabled", [0, 1, None, "yes"]),
    ("webhooks", "name", BAD_NAMES),
    ("webhooks", "event", BAD_NAMES),
    ("webhooks", "timeout_seconds", BAD_TIMES),
    ("webhooks", "retry_count", BAD_TIMES[1:]),
    ("webhooks", "enabled", [0, 1, None, "yes"]),
]


@pytest.mark.parametrize(("kind", "field", "values"), BAD)
def test_what_cant_be_a_hook_is_refused_by_field_and_value_and_leaves_nothing(
    hooks: HookRepository, kind: str, field: str, values: list[Any]
) -> None:
    repository = getattr(hooks, kind)
    made = repository.create(**GOOD[kind])
    for value in values:
        good, bad = {field: getattr(made, field)}, {field: value}
        writes: list[Callable[[], object]] = [
            partial(repository.create, **(GOOD[kind] | bad)),
            partial(repository.update, made.id, **bad),
            partial(repository.add_many, [GOOD[kind] | good, GOOD[kind] | bad]),
        ]
        for write in writes:
            with pytest.raises(ValueRefused) as refusal:
                write()
            assert (refusal.value.field, refusal.value.value) == (field, value)
            assert f"{field}: {value!r:.100}" in str(refusal.value)
    assert repository.list() == [made]


def test_a_number_that_python_doesnt_write_is_refused_as_others_are(hooks: HookRepository) -> None:
    with pytest.raises(ValueRefused) as refusal:
        hooks.scripts.create("a", "e", PATH, timeout_seconds=10**5000)
    assert "timeout_seconds: a value of type int isn't" in str(refusal.value)


@pytest.mark.parametrize("kind", GOOD)
def test_a_field_without_a_default_is_asked_for(hooks: HookRepository, kind: str) -> None:
    for field in GOOD[kind]:
        with pytest.raises(ValueRefused) as refusal:
            getattr(hooks, kind).add(**{name: value for name, value in GOOD[kind].items() if name != field})
        assert refusal.value.field == field


SCRIPT = (
    "INSERT INTO hooks_scripts (name, event, enabled, script_path, timeout_seconds, trigger_count, last_status, "
    "created_at, updated_at) VALUES ({name}, {event}, true, '', {timeout}, {count}, {status}, {now}, {now})"
)
WEBHOOK = (
    "INSERT INTO hooks_webhooks (name, event, url, secret, enabled, retry_count, timeout_seconds, last_error, "
    "consecutive_failures, trigger_count, created_at, updated_at) VALUES ({name}, {event}, {url}, '', true, {retries}, "
    "{timeout}, '', {failures}, {count}, {now}, {now})"
)
ENTRY = (
    "INSERT INTO hooks_log (script_id, webhook_id, event, kind, success, stdout, stderr, error, duration_ms, "
    "triggered_at) VALUES ({script}, {webhook}, {event}, {kind}, true, '', '', '', {duration}, {now})"
)
VALUES = {
    "name": "'a'",
    "event": "'e'",
    "timeout": "1",
    "count": "0",
    "status": "NULL",
    "url": "'u'",
    "retries": "0",
    "failures": "0",
    "script": "NULL",
    "webhook": "NULL",
    "kind": "'script'",
    "duration": "0",
    "now": "'2026-01-01 00:00:00.000000'",
}
RULES: list[tuple[str, dict[str, str], type[ConstraintViolated]]] = [
    (SCRIPT, {"name": "''"}, CheckFailed),
    (SCRIPT, {"name": "NULL"}, NullRefused),
    (SCRIPT, {"event": "''"}, CheckFailed),
    (SCRIPT, {"timeout": "0"}, CheckFailed),
    (SCRIPT, {"count": "-1"}, CheckFailed),
    (SCRIPT, {"status": "'crashed'"}, CheckFailed),
    (WEBHOOK, {"name": "''"}, CheckFailed),
    (WEBHOOK, {"event": "''"}, CheckFailed),
    (WEBHOOK, {"url": "''"}, CheckFailed),
    (WEBHOOK, {"url": "NULL"}, NullRefused),
    (WEBHOOK, {"retries": "-1"}, CheckFailed),
    (WEBHOOK, {"timeout": "0"}, CheckFailed),
    (WEBHOOK, {"failures": "-1"}, CheckFailed),
    (WEBHOOK, {"count": "-1"}, CheckFailed),
    (ENTRY, {"event": "''"}, CheckFailed),
    (ENTRY, {"kind": "'other'"}, CheckFailed),
    (ENTRY, {"duration": "-1"}, CheckFailed),
    (ENTRY, {"script": "7"}, ForeignKeyMissing),
    (ENTRY, {"webhook": "7", "kind": "'webhook'"}, ForeignKeyMissing),
]


@pytest.mark.parametrize("sql", [SCRIPT, WEBHOOK, ENTRY])
def test_the_database_takes_what_is_right(room: Storeroom, sql: str) -> None:
    with room.write() as uow:
        assert uow.connection.execute(text(sql.format(**VALUES))).rowcount == 1


@pytest.mark.parametrize(("sql", "wrong", "error"), RULES)
def test_the_database_refuses_what_is_wrong_whoever_writes_it(
    room: Storeroom, sql: str, wrong: dict[str, str], error: type[ConstraintViolated]
) -> None:
    with pytest.raises(error), room.write() as uow:
        uow.connection.execute(text(sql.format(**(VALUES | wrong))))


@pytest.mark.parametrize("kind", ["script", "webhook"])
def test_an_entry_of_the_log_is_of_one_hook_and_its_kind(room: Storeroom, kind: str) -> None:
    with room.write() as uow:
        ids = {"script": script(uow[HookRepository]).id, "webhook": webhook(uow[HookRepository]).id}
    both = {name: str(key) for name, key in ids.items()}
    (other,) = both.keys() - {kind}
    for given in (both, {other: both[other]}):
        with pytest.raises(CheckFailed), room.write() as uow:
            uow.connection.execute(text(ENTRY.format(**(VALUES | given | {"kind": f"'{kind}'"}))))


@pytest.mark.parametrize("kind", ["scripts", "webhooks"])
def test_the_database_lets_a_log_go_with_its_hook_whoever_deletes_it(room: Storeroom, kind: str) -> None:
    with room.write() as uow:
        hooks = uow[HookRepository]
        run, called = script(hooks), webhook(hooks)
        for _ in range(3):
            hooks.record_run(run.id, success=True)
            hooks.record_call(called.id, success=True)
        deleted = uow.connection.execute(text(f"DELETE FROM hooks_{kind}"))
        assert deleted.rowcount == 1
        assert {entry.kind for entry in hooks.log.list()} == {"webhook" if kind == "scripts" else "script"}
        assert hooks.log.count() == 3
