"""Hooks of both kinds, a hundred for an event, and their log."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from storeroom import UnitOfWork
from storeroom_hooks import HookRepository
from storeroom_hooks.plugin import storeroom_health
from tests.plans.asking import MANY, Asked, Domain, Words

START = datetime(2024, 1, 1, tzinfo=UTC)


def fill(words: Words) -> Sequence[str]:
    numbers, now = words.numbers, words.after_start("0")
    common = "n + 1, 'name' || n, 'event' || (n / 100), n % 10 > 0"
    return [
        "INSERT INTO hooks_scripts (id, name, event, enabled, script_path, timeout_seconds, last_status, "
        f"trigger_count, created_at, updated_at, version) {numbers} SELECT {common}, CASE WHEN n % 20000 = 1 THEN '' "
        f"ELSE 'x' END, 30, CASE WHEN n % 20000 = 2 THEN 'failed' ELSE 'success' END, 1, {now}, {now}, 1 FROM numbers",
        "INSERT INTO hooks_webhooks (id, name, event, enabled, url, secret, retry_count, timeout_seconds, last_error, "
        f"consecutive_failures, trigger_count, created_at, updated_at, version) {numbers} SELECT {common}, "
        f"'http://h/', '', 3, 10, '', CASE WHEN n % 20000 = 1 THEN 5 ELSE n % 3 END, 9, {now}, {now}, 1 FROM numbers",
        "INSERT INTO hooks_log (script_id, webhook_id, event, kind, success, stdout, stderr, error, duration_ms, "
        f"triggered_at) {numbers} SELECT CASE WHEN n % 2 = 0 THEN n / 100 + 1 END, "
        "CASE WHEN n % 2 = 1 THEN n / 100 + 1 END, 'e', CASE WHEN n % 2 = 0 THEN 'script' ELSE 'webhook' END, "
        f"n % 1000 > 0, '', '', '', 1, {words.after_start('n')} FROM numbers",
    ]


def of(uow: UnitOfWork) -> HookRepository:
    return uow[HookRepository]


def by_key(ask: Callable[[HookRepository], object], *, hot: bool = False) -> Asked:
    return Asked(lambda uow: ask(of(uow)), hot=hot)


BY_EVENT = ["ix_hooks_scripts_event_id", "ix_hooks_webhooks_event_id"]
OF_HOOK = ["ix_hooks_log_script_id_triggered_at_id", "ix_hooks_log_webhook_id_triggered_at_id"]

SOME = "a share of all hooks has it, so that an index would be read for as many rows as the table"

HOOKS = Domain(
    fill=fill,
    keys={"hooks.scripts": 7, "hooks.webhooks": 7, "hooks.log": 7},
    values={
        "hooks.scripts": {"event": "event7", "enabled": False},
        "hooks.webhooks": {"event": "event7", "enabled": False},
        "hooks.log": {
            "script": 7,
            "webhook": 7,
            "success": False,
            "since": START + timedelta(seconds=MANY - 600),
            "until": START + timedelta(minutes=5),
        },
    },
    unindexed={"hooks.scripts": {"enabled": SOME}, "hooks.webhooks": {"enabled": SOME}},
    verbs={
        "hooks.matching": Asked(lambda uow: of(uow).matching("event7").scripts, BY_EVENT, hot=True),
        "hooks.record_run": by_key(lambda hooks: hooks.record_run(7, success=True), hot=True),
        "hooks.record_call": by_key(lambda hooks: hooks.record_call(7, success=False, error="no"), hot=True),
        "hooks.scripts.update": by_key(lambda hooks: hooks.scripts.update(7, version=1, name="b")),
        "hooks.scripts.record_trigger": by_key(lambda hooks: hooks.scripts.record_trigger(7, success=True)),
        "hooks.webhooks.update": by_key(lambda hooks: hooks.webhooks.update(7, version=1, name="b")),
        "hooks.webhooks.record_trigger": by_key(lambda hooks: hooks.webhooks.record_trigger(7, success=True)),
        "hooks.log.add_run": by_key(lambda hooks: hooks.log.add_run(7, success=True), hot=True),
        "hooks.log.add_call": by_key(lambda hooks: hooks.log.add_call(7, success=True)),
        "hooks.log.clear of a script hook": Asked(lambda uow: of(uow).log.clear(script=7), OF_HOOK),
        "hooks.log.clear of a webhook": Asked(lambda uow: of(uow).log.clear(webhook=7), OF_HOOK),
        "health": Asked(
            storeroom_health,
            ["ix_hooks_scripts_failed", "ix_hooks_scripts_without_script", "ix_hooks_webhooks_failing"],
        ),
    },
    unasked={
        "hooks.scripts.create": "it inserts",
        "hooks.scripts.add": "it inserts",
        "hooks.scripts.add_many": "it inserts",
        "hooks.webhooks.create": "it inserts",
        "hooks.webhooks.add": "it inserts",
        "hooks.webhooks.add_many": "it inserts",
        "hooks.log.add": "it is add_run or add_call",
        "hooks.log.add_many": "it is add_run or add_call",
    },
)
