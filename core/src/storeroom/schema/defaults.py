"""Whether two defaults of SQLite's are the same: where their texts differ, SQLite itself decides."""

import re
import sqlite3
from contextlib import closing

from storeroom.schema.tokens import Token, expression, fold, tokenize

_KEYWORDS = ("null", "true", "false", "current_date", "current_time", "current_timestamp")
_PLAIN_TYPE = re.compile(r"[\w ]*(\([\d, ]*\))?")


def normal_default(text: str | None) -> str | None:
    """Write a default as SQLite keeps it in its normal form; None for no default, which NULL is too."""
    if text is None:
        return None
    tokens = tokenize(text, "sqlite")
    if len(tokens) == 1:
        tokens = [_string(tokens[0])]
    normal = expression(tokens, "", frozenset())
    return None if normal == "null" else normal


def _string(token: Token) -> Token:
    """Return what a default of one word is: a word that is no keyword is a string, in quotes or not."""
    is_name = token.kind in ("double", "quoted") or (token.kind == "word" and fold(token.text) not in _KEYWORDS)
    return Token("string", "'" + token.text.replace("'", "''") + "'") if is_name else token


def equal_defaults(one: str | None, other: str | None, kind: str) -> bool:
    """Tell whether two literals give a column of this type the same value, of the same type of storage."""
    if one is None or other is None or not (_is_literal(one) and _is_literal(other) and _PLAIN_TYPE.fullmatch(kind)):
        return False
    with closing(sqlite3.connect(":memory:")) as driver:
        try:
            driver.execute(f"CREATE TABLE t (a {kind} DEFAULT {one}, b {kind} DEFAULT {other})")
            driver.execute("INSERT INTO t DEFAULT VALUES")
            (equal,) = driver.execute("SELECT a IS b AND typeof(a) = typeof(b) FROM t").fetchone()
        except sqlite3.Error:  # a type that is no type to this SQLite
            return False
    return bool(equal)


def _is_literal(text: str) -> bool:
    tokens = tokenize(text, "sqlite")
    if tokens[0].text in ("+", "-"):
        del tokens[0]
    return len(tokens) == 1 and (
        tokens[0].kind in ("string", "number", "blob") or tokens[0].keyword in ("true", "false")
    )
