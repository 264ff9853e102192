"""The text that created a table of SQLite's, understood: its constraints in one normal form, and its options.

ALTER TABLE and Alembic's batch mode leave other texts for the same table than CREATE TABLE does: what stands at a
column in one stands after the columns in another. The grammar is that of https://sqlite.org/lang_createtable.html.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from storeroom.schema.tables import Part
from storeroom.schema.tokens import Token, expression, groups, join, name_of, quote_name, tokenize

PrimaryKeyOf = Callable[[str], Sequence[str]]

_COLUMN_CONSTRAINTS = frozenset(
    ["constraint", "primary", "not", "null", "unique", "check", "default", "collate", "references", "generated", "as"]
)
_TABLE_CONSTRAINTS = frozenset(["constraint", "primary", "unique", "check", "foreign"])


@dataclass(slots=True)
class Definition:
    """What a CREATE TABLE says beyond the names, types and defaults of columns.

    `collations`, `generated` and `conflicts` (what NOT NULL does with a NULL) are by column.
    """

    parts: list[Part] = field(default_factory=list)
    collations: dict[str, str] = field(default_factory=dict)
    generated: dict[str, str] = field(default_factory=dict)
    conflicts: dict[str, str] = field(default_factory=dict)
    options: str = ""


def parse_table(text: str, table: str, columns: Set[str], primary_key_of: PrimaryKeyOf) -> Definition:
    """Understand a CREATE TABLE. `primary_key_of` gives the columns that a foreign key means which names none."""
    tokens = tokenize(text, "sqlite")
    opened = tokens.index(Token("sign", "("))
    closed = groups(tokens)[opened]
    parser = _Parser(table, columns, primary_key_of)
    for words in _split(tokens[opened + 1 : closed]):
        parser.read(words)
    options = _split(tokens[closed + 1 :])
    parser.definition.options = ", ".join(sorted(expression(each, "", frozenset()) for each in options if each))
    return parser.definition


def parse_virtual(text: str) -> str:
    """Return what a CREATE VIRTUAL TABLE says after the table's name."""
    tokens = tokenize(text, "sqlite")
    start = next((position for position, token in enumerate(tokens) if token.keyword == "using"), 0)
    return join([Token(each.kind, each.keyword or each.text) for each in tokens[start:]])


def parse_index(text: str, table: str, columns: Mapping[str, str | None]) -> str:
    """Return what a CREATE INDEX says after the table's name, and whether it is unique.

    `columns` gives the collation of each column of the table, which an index has without saying so.
    """
    tokens = tokenize(text, "sqlite")
    opened = tokens.index(Token("sign", "("))
    closed = groups(tokens)[opened]
    unique = "unique " if tokens[1].keyword == "unique" else ""
    keys = ", ".join(index_key(each, table, columns) for each in _split(tokens[opened + 1 : closed]))
    where = tokens[closed + 2 :]
    condition = f" where {expression(where, table, columns.keys())}" if where else ""
    return f"{unique}({keys}){condition}"


def index_key(tokens: Sequence[Token], table: str, columns: Mapping[str, str | None]) -> str:
    """Write a column or an expression of an index or a key, without the order and collation that it has anyway."""
    words = list(tokens)
    order = words.pop().keyword if words[-1].keyword in ("asc", "desc") else "asc"
    collation = None
    if len(words) > 2 and words[-2].keyword == "collate":
        collation = name_of(words[-1])
        del words[-2:]
    if len(words) == 1 and words[0].kind != "number":
        words = [Token("quoted", name_of(words[0]))]
    key = expression(words, table, columns.keys())
    usual = columns.get(key.strip('"')) or "binary"
    shown = "" if collation in (None, usual) else f" collate {quote_name(collation or '')}"
    return f"{key}{shown}{' desc' if order == 'desc' else ''}"


def _split(tokens: Sequence[Token]) -> list[Sequence[Token]]:
    """Split at the commas that are in no parentheses."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.kind == "sign":
            depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token == ("sign", ",") and not depth:
            parts.append([])
        else:
            parts[-1].append(token)
    return list(parts)


class _Parser:
    """Reads the definitions between the parentheses of a CREATE TABLE, one after the other."""

    def __init__(self, table: str, columns: Set[str], primary_key_of: PrimaryKeyOf) -> None:
        self.definition = Definition()
        self._table = table
        self._columns = columns
        self._primary_key_of = primary_key_of
        self._tokens: Sequence[Token] = ()
        self._position = 0
        self._name: str | None = None

    def read(self, tokens: Sequence[Token]) -> None:
        """Read the definition of a column, or constraints of the table, which need no comma between them."""
        self._tokens, self._position, self._name = tokens, 0, None
        column = None
        if self._keyword() not in _TABLE_CONSTRAINTS:
            column = self._take_name()
            while self._more() and self._keyword() not in _COLUMN_CONSTRAINTS:
                self._take_group()
        while self._more():
            self._read_constraint(column)

    def _read_constraint(self, column: str | None) -> None:
        word = self._take().keyword
        if word == "constraint":
            self._name = self._take_name()
            return
        if word in ("primary", "unique"):
            self._read_key(word, column)
        elif word == "check":
            condition = expression(self._take_group(), self._table, self._columns)
            self._add("check", f"check ({condition}){self._take_conflict()}")
        elif word == "foreign":
            self._take()  # KEY
            self._read_reference(self._take_names())
        elif column is not None:
            self._read_of_column(word, column)
        self._name = None

    def _read_of_column(self, word: str, column: str) -> None:
        if word == "references":
            self._position -= 1
            self._read_reference([column])
        elif word == "not":
            self._take()  # NULL
            self.definition.conflicts[column] = self._take_conflict()
        elif word == "default":
            self._skip_default()
        elif word == "collate":
            self.definition.collations[column] = self._take_name()
        elif word == "as":
            text = expression(self._take_group(), self._table, self._columns)
            kind = self._take().keyword if self._keyword() in ("stored", "virtual") else "virtual"
            self.definition.generated[column] = f"({text}) {kind}"

    def _read_key(self, word: str, column: str | None) -> None:
        if word == "primary":
            self._take()  # KEY
        if column is None:
            keys = _split(self._take_group())
        else:
            order = [self._take()] if self._keyword() in ("asc", "desc") else []
            keys = [[Token("quoted", column), *order]]
        automatic = bool(keys) and bool(keys[-1]) and keys[-1][-1].keyword == "autoincrement"
        if automatic:
            keys[-1] = keys[-1][:-1]
        conflict = self._take_conflict()
        if self._keyword() == "autoincrement":
            self._take()
            automatic = True
        collations = {each: self.definition.collations.get(each) for each in self._columns}
        text = ", ".join(index_key(each, self._table, collations) for each in keys)
        increment = " autoincrement" if automatic else ""
        if word == "primary":
            self._name = None  # by which nothing can be done on SQLite
            self._add("primary key", f"primary key ({text}{increment}){conflict}")
        else:
            self._add("unique", f"unique ({text}){conflict}")

    def _read_reference(self, columns: Sequence[str]) -> None:
        """Read REFERENCES and what follows it; what is so anyway isn't written."""
        self._take()  # REFERENCES
        target = self._take_name()
        referred = self._take_names() if self._keyword() == "(" else self._primary_key_of(target)
        clauses: dict[str, str] = {}
        while self._keyword() in ("on", "match", "deferrable", "not"):
            word = self._take().keyword
            if word == "on":
                event = self._take().keyword
                action = self._take().keyword
                if action in ("set", "no"):
                    action = f"{action} {self._take().keyword}"
                clauses[f"on {event}"] = action
            elif word == "match":
                clauses["match"] = self._take_name()
            elif not self._read_deferrable(word, clauses):
                break
        usual = {"on delete": "no action", "on update": "no action", "match": "simple"}
        said = [f" {clause} {clauses[clause]}" for clause in sorted(clauses) if clauses[clause] != usual.get(clause)]
        names = ", ".join(map(quote_name, columns)), ", ".join(map(quote_name, referred))
        self._add(
            "foreign key", f"foreign key ({names[0]}) references {quote_name(target)} ({names[1]}){''.join(said)}"
        )

    def _read_deferrable(self, word: str, clauses: dict[str, str]) -> bool:
        """Read [NOT] DEFERRABLE [INITIALLY …]; returns False where NOT begins a NOT NULL."""
        if word == "not":
            if self._keyword() != "deferrable":
                self._position -= 1
                return False
            self._take()
        initially = "immediate"
        if self._keyword() == "initially":
            self._take()
            initially = self._take().keyword
        if word == "deferrable":
            clauses["deferrable"] = "initially deferred" if initially == "deferred" else "initially immediate"
        return True

    def _add(self, kind: str, text: str) -> None:
        self.definition.parts.append(Part(kind, self._name, text))
        self._name = None

    def _skip_default(self) -> None:
        if self._keyword() in ("+", "-"):
            self._take()
        self._take_group()

    def _take_conflict(self) -> str:
        if self._keyword() != "on":
            return ""
        resolution = self._tokens[self._position + 2].keyword
        self._position += 3
        return "" if resolution == "abort" else f" on conflict {resolution}"

    def _take_names(self) -> Sequence[str]:
        return [name_of(each[0]) for each in _split(self._take_group())]

    def _take_group(self) -> Sequence[Token]:
        """Take what is in the parentheses that open here, or else a single word."""
        start = self._position
        if self._keyword() != "(":
            return [self._take()]
        self._position = groups(self._tokens)[start] + 1
        return self._tokens[start + 1 : self._position - 1]

    def _take_name(self) -> str:
        return name_of(self._take())

    def _take(self) -> Token:
        self._position += 1
        return self._tokens[self._position - 1]

    def _keyword(self) -> str:
        return self._tokens[self._position].keyword if self._more() else ""

    def _more(self) -> bool:
        return self._position < len(self._tokens)
