"""Bad input: refused by field and value before it is sent, and nothing is left behind."""

from collections.abc import Callable
from typing import Any

import pytest

from storeroom.errors import ValueRefused
from storeroom_standalone import StandaloneRepository
from storeroom_standalone.columns import LONGEST_KEY

Work = Callable[[StandaloneRepository], object]

LONG = "ä" * (LONGEST_KEY // 2 + 1)


def series(**fields: Any) -> Work:
    return lambda library: library.series.upsert(**{"folder_path": "/a", "title": "T", **fields})


def many(**fields: Any) -> Work:
    return lambda library: library.movies.upsert_many([{"file_path": "/a", "title": "T", **fields}])


BAD: list[tuple[str, object, Work]] = [
    ("path", "", lambda library: library.folders.create("")),
    ("path", None, lambda library: library.folders.create(None)),  # type: ignore[arg-type]  # refused
    ("path", "a\0", lambda library: library.folders.create("a\0")),
    ("path", LONG, lambda library: library.folders.create(LONG)),
    ("media_type", "film", lambda library: library.folders.create("/a", media_type="film")),
    ("enabled", 1, lambda library: library.folders.create("/a", enabled=1)),  # type: ignore[arg-type]  # refused
    ("label", 7, lambda library: library.folders.create("/a", label=7)),  # type: ignore[arg-type]  # refused
    ("key", "1", lambda library: library.folders.mark_scanned("1")),  # type: ignore[arg-type]  # refused
    ("folder_path", "", series(folder_path="")),
    ("title", "", series(title="")),
    ("title", None, series(title=None)),
    ("title", LONG, series(title=LONG)),
    ("year", 1799, series(year=1799)),
    ("year", 10_000, series(year=10_000)),
    ("year", "1999", series(year="1999")),
    ("tmdb_id", 0, series(tmdb_id=0)),
    ("tvdb_id", -7, series(tvdb_id=-7)),
    ("anilist_id", 1 << 31, series(anilist_id=1 << 31)),
    ("tmdb_id", True, series(tmdb_id=True)),
    ("episode_count", -1, series(episode_count=-1)),
    ("season_count", 1.5, series(season_count=1.5)),
    ("is_anime", 0, series(is_anime=0)),
    ("imdb_id", 851578, series(imdb_id=851578)),
    ("path", "", lambda library: library.series.by_path("")),
    ("path", None, lambda library: library.movies.by_path(None)),  # type: ignore[arg-type]  # refused
    ("file_path", "", many(file_path="")),
    ("title", None, many(title=None)),
    ("year", 3, many(year=3)),
    ("tmdb_id", 0, many(tmdb_id=0)),
    ("cache_key", "", lambda library: library.metadata.save("", "tmdb", {})),
    ("cache_key", LONG, lambda library: library.metadata.save(LONG, "tmdb", {})),
    ("provider", "", lambda library: library.metadata.save("k", "", {})),
    ("provider", "p" * 101, lambda library: library.metadata.save("k", "p" * 101, {})),
    ("response", None, lambda library: library.metadata.save("k", "tmdb", None)),
    ("response", {"a": {1}}, lambda library: library.metadata.save("k", "tmdb", {"a": {1}})),
    ("ttl_days", 0, lambda library: library.metadata.save("k", "tmdb", {}, ttl_days=0)),
    ("ttl_days", float("inf"), lambda library: library.metadata.save("k", "tmdb", {}, ttl_days=float("inf"))),
    ("ttl_days", 36_501, lambda library: library.metadata.upsert_many([], ttl_days=36_501)),
    ("ttl_days", "7", lambda library: library.metadata.save("k", "t", {}, ttl_days="7")),  # type: ignore[arg-type]  # refused
    ("cache_key", "", lambda library: library.metadata.cached("")),
    ("limit", 0, lambda library: library.metadata.clear_expired(limit=0)),
    ("tvdb_id", 0, lambda library: library.mappings.save(0, 1)),
    ("anidb_id", -1, lambda library: library.mappings.save(1, -1)),
    ("series_title", "\0", lambda library: library.mappings.save(1, 1, "\0")),
    ("tvdb_id", "83277", lambda library: library.mappings.use("83277")),  # type: ignore[arg-type]  # refused
    ("days", -1, lambda library: library.mappings.clear_unused(days=-1)),
    ("days", True, lambda library: library.mappings.clear_unused(days=True)),
    ("limit", 10_001, lambda library: library.mappings.clear_unused(limit=10_001)),
]


@pytest.mark.parametrize(("field", "value", "work"), BAD)
def test_what_means_nothing_is_refused_by_field_and_value(
    library: StandaloneRepository, field: str, value: object, work: Work
) -> None:
    with pytest.raises(ValueRefused) as refusal:
        work(library)
    assert (refusal.value.field, refusal.value.value) == (field, value)
    assert f"{field}: " in str(refusal.value)
    assert len(str(refusal.value)) < 300
    parts = (library.folders, library.series, library.movies, library.metadata, library.mappings)
    assert [part.count() for part in parts] == [0] * len(parts)


def test_a_missing_part_of_the_key_is_named(library: StandaloneRepository) -> None:
    with pytest.raises(ValueRefused) as refusal:
        library.series.upsert(title="T")
    assert refusal.value.field == "folder_path"


def test_the_longest_texts_fit_into_every_index(library: StandaloneRepository) -> None:
    # No two characters alike, so that nothing can be compressed.
    text = "".join(map(chr, range(0x4E00, 0x4E00 + LONGEST_KEY // 3)))
    assert LONGEST_KEY - len(text.encode()) < 3
    assert library.folders.create(text).path == text
    assert library.series.upsert(folder_path=text, title=text).record.title == text
    assert library.movies.upsert(file_path=text, title=text).record.file_path == text
    assert library.metadata.save(text, text[:100], {}).cache_key == text
