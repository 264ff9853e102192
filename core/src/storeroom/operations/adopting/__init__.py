"""Adopting: the rows that another system wrote become rows of the plugins in use."""

from storeroom.operations.adopting.adopt import adopt

__all__ = ["adopt"]
