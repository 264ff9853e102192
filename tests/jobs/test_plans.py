"""At 200,000 jobs, each query finds its rows by an index, on both databases, and so does each change."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from storeroom import Storeroom
from storeroom_jobs import Job, JobRepository
from storeroom_jobs.health import findings
from storeroom_jobs.history import events
from storeroom_jobs.states import FINISHED
from tests.support.dialects import spelled
from tests.support.plans import filled_room, indexes, plans, scans

pytestmark = pytest.mark.dear

JOBS = 200_000
FILL = """
INSERT INTO jobs (id, file_path, status, force, source_format, output_path, stats, error, config_hash, created_at,
    completed_at, priority, run_at, attempts, max_attempts, unique_key, worker, lease_token, lease_expires_at)
WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < :last),
made AS (SELECT n, n % 100 AS percent, {created} AS created FROM numbers)
SELECT 'job' || n, '/media/' || n || '.mkv',
    CASE WHEN percent < 90 THEN 'completed' WHEN percent < 94 THEN 'failed' WHEN percent < 95 THEN 'dead'
        WHEN percent < 99 THEN 'queued' ELSE 'running' END,
    false, '', '', '{{}}', '', CASE WHEN percent < 80 THEN 'hash' || (n % 7) ELSE '' END, created, NULL, n % 3, created,
    0, 5, CASE WHEN percent >= 94 THEN 'key' || n END, '', 0, CASE WHEN percent = 99 THEN created END
FROM made
"""
CREATED = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', '2026-01-01', printf('+%d seconds', n))",
    "postgresql": "timestamptz '2026-01-01 00:00+00' + make_interval(secs => n)",
}

BY_KEY = {"pk_jobs", "sqlite_autoindex_jobs_1"}
BY_STATUS, BY_TIME = "ix_jobs_status_created_at_id", "ix_jobs_created_at_id"
CLAIMABLE, LEASED, COMPARABLE = "ix_jobs_claimable", "ix_jobs_leased", "ix_jobs_comparable"
UNIQUE, BY_FILE = "uq_jobs_unique_key_pending", "ix_jobs_file_path"

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def second_page(jobs: JobRepository, **filters: Any) -> object:
    return jobs.page(after=jobs.page(**filters).next, **filters)


def requeue_with_a_holder(jobs: JobRepository) -> object:
    (dead,) = jobs.list(status="dead", limit=1)
    assert dead.unique_key is not None
    holder = jobs.create("/", unique_key=dead.unique_key)
    return jobs.requeue(dead.id) == holder


QUERIES: dict[str, tuple[Callable[[JobRepository], object], set[str]]] = {
    "page": (second_page, {BY_TIME}),
    "page by status": (lambda jobs: second_page(jobs, status="failed"), {BY_STATUS, BY_TIME}),
    "page of a rare status": (lambda jobs: second_page(jobs, status="running"), {BY_STATUS, LEASED}),
    "recent": (lambda jobs: jobs.recent(), {BY_TIME}),
    "count_pending": (lambda jobs: jobs.count_pending(), {BY_STATUS, UNIQUE}),
    "outdated, few": (lambda jobs: jobs.outdated("hash0"), {COMPARABLE, BY_STATUS, BY_TIME}),
    "count_outdated": (lambda jobs: jobs.count_outdated("hash0"), {COMPARABLE}),
    "prune": (lambda jobs: jobs.prune(NEW_YEAR + timedelta(hours=1)), {BY_STATUS, BY_TIME}),
    "count of what is to be pruned": (
        lambda jobs: jobs.count(status=FINISHED, until=NEW_YEAR + timedelta(hours=1)),
        {BY_STATUS, BY_TIME},
    ),
    "history of a file": (lambda jobs: events(jobs.uow, "/media/100000.mkv"), {BY_FILE}),
    "health": (lambda jobs: findings(jobs.uow), {LEASED, CLAIMABLE, BY_STATUS, UNIQUE}),
    "claim": (lambda jobs: jobs.claim("ada", limit=10), {CLAIMABLE}),
    "rescue": (lambda jobs: jobs.rescue(limit=10), {LEASED}),
    "requeue": (requeue_with_a_holder, {UNIQUE, BY_STATUS}),
}


def fill(connection: Connection) -> None:
    connection.execute(text(FILL.format(created=spelled(connection, **CREATED))), {"last": JOBS - 1})


@pytest.fixture(scope="module")
def full_room(open_room: Storeroom, jobs_url: str) -> Iterator[Storeroom]:
    """The room with 200,000 jobs in it: most completed, few queued, fewer running on leases that have expired."""
    with filled_room(jobs_url, "jobs", Job.metadata, fill) as room:
        yield room


@pytest.mark.parametrize("what", QUERIES)
def test_a_query_uses_an_index(full_room: Storeroom, what: str) -> None:
    query, fitting = QUERIES[what]
    with full_room.write() as uow:
        found = plans(uow, Job.metadata, lambda: query(uow[JobRepository]))
    for plan in found:
        assert not scans(plan, Job.metadata.tables), plan
    used = indexes(found)
    assert used & fitting, found
    assert used <= fitting | BY_KEY | ({BY_STATUS, UNIQUE} if what == "requeue" else set()), found
