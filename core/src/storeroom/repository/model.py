"""`ModelRepository`: the generic verbs over one model."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar, cast, get_args, get_origin

import typing_extensions
from sqlalchemy.orm import DeclarativeBase

from storeroom.checks import LARGEST, checked_number, refusal
from storeroom.errors import NotFound, ValueRefused
from storeroom.repository import refusals, statements
from storeroom.repository.base import BaseRepository, Record
from storeroom.repository.declaration import Declaration
from storeroom.repository.filters import Filter
from storeroom.repository.paging import NumberedPage, Page
from storeroom.sql.bulk import delete_many, insert_many, peek, upsert_many
from storeroom.sql.statement import Statement
from storeroom.sql.upsert import Outcome, Outcomes, Rule

ModelT = TypeVar("ModelT", bound=DeclarativeBase)
RecordT = TypeVar("RecordT", bound=Record)
FiltersT = typing_extensions.TypeVar("FiltersT", bound=Mapping[str, Any], default=Mapping[str, Any])

# Names of `sorts`, each with a `-` before it for the largest first.
Sort: TypeAlias = str | Sequence[str]

# The longest page, and the most rows of one prune: what is asked for by a number should stay bounded.
LONGEST_PAGE = 1000
LONGEST_BATCH = 100_000
LONGEST_PRUNE = 10_000

_ANY: Any = object()


@dataclass(frozen=True)
class Upserted(Generic[RecordT]):
    """What an upsert did, and the row as it is now."""

    outcome: Outcome
    record: RecordT


class ModelRepository(BaseRepository, Generic[ModelT, RecordT, FiltersT]):
    """The generic verbs over one model with one primary key column, returning one kind of record.

    The record's fields are columns of the model, by name; it may leave some out. Callers may filter, sort and update
    by what the class declares, and nothing else:

    - `filters`: conditions by name, such as `{"status": equals("status"), "since": at_least("created_at")}`
    - `sorts`: columns to sort by; `default_sort`: names of the order where none is given, `-` for the largest first;
      the primary key always comes last, so that the order is total
    - `editable`: the fields that `update` may set; none unless declared
    - `conflict_key`: the columns that make two rows the same for `upsert`; `conflict_rules`: what fields become on a
      conflict, see storeroom.sql.upsert; the model must be Versioned
    - `prune_by`: the time by which `prune` tells a row's age

    Each verb says how many statements it runs. Defining a subclass raises TypeError when a declaration doesn't fit
    the model. A TypedDict as the third type, `ModelRepository[Job, JobRecord, JobFilters]`, says what the filters take:
    its names are those of `filters`, and a checker knows them in `where`, the same filters as one argument.
    A subclass may stay generic, as `class Archive(ModelRepository[ModelT, RecordT])` does, for others to
    give its models.
    """

    model: ClassVar[type[DeclarativeBase]]
    record: ClassVar[type[Record]]

    filters: ClassVar[Mapping[str, Filter]] = {}
    sorts: ClassVar[Sequence[str]] = ()
    default_sort: ClassVar[Sequence[str]] = ()
    editable: ClassVar[Sequence[str]] = ()
    conflict_key: ClassVar[Sequence[str]] = ()
    conflict_rules: ClassVar[Mapping[str, Rule]] = {}
    prune_by: ClassVar[str | None] = None

    _declared: ClassVar[Declaration]
    _asked: ClassVar[Any] = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for base in cls.__dict__.get("__orig_bases__", ()):
            origin, arguments = get_origin(base), get_args(base)
            generic = isinstance(origin, type) and issubclass(origin, ModelRepository) and not hasattr(origin, "model")
            if generic and len(arguments) == 3 and not isinstance(arguments[2], TypeVar):
                cls._asked = arguments[2]  # also of a class that stays generic in its model and record
            if not generic or any(isinstance(argument, TypeVar) for argument in arguments):
                continue
            if len(arguments) not in (2, 3):
                raise TypeError(f"{cls.__name__}: give {base!r} a model and a record, in this order")
            cls.model, cls.record = arguments[:2]
        if hasattr(cls, "model"):
            cls._declared = Declaration(cls)

    def get(self, key: Any) -> RecordT:
        """Return the row with this primary key. One statement; raises NotFound when there is none."""
        found = self.get_or_none(key)
        if found is None:
            raise self._not_found(key, "use get_or_none where it may be missing")
        return found

    def get_or_none(self, key: Any) -> RecordT | None:
        """Return the row with this primary key, or None. One statement."""
        return statements.get(self._declared).record(self.uow, self._record, _key=key)

    def exists(self, key: Any = _ANY, /, *, where: FiltersT | None = None, **filters: Any) -> bool:
        """Tell whether a row has this primary key, or whether any row meets the filters. One statement."""
        if key is not _ANY:
            if filters or where:
                raise TypeError("exists() takes a key or filters, not both")
            return statements.exists(self._declared).first(self.uow, _key=key) is not None
        kinds, parameters = self._declared.kinds(filters, where)
        return statements.any_row(self._declared, kinds).first(self.uow, **parameters) is not None

    def count(self, /, *, at_most: int | None = None, where: FiltersT | None = None, **filters: Any) -> int:
        """Count the rows that meet the filters; with `at_most` stop there, which is faster. One statement."""
        kinds, parameters = self._declared.kinds(filters, where)
        if at_most is not None:
            parameters["_limit"] = checked_number("at_most", at_most)
        statement = statements.count(self._declared, kinds, limited=at_most is not None)
        return cast("int", statement.scalar(self.uow, **parameters))

    def list(
        self, /, *, sort: Sort | None = None, limit: int | None = None, where: FiltersT | None = None, **filters: Any
    ) -> Sequence[RecordT]:
        """Return the rows that meet the filters, in order, all or the first so many. One statement."""
        kinds, parameters = self._declared.kinds(filters, where)
        if limit is not None:
            parameters["_limit"] = checked_number("limit", limit)
        statement = statements.rows(self._declared, kinds, self._declared.order(sort), limited=limit is not None)
        return statement.records(self.uow, self._record, **parameters)

    def stream(
        self, /, *, sort: Sort | None = None, size: int = 1000, where: FiltersT | None = None, **filters: Any
    ) -> Iterator[RecordT]:
        """Yield the rows that meet the filters, in order, reading `size` of them at a time. One statement.

        Memory doesn't grow with their number. It must be used up inside the unit of work.
        """
        kinds, parameters = self._declared.kinds(filters, where)
        statement = statements.rows(self._declared, kinds, self._declared.order(sort), limited=False)
        size = checked_number("size", size, most=LONGEST_BATCH)
        return statement.stream_records(self.uow, self._record, size=size, **parameters)

    def page(
        self,
        /,
        *,
        size: int = 50,
        after: str | None = None,
        sort: Sort | None = None,
        where: FiltersT | None = None,
        **filters: Any,
    ) -> Page[RecordT]:
        """Return a page of the rows that meet the filters, from a cursor on: `Page.next` of the page before.

        Rows that are inserted or deleted meanwhile make no other row appear twice or not at all, and a late page is
        as fast as the first. One statement. Raises CursorInvalid for a cursor that isn't one of this order.
        """
        declared, order = self._declared, self._declared.order(sort)
        kinds, parameters = declared.kinds(filters, where)
        parameters["_limit"] = checked_number("size", size, most=LONGEST_PAGE) + 1
        nulls = None
        if after is not None:
            try:
                values = order.decode(after)
            except ValueError as error:
                raise refusals.bad_cursor(declared.owner, self.name, after, str(error)) from error
            nulls = tuple(order.is_null(place, value) for place, value in enumerate(values))
            parameters |= order.parameters(values)
        try:
            statement = statements.page(declared, kinds, order, nulls)
            records, last = self.uow.execute(statement, parameters, self.record.reads().page)
        except ValueRefused as error:
            if after is None or error.field in dict(kinds):
                raise
            raise refusals.bad_cursor(declared.owner, self.name, after, str(error)) from error
        if last is None or len(records) <= size:
            return Page(tuple(records), None)
        return Page(tuple(records[:size]), order.encode(last[-len(order.keys) :]))

    def numbered_page(
        self,
        number: int = 1,
        /,
        *,
        size: int = 50,
        sort: Sort | None = None,
        where: FiltersT | None = None,
        **filters: Any,
    ) -> NumberedPage[RecordT]:
        """Return a page by its number, from 1, and the total, for screens that show it. Two statements.

        A late page takes longer, since the rows before it are counted off, and moves when rows come or go: `page`
        doesn't.
        """
        kinds, parameters = self._declared.kinds(filters, where)
        order = self._declared.order(sort)
        checked_number("size", size, most=LONGEST_PAGE)
        offset = (checked_number("number", number, most=LARGEST // LONGEST_PAGE) - 1) * size
        total = cast("int", statements.count(self._declared, kinds, limited=False).scalar(self.uow, **parameters))
        parameters |= {"_limit": size, "_offset": offset}
        statement = statements.numbered_page(self._declared, kinds, order)
        return NumberedPage(tuple(statement.records(self.uow, self._record, **parameters)), number, size, total)

    def add(self, /, **fields: Any) -> RecordT:
        """Insert one row of the named fields and return it as stored; the others take their defaults. One statement.

        Raises FieldUnknown, ValueRefused, or the ConstraintViolated that fits.
        """
        self._declared.check_fields(fields, self._declared.insertable, "add")
        return statements.add(self._declared).records(self.uow, self._record, **fields)[0]

    def add_many(self, items: Iterable[Mapping[str, Any]]) -> int:
        """Insert a row for each item, all of the same fields, and return how many; all or none.

        Items are read as they are written, so that memory doesn't grow with their number; an error in one undoes the
        call, and the unit of work goes on. They may come from the same unit of work, but on SQLite not from a stream of
        the same table, which would go on with what is inserted. On SQLite a statement for each 500 rows; on PostgreSQL
        one up to 1,000 rows, above that one for each 10,000, and three more where a column has a SQL expression as its
        default. Raises FieldUnknown, ValueRefused with the item's position, or the ConstraintViolated that fits.
        """
        return insert_many(self.uow, self._declared.table, self._checked(items, "add_many"))

    def upsert(self, /, **fields: Any) -> Upserted[RecordT]:
        """Insert a row of the named fields, or change the row with the same conflict key; tell which, and return it.

        Fields that aren't named take their defaults at insert and stay as they are at a change. Where nothing would
        change, nothing is written. One statement, or two where the row was there and is unchanged. Raises as `add`.
        """
        statement = statements.upsert(self._declared, tuple(sorted(fields)))
        written = self.uow.execute(statement, fields, self.record.reads().first_and_last)
        if written is not None:
            record, version = written
            return Upserted(Outcome.of(version), record)
        key = {name: fields[name] for name in self.conflict_key}
        unchanged = statements.by_conflict_key(self._declared).records(self.uow, self._record, **key)[0]
        return Upserted(Outcome.UNCHANGED, unchanged)

    def upsert_many(self, items: Iterable[Mapping[str, Any]]) -> Outcomes:
        """Upsert each item, all of the same fields, and return their outcomes in order; all or none.

        Outcomes and versions are those of upserts one by one, also where a key occurs twice. Items are read as they
        are written, so that memory doesn't grow with their number. On SQLite a statement for each 500 rows; on
        PostgreSQL one up to 1,000 rows; above that they are staged, one for each 10,000, and written by one, in the
        order of their keys, so that calls at the same time don't deadlock (create, analyse, look for keys that occur
        twice and drop are four more). One more for each further occurrence of a key, after seven more that prepare
        for them. Raises as `add_many`.
        """
        return upsert_many(self.uow, self._declared.upsert_rule, self._checked(items, "upsert_many"))

    def update(self, key: Any, /, *, version: int | None = None, **fields: Any) -> RecordT:
        """Set the named fields, which the class declares as editable, and return the row. One statement.

        With the `version` that the caller has read, only if nobody has changed the row since; two statements where
        that fails. Raises NotFound, StaleVersion, FieldUnknown, ValueRefused, or the ConstraintViolated that fits.
        """
        declared = self._declared
        declared.check_fields(fields, declared.editable, "update")
        if not fields:
            raise TypeError("update() takes the fields to set; name at least one")
        if version is not None and declared.version is None:
            raise TypeError(f"{declared.owner}: table {declared.table.name!r} has no version; make the model Versioned")
        statement = statements.change(declared, locked=version is not None)
        locked = {} if version is None else {"_version": version}
        record = statement.record(self.uow, self._record, _key=key, **locked, **fields)
        if record is not None:
            return record
        if version is not None and declared.version is not None:
            found = statements.version(declared, declared.version).scalar(self.uow, _key=key)
            if found is not None:
                raise refusals.stale(declared.owner, self.name, key, version, found)
        raise self._not_found(key)

    def delete(self, key: Any) -> bool:
        """Delete the row with this primary key; tells whether there was one. One statement."""
        return statements.remove(self._declared).affected(self.uow, _key=key) > 0

    def delete_many(self, keys: Iterable[Any]) -> int:
        """Delete the rows with these primary keys and return how many there were; all or none.

        On SQLite a statement for each 500 keys; on PostgreSQL one up to 1,000, above that they are staged, one for
        each 10,000, and deleted by one, with three more; the rows are locked in the order of their keys. Rows that go
        with others by a foreign key of the same table may be counted, or not.
        """
        return delete_many(self.uow, self._declared.key, keys)

    def prune(self, before: datetime, /, *, limit: int = 1000, where: FiltersT | None = None, **filters: Any) -> int:
        """Delete at most `limit` rows that are older than a time and meet the filters, the oldest first. One statement.

        Returns how many. `Storeroom.drain` calls it again, each time in a transaction of its own, until none is left,
        so that no lock is held for long. On PostgreSQL rows that others hold are left for the next time.
        """
        declared = self._declared
        if declared.prune_by is None:
            raise TypeError(f"{declared.owner} declares no prune_by; name the column that tells a row's age")
        if before is None:
            raise refusal("before", before, "is no time; give an aware datetime")
        kinds, parameters = declared.kinds(filters, where)
        parameters |= {"_before": before, "_limit": checked_number("limit", limit, most=LONGEST_PRUNE)}
        return statements.prune(declared, declared.prune_by, kinds).affected(self.uow, **parameters)

    # For verbs of subclasses.

    def _changed(self, statement: Statement, key: Any, cure: str = "", /, **parameters: Any) -> RecordT:
        """Run a write to the row whose primary key is the parameter `key`, and return the row. One statement.

        The statement returns the record's fields, in their order. Raises NotFound, with the cure, where there is none.
        """
        record = statement.record(self.uow, self._record, key=key, **parameters)
        if record is None:
            raise self._not_found(key, cure)
        return record

    def _not_found(self, key: Any, cure: str = "", /) -> NotFound:
        """Return the error for a primary key that no row has; `cure` says what may have happened, and what to do."""
        return refusals.not_found(self._declared.owner, self.name, key, cure)

    @property
    def _record(self) -> type[RecordT]:
        return cast("type[RecordT]", self.record)

    def _checked(self, items: Iterable[Mapping[str, Any]], verb: str) -> Iterator[Mapping[str, Any]]:
        first, iterator = peek(items)
        if first is not None:
            if verb == "upsert_many":
                self._declared.check_upsert(first, verb, position=0)
            self._declared.check_fields(first, self._declared.insertable, verb)
        return iterator
