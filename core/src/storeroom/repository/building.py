"""Records made of rows by a function that is written for the class, and gives what pydantic gives, sooner.

It looks at the type of each value. Where a value isn't of the type that its field names, or where the class does more
than to name types, pydantic validates the whole.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Generic, NoReturn, TypeAlias, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter

from storeroom.inlining import inline, written

RecordT = TypeVar("RecordT", bound=BaseModel)

# Of these, pydantic takes a value that is of just this type as it is.
_PLAIN = frozenset({bool, date, datetime, float, int, str})

# What a class may configure without changing what becomes of a value.
_HARMLESS = frozenset({"defer_build", "frozen", "title", "use_attribute_docstrings"})

# What an instance of pydantic's has, each set by its own function.
_SLOTS = ("__dict__", "__pydantic_extra__", "__pydantic_fields_set__", "__pydantic_private__")

# How a column's values are read; None where the driver gives them as they are.
Column: TypeAlias = Callable[[Any], Any] | None

_HOOKS = ("__get_pydantic_core_schema__", "model_post_init", "model_validate")


class _FieldNames(set[str]):
    """The names of the fields that were set, which all records of a class share.

    To copy a set costs as much as to read a quarter of a row, and two kilobytes. A copy of this, which pydantic makes
    before it changes one, is a set like any other.
    """

    def __copy__(self) -> set[str]:
        return set(self)

    def _refuse(self, *_arguments: object) -> NoReturn:
        raise TypeError("the names of the fields that were set belong to all records of a class; change a copy of them")

    add = clear = discard = pop = remove = update = _refuse
    difference_update = intersection_update = symmetric_difference_update = _refuse
    __iand__ = __ior__ = __isub__ = __ixor__ = _refuse


class RecordReader(Generic[RecordT]):
    """Makes records of one class of rows: of a row's first values, in the order of the fields.

    It raises pydantic's ValidationError for a row that doesn't fit.
    """

    def __init__(self, record: type[RecordT]) -> None:
        self._record = record
        if not record.__pydantic_complete__:
            record.model_rebuild(raise_errors=False)
        self._is_plain = _only_names_types(record)
        # Of a row as SQLAlchemy gives it, or anybody.
        self.read: Callable[[Sequence[Any]], RecordT] = self._validated
        if self._is_plain:
            self.read = _written(record, self._validated, None)

    def written(self, columns: Sequence[Column]) -> Callable[[Sequence[Any]], Sequence[RecordT]]:
        """Return the function that makes records of rows as the driver gives them, each column by its own function."""
        if self._is_plain and len(columns) >= len(self._record.model_fields):
            build: Callable[[Sequence[Any]], Sequence[RecordT]] = _written(self._record, self._slowly(columns), columns)
            return build
        slowly = self._slowly(columns)
        return lambda rows: list(map(slowly, rows))

    def _slowly(self, columns: Sequence[Column]) -> Callable[[Sequence[Any]], RecordT]:
        def read(row: Sequence[Any]) -> RecordT:
            return self._validated(
                [value if column is None else column(value) for column, value in zip(columns, row, strict=True)]
            )

        return read

    def _validated(self, row: Sequence[Any]) -> RecordT:
        return self._record.model_validate(dict(zip(self._record.model_fields, row, strict=False)))


def _only_names_types(record: type[BaseModel]) -> bool:
    found = record.__pydantic_decorators__
    plain_fields = all(
        not field.metadata and field.validation_alias is None and field.discriminator is None
        for field in record.model_fields.values()
    )
    return bool(
        record.__pydantic_complete__
        and record.model_fields
        and plain_fields
        and not (found.validators or found.field_validators or found.root_validators or found.model_validators)
        and record.__init__ is BaseModel.__init__
        and record.__new__ is BaseModel.__new__
        and record.__pydantic_post_init__ is None
        and not record.__private_attributes__
        and not record.__pydantic_root_model__
        and all(_bare(record, name) is _bare(BaseModel, name) for name in _HOOKS)
        and set(record.model_config) <= _HARMLESS
    )


def _bare(owner: type[BaseModel], name: str) -> object:
    found = getattr(owner, name)
    return getattr(found, "__func__", found)


def _written(record: type[BaseModel], slowly: Callable[[Sequence[Any]], Any], columns: Sequence[Column] | None) -> Any:
    """Write the function: of one row whose values are read, or of the driver's rows, where their columns are given."""
    scope: dict[str, Any] = {
        "join": "".join,
        "names": _FieldNames(record.model_fields),
        "new": object.__new__,
        "record": record,
        "slowly": slowly,
        **{f"put_{name}": vars(BaseModel)[f"{name}"].__set__ for name in _SLOTS},
    }
    values = [f"v{place}" for place in range(len(columns or record.model_fields))]
    reads = [
        "" if column is None else f"{value} = {written(column, value, scope)}"
        for column, value in zip(columns or (), values[: len(record.model_fields)], strict=False)
    ]
    guards: list[str] = []
    fields: list[str] = []
    given = [inline(column) for column in columns or [None] * len(record.model_fields)]
    for value, reader, (name, field) in zip(values, given, record.model_fields.items(), strict=False):
        guard, made = _taken(field.annotation, value, reader.gives if reader else None, scope)
        guards += guard
        fields.append(f"{name!r}: {made}")
    read = "; ".join(filter(None, reads)) or "pass"
    unpacked = f"{', '.join(values)}, {'' if columns else '*_'}"
    many = columns is not None
    body = f"""
  try:
   {unpacked} = row
   {read}
   if not ({" and ".join(guards) or "True"}):
    {"made.append(slowly(row)); continue" if many else "return slowly(row)"}
   fields = {{{", ".join(fields)}}}
  except Exception:
   {"made.append(slowly(row)); continue" if many else "return slowly(row)"}
  one = new(record)
  put___dict__(one, fields)
  put___pydantic_fields_set__(one, names)
  put___pydantic_extra__(one, None)
  put___pydantic_private__(one, None)
"""
    if many:
        source = f"def build(rows):\n made = []\n for row in rows:{body}  made.append(one)\n return made"
    else:
        source = f"def build(row):\n if True:{body}  return one"
    exec(source, scope)  # noqa: S102  # of names, places and the column types' own expressions
    return scope["build"]


def _taken(annotation: Any, value: str, given: type | None, scope: dict[str, Any]) -> tuple[list[str], str]:
    """Return the conditions under which a value is taken as it is, and the expression of what becomes of it.

    `given` is the type of all values but None, where the column's reader sees to it.
    """
    if annotation is Any:
        return [], value
    arguments = get_args(annotation)
    is_optional = get_origin(annotation) in (Union, UnionType) and len(arguments) == 2 and NoneType in arguments
    kind = next(each for each in arguments if each is not NoneType) if is_optional else annotation
    if given is kind:
        return [] if is_optional else [f"{value} is not None"], value
    guard, made = _of_kind(kind, value, scope)
    if is_optional and guard:
        return [f"({value} is None or {guard})"], made if made == value else f"None if {value} is None else {made}"
    if guard:
        return [guard], made
    adapt = f"adapt_{value}"
    scope[adapt] = TypeAdapter(annotation).validator.validate_python
    return [], f"{adapt}({value})"


def _of_kind(kind: Any, value: str, scope: dict[str, Any]) -> tuple[str, str]:
    if kind is float:  # SQLite gives a whole one as an integer where it comes by RETURNING
        return f"(type({value}) is float or type({value}) is int)", f"{value} + 0.0"
    if kind in _PLAIN or (isinstance(kind, type) and issubclass(kind, Enum)):
        scope[f"kind_{value}"] = kind
        return f"type({value}) is kind_{value}", value
    if kind == dict[str, Any]:
        return f"(type({value}) is dict and join({value}) is not None)", value
    if kind == tuple[str, ...]:
        return f"(type({value}) is list and join({value}) is not None)", f"tuple({value})"
    return "", value
