"""However many rows there are, a verb runs as many statements: none for each row, nor for each that belongs to one.

Each verb's own number is held beside its docstring, in the folders of the repositories. When this fails, find the
statement that is run for each row in what the test lists, and let one statement do it for all.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from storeroom import Storeroom, UnitOfWork
from storeroom.testing import counted
from storeroom_hooks import HookRepository
from storeroom_jobs import JobRepository
from storeroom_profiles import ProfileRepository
from storeroom_providers import ProviderRepository
from storeroom_standalone import StandaloneRepository
from storeroom_wanted import WantedRepository
from tests.profiles.helpers import ANY
from tests.support.dialects import spelled
from tests.wanted.helpers import item

FEW, SOME, MANY = 1, 30, 10_000
PATH = "/media/a.mkv"


def fill(uow: UnitOfWork, number: int) -> None:
    """Add a row of each kind, or of what belongs to others, all of one file, event and provider."""
    uow[WantedRepository].upsert(**item(PATH, f"language {number}", series_id=number))
    uow[JobRepository].create(PATH)
    uow[JobRepository].record_result(success=True, format=f"format {number}")
    profile = uow[ProfileRepository].create(f"profile {number}", **ANY)
    uow[ProfileRepository].series.assign(number, profile.id)
    script = uow[HookRepository].scripts.create(f"script {number}", "event", "/a.sh")
    webhook = uow[HookRepository].webhooks.create(f"webhook {number}", "event", "http://h/")
    uow[HookRepository].record_run(script.id, success=False)
    uow[HookRepository].record_call(webhook.id, success=True)
    uow[ProviderRepository].record_search(f"provider {number}", success=False)
    uow[ProviderRepository].cache.put(f"provider {number}", "query", [], ttl=timedelta(hours=1))
    uow[ProviderRepository].downloads.log(f"provider {number}", file_path=PATH, format=f"format {number}")
    uow[StandaloneRepository].series.upsert(folder_path=f"/{number}", title="A")
    uow[StandaloneRepository].mappings.save(number + 1, 1)


# How many statements, and the verb.
READS: dict[str, tuple[int, Callable[[UnitOfWork], Any]]] = {
    "wanted.list": (1, lambda uow: uow[WantedRepository].list()),
    "wanted.page": (1, lambda uow: uow[WantedRepository].page().items),
    "wanted.numbered_page": (2, lambda uow: uow[WantedRepository].numbered_page().items),
    "wanted.stream": (1, lambda uow: list(uow[WantedRepository].stream(size=7))),
    "wanted.due": (1, lambda uow: uow[WantedRepository].due()),
    "wanted.summary": (1, lambda uow: [None] * uow[WantedRepository].summary().total),
    "wanted.missing_by_series": (1, lambda uow: uow[WantedRepository].missing_by_series()),
    # One of the plugin's own, and one each of the plugins jobs and providers.
    "wanted.history": (3, lambda uow: uow[WantedRepository].history(PATH).events[2::3]),
    "jobs.list": (1, lambda uow: uow[JobRepository].list()),
    "jobs.claim": (1, lambda uow: uow[JobRepository].claim("ada", limit=99)),
    "jobs.summary": (1, lambda uow: uow[JobRepository].summary().by_format),
    "profiles.list": (1, lambda uow: uow[ProfileRepository].list()),
    "profiles.assignments": (1, lambda uow: uow[ProfileRepository].assignments().series),
    "profiles.series.profiles": (1, lambda uow: uow[ProfileRepository].series.profiles()),
    "hooks.matching": (2, lambda uow: uow[HookRepository].matching("event").webhooks),
    "hooks.log.list": (1, lambda uow: uow[HookRepository].log.list(success=False)),
    "providers.all": (1, lambda uow: uow[ProviderRepository].all()),
    "providers.cache.statistics": (1, lambda uow: uow[ProviderRepository].cache.statistics().by_provider),
    "providers.downloads.counts": (1, lambda uow: uow[ProviderRepository].downloads.counts()),
    "standalone.series.page": (1, lambda uow: uow[StandaloneRepository].series.page().items),
    "standalone.mappings.list": (1, lambda uow: uow[StandaloneRepository].mappings.list(anidb_id=1)),
}


@pytest.mark.parametrize("rows", [FEW, SOME])
def test_a_read_runs_as_many_statements_whatever_it_returns(room: Storeroom, rows: int) -> None:
    with room.write() as uow:
        for number in range(rows):
            fill(uow, number)
    for what, (expected, read) in READS.items():
        with room.write() as uow, counted(room) as statements:
            assert len(read(uow)) == rows, what
        told = "\n".join(statement.text for statement in statements)
        assert len(statements) == expected, f"{what}:\n{told}"


def numbered(path: str) -> Iterator[dict[str, Any]]:
    return (item(f"{path}/{number}") for number in range(MANY))


def add(uow: UnitOfWork) -> int:
    return uow[JobRepository].add_many({"file_path": PATH} for _ in range(MANY))


# On SQLite a statement for each 500 rows; on PostgreSQL all are staged, and written by one.
BULK: dict[str, tuple[int, int, Callable[[UnitOfWork, range], int]]] = {
    "upsert_many, all new": (20, 6, lambda uow, _: len(uow[WantedRepository].upsert_many(numbered("/new")))),
    "upsert_many, all known": (20, 6, lambda uow, _: len(uow[WantedRepository].upsert_many(numbered("/known")))),
    "add_many": (20, 4, lambda uow, _: add(uow)),
    "delete_many": (20, 6, lambda uow, ids: uow[WantedRepository].delete_many(ids)),
}


@pytest.mark.parametrize("what", BULK)
def test_ten_thousand_rows_are_few_statements(room: Storeroom, what: str) -> None:
    on_sqlite, on_postgresql, work = BULK[what]
    with room.write() as uow:
        uow[WantedRepository].upsert_many(numbered("/known"))
        first = uow[WantedRepository].list(sort="added_at", limit=1)[0].id
        with counted(room) as statements:
            assert work(uow, range(first, first + MANY)) == MANY
        expected = spelled(uow, sqlite=on_sqlite, postgresql=on_postgresql)
    told = "\n".join(statement.text[:100] for statement in statements)
    assert len(statements) == expected, told
