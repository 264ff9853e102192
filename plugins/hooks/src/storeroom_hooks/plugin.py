"""What this plugin brings."""

from collections.abc import Sequence
from datetime import timedelta

from storeroom import Finding, Manifest, Retention, Work, hookimpl
from storeroom.adoption import TableAdoption
from storeroom_hooks.adoption import adoptions
from storeroom_hooks.health import findings
from storeroom_hooks.log import ExecutionLogRepository
from storeroom_hooks.models import Base
from storeroom_hooks.repository import HookRepository
from storeroom_hooks.scripts import ScriptHookRepository
from storeroom_hooks.webhooks import WebhookRepository


@hookimpl
def storeroom_manifest() -> Manifest:
    """Bring the tables and the repositories of script hooks, webhooks and their log."""
    return Manifest(
        models=Base,
        migrations="storeroom_hooks.migrations",
        repositories=[HookRepository, ScriptHookRepository, WebhookRepository, ExecutionLogRepository],
    )


@hookimpl
def storeroom_prune() -> Sequence[Retention]:
    """Keep the execution log for 90 days."""
    return [
        Retention(
            name="hooks.log",
            rows="entries of the execution log",
            age=timedelta(days=90),
            count=lambda uow, before: uow[ExecutionLogRepository].count(until=before),
            prune=lambda uow, before, limit: uow[ExecutionLogRepository].prune(before, limit=limit),
        )
    ]


@hookimpl
def storeroom_health(uow: Work) -> Sequence[Finding]:
    """Report hooks that fail, and script hooks without a script."""
    return findings(uow)


@hookimpl
def storeroom_adopt(system: str) -> Sequence[TableAdoption]:
    """Take over the hooks of Sublarr, and their log."""
    return adoptions() if system == "sublarr" else []
