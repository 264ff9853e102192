"""Series and movies: one a path, written where something changed, and found by path, id and title."""

import pytest

from storeroom import Storeroom
from storeroom.errors import FieldUnknown, NullRefused
from storeroom.sql import Outcome
from storeroom_standalone import MovieRecord, SeriesRecord, StandaloneRepository
from tests.standalone.helpers import LONG_AGO, is_recent, run

FOLDER, FILE = "/media/anime/Toradora!", "/media/movies/Paprika (2006)/Paprika.mkv"


def test_a_new_series_has_what_is_known_and_none_for_the_rest(library: StandaloneRepository) -> None:
    done = library.series.upsert(folder_path=FOLDER, title="Toradora!", tvdb_id=83277, is_anime=True)
    series = done.record
    assert done.outcome is Outcome.INSERTED
    assert series == SeriesRecord(
        id=series.id,
        title="Toradora!",
        year=None,
        folder_path=FOLDER,
        tmdb_id=None,
        tvdb_id=83277,
        anilist_id=None,
        imdb_id=None,
        poster_url=None,
        is_anime=True,
        episode_count=0,
        season_count=0,
        metadata_source=None,
        created_at=series.created_at,
        updated_at=series.created_at,
        version=1,
    )
    assert is_recent(series.created_at)
    assert library.series.get(series.id) == series


def test_a_new_movie_has_what_is_known_and_none_for_the_rest(library: StandaloneRepository) -> None:
    done = library.movies.upsert(file_path=FILE, title="Paprika", year=2006, imdb_id="tt0851578")
    movie = done.record
    assert done.outcome is Outcome.INSERTED
    assert movie == MovieRecord(
        id=movie.id,
        title="Paprika",
        year=2006,
        file_path=FILE,
        tmdb_id=None,
        imdb_id="tt0851578",
        poster_url=None,
        metadata_source=None,
        created_at=movie.created_at,
        updated_at=movie.created_at,
        version=1,
    )
    assert library.movies.get(movie.id) == movie


def test_an_upsert_changes_what_it_names_of_the_series_in_the_same_folder(library: StandaloneRepository) -> None:
    made = library.series.add(
        folder_path=FOLDER, title="Toradora", year=2008, season_count=1, created_at=LONG_AGO, updated_at=LONG_AGO
    )
    done = library.series.upsert(folder_path=FOLDER, title="Toradora!", episode_count=25, metadata_source="tmdb")
    changes = {"title": "Toradora!", "episode_count": 25, "metadata_source": "tmdb", "version": 2}
    assert done.outcome is Outcome.UPDATED
    assert done.record == made.model_copy(update={**changes, "updated_at": done.record.updated_at})
    assert is_recent(done.record.updated_at)


def test_an_upsert_that_changes_nothing_writes_nothing(library: StandaloneRepository) -> None:
    series = library.series.add(folder_path=FOLDER, title="T", year=2008, created_at=LONG_AGO, updated_at=LONG_AGO)
    movie = library.movies.add(file_path=FILE, title="P", created_at=LONG_AGO, updated_at=LONG_AGO)
    again = library.series.upsert(folder_path=FOLDER, title="T", year=2008, imdb_id=None, tmdb_id=None)
    assert (again.outcome, again.record) == (Outcome.UNCHANGED, series)
    once_more = library.movies.upsert(file_path=FILE, title="P", poster_url="")
    assert (once_more.outcome, once_more.record) == (Outcome.UNCHANGED, movie)
    assert library.series.upsert_many([{"folder_path": FOLDER, "title": "T"}]) == [Outcome.UNCHANGED]
    assert library.series.get(series.id).updated_at == LONG_AGO


def test_what_was_found_is_found_by_its_path(library: StandaloneRepository) -> None:
    series = library.series.upsert(folder_path=FOLDER, title="Toradora!").record
    movie = library.movies.upsert(file_path=FILE, title="Paprika").record
    assert library.series.by_path(FOLDER) == series
    assert library.movies.by_path(FILE) == movie
    assert library.series.by_path(FILE) is None
    assert library.movies.by_path(FILE.lower()) is None


def test_lists_are_by_title_and_by_what_is_asked(library: StandaloneRepository) -> None:
    made = [
        library.series.upsert(folder_path=f"/{number}", title=title, **fields).record
        for number, (title, fields) in enumerate(
            [
                ("Bleach", {"tmdb_id": 1, "is_anime": True}),
                ("Abbott", {"tvdb_id": 2}),
                ("Bleach", {"anilist_id": 3, "is_anime": True}),
            ]
        )
    ]
    bleach, abbott, again = made
    assert list(library.series.list()) == [abbott, bleach, again]
    assert list(library.series.list(is_anime=True, sort="-title")) == [again, bleach]
    assert list(library.series.list(text="BOTT")) == [abbott]
    assert list(library.series.list(tmdb_id=1)) == [bleach]
    assert list(library.series.list(tvdb_id=2)) == [abbott]
    assert list(library.series.list(anilist_id=3)) == [again]
    page = library.series.page(size=2)
    assert [*page.items, *library.series.page(size=2, after=page.next).items] == [abbott, bleach, again]
    with pytest.raises(FieldUnknown):
        library.series.list(colour="red")


def test_movies_are_listed_by_title_and_by_time(library: StandaloneRepository) -> None:
    late = library.movies.upsert(file_path="/b", title="A", tmdb_id=7).record
    early = library.movies.add(file_path="/a", title="B", created_at=LONG_AGO)
    assert list(library.movies.list()) == [late, early]
    assert list(library.movies.list(sort="created_at")) == [early, late]
    assert list(library.movies.list(tmdb_id=7)) == [late]


def test_a_wrong_match_can_be_corrected_and_a_path_cant(library: StandaloneRepository) -> None:
    series = library.series.upsert(folder_path=FOLDER, title="Toradora", tmdb_id=1).record
    right = library.series.update(series.id, version=1, tmdb_id=42916, title="Toradora!")
    assert (right.tmdb_id, right.title, right.version) == (42916, "Toradora!", 2)
    with pytest.raises(FieldUnknown):
        library.series.update(series.id, folder_path="/elsewhere")


def test_what_is_deleted_is_gone(library: StandaloneRepository) -> None:
    series = library.series.upsert(folder_path=FOLDER, title="Toradora!").record
    movie = library.movies.upsert(file_path=FILE, title="Paprika").record
    assert library.series.delete(series.id)
    assert not library.series.delete(series.id)
    assert library.movies.delete(movie.id)
    assert library.series.by_path(FOLDER) is None
    assert library.movies.count() == 0


def test_a_title_is_needed_also_where_the_series_is_known(room: Storeroom) -> None:
    made = run(room, lambda library: library.series.upsert(folder_path=FOLDER, title="Toradora!")).record
    with pytest.raises(NullRefused) as refusal:
        run(room, lambda library: library.series.upsert(folder_path=FOLDER, year=2008))
    assert refusal.value.columns == ("title",)
    assert run(room, lambda library: library.series.get(made.id)) == made
