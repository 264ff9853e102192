"""JSON documents, and objects of counters."""

import json
from collections.abc import Callable
from typing import Any, cast

from sqlalchemy import Dialect
from sqlalchemy import Text as LongText
from sqlalchemy.types import TypeDecorator, TypeEngine

from storeroom.canonical import canonical_json, shown
from storeroom.decoding import read_json
from storeroom.types.base import gives_as, refused


class JSONDocument(TypeDecorator[Any]):
    """Any JSON value: JSONB on PostgreSQL, canonical text on SQLite, so that equal documents are equal in both.

    See canonical_json for what is taken. None is NULL. `Mapped[dict[str, Any]]` is this type.
    """

    impl = LongText
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != "postgresql":
            return dialect.type_descriptor(LongText())
        from sqlalchemy.dialects.postgresql import JSONB  # with it come four drivers' dialects, of no use on SQLite

        return dialect.type_descriptor(JSONB(none_as_null=True))

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str | None]:
        # In place of the JSONB type's, which would leave it to the driver to write the text.
        return self._text

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return json.loads(value) if dialect.name == "sqlite" and value is not None else value

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        if not gives_as(self, JSONDocument):
            return super().result_processor(dialect, coltype)
        return read_json if dialect.name == "sqlite" else None  # PostgreSQL's driver has read it

    def process_literal_param(self, value: Any, dialect: Dialect) -> str:
        return cast("str", self._text(value))

    def literal_processor(self, dialect: Dialect) -> Callable[[Any], str]:
        quoted: Callable[[Any], str] = LongText().literal_processor(dialect)  # type: ignore[no-untyped-call]  # its own
        return lambda value: quoted(self._text(value))

    def _text(self, value: Any) -> str | None:
        if value is None:
            return None
        try:
            return canonical_json(value)
        except ValueError as error:
            raise refused(value, f"can't be stored as JSON: {error}; use plain JSON values") from None


class JSONCounters(JSONDocument):
    """A JSON object of counters: text keys, whole numbers of 64 bits. `Mapped[dict[str, int]]` is this type."""

    cache_ok = True

    def _text(self, value: Any) -> str | None:
        if value is not None and not isinstance(value, dict):
            raise refused(value, "isn't a dict of counters; give one, as in {'srt': 1}")
        for key, count in (value or {}).items():
            if type(count) is not int or not -(1 << 63) <= count < 1 << 63:
                raise refused(
                    value, f"has {shown(count)} at {shown(key)}, which isn't a whole number of 64 bits; count in those"
                )
        return super()._text(value)
