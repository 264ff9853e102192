"""A media library for Storeroom: watched folders, series, movies, cached metadata and AniDB mappings."""

from storeroom_standalone.folders import FolderRepository
from storeroom_standalone.kinds import MediaType
from storeroom_standalone.mappings import MappingRepository
from storeroom_standalone.metadata import MetadataRepository
from storeroom_standalone.models import AnidbMapping, Folder, Metadata, Movie, Series
from storeroom_standalone.records import (
    FolderFilters,
    FolderRecord,
    MappingFilters,
    MappingRecord,
    MetadataFilters,
    MetadataRecord,
    MovieFilters,
    MovieRecord,
    SeriesFilters,
    SeriesRecord,
)
from storeroom_standalone.repository import StandaloneRepository
from storeroom_standalone.titles import MovieRepository, SeriesRepository

__all__ = [
    "AnidbMapping",
    "Folder",
    "FolderFilters",
    "FolderRecord",
    "FolderRepository",
    "MappingFilters",
    "MappingRecord",
    "MappingRepository",
    "MediaType",
    "Metadata",
    "MetadataFilters",
    "MetadataRecord",
    "MetadataRepository",
    "Movie",
    "MovieFilters",
    "MovieRecord",
    "MovieRepository",
    "Series",
    "SeriesFilters",
    "SeriesRecord",
    "SeriesRepository",
    "StandaloneRepository",
]
