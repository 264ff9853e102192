"""What this plugin brings."""

from collections.abc import Sequence

from storeroom import Finding, Manifest, Retention, Work, hookimpl
from storeroom.adoption import TableAdoption
from storeroom_standalone import adoption, upkeep
from storeroom_standalone.folders import FolderRepository
from storeroom_standalone.mappings import MappingRepository
from storeroom_standalone.metadata import MetadataRepository
from storeroom_standalone.models import Base
from storeroom_standalone.repository import StandaloneRepository
from storeroom_standalone.titles import MovieRepository, SeriesRepository


@hookimpl
def storeroom_manifest() -> Manifest:
    """Bring the tables and the repositories of a media library."""
    return Manifest(
        models=Base,
        migrations="storeroom_standalone.migrations",
        repositories=[
            StandaloneRepository,
            FolderRepository,
            SeriesRepository,
            MovieRepository,
            MetadataRepository,
            MappingRepository,
        ],
    )


@hookimpl
def storeroom_prune() -> Sequence[Retention]:
    """Let expired responses go at once, and mappings that weren't used for a year."""
    return list(upkeep.RETENTIONS)


@hookimpl
def storeroom_health(uow: Work) -> Sequence[Finding]:
    """Report folders that nobody scans, what is in none of them, and a cache that nobody clears."""
    return upkeep.findings(uow)


@hookimpl
def storeroom_adopt(system: str) -> Sequence[TableAdoption]:
    """Take over the tables of Sublarr's standalone mode."""
    return list(adoption.TABLES) if system == "sublarr" else []
