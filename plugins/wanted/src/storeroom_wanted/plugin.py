"""What this plugin brings."""

from collections.abc import Sequence

from storeroom import Finding, Manifest, Work, hookimpl
from storeroom.adoption import TableAdoption
from storeroom_wanted import hookspecs
from storeroom_wanted.adoption import SUBLARR
from storeroom_wanted.health import findings
from storeroom_wanted.models import Base
from storeroom_wanted.repository import WantedRepository


@hookimpl
def storeroom_manifest() -> Manifest:
    """Bring the table and the repository of wanted items, and the hook for the history of a file."""
    return Manifest(
        models=Base,
        migrations="storeroom_wanted.migrations",
        repositories=[WantedRepository],
        hookspecs=hookspecs,
    )


@hookimpl
def storeroom_health(uow: Work) -> Sequence[Finding]:
    """Report what needs attention in wanted items."""
    return findings(uow)


@hookimpl
def storeroom_adopt(system: str) -> Sequence[TableAdoption]:
    """Take over the wanted items of Sublarr."""
    return SUBLARR if system == "sublarr" else []
