"""What goes wrong with jobs only."""

from storeroom.errors import StoreroomError
from storeroom_jobs.states import JobStatus


class LeaseLost(StoreroomError):
    """The worker no longer has the job: it was rescued, its status was set, or it was deleted."""

    job_id: str
    token: int


class RequeueRefused(StoreroomError):
    """A completed job was to be queued again."""

    job_id: str
    status: JobStatus
