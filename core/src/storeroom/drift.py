"""What a comparison of a plugin's tables with its models says."""

from collections.abc import Sequence
from dataclasses import dataclass

_NAMELESS_KINDS = ("table", "options", "primary key")
_COLUMN_KINDS = ("type", "nullability", "default", "generated", "identity", "collation")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is otherwise than the models say.

    `kind` is table, column, type, nullability, default, generated, identity, collation, primary key, unique,
    foreign key, check, exclusion, index or options; `name` is the name of the column, constraint or index. `found` is
    what the database has, `expected` what the models have, None for nothing. Where `only_name` is set, the two are
    names of what is equal otherwise.
    """

    table: str
    kind: str
    name: str | None
    found: str | None
    expected: str | None
    only_name: bool = False

    @property
    def text(self) -> str:
        """The difference in one line, for an operator."""
        return self.told()

    def told(self, expected: str = "the models") -> str:
        """Return it in one line, where something else than the models is expected: a name for that, in the plural."""
        subject = self._subject()
        if self.only_name:
            called = "has no name" if self.found is None else f"is called {self.found!r}"
            wanted = "have no name for it" if self.expected is None else f"call it {self.expected!r}"
            return f"{subject} {called}, {expected} {wanted}"
        if self.kind in ("table", "column"):
            return f"{subject} {'is missing' if self.found is None else f'is not in {expected}'}"
        if self.found is None:
            return f"{subject} is missing, {expected} say {self.expected}"
        if self.expected is None:
            return f"{subject} is {self.found}, which is not in {expected}"
        return f"{subject} is {self.found}, {expected} say {self.expected}"

    def __str__(self) -> str:
        return self.text

    def _subject(self) -> str:
        if self.kind == "table":
            return f"table {self.table!r}"
        if self.kind in _NAMELESS_KINDS:
            return f"{self.kind} of {self.table!r}"
        what = f"{self.kind} constraint" if self.kind in ("unique", "check", "exclusion") else self.kind
        if self.only_name or self.name is None:
            return f"{'an' if what[0] in 'ie' else 'a'} {what} of {self.table!r}"
        if self.kind in _COLUMN_KINDS:
            return f"{what} of column {self.name!r} of {self.table!r}"
        return f"{what} {self.name!r} of {self.table!r}"


# Of each kind: what a column has of it.


@dataclass(frozen=True, slots=True)
class Drift:
    """How one plugin's tables differ from its models; `note` says why they can't be compared, where that is so.

    It is true where something is to be done.
    """

    plugin: str
    differences: Sequence[Difference] = ()
    note: str = ""

    def __bool__(self) -> bool:
        return bool(self.differences or self.note)
