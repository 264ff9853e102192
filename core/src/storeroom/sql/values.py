"""Values on their way into a statement: what no database takes is refused by its name.

A parameter is told without the underscore before its name, by which verbs keep theirs apart from fields.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Dialect, Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from storeroom.canonical import shown, text_flaw
from storeroom.errors import ValueRefused

# What an IN asks for.
_LISTS = (list, tuple, set, frozenset)


def refuse_unsendable(parameters: Mapping[str, Any]) -> None:
    """Raise ValueRefused for text that no database here stores, whatever the type of its column.

    SQLite cuts text at a NUL character, PostgreSQL refuses the statement; half a surrogate pair can't be encoded.
    """
    for name, given in parameters.items():
        if isinstance(given, str):
            _refuse_flawed(name, given)
        elif isinstance(given, _LISTS):
            for value in given:
                if isinstance(value, str):
                    _refuse_flawed(name, value)


def refuse_by_type(construct: Executable, parameters: Mapping[str, Any], dialect: Dialect) -> None:
    """Raise ValueRefused for a value that the type of its column refuses, before SQLAlchemy makes a cursor.

    It leaves that one open: psycopg warns of a server-side cursor that wasn't closed.
    """
    compiled = _compiled(construct, parameters, dialect)
    for name, given in compiled.construct_params(parameters, _check=False).items():
        for value in given if isinstance(given, _LISTS) and compiled.binds[name].expanding else (given,):
            error = _refusal(compiled.binds[name].type, value, dialect)
            if error is not None:
                raise error


def named(error: ValueRefused, construct: Executable, parameters: Mapping[str, Any], dialect: Dialect) -> ValueRefused:
    """Return the error of a column type with the name of the parameter that has the value."""
    if error.field is not None:
        return error
    fields = [
        name for name, given in parameters.items() if any(each is error.value for each in (given, *_values(given)))
    ]
    if len(fields) > 1:  # Python has one object for equal texts, so that several fields may hold it
        binds = _compiled(construct, parameters, dialect).binds
        fields = [name for name in fields if name in binds and _refusal(binds[name].type, error.value, dialect)]
    if not fields:
        return error
    name = _told(fields[0])
    return ValueRefused(f"{name}: {error}", value=error.value, field=name)


def _values(given: Any) -> Sequence[Any]:
    return list(given) if isinstance(given, _LISTS) else ()


def _compiled(construct: Any, parameters: Mapping[str, Any], dialect: Dialect) -> SQLCompiler:
    compiled: SQLCompiler = construct.compile(dialect=dialect, column_keys=list(parameters))
    return compiled


def _refusal(kind: TypeEngine[Any], value: Any, dialect: Dialect) -> ValueRefused | None:
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    try:
        if process is not None:
            process(value)
    except ValueRefused as error:
        return error
    except Exception:
        return None  # of a type of SQLAlchemy's own: the statement itself will say so
    return None


def _refuse_flawed(name: str, value: str) -> None:
    if (flaw := text_flaw(value)) is not None:
        field = _told(name)
        raise ValueRefused(
            f"{field}: {shown(value)} has {flaw}, which no database here stores; remove it", value=value, field=field
        )


def _told(parameter: str) -> str:
    return parameter.removeprefix("_")
