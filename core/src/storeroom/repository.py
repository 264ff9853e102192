"""The base of every repository: domain verbs over one plugin's tables, bound to one unit of work."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, ClassVar, Generic, Protocol, TypeVar, cast, get_args, get_origin

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Column, Row, Table, bindparam, delete, func, insert, select
from sqlalchemy.orm import DeclarativeBase

from storeroom.errors import FieldUnknown, NotFound
from storeroom.sql import Executor, Statement

ModelT = TypeVar("ModelT", bound=DeclarativeBase)
RecordT = TypeVar("RecordT", bound="Record")
RepositoryT = TypeVar("RepositoryT", bound="BaseRepository")


class Record(BaseModel):
    """What repositories return: frozen, validated, independent of the unit of work that read it."""

    model_config = ConfigDict(frozen=True)


class Work(Executor, Protocol):
    """What a repository sees of its unit of work: statements run in it, and it has the other repositories."""

    def __getitem__(self, key: type[RepositoryT]) -> RepositoryT:
        """Return another repository of the same transaction."""
        ...


class BaseRepository:
    """Domain verbs over one plugin's tables.

    A repository is made by its unit of work, runs in that transaction, and never commits. `name` is the plugin's
    name, or `<plugin>.<part>` where a plugin has several.
    """

    name: ClassVar[str]

    def __init__(self, uow: Work) -> None:
        self.uow = uow


class ModelRepository(BaseRepository, Generic[ModelT, RecordT]):
    """The generic verbs over one model with one primary key column, returning one kind of record.

    Each verb is one statement. The record's fields are columns of the model, by name; it may leave some out.
    Defining a subclass raises TypeError when model and record don't fit. A subclass may stay generic, as
    `class Archive(ModelRepository[ModelT, RecordT])` does, for others to give its models.
    """

    model: ClassVar[type[DeclarativeBase]]
    record: ClassVar[type[Record]]
    _verbs: ClassVar["_Verbs"]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for base in cls.__dict__.get("__orig_bases__", ()):
            origin, arguments = get_origin(base), get_args(base)
            generic = isinstance(origin, type) and issubclass(origin, ModelRepository) and not hasattr(origin, "_verbs")
            if not generic or any(isinstance(argument, TypeVar) for argument in arguments):
                continue
            if len(arguments) != 2:
                raise TypeError(f"{cls.__name__}: give {base!r} a model and a record, in this order")
            cls.model, cls.record = arguments
            cls._verbs = _Verbs(cls.__name__, _table(cls.__name__, cls.model), cls.record)

    def add(self, /, **fields: Any) -> RecordT:
        """Insert one row of the named fields and return it as stored; the others take their defaults.

        Raises FieldUnknown, or the ConstraintViolated that fits.
        """
        columns = self._verbs.table.columns
        for field in fields:
            if field not in columns:
                raise FieldUnknown(
                    f"{type(self).__name__} has no field {field!r}; use one of: {', '.join(columns.keys())}",
                    repository=self.name,
                    field=field,
                )
        rows = self._verbs.insert.all(self.uow, **fields)
        return self._to_record(rows[0])

    def get(self, key: Any) -> RecordT:
        """Return the row with this primary key; raises NotFound when there is none."""
        found = self.get_or_none(key)
        if found is None:
            raise NotFound(
                f"{type(self).__name__} has no row with key {key!r}; use get_or_none where it may be missing",
                repository=self.name,
                key=key,
            )
        return found

    def get_or_none(self, key: Any) -> RecordT | None:
        """Return the row with this primary key, or None."""
        row = self._verbs.select_one.first(self.uow, key=key)
        return None if row is None else self._to_record(row)

    def exists(self, key: Any) -> bool:
        """Tell whether a row has this primary key."""
        return self._verbs.exists.first(self.uow, key=key) is not None

    def list(self) -> Sequence[RecordT]:
        """Return all rows, in the order of their primary keys."""
        return self._to_records(self._verbs.select_all.all(self.uow))

    def count(self) -> int:
        """Count the rows."""
        return cast("int", self._verbs.count.scalar(self.uow))

    def delete(self, key: Any) -> bool:
        """Delete the row with this primary key; tells whether there was one."""
        return self._verbs.delete.affected(self.uow, key=key) > 0

    def _to_record(self, row: Row[Any]) -> RecordT:
        return cast("RecordT", self.record.model_validate(row._asdict()))

    def _to_records(self, rows: Iterable[Row[Any]]) -> Sequence[RecordT]:
        return [self._to_record(row) for row in rows]


def _table(repository: str, model: type[DeclarativeBase]) -> Table:
    table = getattr(model, "__table__", None)
    if not isinstance(table, Table):
        raise TypeError(f"{repository}: {model!r} has no table; give a model that is mapped to one")
    return table


class _Verbs:
    """The statements of the generic verbs, each built on first use.

    They are made from the table and not from the mapped class, which would configure mappers at import.
    """

    def __init__(self, repository: str, table: Table, record: type[Record]) -> None:
        missing = [field for field in record.model_fields if field not in table.columns]
        if missing:
            raise TypeError(
                f"{repository}: record {record.__name__} has fields {missing} that table {table.name!r} lacks; "
                "name them as the columns are named"
            )
        if len(table.primary_key.columns) != 1:
            raise TypeError(
                f"{repository}: table {table.name!r} has a primary key of several columns; use BaseRepository"
            )
        self.table = table
        self.columns: Sequence[Column[Any]] = [table.columns[field] for field in record.model_fields]
        (self.key,) = table.primary_key.columns

    @property
    def _is_key(self) -> Any:
        return self.key == bindparam("key", type_=self.key.type)

    @cached_property
    def insert(self) -> Statement:
        return Statement(insert(self.table).returning(*self.columns))

    @cached_property
    def select_one(self) -> Statement:
        return Statement(select(*self.columns).where(self._is_key))

    @cached_property
    def exists(self) -> Statement:
        return Statement(select(self.key).where(self._is_key))

    @cached_property
    def select_all(self) -> Statement:
        return Statement(select(*self.columns).order_by(self.key))

    @cached_property
    def count(self) -> Statement:
        return Statement(select(func.count()).select_from(self.table))

    @cached_property
    def delete(self) -> Statement:
        return Statement(delete(self.table).where(self._is_key))
