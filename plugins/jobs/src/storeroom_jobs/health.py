"""What needs attention: jobs that nobody rescues, ends or claims, and dead ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, select, text

from storeroom import Finding, Statement, Work
from storeroom.sql import expired, from_now
from storeroom_jobs.models import IS_QUEUED, IS_RUNNING, jobs

SHOWN = 3
"""How many jobs a finding names."""

_MINUTES, _DAY = timedelta(minutes=5), timedelta(days=1)


def _before(column: ColumnElement[Any], age: timedelta) -> ColumnElement[bool]:
    return expired(column, from_now(literal_column(f"-{age.total_seconds()}")))


def _oldest(order: ColumnElement[Any], *conditions: Any) -> Statement:
    """Select the ids of the oldest few of some jobs, and with each how many there are."""
    total = select(func.count()).select_from(jobs).where(*conditions).correlate(None).scalar_subquery()
    return Statement(select(jobs.c.id, total).where(*conditions).order_by(order, jobs.c.id).limit(SHOWN))


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Jobs that are in the same trouble, what it is, and what to do."""

    what: str
    cure: str
    statement: Statement


# One that was inserted as running was never started.
_begun = func.coalesce(jobs.c.started_at, jobs.c.created_at)

TROUBLES: Sequence[_Trouble] = [
    _Trouble(
        "running jobs whose leases expired more than 5 minutes ago",
        "nobody rescues them: see whether a worker runs, and let workers call rescue() before each claim",
        _oldest(jobs.c.lease_expires_at, text(IS_RUNNING), _before(jobs.c.lease_expires_at, _MINUTES)),
    ),
    _Trouble(
        "running jobs without a lease, begun more than a day ago",
        "see whether the program that set them running still does them; if not, set_status(id, 'queued') or another",
        _oldest(_begun, text(IS_RUNNING), jobs.c.lease_expires_at.is_(None), _before(_begun, _DAY)),
    ),
    _Trouble(
        "queued jobs whose time came more than a day ago",
        "nobody claims them: start workers, or more of them, or delete(id) what isn't wanted any more",
        _oldest(jobs.c.run_at, text(IS_QUEUED), _before(jobs.c.run_at, _DAY)),
    ),
    _Trouble(
        "dead jobs, which failed as often as they may",
        "read their errors, mend the cause, and requeue(id) or delete(id) them",
        _oldest(jobs.c.created_at, text("status = 'dead'")),
    ),
]


def findings(uow: Work) -> Sequence[Finding]:
    """Return a finding for each kind of trouble that jobs are in; four statements.

    It tells how many they are, and names the oldest few.
    """
    return list(_found(uow))


def _found(uow: Work) -> Iterator[Finding]:
    for trouble in TROUBLES:
        rows = trouble.statement.all(uow)
        if rows:
            yield Finding.of_few(trouble.what, [repr(key) for key, _ in rows], rows[0][1], trouble.cure)
