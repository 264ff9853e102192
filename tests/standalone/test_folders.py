"""Watched folders: each path once, those that are enabled, and when they were scanned."""

import pytest

from storeroom import Storeroom
from storeroom.errors import Duplicate, FieldUnknown, NotFound, StaleVersion
from storeroom_standalone import FolderRecord, MediaType, StandaloneRepository
from tests.standalone.helpers import LONG_AGO, is_recent, run


def test_a_new_folder_is_enabled_and_was_never_scanned(library: StandaloneRepository) -> None:
    folder = library.folders.create("/media/anime")
    assert folder == FolderRecord(
        id=folder.id,
        path="/media/anime",
        label=None,
        media_type=MediaType.AUTO,
        enabled=True,
        last_scan_at=None,
        created_at=folder.created_at,
        updated_at=folder.created_at,
        version=1,
    )
    assert is_recent(folder.created_at)
    assert library.folders.get(folder.id) == folder


def test_a_folder_is_created_with_all_that_it_may_have(library: StandaloneRepository) -> None:
    path = "/mnt/old drive/O'Brien's \"stuff\" ä"
    folder = library.folders.create(path, label="Old", media_type="tv", enabled=False)
    assert (folder.path, folder.label, folder.media_type, folder.enabled) == (path, "Old", MediaType.TV, False)
    assert type(folder.media_type) is MediaType


def test_a_path_is_watched_once(room: Storeroom) -> None:
    first = run(room, lambda library: library.folders.create("/media"))
    with pytest.raises(Duplicate) as refusal:
        run(room, lambda library: library.folders.create("/media", label="again"))
    assert refusal.value.columns == ("path",)
    assert run(room, lambda library: list(library.folders.list())) == [first]


def test_a_list_is_by_path_and_of_the_enabled_where_asked(library: StandaloneRepository) -> None:
    b, a, c = (library.folders.create(f"/{name}", enabled=name != "c") for name in "bac")
    assert list(library.folders.list()) == [a, b, c]
    assert list(library.folders.list(enabled=True)) == [a, b]
    assert list(library.folders.list(text="/C")) == [c]
    assert list(library.folders.list(media_type="movie")) == []


def test_the_folder_that_waits_longest_for_a_scan_can_come_first(library: StandaloneRepository) -> None:
    scanned, never, earlier = (library.folders.create(f"/{name}") for name in "abc")
    library.folders.mark_scanned(scanned.id)
    library.folders.add(path="/d", last_scan_at=LONG_AGO)
    library.folders.mark_scanned(earlier.id)
    paths = [folder.path for folder in library.folders.list(sort="last_scan_at")]
    assert paths[:2] == [never.path, "/d"]
    assert set(paths[2:]) == {scanned.path, earlier.path}


def test_an_update_changes_what_it_names(library: StandaloneRepository) -> None:
    made = library.folders.add(path="/a", label="A", created_at=LONG_AGO, updated_at=LONG_AGO)
    changed = library.folders.update(made.id, version=1, media_type=MediaType.MOVIE, enabled=False)
    expected = {"media_type": MediaType.MOVIE, "enabled": False, "version": 2, "updated_at": changed.updated_at}
    assert changed == made.model_copy(update=expected)
    assert is_recent(changed.updated_at)
    assert library.folders.update(made.id, path="/b", label=None).label is None
    with pytest.raises(StaleVersion):
        library.folders.update(made.id, version=1, enabled=True)
    with pytest.raises(FieldUnknown):
        library.folders.update(made.id, last_scan_at=LONG_AGO)


def test_a_scan_is_noted_by_the_databases_clock(library: StandaloneRepository) -> None:
    made = library.folders.add(path="/a", created_at=LONG_AGO, updated_at=LONG_AGO)
    other = library.folders.create("/b")
    scanned = library.folders.mark_scanned(made.id)
    assert is_recent(scanned.last_scan_at)
    assert (scanned.version, scanned.updated_at, scanned.created_at) == (2, scanned.last_scan_at, LONG_AGO)
    assert library.folders.get(other.id) == other


def test_a_folder_that_is_gone_cant_be_marked(library: StandaloneRepository) -> None:
    folder = library.folders.create("/a")
    assert library.folders.delete(folder.id)
    assert not library.folders.delete(folder.id)
    with pytest.raises(NotFound) as refusal:
        library.folders.mark_scanned(folder.id)
    assert (refusal.value.repository, refusal.value.key) == ("standalone.folders", folder.id)


def test_each_part_is_a_repository_of_its_own(library: StandaloneRepository) -> None:
    parts = {name: getattr(library, name) for name in ("folders", "series", "movies", "metadata", "mappings")}
    for name, part in parts.items():
        assert part.name == f"standalone.{name}"
        assert library.uow[type(part)] is part
