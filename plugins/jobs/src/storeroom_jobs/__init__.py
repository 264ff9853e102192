"""Jobs for Storeroom: a queue with leases, retries and daily statistics."""

from storeroom_jobs.backoff import backoff
from storeroom_jobs.errors import LeaseLost, RequeueRefused
from storeroom_jobs.models import Job
from storeroom_jobs.records import Created, DayRecord, JobFilters, JobRecord, Summary
from storeroom_jobs.repository import JobOptions, JobRepository
from storeroom_jobs.states import JobStatus

__all__ = [
    "Created",
    "DayRecord",
    "Job",
    "JobFilters",
    "JobOptions",
    "JobRecord",
    "JobRepository",
    "JobStatus",
    "LeaseLost",
    "RequeueRefused",
    "Summary",
    "backoff",
]
