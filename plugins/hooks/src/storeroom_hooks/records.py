"""What the verbs return."""

import datetime
from typing import NamedTuple, TypedDict

from pydantic import ConfigDict, SecretStr

from storeroom import AnyOf, Record
from storeroom_hooks.kinds import HookKind, TriggerStatus
from storeroom_hooks.masking import WebhookUrl


class ScriptHookRecord(Record):
    """A script hook: a script that is run when an event happens. Times are in UTC."""

    id: int
    name: str
    event: str
    enabled: bool
    script_path: str
    timeout_seconds: int
    last_triggered_at: datetime.datetime | None
    last_status: TriggerStatus | None
    trigger_count: int
    created_at: datetime.datetime
    updated_at: datetime.datetime
    version: int


class WebhookRecord(Record):
    """A webhook: a URL that is called when an event happens. Times are in UTC.

    `secret.get_secret_value()` is the secret, which nothing else shows, JSON included. `url` is text; the record's own
    text has no more of it than `url.masked`, and its JSON has all of it.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    id: int
    name: str
    event: str
    url: WebhookUrl
    secret: SecretStr | None
    enabled: bool
    retry_count: int
    timeout_seconds: int
    last_triggered_at: datetime.datetime | None
    last_status_code: int | None
    last_error: str | None
    consecutive_failures: int
    trigger_count: int
    created_at: datetime.datetime
    updated_at: datetime.datetime
    version: int


class HookFilters(TypedDict, total=False):
    """What script hooks and webhooks can be asked for, in `where`: of several values any, and the rest together."""

    event: AnyOf[str]
    enabled: bool


class ExecutionRecord(Record):
    """One run of a script hook, or one call of a webhook."""

    id: int
    script_id: int | None
    webhook_id: int | None
    event: str
    kind: HookKind
    success: bool
    exit_code: int | None
    status_code: int | None
    stdout: str
    stderr: str
    error: str | None
    duration_ms: float
    triggered_at: datetime.datetime


class ExecutionFilters(TypedDict, total=False):
    """What the log can be asked for, in `where`: of several values any, and the rest together."""

    script: AnyOf[int] | None
    webhook: AnyOf[int] | None
    success: bool
    since: datetime.datetime
    until: datetime.datetime


class Matching(NamedTuple):
    """The enabled hooks of an event, each kind in the order in which they were created."""

    scripts: tuple[ScriptHookRecord, ...]
    webhooks: tuple[WebhookRecord, ...]


class RecordedRun(NamedTuple):
    """A script hook as it is after a run, and the run's entry in the log."""

    hook: ScriptHookRecord
    execution: ExecutionRecord


class RecordedCall(NamedTuple):
    """A webhook as it is after a call, and the call's entry in the log."""

    hook: WebhookRecord
    execution: ExecutionRecord
