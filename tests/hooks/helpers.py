"""What the tests of hooks share."""

from datetime import timedelta
from typing import cast

from sqlalchemy import Table, bindparam, update

from storeroom import Statement
from storeroom.sql import from_now
from storeroom_hooks import Execution, ExecutionRecord, HookRepository, ScriptHookRecord, WebhookRecord

EVENT = "subtitle_downloaded"
PATH = "/config/hooks/notify.sh"
SECRET = "s3cr3t-9f8e7d"
TOKEN = "t0k3n-1a2b3c"
URL = f"https://ada:{TOKEN}@hooks.example:8443/api/{TOKEN}?key={TOKEN}"

log = cast("Table", Execution.__table__)
AGE = Statement(update(log).where(log.c.id == bindparam("key")).values(triggered_at=from_now(bindparam("seconds"))))


def script(hooks: HookRepository, name: str = "notify", event: str = EVENT, **options: bool) -> ScriptHookRecord:
    return hooks.scripts.create(name, event, PATH, **options)


def webhook(
    hooks: HookRepository, name: str = "chat", event: str = EVENT, *, secret: str | None = SECRET, enabled: bool = True
) -> WebhookRecord:
    return hooks.webhooks.create(name, event, URL, secret=secret, enabled=enabled)


def age(hooks: HookRepository, entry: ExecutionRecord, by: timedelta) -> None:
    """Let an entry of the log be so old."""
    assert AGE.affected(hooks.uow, key=entry.id, seconds=-by.total_seconds()) == 1
