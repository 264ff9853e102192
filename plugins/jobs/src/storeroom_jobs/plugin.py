"""What this plugin brings, and what it does for core's operations and for other plugins."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from storeroom import Finding, Manifest, Retention, Work, hookimpl
from storeroom.adoption import TableAdoption
from storeroom_jobs.adoption import SUBLARR
from storeroom_jobs.health import findings
from storeroom_jobs.history import events
from storeroom_jobs.models import Base
from storeroom_jobs.repository import JobRepository
from storeroom_jobs.states import FINISHED

KEPT = timedelta(days=90)


@hookimpl
def storeroom_manifest() -> Manifest:
    """Bring the tables and the repository of jobs."""
    return Manifest(models=Base, migrations="storeroom_jobs.migrations", repositories=[JobRepository])


@hookimpl
def storeroom_prune() -> Sequence[Retention]:
    """Let finished jobs go after 90 days; pending ones, and the statistics, stay."""
    return [Retention(name="jobs", rows="finished jobs", age=KEPT, count=_count, prune=_prune)]


@hookimpl
def storeroom_health(uow: Work) -> Sequence[Finding]:
    """Report jobs that nobody rescues, claims or ends, and dead ones."""
    return findings(uow)


@hookimpl
def storeroom_adopt(system: str) -> Sequence[TableAdoption]:
    """Take over the jobs and the daily statistics of Sublarr."""
    return SUBLARR if system == "sublarr" else []


@hookimpl(optionalhook=True)
def wanted_history(uow: Work, file_path: str) -> Sequence[Mapping[str, Any]]:
    """Tell what became of the jobs for a file, for the plugin `wanted`."""
    return events(uow, file_path)


def _count(uow: Work, before: datetime) -> int:
    return uow[JobRepository].count(status=FINISHED, until=before)


def _prune(uow: Work, before: datetime, limit: int) -> int:
    return uow[JobRepository].prune(before, limit=limit)
