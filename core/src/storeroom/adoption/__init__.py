"""Taking over what another system wrote: what a plugin's `storeroom_adopt` is made of."""

from storeroom.adoption.declaration import TableAdoption
from storeroom.adoption.fields import (
    Field,
    Mended,
    choice,
    computed,
    counters,
    day,
    document,
    flag,
    moment,
    number,
    text,
    texts,
    whole,
)

__all__ = [
    "Field",
    "Mended",
    "TableAdoption",
    "choice",
    "computed",
    "counters",
    "day",
    "document",
    "flag",
    "moment",
    "number",
    "text",
    "texts",
    "whole",
]
