"""What a recorded statement is: a change, which belongs into a script, or a look at rows, or at the catalogue."""

import re
from collections.abc import Collection

_LITERAL = re.compile(r"'(?:[^']|'')*'")
# What returns rows, and what of that only tells of the catalogue.
_QUERY = re.compile(
    r"\s*(?:SELECT|VALUES|TABLE|SHOW|EXPLAIN|PRAGMA(?![^=]*=)|WITH\b(?!.*\b(?:INSERT|UPDATE|DELETE|MERGE)\b))\b",
    re.IGNORECASE | re.DOTALL,
)
_LOOK = re.compile(r"\s*(?:PRAGMA|SHOW|EXPLAIN)\b", re.IGNORECASE)
_OF_CATALOGUE = re.compile(r"\b(?:pg_\w+|pragma_\w+|information_schema|sqlite_(?:master|schema)\w*)\b", re.IGNORECASE)
_RETURNING = re.compile(r"\s*COPY\b|.*\bRETURNING\b", re.IGNORECASE | re.DOTALL)


def is_change(statement: str) -> bool:
    """Tell whether a statement belongs into a script: it isn't a look at the catalogue."""
    text = _LITERAL.sub("''", statement)
    return not (_QUERY.match(text) and (_LOOK.match(text) or _OF_CATALOGUE.search(text)))


def reads_rows(statement: str, tables: Collection[str]) -> bool:
    """Tell whether a statement hands rows of these tables to the program, which may go on by what they say."""
    text = _LITERAL.sub("''", statement)
    if _RETURNING.match(text):
        return True
    is_query = _QUERY.match(text) is not None and not _LOOK.match(text)
    return is_query and not set(tables).isdisjoint(re.findall(r"\w+", text))
