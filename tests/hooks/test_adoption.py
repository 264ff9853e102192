"""What is taken over from Sublarr: every row of a real file of it, and what stands for what can't be taken."""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from storeroom import Storeroom
from storeroom.adoption import Mended
from storeroom_hooks import HookKind, HookRepository, TriggerStatus
from storeroom_hooks.adoption import adoptions
from tests.hooks.helpers import SECRET, TOKEN, URL, script, webhook
from tests.hooks.scanning import leaks

SCHEMA = """
CREATE TABLE hook_configs (id INTEGER PRIMARY KEY, name, event_name, hook_type DEFAULT 'script', enabled DEFAULT 1,
    script_path DEFAULT '', timeout_seconds DEFAULT 30, last_triggered_at DEFAULT '', last_status DEFAULT '',
    trigger_count DEFAULT 0, created_at, updated_at);
CREATE TABLE webhook_configs (id INTEGER PRIMARY KEY, name, event_name, url, secret DEFAULT '', enabled DEFAULT 1,
    retry_count DEFAULT 3, timeout_seconds DEFAULT 10, last_triggered_at DEFAULT '', last_status_code DEFAULT 0,
    last_error DEFAULT '', consecutive_failures DEFAULT 0, trigger_count DEFAULT 0, created_at, updated_at);
CREATE TABLE hook_log (id INTEGER PRIMARY KEY, hook_id, webhook_id, event_name, hook_type, success, exit_code,
    status_code, stdout DEFAULT '', stderr DEFAULT '', error DEFAULT '', duration_ms DEFAULT 0, triggered_at);
"""
TIMES = {"created_at": "2026-01-01T10:00:00", "updated_at": "2026-01-02T10:00:00.5"}
HOOK: dict[str, Any] = {"id": 1, "name": "notify", "event_name": "e", "script_path": "/x.sh", **TIMES}
WEBHOOK: dict[str, Any] = {"id": 1, "name": "chat", "event_name": "e", "url": URL, "secret": SECRET, **TIMES}
RUN: dict[str, Any] = {"id": 1, "hook_id": 1, "event_name": "e", "hook_type": "script", "success": 1}
ENTRY = {**RUN, "exit_code": 0, "triggered_at": "2026-01-01T10:00:00"}

Rows = Mapping[str, list[dict[str, Any]]]


@pytest.fixture
def old(tmp_path: Path) -> Callable[[Rows], Path]:
    """Makes a file of the old system with these rows."""

    def make(rows: Rows) -> Path:
        file = tmp_path / "old.db"
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.executescript(SCHEMA)
            for table, some in rows.items():
                for row in some:
                    names, marks = ", ".join(row), ", ".join("?" * len(row))
                    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))
        return file

    return make


def adopt(room: Storeroom, file: Path) -> list[str]:
    """Adopt a file, and return what the report tells; no part of it tells a secret."""
    report = room.adopt("sublarr", file)
    assert leaks(report) == []
    assert {each.table for each in report.tables} == {"hook_configs", "webhook_configs", "hook_log"}
    assert [each.unknown_columns for each in report.tables] == [[], [], []]
    return [f"{each.table} {note.key}: {note.fate}: {note.cause}" for each in report.tables for note in each.notes]


def test_all_of_a_file_arrives_as_it_was(room: Storeroom, old: Callable[[Rows], Path]) -> None:
    status = {"last_triggered_at": "2026-01-03T10:00:00", "trigger_count": 30, "enabled": 0}
    file = old(
        {
            "hook_configs": [{**HOOK, **status, "last_status": "failed", "timeout_seconds": 5}, {**HOOK, "id": 2}],
            "webhook_configs": [
                {**WEBHOOK, **status, "last_status_code": 500, "last_error": "no", "retry_count": 0},
                {**WEBHOOK, "id": 2, "secret": ""},
            ],
            "hook_log": [
                {**ENTRY, "exit_code": 3, "success": 0, "stdout": "a\0b", "stderr": "err", "duration_ms": 1.5},
                {**ENTRY, "id": 2, "hook_id": None, "webhook_id": 1, "hook_type": "webhook", "status_code": 200},
                {**ENTRY, "id": 3, "hook_id": None, "webhook_id": None, "hook_type": "webhook", "status_code": 0},
            ],
        }
    )
    assert adopt(room, file) == ["hook_log 1: mended: stdout: what no database stores is written as escapes here"]
    with room.read() as uow:
        hooks = uow[HookRepository]
        run, fresh = hooks.scripts.list()
        called, uncalled = hooks.webhooks.list()
        none, call, ran = hooks.log.list()
    at = datetime(2026, 1, 3, 10, tzinfo=UTC)
    assert (run.id, run.name, run.event, run.script_path) == (1, "notify", "e", "/x.sh")
    assert (run.enabled, run.timeout_seconds, run.last_status) == (False, 5, TriggerStatus.FAILED)
    assert (run.last_triggered_at, run.trigger_count, run.version) == (at, 30, 1)
    assert run.created_at == datetime(2026, 1, 1, 10, tzinfo=UTC)
    assert (fresh.enabled, fresh.last_triggered_at, fresh.last_status, fresh.trigger_count) == (True, None, None, 0)
    assert (called.url, called.enabled, called.retry_count, called.last_status_code) == (URL, False, 0, 500)
    assert (called.last_error, called.last_triggered_at, called.trigger_count) == ("no", at, 30)
    assert called.secret is not None
    assert called.secret.get_secret_value() == SECRET
    assert (uncalled.secret, uncalled.last_status_code, uncalled.last_error) == (None, None, None)
    assert (ran.script_id, ran.kind, ran.success, ran.exit_code) == (1, HookKind.SCRIPT, False, 3)
    assert (ran.stdout, ran.stderr, ran.error, ran.duration_ms) == ("a\\x00b", "err", None, 1.5)
    assert (call.webhook_id, call.script_id, call.kind, call.status_code) == (1, None, HookKind.WEBHOOK, 200)
    assert (none.webhook_id, none.script_id, none.kind, none.status_code) == (None, None, HookKind.WEBHOOK, None)


def test_a_file_is_adopted_once(room: Storeroom, old: Callable[[Rows], Path]) -> None:
    file = old({"hook_configs": [HOOK], "webhook_configs": [WEBHOOK], "hook_log": [ENTRY]})
    assert adopt(room, file) == []
    with room.write() as uow:
        hooks = uow[HookRepository]
        mine = hooks.scripts.update(1, name="mine")
        assert [hooks.scripts.count(), hooks.webhooks.count(), hooks.log.count()] == [1, 1, 1]
        hooks.log.clear(everything=True)
    assert adopt(room, file) == []
    with room.read() as uow:
        hooks = uow[HookRepository]
        assert (hooks.scripts.list(), hooks.webhooks.count(), hooks.log.count()) == ([mine], 1, 0)


def test_a_row_is_known_by_what_never_changes(room: Storeroom, old: Callable[[Rows], Path], tmp_path: Path) -> None:
    first = {"hook_configs": [HOOK], "webhook_configs": [WEBHOOK], "hook_log": [ENTRY]}
    changes = {"name": "b", "event_name": "x", "enabled": 0, "trigger_count": 7, "updated_at": "2026-02-02T10:00:00"}
    later = {
        "hook_configs": [{**HOOK, **changes}],
        "webhook_configs": [{**WEBHOOK, **changes, "secret": "b"}],
        "hook_log": [{**ENTRY, "exit_code": 4, "stdout": "x"}],
    }
    other = {
        table: [row | {"created_at" if table != "hook_log" else "triggered_at": "2025-05-05T10:00:00"} for row in rows]
        for table, rows in first.items()
    }
    for rows, count in ((first, 1), (later, 1), (other, 2)):
        adopt(room, old(rows))
        with room.read() as uow:
            hooks = uow[HookRepository]
            assert [hooks.scripts.count(), hooks.webhooks.count(), hooks.log.count()] == [count] * 3
        (tmp_path / "old.db").unlink()


def test_what_is_here_stays_and_the_log_follows_its_hooks(room: Storeroom, old: Callable[[Rows], Path]) -> None:
    with room.write() as uow:
        mine, also = script(uow[HookRepository], "mine"), webhook(uow[HookRepository], "mine")
        key, call = mine.id, also.id
    entry = {**ENTRY, "hook_id": key}
    call_entry = {**ENTRY, "id": 2, "hook_id": None, "webhook_id": call, "hook_type": "webhook"}
    file = old(
        {
            "hook_configs": [{**HOOK, "id": key}],
            "webhook_configs": [{**WEBHOOK, "id": call}],
            "hook_log": [entry, call_entry],
        }
    )
    assert [note.split(": ")[1] for note in adopt(room, file)] == ["moved", "moved"]
    with room.read() as uow:
        hooks = uow[HookRepository]
        (moved,) = (hook for hook in hooks.scripts.list() if hook.id != key)
        (moved_call,) = (hook for hook in hooks.webhooks.list() if hook.id != call)
        assert hooks.log.list(script=moved.id)[0].kind is HookKind.SCRIPT
        assert hooks.log.list(webhook=moved_call.id)[0].kind is HookKind.WEBHOOK
        assert hooks.scripts.get(key) == mine
        assert hooks.webhooks.get(call) == also


BAD_SECRETS = [f"{SECRET}\0", SECRET.encode() + b"\xff", SECRET.encode()]
BAD_URLS = [TOKEN, "", None, f"{URL} x", f"ftp://a/{TOKEN}", URL.encode(), f"{URL}\0"]


def test_a_secret_or_url_that_cant_be_taken_isnt_told(room: Storeroom, old: Callable[[Rows], Path]) -> None:
    rows = [{**WEBHOOK, "id": number, "secret": bad} for number, bad in enumerate(BAD_SECRETS, 1)]
    rows += [{**WEBHOOK, "id": number, "url": bad} for number, bad in enumerate(BAD_URLS, 10)]
    notes = adopt(room, old({"webhook_configs": [*rows, {**WEBHOOK, "id": 50, "secret": 4711}]}))
    assert sum("mended: secret: " in note for note in notes) == len(BAD_SECRETS)
    assert sum("mended: url: " in note for note in notes) == len(BAD_URLS)
    with room.read() as uow:
        found = uow[HookRepository].webhooks.list()
    good = [hook for hook in found if hook.enabled]
    assert [hook.secret and hook.secret.get_secret_value() for hook in good] == [None, None, None, "4711"]
    # There is nothing to call, until someone says what.
    lost = [hook for hook in found if not hook.enabled]
    assert [str(hook.url) for hook in lost] == ["http://unknown.invalid/"] * len(BAD_URLS)


def test_what_cant_be_taken_is_told_and_the_row_arrives(room: Storeroom, old: Callable[[Rows], Path]) -> None:
    bad = {"name": "x" * 201, "event_name": "", "enabled": "maybe", "trigger_count": -1, "created_at": "yesterday"}
    file = old(
        {
            "hook_configs": [{**HOOK, **bad, "script_path": "", "timeout_seconds": 0, "last_status": "crashed"}],
            "webhook_configs": [{**WEBHOOK, "retry_count": "many", "timeout_seconds": -5, "consecutive_failures": -2}],
            "hook_log": [
                {**ENTRY, "hook_id": 9},
                {**ENTRY, "id": 2, "webhook_id": 1, "duration_ms": -1},
                {**ENTRY, "id": 3, "hook_id": None, "hook_type": "other", "triggered_at": None},
            ],
        }
    )
    notes = adopt(room, file)
    with room.read() as uow:
        hooks = uow[HookRepository]
        (run,), (called,) = hooks.scripts.list(), hooks.webhooks.list()
        gone, both, other = sorted(hooks.log.list(), key=lambda entry: entry.id)
    assert (run.name, run.event, run.enabled, run.script_path) == ("unnamed", "unnamed", False, "")
    assert (run.timeout_seconds, run.trigger_count, run.last_status) == (30, 0, None)
    assert (called.retry_count, called.timeout_seconds, called.consecutive_failures) == (3, 10, 0)
    assert (gone.script_id, gone.kind) == (None, HookKind.SCRIPT)
    assert (both.script_id, both.webhook_id, both.kind, both.duration_ms) == (1, None, HookKind.SCRIPT, 0.0)
    assert other.kind is HookKind.SCRIPT
    told = {note.split(": ")[2] for note in notes}
    assert told == {
        "name", "event", "enabled", "trigger_count", "created_at", "timeout_seconds", "last_status",
        "retry_count", "consecutive_failures", "script_id", "webhook_id", "duration_ms", "kind",
        "triggered_at",
    }  # fmt: skip


def test_every_column_of_the_old_tables_is_read_or_left() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(SCHEMA)
        for adoption in adoptions():
            columns = {row[1] for row in connection.execute(f"PRAGMA table_info({adoption.table})")}
            read = {source for field in adoption.fields.values() for source in field.sources}
            assert read | set(adoption.left) == columns
            assert not read & set(adoption.left)
            ours = set(adoption.model.__table__.columns.keys()) - {"version"}
            assert set(adoption.fields) == ours


def test_another_system_is_not_known() -> None:
    from storeroom_hooks.plugin import storeroom_adopt

    assert storeroom_adopt("other") == []
    assert len(storeroom_adopt("sublarr")) == 3


def test_an_entry_of_both_kinds_is_a_run() -> None:
    fields = adoptions()[2].fields
    assert fields["kind"].read(1, 2, "webhook") is HookKind.SCRIPT
    assert isinstance(fields["webhook_id"].read(2, 1), Mended)
    assert fields["webhook_id"].read(2, None) == 2
