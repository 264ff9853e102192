"""The statements over jobs, each built once."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Update,
    bindparam,
    case,
    func,
    literal_column,
    null,
    select,
    text,
    update,
)

from storeroom import Statement
from storeroom.sql import Int, Real, UTCDateTime, among, descending, expired, from_now, insert, now
from storeroom_jobs.models import IS_COMPARABLE, IS_PENDING, IS_QUEUED, IS_RUNNING, jobs
from storeroom_jobs.records import JobRecord
from storeroom_jobs.states import FINISHED, JobStatus

COLUMNS = [jobs.c[name] for name in JobRecord.model_fields]
IS_FAILED = "status IN ('failed', 'dead')"

_KEY: ColumnElement[Any] = bindparam("key", type_=jobs.c.id.type)
_LIMIT: ColumnElement[int] = bindparam("limit", type_=Int())
_NOW_OR_LATER = func.coalesce(bindparam("run_at", type_=UTCDateTime()), now())
_NEW_LEASE = from_now(bindparam("lease", type_=Real()))
_NONE: ColumnElement[str] = literal_column("''")
_ONE: ColumnElement[int] = literal_column("1")


def _is(status: JobStatus) -> ColumnElement[Any]:
    return literal_column(f"'{status}'")


_RELEASED: Mapping[str, Any] = {"lease_expires_at": null()}
_MAY_RETRY = jobs.c.attempts < jobs.c.max_attempts


def _retried(**values: Any) -> dict[str, Any]:
    """Return the values of a job whose attempt failed: queued again, or dead after its last."""
    return {
        **_RELEASED,
        "status": case((_MAY_RETRY, _is(JobStatus.QUEUED)), else_=_is(JobStatus.DEAD)),
        "completed_at": case((_MAY_RETRY, null()), else_=now()),
        **values,
    }


_inserted = insert(jobs).values(run_at=_NOW_OR_LATER)

CREATE = Statement(_inserted.returning(*COLUMNS))
# Something must be set for the row to be returned.
CREATE_UNIQUE = Statement(
    _inserted.on_conflict_do_update(
        index_elements=["unique_key"],
        index_where=text(IS_PENDING),
        set_={"unique_key": _inserted.excluded.unique_key},
    ).returning(*COLUMNS)
)


_CONFIG_HASH: ColumnElement[str] = bindparam("config_hash", type_=jobs.c.config_hash.type)


def _outdated() -> Select[Any]:
    """Select the newest outdated jobs: the newest of each hash, of which there are few, and of these the newest.

    Otherwise all that are outdated would be sorted, or all that aren't be read, and either may be nearly all.
    """
    hashes = select(func.min(jobs.c.config_hash).label("hash")).where(text(IS_COMPARABLE)).cte("hashes", recursive=True)
    next_one = select(func.min(jobs.c.config_hash)).where(text(IS_COMPARABLE), jobs.c.config_hash > hashes.c.hash)
    hashes = hashes.union_all(select(next_one.scalar_subquery()).where(hashes.c.hash.is_not(None)))
    of_hash = select(jobs.c.id).where(text(IS_COMPARABLE), jobs.c.config_hash == hashes.c.hash).correlate(hashes)
    newest = of_hash.order_by(jobs.c.created_at.desc(), jobs.c.id.desc()).limit(_LIMIT)
    # An outer join, which keeps databases from going the other way: from each job to the newest of its hash.
    return (
        select(*COLUMNS)
        .select_from(hashes.outerjoin(jobs, among(jobs.c.id, newest)))
        .where(hashes.c.hash != _CONFIG_HASH)
        .order_by(descending(jobs.c.created_at), descending(jobs.c.id))
        .limit(_LIMIT)
    )


OUTDATED = Statement(_outdated())


def _counted(hashes: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count()).select_from(jobs).where(text(IS_COMPARABLE), hashes).scalar_subquery()


# Two ranges and not `!=`, so that an index serves each.
COUNT_OUTDATED = Statement(
    select(_counted(jobs.c.config_hash < _CONFIG_HASH) + _counted(jobs.c.config_hash > _CONFIG_HASH))
)

_claimable = (
    select(jobs.c.id)
    .where(text(IS_QUEUED), expired(jobs.c.run_at))
    .order_by(jobs.c.priority.desc(), jobs.c.run_at, jobs.c.id)
    .limit(_LIMIT)
    .with_for_update(skip_locked=True)
)
CLAIM = Statement(
    update(jobs)
    .where(among(jobs.c.id, _claimable))
    .values(
        status=_is(JobStatus.RUNNING),
        attempts=jobs.c.attempts + _ONE,
        lease_token=jobs.c.lease_token + _ONE,
        worker=bindparam("worker", type_=jobs.c.worker.type),
        lease_expires_at=_NEW_LEASE,
        started_at=now(),
    )
    .returning(*COLUMNS)
)

_lost = (
    select(jobs.c.id)
    .where(text(IS_RUNNING), expired(jobs.c.lease_expires_at))
    .order_by(jobs.c.lease_expires_at)
    .limit(_LIMIT)
    .with_for_update(skip_locked=True)
)
_expiry = literal_column("'the lease of worker '''").concat(jobs.c.worker).concat(literal_column("''' expired'"))
RESCUE = Statement(update(jobs).where(among(jobs.c.id, _lost)).values(**_retried(error=_expiry)).returning(*COLUMNS))


def _fenced() -> Update:
    """Begin a change that only the holder of the lease can make: not of a job that was set running, which has none."""
    token: ColumnElement[int] = bindparam("token", type_=jobs.c.lease_token.type)
    is_leased = jobs.c.lease_expires_at.is_not(None)
    held = update(jobs).where(jobs.c.id == _KEY, text(IS_RUNNING), is_leased, jobs.c.lease_token == token)
    return held.returning(*COLUMNS)


EXTEND = Statement(_fenced().values(lease_expires_at=_NEW_LEASE))
# The result's fields are parameters of their own.
COMPLETE = Statement(_fenced().values(**_RELEASED, status=_is(JobStatus.COMPLETED), completed_at=now(), error=_NONE))
FAIL = Statement(_fenced().values(**_RELEASED, status=_is(JobStatus.FAILED), completed_at=now()))
RETRY = Statement(
    _fenced().values(
        **_retried(run_at=case((_MAY_RETRY, from_now(bindparam("delay", type_=Real()))), else_=jobs.c.run_at))
    )
)
# A NULL for the delay leaves the job at its place.
RELEASE = Statement(
    _fenced().values(
        **_RELEASED,
        status=_is(JobStatus.QUEUED),
        attempts=jobs.c.attempts - _ONE,
        run_at=func.coalesce(from_now(bindparam("delay", type_=Real())), jobs.c.run_at),
    )
)

REQUEUE = Statement(
    update(jobs)
    .where(jobs.c.id == _KEY, text(IS_FAILED))
    .values(status=_is(JobStatus.QUEUED), completed_at=null(), attempts=literal_column("0"), run_at=now())
    .returning(*COLUMNS)
)
_same = jobs.alias("same")
HOLDER = Statement(
    select(*COLUMNS).where(
        jobs.c.unique_key == select(_same.c.unique_key).where(_same.c.id == _KEY).scalar_subquery(), text(IS_PENDING)
    )
)


@cache
def set_status(status: JobStatus, *, has_error: bool) -> Statement:
    """Return the statement that sets a status, and the fields that are its further parameters, maybe an error."""
    is_new = jobs.c.status != _is(status)
    changes: dict[str, Any] = {"status": _is(status), "completed_at": null()}
    if status in FINISHED:
        changes["completed_at"] = case((is_new, now()), else_=func.coalesce(jobs.c.completed_at, now()))
    if status is JobStatus.RUNNING:
        changes["started_at"] = case((is_new, now()), else_=jobs.c.started_at)
        changes["worker"] = case((is_new, _NONE), else_=jobs.c.worker)
    if status is JobStatus.COMPLETED and not has_error:
        changes["error"] = case((is_new, _NONE), else_=jobs.c.error)
    # A lease ends with a change: whoever held it finds another token, also after the job is set running again.
    changes["lease_token"] = case((is_new, jobs.c.lease_token + _ONE), else_=jobs.c.lease_token)
    changes["lease_expires_at"] = case((is_new, null()), else_=jobs.c.lease_expires_at)
    return Statement(update(jobs).where(jobs.c.id == _KEY).values(**changes).returning(*COLUMNS))
