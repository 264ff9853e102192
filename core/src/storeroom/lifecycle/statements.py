"""What a recorded statement is: a change, which belongs into a script, or a look at rows or at the catalogue."""

import re
from collections.abc import Sequence

_COMMENT = re.compile(
    r"""(?P<text>\bE'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/""",
    re.DOTALL | re.IGNORECASE,
)
_FIRST_WORD = re.compile(r"[\s(]*(?P<word>\w*)")
_WRITES = re.compile(r"\b(?:INSERT|UPDATE|DELETE|MERGE)\b", re.IGNORECASE)
_RETURNS = re.compile(r"\bRETURNING\b", re.IGNORECASE)
_INTO = re.compile(r"\bINTO\b", re.IGNORECASE)
_RELATIONS = re.compile(
    r"""\b(?:FROM|JOIN)\b(?P<list>.*?)(?=\b(?:FROM|JOIN|LEFT|RIGHT|INNER|CROSS|FULL|NATURAL|ON|USING|WHERE|GROUP|ORDER|HAVING
        |WINDOW|LIMIT|OFFSET|FETCH|FOR|UNION|EXCEPT|INTERSECT)\b|[()]|$)""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_OF_CATALOGUE = re.compile(
    r"""\s*(?:LATERAL\s+)?(?:"?pg_catalog"?\.|"?information_schema"?\.|"?pg_\w+"?|"?(?:main\.)?sqlite_\w+"?|"?pragma_\w+"?
        |(?:main|temp)"?\."?sqlite_\w+)""",
    re.IGNORECASE | re.VERBOSE,
)
_WITH_EFFECT = re.compile(
    r"\b(?:setval|nextval|set_config|pg_advisory\w*|pg_notify|lo_\w+|pg_terminate\w*|dblink\w*)\s*\(", re.IGNORECASE
)
_SETS_SEQUENCE = re.compile(r"\bsetval\s*\(", re.IGNORECASE)
_LOOKING_PRAGMA = re.compile(
    r"\s*PRAGMA\s+(?:\w+\.)?(?:table_(?:x?info|list)|index_(?:x?info|list)|foreign_key_(?:list|check)|database_list)\b",
    re.IGNORECASE,
)


def is_change(statement: str) -> bool:
    """Tell whether a statement belongs into a script: it is more than a look at the catalogue."""
    return not all(_is_look(part) for part in _parts(statement))


def reads_rows(statement: str) -> bool:
    """Tell whether a statement hands rows to the program, which may go on by what they say, or takes rows from it."""
    return any(_reads(part) for part in _parts(statement))


def sets_sequence(statement: str) -> bool:
    """Tell whether a statement sets a sequence, which PostgreSQL doesn't roll back."""
    return any(_SETS_SEQUENCE.search(part) for part in _parts(statement))


def _parts(statement: str) -> Sequence[str]:
    """Return the statements of a text without comments and literals."""
    bare = _COMMENT.sub(lambda match: "''" if match["text"] else match[0] if match[0][0] == '"' else " ", statement)
    return [part for part in bare.split(";") if part.strip()]


def _is_query(part: str) -> bool:
    match = _FIRST_WORD.match(part)
    word = match["word"].upper() if match else ""
    unquoted = re.sub(r'"[^"]*"', "", part)
    if word == "WITH":
        return not _WRITES.search(unquoted)
    return word in ("SELECT", "VALUES", "TABLE") and not _INTO.search(unquoted)


def _is_look(part: str) -> bool:
    if _LOOKING_PRAGMA.match(part) or part.split(maxsplit=1)[0].upper() in ("SHOW", "EXPLAIN"):
        return True
    names = _relations(part)
    return _is_query(part) and names != [] and not _foreign(names) and not _WITH_EFFECT.search(part)


def _reads(part: str) -> bool:
    word = part.split(maxsplit=1)[0].upper()
    if word == "COPY" or (word in ("INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "WITH") and _RETURNS.search(part)):
        return True
    return _is_query(part) and (_foreign(_relations(part)) or word == "TABLE")


def _relations(part: str) -> Sequence[str]:
    """Return what stands after each FROM and JOIN, but for subqueries."""
    found = [name.strip() for match in _RELATIONS.finditer(part) for name in match["list"].split(",")]
    return [name for name in found if name]


def _foreign(names: Sequence[str]) -> bool:
    return not all(_OF_CATALOGUE.match(name) for name in names)
