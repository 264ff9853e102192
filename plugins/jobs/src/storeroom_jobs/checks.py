"""What neither core's checks nor the columns' types see: values that mean nothing for jobs."""

from collections.abc import Mapping
from typing import Any

from storeroom.checks import checked_choice, refusal
from storeroom_jobs.states import JobStatus

MOST = 1_000_000
"""The most jobs of one call, and the most attempts at a job."""


def checked_object(field: str, value: object) -> Mapping[str, Any]:
    """Return a dict, whose values the column's type checks; raises ValueRefused for anything else."""
    if not isinstance(value, dict):
        raise refusal(field, value, "isn't a JSON object; give a dict")
    return value


def checked_finished(field: str, value: object) -> JobStatus:
    """Return the status of a finished job; raises ValueRefused for any other."""
    status = checked_choice(field, value, JobStatus)
    if status.is_pending:
        raise refusal(field, value, "is the status of jobs that are still to be done; choose among the finished ones")
    return status
