"""`insert` with ON CONFLICT: one construct for both databases."""

from typing import Any, cast

from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.dialects.sqlite.dml import OnConflictDoNothing, OnConflictDoUpdate
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

__all__ = ["Insert", "insert"]

# SQLite's serves PostgreSQL as well, where only a clause must say that it names no constraint. PostgreSQL's own would
# import the dialects of four drivers on SQLite too.


@compiles(OnConflictDoUpdate, "postgresql")
def _do_update(clause: Any, compiler: SQLCompiler, **options: Any) -> str:
    clause.constraint_target = None
    text: str = cast("Any", compiler).visit_on_conflict_do_update(clause, **options)
    return text


@compiles(OnConflictDoNothing, "postgresql")
def _do_nothing(clause: Any, compiler: SQLCompiler, **options: Any) -> str:
    clause.constraint_target = None
    text: str = cast("Any", compiler).visit_on_conflict_do_nothing(clause, **options)
    return text
