"""What core's hooks ask: what gets old, and what needs attention."""

from datetime import UTC, datetime, timedelta

from storeroom import Finding, Storeroom, UnitOfWork
from storeroom_standalone import StandaloneRepository
from storeroom_standalone.plugin import storeroom_prune
from tests.standalone.helpers import DAY, LONG_AGO


def findings(room: Storeroom) -> list[Finding]:
    results = room.health()
    assert not results.errors
    return list(results.results["standalone"])


def fill(uow: UnitOfWork) -> StandaloneRepository:
    """Three responses and three mappings: of each one that is new, and two that are old."""
    library = uow[StandaloneRepository]
    library.metadata.save("new", "tmdb", {})
    library.mappings.save(1, 1)
    for days in (1, 2):
        library.metadata.add(cache_key=f"{days}", provider="tmdb", response={}, expires_at=LONG_AGO - DAY * days)
        library.mappings.add(tvdb_id=1 + days, anidb_id=1, last_used_at=LONG_AGO - DAY * days)
    return library


def test_retention_names_what_expires_and_what_nobody_uses() -> None:
    found = {each.name: each for each in storeroom_prune()}
    assert {name: each.age for name, each in found.items()} == {
        "standalone.metadata": timedelta(0),
        "standalone.mappings": timedelta(days=365),
    }
    assert all(each.rows for each in found.values())


def test_retention_counts_what_it_deletes_the_oldest_first(room: Storeroom) -> None:
    with room.write() as uow:
        library = fill(uow)
        for each in storeroom_prune():
            before = datetime.now(UTC) - each.age
            assert each.count(uow, LONG_AGO - DAY * 1.5) == 1
            assert each.count(uow, before) == 2
            assert each.prune(uow, before, 1) == 1
            assert each.count(uow, before) == 1
            assert [each.prune(uow, before, 10) for _ in range(2)] == [1, 0]
        assert [each.cache_key for each in library.metadata.list()] == ["new"]
        assert [each.tvdb_id for each in library.mappings.list()] == [1]


def test_the_older_one_goes_first(room: Storeroom) -> None:
    with room.write() as uow:
        library = fill(uow)
        for each in storeroom_prune():
            assert each.prune(uow, datetime.now(UTC) - each.age, 1) == 1
        assert library.metadata.get_or_none("2") is None
        assert library.mappings.get_or_none(3) is None
        assert library.metadata.exists("1")
        assert library.mappings.exists(2)


def test_a_library_in_order_has_no_findings(room: Storeroom) -> None:
    with room.write() as uow:
        library = uow[StandaloneRepository]
        scanned = library.folders.add(path="/media/anime", created_at=LONG_AGO)
        library.folders.mark_scanned(scanned.id)
        library.folders.add(path="/gone", created_at=LONG_AGO, enabled=False)
        library.folders.create("/new/")
        library.folders.create("D:\\video")
        for path in ("/media/anime", "/media/anime/A", "/gone/B", "/new/C", "D:\\video\\E"):
            library.series.upsert(folder_path=path, title="T")
            library.movies.upsert(file_path=path, title="T")
        library.metadata.save("k", "tmdb", {})
        library.metadata.add(cache_key="over", provider="p", response={}, expires_at=datetime.now(UTC) - DAY)
    assert findings(room) == []


def test_folders_that_nobody_scans_are_found(room: Storeroom) -> None:
    with room.write() as uow:
        library = uow[StandaloneRepository]
        library.folders.add(path="/b", last_scan_at=LONG_AGO)
        for name in "acdef":
            library.folders.add(path=f"/{name}", created_at=LONG_AGO)
    (found,) = findings(room)
    assert ": 6 ('/a' (never), '/b' (last 2020-01-01), '/c' (never) and 3 more)" in found.problem
    assert "enabled=False" in found.cure


def test_what_is_in_no_watched_folder_is_found(room: Storeroom) -> None:
    with room.write() as uow:
        library = uow[StandaloneRepository]
        for path in ("/media/anime2/A", "/media/anim", "/MEDIA/anime/A", "/other"):
            library.series.upsert(folder_path=path, title="T")
        library.movies.upsert(file_path="/media/anime.mkv", title="T")
    assert findings(room) == []  # this program watches no folders
    with room.write() as uow:
        uow[StandaloneRepository].folders.create("/media/anime")
    of_series, of_movies = findings(room)
    assert of_series.problem.startswith("series ")
    assert of_series.problem.endswith(" and 1 more)")
    assert of_movies.problem.startswith("movies ")
    assert of_movies.problem.endswith(": 1 ('/media/anime.mkv')")
    assert "movies.delete" in of_movies.cure


def test_a_cache_that_nobody_clears_is_found(room: Storeroom) -> None:
    with room.write() as uow:
        metadata = uow[StandaloneRepository].metadata
        item = {"provider": "tmdb", "response": {}, "expires_at": LONG_AGO}
        metadata.add_many({"cache_key": f"{number}", **item} for number in range(2))
    (found,) = findings(room)
    assert found.problem.startswith("2 cached")
    with room.write() as uow:
        metadata = uow[StandaloneRepository].metadata
        metadata.add_many({"cache_key": f"{number}", **item} for number in range(2, 1100))
    (found,) = findings(room)
    assert found.problem.startswith("at least 1,001 cached")


def test_health_is_four_statements(room: Storeroom) -> None:
    from storeroom_standalone.plugin import storeroom_health

    with room.write() as uow:
        fill(uow)
    with room.read() as uow:
        before = uow.statements
        assert len(storeroom_health(uow)) == 1
        assert uow.statements - before == 4
