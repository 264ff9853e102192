"""The page on settings, from the fields of `Settings`."""

from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from storeroom import Settings
from storeroom.reference.markdown import table
from tools.reference.documents import document

_TOP = """
Each is read from an environment variable, or given by its name to `Settings`, as in
`Storeroom.open(settings=Settings(pool_size=10))`; given settings read the environment for what they leave out.
Durations are in seconds. A value that can't be used is refused at start, with the variable's name.
"""
_BOTTOM = """
Passwords in the URLs are shown nowhere. On PostgreSQL timeouts are set inside each transaction, so that they work
behind a pooler and outlive nothing. On SQLite, `statement_timeout` bounds what repositories run, not what goes
through `uow.connection` or `uow.session`. [Using Storeroom](../using.md#settings) tells when to change which;
[SECURITY.md](../../SECURITY.md) has the lists for production.

The command line knows one more variable: with `STOREROOM_DEBUG=1`, an unexpected error shows its traceback.
"""


def page() -> str:
    """Return the page."""
    rows = [
        [f"`{name}`", f"`STOREROOM_{name.upper()}`", _kind(field), _default(field), field.description or ""]
        for name, field in Settings.model_fields.items()
    ]
    return document("Settings", _TOP, table(["name", "variable", "type", "default", ""], rows), _BOTTOM)


_WORDS: Mapping[object, str] = {SecretStr: "URL", bool: "true or false", int: "number", float: "seconds"}


def _kind(field: FieldInfo) -> str:
    kind: Any = next(each for each in [*get_args(field.annotation), field.annotation] if each is not type(None))
    if get_origin(field.annotation) is Literal:
        return " or ".join(get_args(field.annotation))
    least = next((rule.ge for rule in field.metadata if isinstance(rule, Ge)), None)
    return f"number, {least} or more" if kind is int else _WORDS.get(kind, "names")


def _default(field: FieldInfo) -> str:
    if field.default is None or field.default == ():
        return ""
    return f"`{field.default}`" if not isinstance(field.default, bool) else f"`{str(field.default).lower()}`"
