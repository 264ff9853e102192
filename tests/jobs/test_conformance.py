"""The plugin passes the suite that every plugin passes."""

from sqlalchemy import Connection, text

from storeroom import UnitOfWork
from storeroom.testing import Conformance, Race
from storeroom_jobs import JobRepository

PROCESSES, TIMES = 4, 25

# As at the first revision.
JOB = """
INSERT INTO jobs (id, file_path, status, force, source_format, output_path, stats, error, config_hash, created_at,
    priority, run_at, attempts, max_attempts, worker, lease_token)
VALUES ('a', '/media/a.mkv', 'completed', false, '', '', '{}', '', 'hash', CURRENT_TIMESTAMP, 0, CURRENT_TIMESTAMP, 1,
    5, '', 1)
"""
DAY = """
INSERT INTO jobs_daily (date, translated, skipped, failed, by_format, by_source)
VALUES ('2026-01-01', 1, 0, 0, '{"srt":1}', '{}')
"""


class TestJobs(Conformance):
    plugin = "jobs"
    races = (
        Race(
            "results are counted",
            prepare=lambda uow: None,
            act=lambda uow, _: uow[JobRepository].record_result(success=True, format="srt"),
            total=lambda uow, _: uow[JobRepository].summary().by_format.get("srt", 0),
        ),
        Race(
            "each job is claimed once",
            prepare=lambda uow: uow[JobRepository].add_many(
                {"file_path": f"/{number}"} for number in range(PROCESSES * TIMES)
            ),
            act=lambda uow, _: uow[JobRepository].claim("ada"),
            total=lambda uow, _: uow[JobRepository].count(status="running"),
            times=TIMES,
        ),
    )

    def sample(self, uow: UnitOfWork) -> None:
        jobs = uow[JobRepository]
        jobs.create("/media/a.mkv", unique_key="a", context={"language": "de"})
        jobs.record_result(success=True, format="srt", source="embedded")

    def sample_at(self, revision: str, connection: Connection) -> None:
        for each in (JOB, DAY):
            connection.execute(text(each.replace(":", r"\:")))
