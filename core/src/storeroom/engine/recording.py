"""Recording what a SQLite connection is sent, with the values written out.

SQLite's own trace is no use for it: it tells a statement again for each step of a trigger, and cuts numbers short.
"""

import math
import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any

_PARAMETER = re.compile(
    r"""--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|(?P<place>\?)|[:@$](?P<name>\w+)""",
    re.DOTALL,
)


class RecordableConnection(sqlite3.Connection):
    """A connection whose cursors tell `note` what they are sent, while there is one."""

    note: Callable[[str], object] | None = None

    def cursor(self, factory: Any = None) -> Any:
        """Return a cursor; `execute` of the connection itself takes one from here as well."""
        if self.note is not None:
            return super().cursor(_RecordingCursor)
        return super().cursor() if factory is None else super().cursor(factory)


class _RecordingCursor(sqlite3.Cursor):
    def execute(self, sql: str, parameters: Any = ()) -> "_RecordingCursor":
        self._note(written_out(sql, parameters))
        super().execute(sql, parameters)
        return self

    def executemany(self, sql: str, rows: Iterable[Any]) -> "_RecordingCursor":
        rows = list(rows)
        for row in rows:
            self._note(written_out(sql, row))
        super().executemany(sql, rows)
        return self

    def executescript(self, sql_script: str) -> "_RecordingCursor":
        self._note(sql_script)
        super().executescript(sql_script)
        return self

    def _note(self, text: str) -> None:
        connection = self.connection
        if isinstance(connection, RecordableConnection) and connection.note is not None:
            connection.note(text)


def written_out(statement: str, parameters: Sequence[Any] | Mapping[str, Any]) -> str:
    """Return a statement with its parameters as literals."""
    if not parameters:
        return statement
    values = iter(() if isinstance(parameters, Mapping) else parameters)

    def literal(match: re.Match[str]) -> str:
        if match["place"]:
            return _literal(next(values))
        if match["name"] and isinstance(parameters, Mapping):
            return _literal(parameters[match["name"]])
        return match[0]

    return _PARAMETER.sub(literal, statement)


def _literal(value: Any) -> str:
    if isinstance(value, float) and math.isinf(value):
        return "9e999" if value > 0 else "-9e999"
    with closing(sqlite3.connect(":memory:")) as connection:
        quoted = str(connection.execute("SELECT quote(?)", [value]).fetchone()[0])
    # The program sqlite3 takes a line's end to be what it is on its system.
    return "(" + quoted.replace("\r", "' || char(13) || '") + ")" if "\r" in quoted else quoted
