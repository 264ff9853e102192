"""A media library for Storeroom: watched folders, series, movies, cached metadata and AniDB mappings."""

from storeroom_standalone.folders import FolderRepository
from storeroom_standalone.kinds import MediaType
from storeroom_standalone.mappings import MappingRepository
from storeroom_standalone.metadata import MetadataRepository
from storeroom_standalone.models import AnidbMapping, Folder, Metadata, Movie, Series
from storeroom_standalone.records import (
    FolderRecord,
    MappingRecord,
    MetadataRecord,
    MovieRecord,
    SeriesRecord,
)
from storeroom_standalone.repository import StandaloneRepository
from storeroom_standalone.titles import MovieRepository, SeriesRepository

__all__ = [
    "AnidbMapping",
    "Folder",
    "FolderRecord",
    "FolderRepository",
    "MappingRecord",
    "MappingRepository",
    "MediaType",
    "Metadata",
    "MetadataRecord",
    "MetadataRepository",
    "Movie",
    "MovieRecord",
    "MovieRepository",
    "Series",
    "SeriesRecord",
    "SeriesRepository",
    "StandaloneRepository",
]
