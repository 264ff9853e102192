"""The words of SQL, so that texts can be compared without their spaces, comments and redundant parentheses."""

import re
from collections.abc import Mapping, Sequence, Set
from string import ascii_lowercase, ascii_uppercase
from typing import NamedTuple

_SQLITE = re.compile(
    r"""
    (?P<space>\s+|--[^\n]*|/\*.*?(?:\*/|\Z))
    |(?P<blob>[xX]'[^']*')
    |(?P<string>'(?:[^']|'')*')
    |(?P<double>"(?:[^"]|"")*")
    |(?P<quoted>`(?:[^`]|``)*`|\[[^\]]*\])
    |(?P<number>0[xX][0-9a-fA-F]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<word>[^\W\d][\w$]*)
    |(?P<sign>\|\||<<|>>|<>|<=|>=|==|!=|->>|->|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_POSTGRESQL = re.compile(
    r"""
    (?P<space>\s+)
    |(?P<string>E'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*')
    |(?P<double>"(?:[^"]|"")*")
    |(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<word>[^\W\d][\w$]*)
    |(?P<sign>::|[-+*/<>=~!@#%^&|`?]+|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_PATTERNS: Mapping[str, re.Pattern[str]] = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}

_FOLDING = str.maketrans(ascii_uppercase, ascii_lowercase)
_SYNONYMS = {"!=": "<>", "==": "="}

# What a parenthesis after these words holds is an operand, and no list of arguments.
_BEFORE_OPERANDS = frozenset(
    ["and", "or", "not", "when", "then", "else", "case", "between", "like", "glob", "is", "where", "check"]
)
# What SQLite takes for a value when it isn't in quotes.
_VALUES = frozenset(["null", "true", "false", "current_date", "current_time", "current_timestamp"])
_ROW_NAMES = frozenset(["rowid", "oid", "_rowid_"])
_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]*")


class Token(NamedTuple):
    """A word of SQL, of the kind that its pattern names; of a quoted name, the text is without the quotes."""

    kind: str
    text: str

    @property
    def keyword(self) -> str:
        """The word in lower case; empty for what can't be a keyword."""
        return fold(self.text) if self.kind in ("word", "sign") else ""


def fold(name: str) -> str:
    """Fold the case of a name as SQLite does: of ASCII letters only."""
    return name.translate(_FOLDING)


def tokenize(text: str, dialect: str) -> list[Token]:
    """Split SQL into its words, without spaces and comments."""
    found = []
    for match in _PATTERNS[dialect].finditer(text):
        kind, word = match.lastgroup or "", match[0]
        if kind in ("double", "quoted") and dialect == "sqlite":
            word = unquote(word)
        if kind != "space":
            found.append(Token(kind, word))
    return found


def unquote(text: str) -> str:
    """Take the quotes from a name or a string."""
    closing = text[-1]
    return text[1:-1] if closing == "]" else text[1:-1].replace(closing * 2, closing)


def name_of(token: Token) -> str:
    """Return the name that SQLite reads in a place where only a name can be, with its case folded."""
    return fold(unquote(token.text) if token.kind == "string" else token.text)


def quote_name(name: str) -> str:
    """Write a name of SQLite's, in quotes where it needs them to be one."""
    if _PLAIN_NAME.fullmatch(name) and name not in _VALUES:
        return name
    return '"' + name.replace('"', '""') + '"'


def expression(tokens: Sequence[Token], table: str, columns: Set[str]) -> str:
    """Write an expression of SQLite's in its normal form: names without needless quotes and without their table.

    What is in double quotes and isn't a column is a string to SQLite.
    """
    own_table = fold(table)
    words: list[Token] = []
    for position, token in enumerate(tokens):
        previous = tokens[position - 1].keyword if position else ""
        following = tokens[position + 1].keyword if position + 1 < len(tokens) else ""
        is_name = token.kind in ("word", "double", "quoted")
        if is_name and following == "." and fold(token.text) == own_table:
            continue
        if token.kind == "sign" and token.text == "." and position and fold(tokens[position - 1].text) == own_table:
            continue
        words.append(_resolved(token, previous, following, columns))
    return join(simplified(words))


def _resolved(token: Token, previous: str, following: str, columns: Set[str]) -> Token:
    name = fold(token.text)
    if token.kind == "word":
        return Token("word", name)
    if token.kind in ("double", "quoted"):
        is_column = name in columns or name in _ROW_NAMES
        if token.kind == "double" and not is_column and previous != "collate" and following not in ("(", "."):
            return Token("string", "'" + token.text.replace("'", "''") + "'")
        return Token("word", quote_name(name))
    if token.kind == "sign":
        return Token("sign", _SYNONYMS.get(token.text, token.text))
    return Token(token.kind, fold(token.text)) if token.kind in ("number", "blob") else token


def groups(tokens: Sequence[Token]) -> Mapping[int, int]:
    """Return where each parenthesis that is opened is closed."""
    opened: list[int] = []
    closed: dict[int, int] = {}
    for position, token in enumerate(tokens):
        if token == ("sign", "("):
            opened.append(position)
        elif token == ("sign", ")") and opened:
            closed[opened.pop()] = position
    return closed


def simplified(tokens: Sequence[Token]) -> list[Token]:
    """Leave out parentheses around the whole, around other parentheses, and around a single word."""
    tokens = list(tokens)
    while True:
        pairs = groups(tokens)
        redundant = next((opened for opened, closed in pairs.items() if _is_redundant(tokens, pairs, opened)), None)
        if redundant is None:
            return tokens
        del tokens[pairs[redundant]], tokens[redundant]


def _is_redundant(tokens: Sequence[Token], pairs: Mapping[int, int], opened: int) -> bool:
    closed = pairs[opened]
    if opened == 0 and closed == len(tokens) - 1:
        return True
    if pairs.get(opened - 1) == closed + 1:
        return True
    return closed == opened + 2 and not _is_call(tokens, opened)


def _is_call(tokens: Sequence[Token], opened: int) -> bool:
    """Tell whether a parenthesis belongs to the word before it, as that of a function or a list does."""
    if opened == 0:
        return False
    before = tokens[opened - 1]
    if before.kind == "sign":
        return before.text in (")", "]")
    return fold(before.text) not in _BEFORE_OPERANDS


def join(tokens: Sequence[Token]) -> str:
    """Write tokens as text; different ones make different texts."""
    written: list[str] = []
    for position, token in enumerate(tokens):
        before = tokens[position - 1].text if position else ""
        close = before in ("", "(", "[", ".", "::") or token.text in (")", "]", ",", ".", "[", "::")
        if token.text == "(" and tokens[position - 1].kind == "word":
            close = fold(before) not in _BEFORE_OPERANDS | {"in", "any", "btree"}
        written += ["" if close else " ", token.text]
    return "".join(written)
