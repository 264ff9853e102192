"""`StandaloneRepository`: all of this plugin's repositories together."""

from storeroom import BaseRepository
from storeroom_standalone.folders import FolderRepository
from storeroom_standalone.mappings import MappingRepository
from storeroom_standalone.metadata import MetadataRepository
from storeroom_standalone.titles import MovieRepository, SeriesRepository


class StandaloneRepository(BaseRepository):
    """A media library that needs no other server: folders, what is in them, and what is known about it.

    Each part is a repository of its own as well, `uow[SeriesRepository]` or `uow["standalone.series"]`.
    """

    name = "standalone"

    @property
    def folders(self) -> FolderRepository:
        """The watched folders."""
        return self.uow[FolderRepository]

    @property
    def series(self) -> SeriesRepository:
        """Series, by their folders."""
        return self.uow[SeriesRepository]

    @property
    def movies(self) -> MovieRepository:
        """Movies, by their files."""
        return self.uow[MovieRepository]

    @property
    def metadata(self) -> MetadataRepository:
        """Answers of providers of metadata, until they expire."""
        return self.uow[MetadataRepository]

    @property
    def mappings(self) -> MappingRepository:
        """Entries of AniDB for series of TheTVDB."""
        return self.uow[MappingRepository]
