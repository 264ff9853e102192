"""The plugin `storeroom`: core's own, which comes through the same door as anyone's."""

import sys
from functools import cache
from importlib.metadata import version

from storeroom.discovery import Candidate
from storeroom.hookspecs import hookimpl
from storeroom.manifest import Manifest
from storeroom.migrations.ledger.models import LedgerBase
from storeroom.names import CORE_PLUGIN
from storeroom.registry import Plugin, load_plugin


@hookimpl
def storeroom_manifest() -> Manifest:
    """Bring the ledger."""
    return Manifest(models=LedgerBase, migrations="storeroom.migrations.ledger")


@cache
def core_plugin() -> Plugin:
    """Return core's own plugin, loaded."""
    return load_plugin(Candidate(CORE_PLUGIN, sys.modules[__name__], CORE_PLUGIN, version(CORE_PLUGIN)))
