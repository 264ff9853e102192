"""The tables: script hooks, webhooks, and the log of their executions."""

import datetime
from typing import cast

from pydantic import SecretStr
from sqlalchemy import CheckConstraint, ForeignKey, Index, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storeroom import Versioned, plugin_registry
from storeroom.sql import BigInt, Choice, NoneAsEmpty, PlainText, now, partial_index
from storeroom_hooks.checks import NAME_LENGTH
from storeroom_hooks.kinds import HookKind, TriggerStatus
from storeroom_hooks.masking import SecretText, UrlText, WebhookUrl

MANY_FAILURES = 3
"""So many failures of a webhook in a row need attention."""

# The text of partial indexes, which the statements that they serve repeat word for word: SQLite compares no meaning.
IS_FAILING = f"enabled AND consecutive_failures >= {MANY_FAILURES}"
HAS_FAILED = "enabled AND last_status = 'failed'"
HAS_NO_SCRIPT = "enabled AND script_path = ''"


class Base(DeclarativeBase):
    """The declarative base of this plugin's models."""

    registry = plugin_registry("hooks")


class ScriptHook(Versioned, Base):
    """A script that is run when an event happens."""

    __tablename__ = "hooks_scripts"
    __table_args__ = (
        CheckConstraint("name <> ''", name="name"),
        CheckConstraint("event <> ''", name="event"),
        CheckConstraint("timeout_seconds >= 1", name="timeout_seconds"),
        CheckConstraint("trigger_count >= 0", name="trigger_count"),
        # An id isn't given again, on SQLite neither: who still has it must not mean another row by it.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigInt(), primary_key=True)
    name: Mapped[str] = mapped_column(PlainText(NAME_LENGTH))
    event: Mapped[str] = mapped_column(PlainText(NAME_LENGTH))
    enabled: Mapped[bool] = mapped_column(default=True)
    script_path: Mapped[str]
    timeout_seconds: Mapped[int] = mapped_column(default=30)
    last_triggered_at: Mapped[datetime.datetime | None]
    last_status: Mapped[TriggerStatus | None] = mapped_column(Choice(TriggerStatus))
    trigger_count: Mapped[int] = mapped_column(BigInt(), default=0)
    created_at: Mapped[datetime.datetime] = mapped_column(default=now())
    updated_at: Mapped[datetime.datetime] = mapped_column(default=now(), onupdate=now())


class Webhook(Versioned, Base):
    """A URL that is called when an event happens."""

    __tablename__ = "hooks_webhooks"
    __table_args__ = (
        CheckConstraint("name <> ''", name="name"),
        CheckConstraint("event <> ''", name="event"),
        CheckConstraint("url <> ''", name="url"),
        CheckConstraint("retry_count >= 0", name="retry_count"),
        CheckConstraint("timeout_seconds >= 1", name="timeout_seconds"),
        CheckConstraint("consecutive_failures >= 0", name="consecutive_failures"),
        CheckConstraint("trigger_count >= 0", name="trigger_count"),
        # An id isn't given again, on SQLite neither: who still has it must not mean another row by it.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigInt(), primary_key=True)
    name: Mapped[str] = mapped_column(PlainText(NAME_LENGTH))
    event: Mapped[str] = mapped_column(PlainText(NAME_LENGTH))
    url: Mapped[WebhookUrl] = mapped_column(UrlText())
    secret: Mapped[SecretStr | None] = mapped_column(SecretText(), nullable=False, default="")
    enabled: Mapped[bool] = mapped_column(default=True)
    retry_count: Mapped[int] = mapped_column(default=3)
    timeout_seconds: Mapped[int] = mapped_column(default=10)
    last_triggered_at: Mapped[datetime.datetime | None]
    last_status_code: Mapped[int | None]
    last_error: Mapped[str | None] = mapped_column(NoneAsEmpty(), nullable=False, default="")
    consecutive_failures: Mapped[int] = mapped_column(BigInt(), default=0)
    trigger_count: Mapped[int] = mapped_column(BigInt(), default=0)
    created_at: Mapped[datetime.datetime] = mapped_column(default=now())
    updated_at: Mapped[datetime.datetime] = mapped_column(default=now(), onupdate=now())


class Execution(Base):
    """One run of a script hook, or one call of a webhook; it goes with the hook."""

    __tablename__ = "hooks_log"
    __table_args__ = (
        CheckConstraint("event <> ''", name="event"),
        CheckConstraint("script_id IS NULL OR kind = 'script'", name="script_id"),
        CheckConstraint("webhook_id IS NULL OR kind = 'webhook'", name="webhook_id"),
        CheckConstraint("duration_ms >= 0", name="duration_ms"),
    )

    id: Mapped[int] = mapped_column(BigInt(), primary_key=True)
    script_id: Mapped[int | None] = mapped_column(BigInt(), ForeignKey("hooks_scripts.id", ondelete="CASCADE"))
    webhook_id: Mapped[int | None] = mapped_column(BigInt(), ForeignKey("hooks_webhooks.id", ondelete="CASCADE"))
    event: Mapped[str] = mapped_column(PlainText(NAME_LENGTH))
    kind: Mapped[HookKind] = mapped_column(Choice(HookKind))
    success: Mapped[bool]
    exit_code: Mapped[int | None] = mapped_column(BigInt())
    status_code: Mapped[int | None]
    stdout: Mapped[str] = mapped_column(default="")
    stderr: Mapped[str] = mapped_column(default="")
    error: Mapped[str | None] = mapped_column(NoneAsEmpty(), nullable=False, default="")
    duration_ms: Mapped[float] = mapped_column(default=0.0)
    triggered_at: Mapped[datetime.datetime] = mapped_column(default=now())


scripts = cast("Table", ScriptHook.__table__)
webhooks = cast("Table", Webhook.__table__)
log = cast("Table", Execution.__table__)

Index("ix_hooks_scripts_name_id", scripts.c.name, scripts.c.id)
Index("ix_hooks_scripts_event_id", scripts.c.event, scripts.c.id)
partial_index("ix_hooks_scripts_failed", scripts.c.id, where=HAS_FAILED)
partial_index("ix_hooks_scripts_without_script", scripts.c.id, where=HAS_NO_SCRIPT)
Index("ix_hooks_webhooks_name_id", webhooks.c.name, webhooks.c.id)
Index("ix_hooks_webhooks_event_id", webhooks.c.event, webhooks.c.id)
partial_index("ix_hooks_webhooks_failing", webhooks.c.id, where=IS_FAILING)
Index("ix_hooks_log_triggered_at_id", log.c.triggered_at, log.c.id)
Index("ix_hooks_log_script_id_triggered_at_id", log.c.script_id, log.c.triggered_at, log.c.id)
Index("ix_hooks_log_webhook_id_triggered_at_id", log.c.webhook_id, log.c.triggered_at, log.c.id)
Index("ix_hooks_log_success_triggered_at_id", log.c.success, log.c.triggered_at, log.c.id)
