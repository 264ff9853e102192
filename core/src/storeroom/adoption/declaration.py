"""What a plugin's `storeroom_adopt` returns: how the rows of a table of another system become its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import DeclarativeBase

from storeroom.adoption.fields import Field, Source

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableAdoption:
    """How the rows of one table of another system become rows of a model.

    - `table`: the table's name in the other system
    - `model`: the model, with one primary key column, whose rows they become
    - `key`: the columns of the other system's primary key, by which reports name a row and other tables refer to it
    - `fields`: how each column of the model is read; a column that isn't named takes its default
    - `identity`: columns of the other system that never change and tell a row from any other; by default the `key`.
      A row that was adopted once is known by them for ever, and isn't adopted again.
    - `unique`: columns of the model that make two rows the same. Of rows that are the same, in the file or here,
      one stays: the one for which `prefer` returns the most, or, with `combine`, what that makes of the values of the
      row that is here and of the one to be adopted
    - `only`: which rows of the table are meant, where several adoptions share it; by default all
    - `left`: columns of the other system that are known and not taken

    A primary key that isn't in `unique` is kept where it is free here, and replaced where it is taken.
    """

    table: str
    model: type[DeclarativeBase]
    key: Sequence[str]
    fields: Mapping[str, Field]
    identity: Sequence[str] = ()
    unique: Sequence[str] = ()
    prefer: Callable[[Values], Any] | None = None
    combine: Callable[[Values, Values], Values] | None = None
    only: Callable[[Source], bool] | None = None
    left: Sequence[str] = ()
