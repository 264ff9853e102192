"""What became of the jobs for a file: events, for whoever tells the history of that file."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from storeroom import Work
from storeroom_jobs.records import JobRecord
from storeroom_jobs.repository import JobRepository
from storeroom_jobs.states import JobStatus

LONGEST = 100
"""How many jobs are looked at, the newest of the file."""


def events(uow: Work, file_path: str) -> Sequence[Mapping[str, Any]]:
    """Return the creation and the end of the file's newest 100 jobs, the latest event first; one statement.

    Each has its time `at`, the `event`, which is "created" or the status that the job ended with, and a `detail`: the
    id of a job that was created, the output path of a completed one, the error of one that failed or is dead.
    """
    jobs = uow[JobRepository].list(file_path=file_path, limit=LONGEST)
    told = [event for job in jobs for event in _of(job)]
    return sorted(told, key=lambda event: event["at"], reverse=True)


def _of(job: JobRecord) -> Iterator[Mapping[str, Any]]:
    """Yield a job's events, the latest first."""
    if not job.status.is_pending:
        detail = job.output_path if job.status is JobStatus.COMPLETED else job.error
        # The end of a job that was adopted may have no time: it stands at the last one that is known.
        ended = job.completed_at or job.started_at or job.created_at
        yield {"at": ended, "event": str(job.status), "detail": detail or ""}
    yield {"at": job.created_at, "event": "created", "detail": job.id}
