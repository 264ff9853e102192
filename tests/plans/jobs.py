"""Jobs: most of them completed, few queued, fewer running, on leases that have expired."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from storeroom import UnitOfWork
from storeroom_jobs import JobRepository
from storeroom_jobs.health import findings
from storeroom_jobs.history import events
from storeroom_jobs.states import FINISHED
from tests.plans.asking import MANY, Asked, Domain, Words

BY_KEY = "jobs"
BY_STATUS, BY_TIME = "ix_jobs_status_created_at_id", "ix_jobs_created_at_id"
CLAIMABLE, LEASED, COMPARED = "ix_jobs_claimable", "ix_jobs_leased", "ix_jobs_compared"
UNIQUE, BY_FILE = "uq_jobs_unique_key_pending", "ix_jobs_file_path"

START = datetime(2024, 1, 1, tzinfo=UTC)
SOON = START + timedelta(minutes=10)


def fill(words: Words) -> Sequence[str]:
    return [
        f"""
INSERT INTO jobs (id, file_path, status, force, source_format, output_path, stats, error, config_hash, created_at,
    completed_at, priority, run_at, attempts, max_attempts, unique_key, worker, lease_token, lease_expires_at)
{words.numbers}, made AS (SELECT n, n % 100 AS percent, {words.after_start("n")} AS created FROM numbers)
SELECT 'job' || n, '/media/' || n || '.mkv',
    CASE WHEN n % 1000 = 99 THEN 'running' WHEN n % 1000 = 94 THEN 'dead' WHEN percent < 90 THEN 'completed'
        WHEN percent < 95 OR percent = 99 THEN 'failed' ELSE 'queued' END,
    false, '', '', '{{}}', '', CASE WHEN n % 20000 = 7 THEN 'old' WHEN percent < 80 THEN 'new' ELSE '' END, created,
    NULL, n % 3, created, 0, 5, CASE WHEN percent BETWEEN 94 AND 98 THEN 'key' || n END, '', 0,
    CASE WHEN n % 1000 = 99 THEN created END
FROM made
"""
    ]


def of(uow: UnitOfWork) -> JobRepository:
    return uow[JobRepository]


def requeue_with_a_holder(uow: UnitOfWork) -> object:
    (dead,) = of(uow).list(status="dead", limit=1)
    assert dead.unique_key is not None
    holder = of(uow).create("/", unique_key=dead.unique_key)
    return of(uow).requeue(dead.id) == holder


def held(uow: UnitOfWork, verb: str) -> object:
    (job,) = of(uow).claim("ada")
    if verb == "fail":
        return of(uow).fail(job, "no")
    if verb == "extend":
        return of(uow).extend(job, lease=timedelta(minutes=1))
    return getattr(of(uow), verb)(job)


TEXT = "a text anywhere in another is found by reading"


def last_page(uow: UnitOfWork) -> object:
    """In a table of 200,000 it is the last but a few."""
    after = of(uow).page(until=SOON, size=500).next
    assert after is not None
    return len(of(uow).page(after=after).items) == 50


JOBS = Domain(
    fill=fill,
    keys={"jobs": "job7"},
    values={
        "jobs": {
            "status": "running",
            "path": "/media/1",
            "file_path": "/media/700.mkv",
            "since": START + timedelta(seconds=MANY - 600),
            "until": SOON,
        }
    },
    small={"jobs_daily": "a row a day"},
    unindexed={"jobs": {"path": TEXT}},
    verbs={
        "jobs.create": Asked(lambda uow: of(uow).create("/a", unique_key="key98"), hot=True),
        "jobs.create_unique": Asked(lambda uow: of(uow).create_unique("/a", "key95")),
        "jobs.set_status": Asked(lambda uow: of(uow).set_status("job7", "failed")),
        "jobs.update": Asked(lambda uow: of(uow).update("job7", priority=1)),
        "jobs.recent": Asked(lambda uow: of(uow).recent(), [BY_TIME], hot=True),
        "jobs.page 4,000": Asked(last_page, [BY_TIME], hot=True),
        "jobs.list of the next to be done": Asked(
            lambda uow: of(uow).list(status="queued", limit=50), [BY_STATUS, BY_TIME]
        ),
        "jobs.count_pending": Asked(lambda uow: of(uow).count_pending(), [BY_STATUS, UNIQUE]),
        "jobs.outdated few": Asked(lambda uow: of(uow).outdated("new"), [COMPARED]),
        "jobs.outdated many": Asked(lambda uow: of(uow).outdated("newer", limit=20), [COMPARED], hot=True),
        "jobs.count_outdated few": Asked(lambda uow: of(uow).count_outdated("new"), [COMPARED]),
        "jobs.count_outdated many": Asked(lambda uow: of(uow).count_outdated("newer"), [COMPARED]),
        "jobs.prune": Asked(lambda uow: of(uow).prune(SOON, limit=50), [BY_STATUS, BY_TIME]),
        "jobs.count of what is to be pruned": Asked(
            lambda uow: of(uow).count(status=FINISHED, until=SOON), [BY_STATUS, BY_TIME]
        ),
        "jobs.requeue": Asked(lambda uow: of(uow).requeue("job94")),
        "jobs.requeue with a holder": Asked(requeue_with_a_holder, [UNIQUE, BY_STATUS]),
        "jobs.claim": Asked(lambda uow: of(uow).claim("ada", limit=10), [CLAIMABLE], hot=True),
        "jobs.rescue": Asked(lambda uow: of(uow).rescue(limit=10), [LEASED]),
        "jobs.extend": Asked(lambda uow: held(uow, "extend"), [CLAIMABLE]),
        "jobs.complete": Asked(lambda uow: held(uow, "complete"), [CLAIMABLE], hot=True),
        "jobs.fail": Asked(lambda uow: held(uow, "fail"), [CLAIMABLE]),
        "jobs.release": Asked(lambda uow: held(uow, "release"), [CLAIMABLE]),
        "history of a file": Asked(lambda uow: events(uow, "/media/1000.mkv"), [BY_FILE]),
        "health": Asked(findings, [LEASED, CLAIMABLE, BY_STATUS, UNIQUE]),
    },
    accepted={
        "jobs.count_outdated many": "it counts nearly all",
        "health": "a report, which is asked for once in a while, and counts what waits",
    },
    unasked={
        "jobs.record_result": "the table has a row a day",
        "jobs.daily_statistics": "the table has a row a day",
        "jobs.summary": "the table has a row a day",
    },
)
