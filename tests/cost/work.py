"""The work that is done most often, and how many of Python's instructions it takes."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any, TypeVar

from storeroom import BaseRepository, Storeroom
from storeroom_jobs import JobRepository
from storeroom_providers import ProviderRepository
from storeroom_wanted import WantedRepository
from tests.cost.counting import each, warm

RepositoryT = TypeVar("RepositoryT", bound=BaseRepository)

ROWS = 1_000
_numbers = count()


def item(number: int, **fields: Any) -> dict[str, Any]:
    path = f"/media/A title/Season 01/{number}.mkv"
    return {"item_type": "episode", "file_path": path, "language": "de", "subtitle_type": "full"} | fields


def upsert(wanted: WantedRepository) -> object:
    return wanted.upsert(**item(7, current_score=next(_numbers)))


def search(providers: ProviderRepository) -> object:
    return providers.record_search("one", success=True, response_ms=1.5)


def fill(room: Storeroom) -> None:
    room.run(lambda uow: uow[WantedRepository].upsert_many(item(number) for number in range(ROWS)))
    room.run(lambda uow: uow[JobRepository].add_many({"file_path": f"/{number}"} for number in range(100)))


def figures(room: Storeroom) -> Iterator[tuple[str, float]]:
    """Yield each figure by its name."""
    yield from _units_of_work(room)
    yield from _verbs(room)
    yield from _many(room)


def _units_of_work(room: Storeroom) -> Iterator[tuple[str, float]]:
    def alone(repository: type[RepositoryT], verb: Callable[[RepositoryT], object]) -> int:
        def work() -> None:
            with room.write() as uow:
                verb(uow[repository])

        return warm(work)

    def nothing() -> None:
        with room.read() as uow:
            uow[WantedRepository]

    yield "a unit of work that does nothing", alone(WantedRepository, lambda _: None)
    yield "a unit of work that only reads, and does nothing", warm(nothing)
    yield "an upsert in a unit of work of its own", alone(WantedRepository, upsert)
    yield "a record_search in a unit of work of its own", alone(ProviderRepository, search)
    yield "a claim in a unit of work of its own", alone(JobRepository, lambda jobs: jobs.claim("ada"))


def _verbs(room: Storeroom) -> Iterator[tuple[str, float]]:
    with room.write() as uow:
        wanted, jobs, providers = uow[WantedRepository], uow[JobRepository], uow[ProviderRepository]
        yield "upsert", warm(lambda: upsert(wanted))
        yield "record_search", warm(lambda: search(providers))
        yield "create", warm(lambda: jobs.create("/a"))
        yield "claim", warm(lambda: jobs.claim("ada"))
        (job,) = jobs.claim("ada")
        yield "extend", warm(lambda: jobs.extend(job, lease=timedelta(minutes=5)))
        key = wanted.list(limit=1)[0].id
        yield "get", warm(lambda: wanted.get(key))
        middle = wanted.page(size=500).next
        yield "page of 50", warm(wanted.page)
        yield "page of 50 by a cursor", warm(lambda: wanted.page(after=middle))
        yield "page, for each record", each(lambda size: wanted.page(size=size), 50, 100)
        yield "list, for each record", each(lambda size: wanted.list(limit=size), 50, 100)
        yield "stream, for each record", round(warm(lambda: list(wanted.stream(size=250))) / ROWS, 1)


def _many(room: Storeroom) -> Iterator[tuple[str, float]]:
    with room.write() as uow:
        wanted, jobs = uow[WantedRepository], uow[JobRepository]

        def upsert_many(size: int) -> None:
            wanted.upsert_many([item(number, current_score=next(_numbers)) for number in range(size)])

        def add_many(size: int) -> None:
            jobs.add_many([{"file_path": f"/{number}", "priority": number % 3} for number in range(size)])

        yield "upsert_many, for each item", each(upsert_many, 1_500, 2_000)
        yield "add_many, for each row", each(add_many, 1_500, 2_000)
