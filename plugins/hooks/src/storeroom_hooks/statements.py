"""The statements over hooks and their log, each built once."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Table,
    Update,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)

from storeroom import Record, Statement
from storeroom.sql import Int, now
from storeroom_hooks.hiding import hidden
from storeroom_hooks.kinds import HookKind, TriggerStatus
from storeroom_hooks.masking import ErrorText
from storeroom_hooks.models import HAS_FAILED, HAS_NO_SCRIPT, IS_FAILING, log, scripts, webhooks
from storeroom_hooks.records import ExecutionRecord, ScriptHookRecord, WebhookRecord

_ONE: ColumnElement[int] = literal_column("1")
_NONE: ColumnElement[str] = literal_column("''")


def _columns(table: Table, record: type[Record]) -> list[ColumnElement[Any]]:
    return [table.c[name] for name in record.model_fields]


def _triggered(table: Table, record: type[Record]) -> Update:
    """Begin to count a trigger."""
    return (
        update(table)
        .where(table.c.id == bindparam("key", type_=table.c.id.type))
        .values(trigger_count=table.c.trigger_count + _ONE, last_triggered_at=now(), version=table.c.version + _ONE)
        .returning(*_columns(table, record))
    )


def _run(status: TriggerStatus) -> Statement:
    return Statement(_triggered(scripts, ScriptHookRecord).values(last_status=literal_column(f"'{status}'")))


RUN = {True: _run(TriggerStatus.SUCCESS), False: _run(TriggerStatus.FAILED)}

_ERROR = hidden(bindparam("error", type_=ErrorText()), webhooks.c.url, webhooks.c.secret)
_call = _triggered(webhooks, WebhookRecord).values(
    last_status_code=bindparam("status_code", type_=webhooks.c.last_status_code.type)
)
CALL = {
    True: Statement(_call.values(last_error=_NONE, consecutive_failures=literal_column("0"))),
    False: Statement(_call.values(last_error=_ERROR, consecutive_failures=webhooks.c.consecutive_failures + _ONE)),
}


def _add(hooks: Table, kind: HookKind, *names: str, **values: ColumnElement[Any]) -> Statement:
    """Insert an entry of the log for the hook with a key, none where there is no such hook; named fields as given."""
    key = {HookKind.SCRIPT: "script_id", HookKind.WEBHOOK: "webhook_id"}[kind]
    taken: dict[str, ColumnElement[Any]] = {
        key: hooks.c.id,
        "event": func.coalesce(_given("event"), hooks.c.event),
        "kind": literal_column(f"'{kind}'"),
        "triggered_at": now(),
        "stdout": _NONE,
        "stderr": _NONE,
        **{name: _given(name) for name in ("success", "error", "duration_ms", *names)},
        **values,
    }
    source = select(*taken.values()).where(hooks.c.id == bindparam("_key", type_=hooks.c.id.type))
    construct = insert(log).from_select(list(taken), source, include_defaults=False)
    return Statement(construct.returning(*_columns(log, ExecutionRecord)))


def _given(name: str) -> ColumnElement[Any]:
    # With an underscore, or SQLAlchemy would take it for a value of the insert's own.
    return bindparam(f"_{name}", type_=log.c[name].type)


ADD_RUN = _add(scripts, HookKind.SCRIPT, "exit_code", "stdout", "stderr")
ADD_CALL = _add(
    webhooks,
    HookKind.WEBHOOK,
    "status_code",
    error=hidden(bindparam("_error", type_=ErrorText()), webhooks.c.url, webhooks.c.secret),
)

CLEAR = Statement(delete(log))
CLEAR_BY = {
    name: Statement(delete(log).where(log.c[name] == bindparam("key", type_=log.c[name].type)))
    for name in ("script_id", "webhook_id")
}


def _needing_attention(table: Table, where: str, *columns: ColumnElement[Any]) -> Statement:
    """Select the first hooks of which a condition is true, and how many they are in all."""
    total = func.count().over().label("total")
    limit: ColumnElement[int] = bindparam("limit", type_=Int())
    found = select(table.c.id, table.c.name, *columns, total).where(text(where))
    return Statement(found.order_by(table.c.id).limit(limit))


FAILING_WEBHOOKS = _needing_attention(
    webhooks, IS_FAILING, webhooks.c.consecutive_failures, webhooks.c.last_status_code
)
FAILED_SCRIPTS = _needing_attention(scripts, HAS_FAILED)
WITHOUT_SCRIPT = _needing_attention(scripts, HAS_NO_SCRIPT)
