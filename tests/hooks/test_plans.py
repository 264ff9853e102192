"""With 20,000 hooks of each kind and 60,000 entries of the log, each query finds its rows by an index."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from storeroom import Storeroom
from storeroom_hooks import Execution, HookRepository
from storeroom_hooks.plugin import storeroom_health
from tests.support.dialects import spelled
from tests.support.plans import filled_room, indexes, plans, scans, sorts

pytestmark = pytest.mark.dear

HOOKS, ENTRIES = 20_000, 60_000
NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {last}) "
COMMON = "n, 'name' || n, 'event' || (n % 2000), n % 10 > 0"
FILL = (
    "INSERT INTO hooks_scripts (id, name, event, enabled, script_path, timeout_seconds, last_status, trigger_count, "
    f"created_at, updated_at, version) {NUMBERS.format(last=HOOKS)} SELECT {COMMON}, CASE WHEN n % 3000 = 1 THEN '' "
    "ELSE 'x' END, 30, CASE WHEN n % 3000 = 2 THEN 'failed' ELSE 'success' END, 1, {now}, {now}, 1 FROM numbers",
    "INSERT INTO hooks_webhooks (id, name, event, enabled, url, secret, retry_count, timeout_seconds, last_error, "
    f"consecutive_failures, trigger_count, created_at, updated_at, version) {NUMBERS.format(last=HOOKS)} "
    f"SELECT {COMMON}, 'http://h/', '', 3, 10, '', CASE WHEN n % 3000 = 1 THEN 5 ELSE n % 3 END, 9, {{now}}, {{now}}, "
    "1 FROM numbers",
    "INSERT INTO hooks_log (script_id, webhook_id, event, kind, success, stdout, stderr, error, duration_ms, "
    f"triggered_at) {NUMBERS.format(last=ENTRIES)} SELECT CASE WHEN n % 2 = 0 THEN n % 400 + 1 END, "
    "CASE WHEN n % 2 = 1 THEN n % 400 + 1 END, 'e', CASE WHEN n % 2 = 0 THEN 'script' ELSE 'webhook' END, "
    "n % 1000 > 0, '', '', '', 1, {at} FROM numbers",
)
TIMES = {
    "sqlite": {
        "now": "'2026-01-01 00:00:00.000000'",
        "at": "strftime('%Y-%m-%d %H:%M:%f000', '2026-01-01', printf('+%d seconds', n))",
    },
    "postgresql": {
        "now": "timestamptz '2026-01-01 00:00+00'",
        "at": "timestamptz '2026-01-01 00:00+00' + make_interval(secs => n)",
    },
}

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
BY_TIME = "ix_hooks_log_triggered_at_id"
BY_ID = {"pk_hooks_log", "INTEGER PRIMARY KEY"}


def second_page(repository: Any, **given: Any) -> Any:
    return repository.page(after=repository.page(**given).next, **given)


QUERIES: dict[str, tuple[Callable[[HookRepository], object], set[str]]] = {
    "matching": (
        lambda hooks: hooks.matching("event7"),
        {"ix_hooks_scripts_event_id", "ix_hooks_webhooks_event_id"},
    ),
    "scripts by name": (lambda hooks: second_page(hooks.scripts, sort="name"), {"ix_hooks_scripts_name_id"}),
    "webhooks by name": (lambda hooks: second_page(hooks.webhooks, sort="name"), {"ix_hooks_webhooks_name_id"}),
    "the log": (lambda hooks: second_page(hooks.log), {BY_TIME}),
    "the log of a script hook": (
        lambda hooks: second_page(hooks.log, script=7),
        {"ix_hooks_log_script_id_triggered_at_id"},
    ),
    "the log of a webhook": (
        lambda hooks: second_page(hooks.log, webhook=8),
        {"ix_hooks_log_webhook_id_triggered_at_id"},
    ),
    "failures": (lambda hooks: second_page(hooks.log, success=False), {"ix_hooks_log_success_triggered_at_id"}),
    "clear, and so the delete of a hook": (
        lambda hooks: hooks.log.clear(script=7) and hooks.log.clear(webhook=8),
        {"ix_hooks_log_script_id_triggered_at_id", "ix_hooks_log_webhook_id_triggered_at_id"},
    ),
    "prune": (lambda hooks: hooks.log.prune(NEW_YEAR + timedelta(minutes=5)), {BY_TIME}),
    "count of what is older": (lambda hooks: hooks.log.count(until=NEW_YEAR + timedelta(minutes=15)), {BY_TIME}),
    "health": (
        lambda hooks: storeroom_health(hooks.uow),
        {"ix_hooks_scripts_failed", "ix_hooks_scripts_without_script", "ix_hooks_webhooks_failing"},
    ),
}

# What may sort the few rows that it has found.
SORTED = {"matching", "health"}


def fill(connection: Connection) -> None:
    for sql in FILL:
        connection.execute(text(sql.format(**spelled(connection, **TIMES)).replace(":", r"\:")))


@pytest.fixture(scope="module")
def full_room(open_room: Storeroom, hooks_url: str) -> Iterator[Storeroom]:
    with filled_room(hooks_url, "hooks", Execution.metadata, fill) as room:
        yield room


@pytest.mark.parametrize("what", QUERIES)
def test_a_query_uses_an_index(full_room: Storeroom, what: str) -> None:
    query, expected = QUERIES[what]
    with full_room.write() as uow:
        found = plans(uow, Execution.metadata, lambda: query(uow[HookRepository]))
    for plan in found:
        assert not scans(plan, Execution.metadata.tables), plan
        assert what in SORTED or not sorts(plan), plan
    assert indexes(found) - BY_ID == expected, found
