"""`JobRepository`: jobs from their creation to their end."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from typing import Any, ClassVar, TypedDict, Unpack

from storeroom import Filter, at_least, below, contains, equals
from storeroom.checks import checked_choice, checked_number, checked_text, storable
from storeroom.errors import Duplicate, SerializationConflict
from storeroom_jobs import statements
from storeroom_jobs.checks import MOST, checked_finished, checked_object
from storeroom_jobs.daily import DailyVerbs
from storeroom_jobs.errors import RequeueRefused
from storeroom_jobs.leases import LeaseVerbs
from storeroom_jobs.models import MAX_ATTEMPTS, new_id
from storeroom_jobs.records import Created, JobRecord
from storeroom_jobs.states import FINISHED, PENDING, JobStatus

# How often a requeue meets another job with its key, and finds it ended.
MEETINGS = 10

_GONE = "it may have been deleted or pruned: list the jobs"


class JobOptions(TypedDict, total=False):
    """What a job may be created with, beside its file."""

    force: bool
    context: Mapping[str, Any] | None
    priority: int
    run_at: datetime | None
    max_attempts: int


class JobRepository(LeaseVerbs, DailyVerbs):
    """Jobs: created by programs, claimed and ended by workers, and the statistics of their results.

    Lists are newest first. All times that are set here are the database's, so that machines whose clocks differ agree.
    """

    name = "jobs"
    filters: ClassVar[Mapping[str, Filter]] = {
        "status": equals("status"),
        "path": contains("file_path"),
        "file_path": equals("file_path"),
        "since": at_least("created_at"),
        "until": below("created_at"),
    }
    sorts = ("created_at",)
    default_sort = ("-created_at",)
    editable = ("priority", "run_at")
    prune_by = "created_at"

    def create(self, file_path: str, *, unique_key: str | None = None, **options: Unpack[JobOptions]) -> JobRecord:
        """Create a job for a file, and return it, queued; one statement.

        `context` is a JSON object for the worker; the highest `priority` comes first, 0 is usual; before `run_at`, an
        aware time, nobody can claim it; it is tried at most `max_attempts` times (5). While a job with the same
        `unique_key`, of up to 600 characters, is queued or running, that one is returned, unchanged: `create_unique`
        tells which it is.
        Raises ValueRefused for a path or key that is empty, and for a value that can't be stored.
        """
        if unique_key is not None:
            return self.create_unique(file_path, unique_key, **options).job
        return statements.CREATE.records(self.uow, JobRecord, **_fields(file_path, **options))[0]

    def create_unique(self, file_path: str, unique_key: str, **options: Unpack[JobOptions]) -> Created:
        """Create a job unless one with this key is pending, and return either, and whether it is new; one statement.

        However many processes do it at once, one job comes of it. Otherwise as `create`.
        """
        checked_text("unique_key", unique_key)
        fields = _fields(file_path, **options)
        (job,) = statements.CREATE_UNIQUE.records(self.uow, JobRecord, **fields, unique_key=unique_key)
        return Created(job, is_new=job.id == fields["id"])

    def set_status(
        self,
        key: str,
        status: JobStatus | str,
        *,
        output_path: str | None = None,
        stats: Mapping[str, Any] | None = None,
        source_format: str | None = None,
        config_hash: str | None = None,
        error: str | None = None,
    ) -> JobRecord:
        """Set a job's status, whoever has it, and what else is given; one statement.

        For programs without workers, and for administrators. What isn't given stays as it is, but for the error of an
        earlier attempt, which a job loses when it is completed. `completed_at` is set with a status that finishes the
        job, and cleared with another. With a change of the status, a worker's lease ends, and it can't complete the
        job any more. A job that is set running has no lease, and isn't rescued.
        Raises NotFound, ValueRefused for an unknown status or a value that can't be stored, and Duplicate when the
        job becomes pending and another one with its unique key is (`requeue` resolves that).
        """
        given = {"output_path": output_path, "source_format": source_format, "config_hash": config_hash}
        fields: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        if stats is not None:
            fields["stats"] = checked_object("stats", stats)
        if error is not None:
            fields["error"] = storable("error", error)
        statement = statements.set_status(checked_choice("status", status, JobStatus), has_error=error is not None)
        return self._changed(statement, key, _GONE, **fields)

    def requeue(self, key: str) -> JobRecord:
        """Queue a failed or dead job at once, with all its attempts before it; its error stays until it ends again.

        When another pending job has its unique key, that job is returned, which does the same work, and this one stays
        as it is. A job that is pending already is returned as it is. One statement when the job is queued; else two,
        and two more each time that the other pending job ends in between.
        Raises NotFound, RequeueRefused for a completed job, and SerializationConflict when the other pending job ended
        ten times, or can't be seen: by a transaction of the program's own that sees only what was there when it began.
        """
        for _ in range(MEETINGS):
            try:
                with self.uow.savepoint():
                    pending = statements.REQUEUE.record(self.uow, JobRecord, key=key)
            except Duplicate:
                pending = statements.HOLDER.record(self.uow, JobRecord, key=key)
                if pending is None:
                    continue
            if pending is not None:
                return pending
            job = self.get(key)
            if job.status.is_pending:
                return job
            if job.status is JobStatus.COMPLETED:
                raise RequeueRefused(
                    f"job {key!r} is completed, so there is nothing to try again; create a new one",
                    job_id=key,
                    status=job.status,
                )
        raise SerializationConflict(
            f"other jobs with the unique key of job {key!r} come and go, or are out of this transaction's sight; run "
            "the whole transaction again, as Storeroom.run does"
        )

    def recent(self, limit: int = 50) -> Sequence[JobRecord]:
        """Return the newest jobs; one statement. Raises ValueRefused for a limit below 1."""
        return tuple(self.list(limit=limit))

    def count_pending(self) -> int:
        """Count the jobs that are queued or running; one statement."""
        return self.count(status=PENDING)

    def outdated(self, config_hash: str, *, limit: int = 100) -> Sequence[JobRecord]:
        """Return the completed jobs whose config hash is set and isn't this one, newest first; one statement.

        Raises ValueRefused for a limit below 1.
        """
        checked_number("limit", limit, most=MOST)
        return tuple(statements.OUTDATED.records(self.uow, JobRecord, config_hash=config_hash, limit=limit))

    def count_outdated(self, config_hash: str) -> int:
        """Count the completed jobs whose config hash is set and isn't this one; one statement."""
        return int(statements.COUNT_OUTDATED.scalar(self.uow, config_hash=config_hash))

    def prune(self, before: datetime, /, *, limit: int = 1000, **filters: Any) -> int:
        """Delete finished jobs that were created before a time, the oldest `limit` of them; one statement.

        Returns how many. Pending jobs stay, whatever their age; `status` chooses among the finished ones.
        Raises ValueRefused for a time without a zone, a limit below 1, and a status that is pending.
        """
        chosen = filters.pop("status", FINISHED)
        several = isinstance(chosen, Sequence | Set) and not isinstance(chosen, str)
        for each in chosen if several else [chosen]:
            checked_finished("status", each)
        return super().prune(before, limit=limit, status=chosen, **filters)


def _fields(
    file_path: str,
    *,
    force: bool = False,
    context: Mapping[str, Any] | None = None,
    priority: int = 0,
    run_at: datetime | None = None,
    max_attempts: int = MAX_ATTEMPTS,
) -> dict[str, Any]:
    checked_text("file_path", file_path)
    checked_number("max_attempts", max_attempts, most=MOST)
    if context is not None:
        checked_object("context", context)
    given = {"force": force, "context": context, "priority": priority, "run_at": run_at, "max_attempts": max_attempts}
    return {"id": new_id(), "file_path": file_path, **given}
