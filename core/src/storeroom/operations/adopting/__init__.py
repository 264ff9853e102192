"""Adopting: the rows that another system wrote become rows of the plugins in use."""

from storeroom.operations.adopting.adopt import adopt
from storeroom.operations.adopting.report import AdoptionReport, Fate, IgnoredTable, Note, TableReport
from storeroom.operations.adopting.run import Progress

__all__ = ["AdoptionReport", "Fate", "IgnoredTable", "Note", "Progress", "TableReport", "adopt"]
