"""The fields of the first model: how they are written, and what becomes of each type."""

import keyword
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from storeroom.errors import ConfigurationError
from storeroom.names import suggestion
from storeroom.repository import Record
from storeroom.repository.fitting import OPTIONS

LONGEST_FIELD = 40
WIDEST_KEY = 5

# Ends the name of a filter where the field's own is that of an option of the verbs, as `limit` is.
IN_PLACE = "_is"

# PostgreSQL's limit for the name of a constraint.
_LONGEST_CONSTRAINT = 63

_FIELD = re.compile(r"(?P<name>[^:?!]*):(?P<kind>[^:?!]*)(?P<mark>[?!]*)")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Kind:
    """A type of fields: its annotation, its column in a revision, and the code of two values of it, for tests."""

    name: str
    annotation: str
    column: str
    samples: tuple[str, str]
    is_key: bool = True
    is_sorted: bool = True
    is_equalled: bool = True
    is_ranged: bool = False


KINDS: Mapping[str, Kind] = {
    each.name: each
    for each in (
        Kind("text", "str", "sa.String()", ('"first"', '"second"')),
        Kind("integer", "int", "sa.Integer()", ("1", "2")),
        Kind("number", "float", "sa.Float()", ("1.5", "2.5"), is_key=False, is_equalled=False, is_ranged=True),
        Kind("boolean", "bool", "sa.Boolean()", ("True", "False"), is_sorted=False),
        Kind(
            "time",
            "datetime",
            "sa.DateTime(timezone=True)",
            ("datetime(2024, 5, 17, 12, 30, tzinfo=UTC)", "datetime(2025, 1, 31, 23, 59, tzinfo=UTC)"),
            is_equalled=False,
            is_ranged=True,
        ),
        Kind(
            "json",
            "dict[str, Any]",
            'sa.Text().with_variant(postgresql.JSONB(), "postgresql")',
            ('{"first": 1}', '{"second": [True, None]}'),
            is_key=False,
            is_sorted=False,
            is_equalled=False,
        ),
    )
}
_ALIASES = {"float": "number"}


@dataclass(frozen=True)
class Field:
    """One field: it may be empty, or belong to the key by which an upsert finds its row, or neither."""

    name: str
    kind: Kind
    is_optional: bool = False
    is_key: bool = False

    @property
    def annotation(self) -> str:
        """Its type in models, records and verbs."""
        return f"{self.kind.annotation} | None" if self.is_optional else self.kind.annotation


def parse_fields(text: str, table: str) -> Sequence[Field]:
    """Read fields as people write them, `title:text! pages:integer?`, with blanks or commas between them.

    `?` says that a field may be empty, `!` that it belongs to the key, which is unique. Raises ConfigurationError for
    what can't be understood, for names that the model or its record couldn't have, and for a key that can't be one.
    """
    fields = [_parse(word) for word in text.replace(",", " ").split()]
    if not fields:
        raise ConfigurationError("there are no fields; write one at least, as title:text")
    names = [field.name for field in fields]
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationError(f"field {name!r} is there twice; give each its own name")
    key = [field.name for field in fields if field.is_key]
    if len(key) > WIDEST_KEY:
        raise ConfigurationError(f"{len(key)} fields are marked with ! as the key; mark at most {WIDEST_KEY}")
    constraint = "_".join(["uq", table, *key])
    if key and len(constraint) > _LONGEST_CONSTRAINT:
        raise ConfigurationError(
            f"the name of the key's constraint would be {constraint!r}, of more than {_LONGEST_CONSTRAINT} characters; "
            "choose shorter names, or mark fewer fields with !"
        )
    return fields


def _parse(word: str) -> Field:
    match = _FIELD.fullmatch(word)
    if match is None:
        raise ConfigurationError(
            f"field {word!r} can't be understood; write a name and a type, as title:text, with ? after it where it may "
            "be empty, or ! where it is unique"
        )
    _check_name(match["name"])
    kind = KINDS.get(_ALIASES.get(match["kind"], match["kind"]))
    if kind is None:
        near = suggestion(match["kind"], [*KINDS, *_ALIASES])
        raise ConfigurationError(
            f"field {match['name']!r} has no type {match['kind']!r}{near or '; there are ' + ', '.join(KINDS)}"
        )
    if len(match["mark"]) > 1:
        raise ConfigurationError(f"field {word!r}: give one mark, ? or !; a key is never empty")
    if match["mark"] == "!" and not kind.is_key:
        allowed = ", ".join(each.name for each in KINDS.values() if each.is_key)
        raise ConfigurationError(f"field {word!r}: {kind.name} can't be a key; mark one of {allowed}")
    return Field(match["name"], kind, is_optional=match["mark"] == "?", is_key=match["mark"] == "!")


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"field name {name!r} can't be used; choose lower-case letters, digits and underscores, a letter first"
        )
    if len(name) > LONGEST_FIELD:
        raise ConfigurationError(f"field name {name!r} has {len(name)} characters; choose at most {LONGEST_FIELD}")
    if name in ("id", "version"):
        raise ConfigurationError(f"field name {name!r} is that of a column which every model here has; leave it out")
    if name in _RESERVED or name.startswith(_PYDANTIC) or keyword.iskeyword(name):
        raise ConfigurationError(
            f"field name {name!r} means something else to Python, pydantic, SQLAlchemy or PostgreSQL; choose another"
        )


_ANNOTATIONS = {"bool", "datetime", "dict", "float", "int", "str", "mapped_column"}
_SYSTEM_COLUMNS = {"cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"}
_MAPPED = {"metadata", "registry"}
_FILTERS = {f"{option}{IN_PLACE}" for option in OPTIONS}
_RESERVED = {"self", *_ANNOTATIONS, *_SYSTEM_COLUMNS, *_FILTERS, *_MAPPED, *dir(Record)}
_PYDANTIC = ("model_validate", "model_dump")
