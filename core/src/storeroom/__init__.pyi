from storeroom import errors as errors
from storeroom.contributions import Finding as Finding
from storeroom.contributions import Retention as Retention
from storeroom.drift import Drift as Drift
from storeroom.engine import StatementRun as StatementRun
from storeroom.hookspecs import hookimpl as hookimpl
from storeroom.hookspecs import hookspec as hookspec
from storeroom.manifest import Manifest as Manifest
from storeroom.migrations.state import PluginStatus as PluginStatus
from storeroom.migrations.state import State as State
from storeroom.operations.adoption import AdoptionReport as AdoptionReport
from storeroom.operations.doctor import Diagnosis as Diagnosis
from storeroom.operations.prune import PruneReport as PruneReport
from storeroom.orm import Versioned as Versioned
from storeroom.orm import plugin_registry as plugin_registry
from storeroom.registry import Registry as Registry
from storeroom.repository import AnyOf as AnyOf
from storeroom.repository import BaseRepository as BaseRepository
from storeroom.repository import Filter as Filter
from storeroom.repository import ModelRepository as ModelRepository
from storeroom.repository import NumberedPage as NumberedPage
from storeroom.repository import Page as Page
from storeroom.repository import Record as Record
from storeroom.repository import Upserted as Upserted
from storeroom.repository import Work as Work
from storeroom.repository import at_least as at_least
from storeroom.repository import below as below
from storeroom.repository import contains as contains
from storeroom.repository import equals as equals
from storeroom.results import HookResults as HookResults
from storeroom.room import Storeroom as Storeroom
from storeroom.settings import Settings as Settings
from storeroom.sql import Statement as Statement
from storeroom.types import UTCDateTime as UTCDateTime
from storeroom.unitofwork import UnitOfWork as UnitOfWork

__all__: list[str]
__version__: str
