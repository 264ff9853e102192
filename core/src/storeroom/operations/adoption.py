"""What became of each row of another system's database."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

# Called with a table's name, how many of its rows were read, and how many there are.
Progress: TypeAlias = Callable[[str, int, int], None]


class Fate(StrEnum):
    """What a note tells of a row."""

    LEFT_OUT = "left out"
    """It has no usable key, or the database refused it."""
    MERGED = "merged"
    """Another row is the same; the note says which, and what of the two stayed."""
    MENDED = "mended"
    """It arrived, with another value in one of its fields."""
    MOVED = "moved"
    """It arrived under another key."""


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be told of one row, by the key that it has in the other system."""

    fate: Fate
    key: str
    cause: str


@dataclass(slots=True)
class TableReport:
    """What became of the rows of one table; `read` is the sum of written, merged, known and left out.

    `known` were adopted before. `missing_columns` are those that the file lacks, so that defaults were taken;
    `unknown_columns` those that nobody knows, which were left.
    """

    plugin: str
    table: str
    target: str
    read: int = 0
    written: int = 0
    merged: int = 0
    known: int = 0
    left_out: int = 0
    notes: list[Note] = field(default_factory=list)
    missing_columns: Sequence[str] = ()
    unknown_columns: Sequence[str] = ()

    def tell(self, fate: Fate, key: str, cause: str) -> None:
        """Add a note."""
        self.notes.append(Note(fate, key, cause))

    def count(self, fate: Fate) -> int:
        """Return how many notes tell of this fate."""
        return Counter(note.fate for note in self.notes)[fate]


@dataclass(frozen=True, slots=True)
class IgnoredTable:
    """A table that no plugin in use takes over, and how many rows it has; None for one that can't be read."""

    table: str
    rows: int | None


@dataclass(frozen=True, slots=True)
class AdoptionReport:
    """What an adoption did, or would do in a dry run.

    `ignored` are the file's tables that no plugin in use takes over, `missing` those that a plugin would take over and
    the file lacks.
    """

    system: str
    file: str
    dry_run: bool
    tables: Sequence[TableReport]
    ignored: Sequence[IgnoredTable]
    missing: Sequence[str]
