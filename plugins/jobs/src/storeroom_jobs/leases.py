"""Working on jobs: a claim is a lease, and only its holder can end the job."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from storeroom import ModelRepository, Statement
from storeroom.checks import checked_number, checked_seconds, checked_text, storable
from storeroom_jobs import statements
from storeroom_jobs.backoff import backoff
from storeroom_jobs.checks import MOST, checked_object
from storeroom_jobs.errors import LeaseLost
from storeroom_jobs.models import Job
from storeroom_jobs.records import JobFilters, JobRecord

LEASE = timedelta(minutes=5)


class LeaseVerbs(ModelRepository[Job, JobRecord, JobFilters]):
    """The verbs of workers.

    `extend`, `complete`, `fail` and `release` take the record that `claim` returned, and change the job only while
    that claim stands: its lease token is compared in the same statement. They raise LeaseLost when it doesn't, since
    the job was rescued, claimed anew, deleted, or given another status; the worker drops the work then. A lease that
    has expired stands until the job is rescued. Nobody holds a job that `set_status` set running.
    """

    def claim(self, worker: str, *, lease: timedelta = LEASE, limit: int = 1) -> Sequence[JobRecord]:
        """Take queued jobs whose time has come, and return them in the order in which to do them; one statement.

        The highest priority comes first, then the earliest `run_at`. Jobs that others are claiming are passed over, so
        nobody waits. `worker` names who has them, for people to read. Unless it is extended, the lease expires after
        `lease`, by the database's clock; from then on the job may be rescued.
        Raises ValueRefused for a worker without a name, a lease that isn't positive, and a limit below 1.
        """
        checked_text("worker", worker)
        checked_number("limit", limit, most=MOST)
        given = {"worker": worker, "lease": checked_seconds("lease", lease), "limit": limit}
        jobs = statements.CLAIM.records(self.uow, JobRecord, **given)
        return tuple(sorted(jobs, key=lambda job: (-job.priority, job.run_at, job.id)))

    def extend(self, job: JobRecord, *, lease: timedelta) -> JobRecord:
        """Let the lease last so long from now, as a sign of life; one statement.

        Raises LeaseLost, and ValueRefused for a lease that isn't positive.
        """
        return self._fenced(statements.EXTEND, job, lease=checked_seconds("lease", lease))

    def complete(
        self,
        job: JobRecord,
        *,
        output_path: str | None = None,
        stats: Mapping[str, Any] | None = None,
        source_format: str | None = None,
        config_hash: str | None = None,
    ) -> JobRecord:
        """End a job well, with its result; the error of an earlier attempt is cleared; one statement.

        Raises LeaseLost, and ValueRefused for a value that can't be stored.
        """
        return self._fenced(
            statements.COMPLETE,
            job,
            output_path=output_path,
            stats=_stats(stats),
            source_format=source_format,
            config_hash=config_hash,
        )

    def fail(self, job: JobRecord, error: str, *, retry: bool = True, delay: timedelta | None = None) -> JobRecord:
        """End an attempt in failure: the job is queued again after a delay, or dead after its last; one statement.

        Without a `delay`, it is `backoff` of the attempts. With `retry=False` the job has failed, and isn't tried
        again. Characters of `error` that no database stores are escaped.
        Raises LeaseLost, and ValueRefused for a negative delay.
        """
        told = storable("error", error)
        pause = checked_seconds("delay", backoff(job.attempts) if delay is None else delay, least=timedelta(0))
        if not retry:
            return self._fenced(statements.FAIL, job, error=told)
        return self._fenced(statements.RETRY, job, error=told, delay=pause)

    def release(self, job: JobRecord, *, delay: timedelta | None = None) -> JobRecord:
        """Give a job back that wasn't tried after all: queued again, without the attempt; one statement.

        For a worker that stops, or a service that asks to be left alone for a while. It keeps its place among the
        queued, or can be claimed again after a `delay`. Raises LeaseLost, and ValueRefused for a negative delay.
        """
        pause = None if delay is None else checked_seconds("delay", delay, least=timedelta(0))
        return self._fenced(statements.RELEASE, job, delay=pause)

    def rescue(self, *, limit: int = 100) -> Sequence[JobRecord]:
        """Take jobs from workers whose leases expired, and return them as they are now; one statement.

        They are queued again, at the place that they had, or dead after their last attempt; `error` says whose lease it
        was. The earliest `limit` are taken, without waiting for those that others are changing. Any program may
        call it at any time; workers do before they claim. Jobs that `set_status` set running have no lease and stay.
        Raises ValueRefused for a limit below 1.
        """
        checked_number("limit", limit, most=MOST)
        return tuple(statements.RESCUE.records(self.uow, JobRecord, limit=limit))

    def _fenced(self, statement: Statement, job: JobRecord, **values: Any) -> JobRecord:
        found = statement.record(self.uow, JobRecord, key=job.id, token=job.lease_token, **values)
        if found is None:
            raise LeaseLost(
                f"job {job.id!r} isn't held by lease {job.lease_token!r} any more: it was rescued, set otherwise "
                "or deleted; drop the work, and take the next job",
                job_id=job.id,
                token=job.lease_token,
            )
        return found


def _stats(value: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return {} if value is None else checked_object("stats", value)
