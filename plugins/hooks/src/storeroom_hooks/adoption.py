"""What is taken over from Sublarr: its script hooks, its webhooks and their log."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pydantic import SecretStr

from storeroom.adoption import Field, Mended, TableAdoption, choice, computed, flag, moment, number, text, whole
from storeroom.errors import ValueRefused
from storeroom_hooks.checks import checked_output, checked_secret, checked_url
from storeroom_hooks.kinds import HookKind, TriggerStatus
from storeroom_hooks.models import Execution, ScriptHook, Webhook

T = TypeVar("T")

_UNNAMED = "unnamed"


def adoptions() -> Sequence[TableAdoption]:
    """Return how each table is taken over."""
    hooked = {
        "id": whole("id", required=True),
        "name": text("name", default=_UNNAMED),
        "event": text("event_name", default=_UNNAMED),
        "enabled": flag("enabled"),
        "last_triggered_at": moment("last_triggered_at"),
        "trigger_count": whole("trigger_count", default=0, least=0),
        "created_at": moment("created_at"),
        "updated_at": moment("updated_at"),
    }
    return [
        TableAdoption(
            table="hook_configs",
            model=ScriptHook,
            key=["id"],
            identity=["id", "created_at"],
            fields={
                **hooked,
                "script_path": text("script_path", default=""),
                "timeout_seconds": whole("timeout_seconds", default=30, least=1),
                "last_status": choice("last_status", TriggerStatus, default=None),
            },
            left=["hook_type"],
        ),
        TableAdoption(
            table="webhook_configs",
            model=Webhook,
            key=["id"],
            identity=["id", "created_at"],
            fields={
                **hooked,
                "url": Field(sources=("url",), read=_url, default=_no_url),
                "enabled": computed(_may_call, "enabled", "url", default=False),
                "secret": Field(sources=("secret",), read=_secret),
                "retry_count": whole("retry_count", default=3, least=0),
                "timeout_seconds": whole("timeout_seconds", default=10, least=1),
                "last_status_code": _status_code(),
                "last_error": _output("last_error"),
                "consecutive_failures": whole("consecutive_failures", default=0, least=0),
            },
        ),
        TableAdoption(
            table="hook_log",
            model=Execution,
            key=["id"],
            identity=["id", "triggered_at", "event_name"],
            fields={
                "id": whole("id", required=True),
                "script_id": whole("hook_id", relates_to="hook_configs"),
                "webhook_id": Field(sources=("webhook_id", "hook_id"), read=_webhook, relates_to="webhook_configs"),
                "kind": computed(_kind, "hook_id", "webhook_id", "hook_type", default=HookKind.SCRIPT),
                "event": text("event_name", default=_UNNAMED),
                "success": flag("success"),
                "exit_code": whole("exit_code"),
                "status_code": _status_code("status_code"),
                "stdout": _output("stdout"),
                "stderr": _output("stderr"),
                "error": _output("error"),
                "duration_ms": number("duration_ms", default=0.0, least=0),
                "triggered_at": moment("triggered_at"),
            },
        ),
    ]


def _secret(value: Any) -> SecretStr | None:
    # No cause may tell it: `text` would show a value that it can't read.
    return _unshown(checked_secret, "secret", str(value) if isinstance(value, int | float) else value)


def _url(value: Any) -> str:
    return _unshown(checked_url, "url", value)


def _no_url() -> str:
    return checked_url("url", "http://unknown.invalid/")


def _may_call(enabled: Any, url: Any) -> bool:
    if url in (None, ""):
        raise ValueError("there is no URL to call")
    _url(url)
    return bool(flag("").read(enabled or 0))


def _unshown(check: Callable[[str, object], T], field: str, value: object) -> T:
    try:
        return check(field, value)
    except ValueRefused:
        pass
    raise ValueError(f"it isn't a {field} that can be kept, and isn't shown")


def _webhook(webhook: Any, script: Any) -> Any:
    if script in (None, "") or webhook in (None, ""):
        return None if webhook in (None, "") else _read_whole(webhook)
    return Mended(None, f"a run of script hook {script!r} isn't a call of webhook {webhook!r} as well; it is None here")


def _kind(script: Any, webhook: Any, kind: Any) -> HookKind:
    if script not in (None, ""):
        return HookKind.SCRIPT
    return HookKind.WEBHOOK if webhook not in (None, "") else HookKind(kind)


def _status_code(source: str = "last_status_code") -> Field:
    """Read a status code, of which 0 is none."""
    return Field(sources=(source,), read=lambda value: _read_whole(value) or None)


def _output(source: str) -> Field:
    """Read what a program or a server said, with escapes for what no database stores."""

    def read(value: Any) -> str | Mended:
        kept = checked_output(source, value)
        return kept if kept == value else Mended(kept, "what no database stores is written as escapes here")

    return Field(sources=(source,), read=read, default="")


_read_whole = whole("").read
