"""The states of a job."""

from enum import StrEnum


class JobStatus(StrEnum):
    """Where a job stands: queued and running ones are pending, the others are finished."""

    QUEUED = "queued"
    """It waits for its time and for a worker."""
    RUNNING = "running"
    """A worker has it, or a program says so."""
    COMPLETED = "completed"
    """It ended well."""
    FAILED = "failed"
    """It ended in failure, and isn't tried again by itself."""
    DEAD = "dead"
    """It failed as often as it may; only `requeue` or `set_status` revives it."""

    @property
    def is_pending(self) -> bool:
        """Whether work on it is still to come, or going on."""
        return self in PENDING


PENDING = (JobStatus.QUEUED, JobStatus.RUNNING)
FINISHED = (JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.DEAD)
