"""PostgreSQL's expressions in one normal form.

It writes an expression out with the casts that it put in, and puts in more when it reads that again, as it does when
the type of a column is altered: a constraint that lived through a change and back has another text than a new one.
"""

import re
from collections.abc import Sequence, Set

from storeroom.schema.tokens import Token, fold, join, simplified, tokenize

# As a whole default; inside an expression, the type of a number matters.
_NUMBER = re.compile(r"(?:'(-?[\d.]+)'::(?:smallint|integer|bigint|numeric|double precision|real)|\((-[\d.]+)\))")
_CAST = ("sign", "::")


def normal_expression(text: str, text_columns: Set[str]) -> str:
    """Leave out redundant parentheses, and the casts to text of what is text: strings, and these columns."""
    tokens = simplified(tokenize(text, "postgresql"))
    while True:
        fewer = simplified(_without_a_cast(tokens, text_columns))
        if fewer == tokens:
            return join(tokens)
        tokens = fewer


def normal_default(text: str) -> str:
    """Write a default in its normal form; which type a number is written as is the column's to say."""
    number = _NUMBER.fullmatch(text)
    if number is not None:
        return number[1] or number[2]
    normal = normal_expression(text, frozenset())
    return "now()" if normal == "CURRENT_TIMESTAMP" else normal


def _without_a_cast(tokens: Sequence[Token], text_columns: Set[str]) -> list[Token]:
    """Leave out the first cast that says nothing."""
    for position, token in enumerate(tokens):
        if token == _CAST and position:
            replacement = _uncast(tokens, position, text_columns)
            if replacement is not None:
                return replacement
    return list(tokens)


def _uncast(tokens: Sequence[Token], position: int, text_columns: Set[str]) -> list[Token] | None:
    kind, end = _type_at(tokens, position + 1)
    operand = tokens[position - 1]
    before, after = list(tokens[: position - 1]), list(tokens[end:])
    is_text = operand.kind == "string" or (
        operand.kind in ("word", "double") and operand.text.strip('"') in text_columns
    )
    if kind in ("text", "character varying") and is_text:
        return [*before, operand, *after]
    in_parentheses = before[-1:] == [("sign", "]")] and operand == ("sign", ")")
    if kind in ("text[]", "character varying[]") and in_parentheses and _ends_strings(before[:-1]):
        return [*before, operand, *after]
    return None


def _type_at(tokens: Sequence[Token], start: int) -> tuple[str, int]:
    """Read the name of a type, as far as it matters here, and where it ends; a length makes it another type."""
    end = start + 1
    kind = fold(tokens[start].text)
    if kind == "character" and [each.text for each in tokens[end : end + 1]] == ["varying"]:
        kind, end = "character varying", end + 1
    following = [each.text for each in tokens[end : end + 2]]
    if following == ["[", "]"]:
        return f"{kind}[]", end + 2
    return (f"{kind}(", end) if following[:1] == ["("] else (kind, end)


def _ends_strings(tokens: Sequence[Token]) -> bool:
    """Tell whether these tokens end in ARRAY[ and nothing but strings."""
    for token in reversed(tokens):
        if token == ("sign", "["):
            return True
        if token.kind != "string" and token != ("sign", ","):
            return False
    return False
