"""Repositories: domain verbs over one plugin's tables, and the generic verbs over one model."""

from storeroom.repository.base import BaseRepository, Record, Work
from storeroom.repository.filters import AnyOf, Filter, at_least, below, contains, equals
from storeroom.repository.model import ModelRepository, Upserted
from storeroom.repository.paging import NumberedPage, Page

__all__ = [
    "AnyOf",
    "BaseRepository",
    "Filter",
    "ModelRepository",
    "NumberedPage",
    "Page",
    "Record",
    "Upserted",
    "Work",
    "at_least",
    "below",
    "contains",
    "equals",
]
