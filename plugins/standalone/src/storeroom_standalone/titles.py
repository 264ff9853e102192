"""`SeriesRepository` and `MovieRepository`: what was found in the watched folders."""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from sqlalchemy.orm import DeclarativeBase

from storeroom import Filter, ModelRepository, Statement, contains, equals
from storeroom_standalone import statements
from storeroom_standalone.models import Movie, Series
from storeroom_standalone.records import MovieFilters, MovieRecord, SeriesFilters, SeriesRecord, TitleRecord

TitleT = TypeVar("TitleT", bound=DeclarativeBase)
TitleRecordT = TypeVar("TitleRecordT", bound=TitleRecord)
TitleFiltersT = TypeVar("TitleFiltersT", bound=Mapping[str, Any])


class TitleRepository(ModelRepository[TitleT, TitleRecordT, TitleFiltersT]):
    """The verbs over what has a title and a path, in the order of the titles.

    `upsert` takes the path, the title, and what else is known; what isn't named stays as it is. Where nothing would
    change, nothing is written, so that `updated_at` is the time of the last change, and not of the last scan.
    """

    sorts = ("title", "created_at")
    default_sort = ("title",)

    _by_path: ClassVar[Statement]

    def by_path(self, path: str) -> TitleRecordT | None:
        """Return what has this path, or None; one statement. Raises ValueRefused for an empty path."""
        return self._by_path.record(self.uow, self._record, _path=path)


class SeriesRepository(TitleRepository[Series, SeriesRecord, SeriesFilters]):
    """Series, one a folder."""

    name = "standalone.series"
    filters: ClassVar[Mapping[str, Filter]] = {
        "text": contains("title"),
        "is_anime": equals("is_anime"),
        "tmdb_id": equals("tmdb_id"),
        "tvdb_id": equals("tvdb_id"),
        "anilist_id": equals("anilist_id"),
    }
    editable = (
        "title",
        "year",
        "tmdb_id",
        "tvdb_id",
        "anilist_id",
        "imdb_id",
        "poster_url",
        "metadata_source",
        "is_anime",
        "episode_count",
        "season_count",
    )
    conflict_key = ("folder_path",)

    _by_path = statements.SERIES_BY_PATH


class MovieRepository(TitleRepository[Movie, MovieRecord, MovieFilters]):
    """Movies, one a file."""

    name = "standalone.movies"
    filters: ClassVar[Mapping[str, Filter]] = {"text": contains("title"), "tmdb_id": equals("tmdb_id")}
    editable = ("title", "year", "tmdb_id", "imdb_id", "poster_url", "metadata_source")
    conflict_key = ("file_path",)

    _by_path = statements.MOVIE_BY_PATH
