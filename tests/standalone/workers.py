"""What worker processes do in the tests of races."""

import os
from collections import Counter
from functools import partial
from multiprocessing.synchronize import Barrier
from pathlib import Path

from storeroom import Storeroom, Upserted
from storeroom.errors import Duplicate
from storeroom_standalone import (
    FolderRecord,
    MappingRecord,
    MetadataRecord,
    SeriesRecord,
    StandaloneRepository,
)
from tests.standalone.helpers import run
from tests.support.rooms import PATIENT


def open_library(url: str) -> Storeroom:
    return Storeroom.open(url, allow=["standalone"], settings=PATIENT)


def note(folder: Path, counts: Counter[str]) -> None:
    """Write down how often what came of it."""
    (folder / str(os.getpid())).write_text("\n".join(counts.elements()))


def wanted(number: int) -> int:
    """What all write now and then, and else a value of this process's own."""
    return 1 + os.getpid() % 97 if number % 3 else 1000


def use(library: StandaloneRepository, key: int) -> MappingRecord | None:
    return library.mappings.use(key)


def save(library: StandaloneRepository, key: int, anidb_id: int) -> Upserted[MappingRecord]:
    return library.mappings.save(key, anidb_id)


def upsert(library: StandaloneRepository, path: str, count: int) -> Upserted[SeriesRecord]:
    return library.series.upsert(folder_path=path, title="T", episode_count=count)


def respond(library: StandaloneRepository, key: str) -> MetadataRecord:
    return library.metadata.save(key, "tmdb", {"key": key})


def create(library: StandaloneRepository, path: str) -> FolderRecord:
    return library.folders.create(path)


def save_and_use(url: str, times: int, keys: int, folder: Path, together: Barrier) -> None:
    """Save and use the same mappings in turn, each in a transaction of its own."""
    counts: Counter[str] = Counter()
    with open_library(url) as room:
        together.wait(60)
        for number in range(times):
            key = 1 + number % keys
            if number // keys % 2:
                assert run(room, partial(use, key=key)) is not None
                counts["used"] += 1
            else:
                counts[run(room, partial(save, key=key, anidb_id=wanted(number))).outcome] += 1
    note(folder, counts)


def upsert_series(url: str, times: int, keys: int, folder: Path, together: Barrier) -> None:
    """Upsert the same series, as other scans do."""
    counts: Counter[str] = Counter()
    with open_library(url) as room:
        together.wait(60)
        for number in range(times):
            done = run(room, partial(upsert, path=f"/media/{number % keys}", count=wanted(number)))
            assert done.record.folder_path == f"/media/{number % keys}"
            counts[done.outcome] += 1
    note(folder, counts)


def save_responses(url: str, times: int, keys: int, folder: Path, together: Barrier) -> None:
    """Save the same responses."""
    with open_library(url) as room:
        together.wait(60)
        for number in range(times):
            key = f"key{number % keys}"
            assert run(room, partial(respond, key=key)).response == {"key": key}
    note(folder, Counter(saved=times))


def create_folders(url: str, times: int, keys: int, folder: Path, together: Barrier) -> None:
    """Watch the same folders, each at the same time as other processes do."""
    counts: Counter[str] = Counter()
    with open_library(url) as room:
        for number in range(times):
            together.wait(60)
            try:
                run(room, partial(create, path=f"/{number}"))
                counts["created"] += 1
            except Duplicate:
                counts["duplicate"] += 1
    note(folder, counts)
