"""Adopting one table: which of its rows are written, which are the same as another, and under which keys."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Column, bindparam, literal_column, select, update

from storeroom.adoption import TableAdoption
from storeroom.errors import ConstraintViolated, StatementFailed, ValueRefused
from storeroom.operations.adopting.conversion import Converter, KeyUnusable, Row, Values, key_text, shown_key
from storeroom.operations.adopting.keys import given_keys, go_on_from_largest
from storeroom.operations.adopting.records import Adopted
from storeroom.operations.adoption import Fate, TableReport
from storeroom.sql import Executor, Statement
from storeroom.sql.bulk import insert_many
from storeroom.sql.upsert import VERSION

# Returns the keys that rows of a table of the other system have here, by those that they have there, for a column.
# None where nobody here takes that table over.
KeysFor = Callable[[str, Column[Any]], Mapping[str, Any] | None]

# What a database says of a row that it doesn't take; the last, of one that is too long for an index.
_REFUSALS = (ConstraintViolated, ValueRefused, StatementFailed)


@dataclass(slots=True, eq=False)
class Arrival:
    """A row on its way: what it was and what it will be."""

    digest: str
    key: str
    shown: str
    values: Values


class TableAdopter:
    """Adopts the rows of one table, in one transaction that nobody else writes to the target in."""

    def __init__(
        self, work: Executor, adoption: TableAdoption, converter: Converter, report: TableReport, keys_for: KeysFor
    ) -> None:
        self._work = work
        self._adoption = adoption
        self._converter = converter
        self._report = report
        self._keys_for = keys_for
        self._table = converter.table
        (self._key,) = self._table.primary_key.columns
        self._arrivals: list[Arrival] = []
        # Arrivals by what makes two rows the same, with those that were the same as one.
        self._same: dict[tuple[Any, ...], Arrival] = {}
        self._followers: list[tuple[Arrival, Arrival]] = []
        self._adopted: dict[str, Adopted] = {}
        self._present, self._taken = self._read_present()

    def is_here(self, key: Any) -> bool:
        """Tell whether a row had this key here when the run began."""
        return key in self._taken

    def take(self, rows: Iterator[Row], known: Mapping[str, Adopted]) -> None:
        """Read all rows, and decide what becomes of each."""
        for row in rows:
            self._report.read += 1
            digest = self._digest(row)
            if digest in known:
                self._report.known += 1
                continue
            self._take(row, digest)

    def write(self) -> Sequence[Adopted]:
        """Write the rows that arrive, and return what was adopted."""
        self._give_keys()
        self._insert()
        for follower, leader in self._followers:
            if leader.digest in self._adopted:
                self._adopt(follower, self._adopted[leader.digest].target_key)
        return list(self._adopted.values())

    def _take(self, row: Row, digest: str) -> None:
        adoption, shown = self._adoption, shown_key(row, self._adoption.key)
        try:
            values = self._converter.convert(row, shown, self._report)
            self._follow_relations(values, shown)
        except KeyUnusable as error:
            self._leave_out(shown, str(error))
            return
        arrival = Arrival(digest, key_text(row, adoption.key), shown, values)
        if not adoption.unique:
            self._arrivals.append(arrival)
            return
        same = self._converter.comparable(values, adoption.unique)
        if same in self._present:
            self._merge_into_present(arrival, self._present[same])
        elif same in self._same:
            self._merge(self._same[same], arrival, same)
        else:
            self._same[same] = arrival
            self._arrivals.append(arrival)

    def _follow_relations(self, values: Values, shown: str) -> None:
        for name, field in self._adoption.fields.items():
            if field.relates_to is None or values[name] is None:
                continue
            keys = self._keys_for(field.relates_to, self._table.c[name])
            there = key_text({"key": values[name]}, ["key"])
            if keys is None:
                continue  # of a table that nobody here takes over
            if there in keys:
                values[name] = keys[there]
            else:
                cause = f"{name}: row {values[name]} of {field.relates_to!r} isn't here"
                if not self._table.c[name].nullable:
                    raise KeyUnusable(cause)
                values[name] = None
                self._report.tell(Fate.MENDED, shown, f"{cause}; it is None here")

    def _merge(self, first: Arrival, second: Arrival, same: tuple[Any, ...]) -> None:
        """Let one of two rows of the file stay, or be both."""
        stays, goes, what = first, second, "which stays"
        if self._adoption.combine is not None:
            first.values |= self._adoption.combine(first.values, second.values)
            what = "which is both"
        elif self._adoption.prefer is not None and _more(self._adoption.prefer, second.values, first.values):
            stays, goes = second, first
            self._same[same] = second
            self._arrivals[self._arrivals.index(first)] = second
        self._followers = [(follower, stays if leader is goes else leader) for follower, leader in self._followers]
        self._followers.append((goes, stays))
        self._report.merged += 1
        self._report.tell(Fate.MERGED, goes.shown, f"it is the same as {stays.shown} by {self._names}, {what}")

    def _merge_into_present(self, arrival: Arrival, key: Any) -> None:
        """Let a row that is here stay, take the other's values, or be both."""
        adoption, present = self._adoption, self._read_row(key)
        taken: Mapping[str, Any] = {}
        if adoption.combine is not None:
            taken, what = adoption.combine(present, arrival.values), "which is both now"
        elif adoption.prefer is not None and _more(adoption.prefer, arrival.values, present):
            taken, what = arrival.values, "which takes its values"
        else:
            what = "which stays"
        changes = {name: value for name, value in taken.items() if name != self._key.name}
        try:
            with self._work.savepoint():
                self._update(key, changes)
        except _REFUSALS as error:
            self._leave_out(arrival.shown, str(error))
            return
        self._report.merged += 1
        self._report.tell(Fate.MERGED, arrival.shown, f"it is the same as {key!r} here by {self._names}, {what}")
        self._adopt(arrival, key)

    def _give_keys(self) -> None:
        """Replace keys that are taken here, and give one where the other system has none that can be used."""
        name = self._key.name
        if name in self._adoption.unique:
            return
        wanted = [arrival.values.get(name) for arrival in self._arrivals]
        for arrival, given in zip(self._arrivals, given_keys(self._key, wanted, self._taken), strict=True):
            had = arrival.values.get(name)
            arrival.values[name] = given
            if given != had and name in self._adoption.fields:
                why = "there is no usable one" if had is None else f"{had!r} isn't free"
                self._report.tell(Fate.MOVED, arrival.shown, f"{name}: {why}; it is {given!r} here")

    def _insert(self) -> None:
        """Insert all at once, or, where the database refuses one, one by one."""
        try:
            insert_many(self._work, self._table, (arrival.values for arrival in self._arrivals))
        except _REFUSALS:
            for arrival in self._arrivals:
                self._insert_one(arrival)
        else:
            for arrival in self._arrivals:
                self._arrive(arrival)
        if self._arrivals:
            go_on_from_largest(self._work, self._key)

    def _insert_one(self, arrival: Arrival) -> None:
        try:
            insert_many(self._work, self._table, [arrival.values])
        except _REFUSALS as error:
            self._leave_out(arrival.shown, str(error))
        else:
            self._arrive(arrival)

    def _arrive(self, arrival: Arrival) -> None:
        self._report.written += 1
        self._adopt(arrival, arrival.values[self._key.name])

    def _adopt(self, arrival: Arrival, key: Any) -> None:
        self._adopted[arrival.digest] = Adopted(arrival.digest, arrival.key, key)

    def _leave_out(self, shown: str, cause: str) -> None:
        self._report.left_out += 1
        self._report.tell(Fate.LEFT_OUT, shown, cause)

    def _read_present(self) -> tuple[dict[tuple[Any, ...], Any], set[Any]]:
        """Return the keys of the rows that are here, and by what makes two rows the same."""
        names = self._adoption.unique
        rows = Statement(select(self._key, *(self._table.c[name] for name in names))).stream(self._work)
        present, taken = {}, set()
        for key, *values in rows:
            taken.add(key)
            if names:
                present[self._converter.comparable(dict(zip(names, values, strict=True)), names)] = key
        return present, taken

    def _read_row(self, key: Any) -> Values:
        columns = [self._table.c[name] for name in self._adoption.fields]
        found = select(*columns).where(self._key == bindparam("_key", type_=self._key.type))
        return dict(Statement(found).all(self._work, _key=key)[0]._mapping)

    def _update(self, key: Any, changes: Mapping[str, Any]) -> None:
        if not changes:
            return
        construct = update(self._table).where(self._key == bindparam("_key", type_=self._key.type))
        version: Column[Any] | None = self._table.c.get(VERSION)
        if version is not None:
            construct = construct.values({VERSION: version + literal_column("1")})
        Statement(construct).affected(self._work, _key=key, **changes)

    def _digest(self, row: Row) -> str:
        names = self._adoption.identity or self._adoption.key
        return sha256(key_text(row, names).encode()).hexdigest()

    @property
    def _names(self) -> str:
        return ", ".join(self._adoption.unique)


def _more(prefer: Callable[[Mapping[str, Any]], Any], one: Row, other: Row) -> bool:
    return bool(prefer(one) > prefer(other))
