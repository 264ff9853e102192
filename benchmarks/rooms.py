"""Storeroom, as a program uses it: the repositories of its domain plugins."""

from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks.contender import STOREROOM, Answer, Contender
from benchmarks.data import JOB_CONTEXT, JOB_STATS, Item, Search
from benchmarks.databases import PLUGINS, Database
from storeroom import Storeroom, UnitOfWork
from storeroom.sql import Outcome, Outcomes
from storeroom_jobs import JobRepository
from storeroom_providers import ProviderRepository
from storeroom_wanted import WantedRepository, WantedStatus


def _counted(outcomes: Outcomes | Sequence[Outcome]) -> Answer:
    return tuple(outcomes.count(each) for each in (Outcome.INSERTED, Outcome.UPDATED, Outcome.UNCHANGED))


class StoreroomContender(Contender):
    """A room with the domain plugins, with all settings at their defaults."""

    name = STOREROOM

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.room = Storeroom.open(database.url, allow=PLUGINS, strict=True)

    def close(self) -> None:
        self.room.close()

    def upsert_many(self, items: Iterable[Item]) -> Answer:
        with self.room.write() as uow:
            return _counted(uow[WantedRepository].upsert_many(items))

    def add_many(self, items: Iterable[Item]) -> Answer:
        with self.room.write() as uow:
            return uow[WantedRepository].add_many(items)

    def stream(self) -> Answer:
        number, path = 0, None
        with self.room.read() as uow:
            for record in uow[WantedRepository].stream():
                number, path = number + 1, record.file_path
        return number, path

    def upsert_each(self, items: Sequence[Item]) -> Answer:
        outcomes = []
        for item in items:
            with self.room.write() as uow:
                outcomes.append(uow[WantedRepository].upsert(**item).outcome)
        return _counted(outcomes)

    def upsert_together(self, items: Sequence[Item]) -> Answer:
        with self.room.write() as uow:
            return _counted([uow[WantedRepository].upsert(**item).outcome for item in items])

    def search_each(self, searches: Sequence[Search]) -> Answer:
        answer = None
        for search in searches:
            with self.room.write() as uow:
                answer = _recorded(uow, search)
        return answer

    def search_together(self, searches: Sequence[Search]) -> Answer:
        answer = None
        with self.room.write() as uow:
            for search in searches:
                answer = _recorded(uow, search)
        return answer

    def work_jobs(self, paths: Sequence[str]) -> Answer:
        job = None
        for path in paths:
            with self.room.write() as uow:
                created = uow[JobRepository].create(path, context=JOB_CONTEXT)
            with self.room.write() as uow:
                (claimed,) = uow[JobRepository].claim("bench")
            with self.room.write() as uow:
                uow[JobRepository].complete(claimed, output_path=f"{path}.ass", stats=JOB_STATS)
            with self.room.read() as uow:
                job = uow[JobRepository].get(created.id)
        return None if job is None else str(job.status)

    def claim(self, worker: str) -> bool:
        with self.room.write() as uow:
            return bool(uow[JobRepository].claim(worker))

    def place(self, position: int, size: int) -> Any:
        cursor = None
        with self.room.read() as uow:
            while position:
                page = uow[WantedRepository].page(size=min(position, 1000), after=cursor)
                cursor, position = page.next, position - len(page.items)
        return cursor

    def page(self, place: Any, size: int) -> Answer:
        with self.room.read() as uow:
            page = uow[WantedRepository].page(size=size, after=place)
        return [record.file_path for record in page.items]

    def summary(self) -> Answer:
        with self.room.read() as uow:
            summary = uow[WantedRepository].summary()
        by_status = {str(status): summary.by_status[status] for status in WantedStatus if summary.by_status.get(status)}
        return summary.total, by_status, summary.upgradeable


def _recorded(uow: UnitOfWork, search: Search) -> int:
    repository = uow[ProviderRepository]
    return repository.record_search(search.provider, success=search.success, response_ms=search.response_ms).searches
