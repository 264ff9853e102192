"""Taking a webhook's secret, and its URL, out of what is told of a call: by the statement that stores it."""

from typing import Any

from sqlalchemy import ColumnElement, String, func, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement
from sqlalchemy.sql.functions import FunctionElement

from storeroom_hooks.checks import HIDDEN

# What is shorter holds no token, and is found in other words.
_SHORTEST = 8


def hidden(told: ColumnElement[str], url: ColumnElement[Any], secret: ColumnElement[Any]) -> ColumnElement[str]:
    """Return text without a webhook's URL, what follows the host in it, and the secret, wherever they stand.

    What a failed call raises tells the URL that it was for as a rule, or the path of it.
    """
    for part, instead in ((url, "(webhook URL)"), (Location(url), "…"), (secret, HIDDEN)):
        told = func.replace(told, part, literal_column(f"'{instead}'"), type_=String())
    return told


class Location(FunctionElement[str]):
    """What follows the host in a URL, without the slash or question mark before it; '' where that is short.

    On SQLite: CASE WHEN instr(replace(substr(url, 9), '?', '/'), '/') > 0 AND … THEN substr(url, …) ELSE '' END
    On PostgreSQL: coalesce(substring(url from '^[A-Za-z]+://[^/?]*[/?](.{8,})$'), '')
    """

    name = "location"
    type = String()
    inherit_cache = True


@compiles(Location, "sqlite")
def _on_sqlite(element: Location, compiler: SQLCompiler, **options: Any) -> str:
    url = _argument(element, compiler, options)
    # The ninth character is the first of the host, or the second.
    before = f"instr(replace(substr({url}, 9), '?', '/'), '/')"
    is_long = f"{before} > 0 AND length({url}) - {before} - 8 >= {_SHORTEST}"
    return f"CASE WHEN {is_long} THEN substr({url}, {before} + 9) ELSE '' END"


@compiles(Location, "postgresql")
def _on_postgresql(element: Location, compiler: SQLCompiler, **options: Any) -> str:
    url = _argument(element, compiler, options)
    return f"coalesce(substring({url} from '^[A-Za-z]+://[^/?]*[/?](.{{{_SHORTEST},}})$'), '')"


def _argument(element: Location, compiler: SQLCompiler, options: dict[str, Any]) -> str:
    arguments: list[ClauseElement] = list(element.clauses)
    (url,) = arguments
    return str(compiler.process(url, **options))
