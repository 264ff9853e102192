"""Records made of rows by a function that is written for the class, and gives what pydantic gives, sooner.

It looks at the type of each value. Where a value isn't of the type that its field names, or where the class does more
than to name types, pydantic validates the whole.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

RecordT = TypeVar("RecordT", bound=BaseModel)

# Of these, pydantic takes a value that is of just this type as it is.
_PLAIN = frozenset({bool, date, datetime, float, int, str})

# What a class may configure without changing what becomes of a value.
_HARMLESS = frozenset({"defer_build", "frozen", "title", "use_attribute_docstrings"})

_HOOKS = ("__get_pydantic_core_schema__", "model_post_init", "model_validate")


def builder(record: type[RecordT]) -> Callable[[Sequence[Any]], RecordT]:
    """Return the function that makes a record of a row: of its first values, in the order of the fields.

    It raises pydantic's ValidationError for a row that doesn't fit.
    """

    def validated(row: Sequence[Any]) -> RecordT:
        return record.model_validate(dict(zip(record.model_fields, row, strict=False)))

    if not record.__pydantic_complete__:
        record.model_rebuild(raise_errors=False)
    return _written(record, validated) if _only_names_types(record) else validated


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


def _written(
    record: type[RecordT], validated: Callable[[Sequence[Any]], RecordT]
) -> Callable[[Sequence[Any]], RecordT]:
    scope: dict[str, Any] = {
        "Misfit": ValidationError,
        "is_text": _is_text,
        "names": set(record.model_fields),
        "new": object.__new__,
        "put": object.__setattr__,
        "record": record,
        "validated": validated,
    }
    values = [f"v{place}" for place in range(len(record.model_fields))]
    guards: list[str] = []
    fields: list[str] = []
    for value, (name, field) in zip(values, record.model_fields.items(), strict=True):
        guard, made = _taken(field.annotation, value, scope)
        guards += guard
        fields.append(f"{name!r}: {made}")
    source = f"""
def build(row):
 try:
  {", ".join(values)}, *_ = row
 except ValueError:
  return validated(row)
 if not ({" and ".join(guards) or "True"}):
  return validated(row)
 try:
  fields = {{{", ".join(fields)}}}
 except Misfit:
  return validated(row)
 made = new(record)
 put(made, "__dict__", fields)
 put(made, "__pydantic_fields_set__", names.copy())
 put(made, "__pydantic_extra__", None)
 put(made, "__pydantic_private__", None)
 return made
"""
    exec(source, scope)  # noqa: S102  # of names and places only, each written by repr()
    build: Callable[[Sequence[Any]], RecordT] = scope["build"]
    return build


def _taken(annotation: Any, value: str, scope: dict[str, Any]) -> tuple[list[str], str]:
    """Return the conditions under which a value is taken as it is, and the expression of what becomes of it."""
    if annotation is Any:
        return [], value
    arguments = get_args(annotation)
    is_optional = get_origin(annotation) in (Union, UnionType) and len(arguments) == 2 and NoneType in arguments
    kind = next(each for each in arguments if each is not NoneType) if is_optional else annotation
    guard, made = _of_kind(kind, value, scope)
    if is_optional and guard:
        return [f"({value} is None or {guard})"], made if made == value else f"None if {value} is None else {made}"
    if guard:
        return [guard], made
    adapt = f"adapt_{value}"
    scope[adapt] = TypeAdapter(annotation).validator.validate_python
    return [], f"{adapt}({value})"


def _of_kind(kind: Any, value: str, scope: dict[str, Any]) -> tuple[str, str]:
    if kind in _PLAIN or (isinstance(kind, type) and issubclass(kind, Enum)):
        scope[f"kind_{value}"] = kind
        return f"type({value}) is kind_{value}", value
    if kind == dict[str, Any]:
        return f"(type({value}) is dict and is_text({value}))", value
    if kind == tuple[str, ...]:
        return f"(type({value}) is list and is_text({value}))", f"tuple({value})"
    return "", value


def _is_text(values: Sequence[Any]) -> bool:
    return all(type(each) is str for each in values)
