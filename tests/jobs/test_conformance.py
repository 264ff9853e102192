"""The plugin passes the suite that every plugin passes."""

from storeroom import UnitOfWork
from storeroom.testing import Conformance, Race
from storeroom_jobs import JobRepository

PROCESSES, TIMES = 4, 25


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
