"""Server defaults: compared where Alembic can't, and rendered for SQLite and PostgreSQL alike."""

import json
import re
from collections.abc import Callable
from typing import Any, Literal

from alembic.ddl import DefaultImpl
from sqlalchemy import JSON, Boolean, Column
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import DefaultClause
from sqlalchemy.sql.functions import Function

from storeroom.types import Flag, JSONDocument

_TRUTH_TYPES = (Boolean, Flag)
_DOCUMENT_TYPES = (JSON, JSONDocument)

_EMPTY_TEXTS = ("", "''", "('')")
_TRUTHS = {"1": True, "t": True, "true": True, "0": False, "f": False, "false": False}
_LITERAL = re.compile(r"\(?'(?P<text>.*)'(?:::jsonb?)?\)?", re.DOTALL)


def compare_defaults(impl: DefaultImpl) -> None:
    """Have Alembic compare defaults as `_differ` does, and as it does itself where that can't tell.

    Its option `compare_server_default` would serve, but fails on generated columns.
    """
    plain: Callable[..., bool] = impl.compare_server_default

    def compare(inspected: Any, column: Column[Any], in_models: str | None, in_database: str | None) -> bool:
        differ = _differ(column, in_database, in_models)
        return plain(inspected, column, in_models, in_database) if differ is None else differ

    setattr(impl, "compare_server_default", compare)  # noqa: B010  # an assignment is what mypy refuses


def _differ(column: Column[Any], in_database: str | None, in_models: str | None) -> bool | None:
    """Tell whether two defaults differ; None where only Alembic can.

    Alembic doesn't see that two empty texts are the same on SQLite, and has PostgreSQL compare a boolean with a
    number, or a JSON document with a text, which fails.
    """
    if in_database is None or in_models is None:
        return None
    if in_database in _EMPTY_TEXTS and in_models in _EMPTY_TEXTS:
        return False
    if isinstance(column.type, _TRUTH_TYPES):
        return _truth(in_database) != _truth(in_models)
    if isinstance(column.type, _DOCUMENT_TYPES):
        return bool(_document(in_database) != _document(in_models))
    return None


def render_default(item: Any) -> str | Literal[False]:
    """Return the code of a default that each database writes its own way; False leaves it to Alembic."""
    if not isinstance(item, DefaultClause) or isinstance(item.arg, str):
        return False
    if isinstance(item.arg, Function) and not list(item.arg.clauses):
        return ".".join(["sa.func", *item.arg.packagenames, f"{item.arg.name}()"])
    if item.column is not None and isinstance(item.column.type, _TRUTH_TYPES):
        text = item.arg.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}).string
        truth = _truth(text)
        return f"sa.{str(truth).lower()}()" if isinstance(truth, bool) else False
    return False


def _truth(text: str) -> bool | str:
    """Return the truth value that a default stands for, else its text."""
    return _TRUTHS.get(text.strip("()'").lower(), text)


def _document(text: str) -> Any:
    """Return the JSON document that a default stands for, else its text."""
    match = _LITERAL.fullmatch(text)
    try:
        return json.loads(match["text"].replace("''", "'") if match else text)
    except ValueError:
        return text
