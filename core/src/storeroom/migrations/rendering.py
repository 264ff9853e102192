"""Operations as the code of a revision, which runs on SQLite and PostgreSQL alike and names nothing of core's."""

import re
from collections.abc import Mapping, Set
from typing import Any, Literal

from alembic.autogenerate import render_python_code
from alembic.autogenerate.api import AutogenContext
from alembic.migration import MigrationContext
from alembic.operations.ops import DowngradeOps, UpgradeOps
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from storeroom import types
from storeroom.migrations.defaults import render_default

_POSTGRESQL = "from sqlalchemy.dialects import postgresql"

_CODE: Mapping[type[TypeEngine[Any]], str] = {
    types.BigInt: 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")',
    types.CalendarDate: "sa.Date()",
    types.Choice: "sa.String()",
    types.Flag: "sa.Boolean()",
    types.Int: "sa.Integer()",
    types.JSONDocument: 'sa.Text().with_variant(postgresql.JSONB(), "postgresql")',
    types.Real: "sa.Float()",
    types.UTCDateTime: "sa.DateTime(timezone=True)",
}

_REMARK = re.compile(r"^ *# ### .*\n?", re.MULTILINE)


def render(operations: UpgradeOps | DowngradeOps, context: MigrationContext) -> tuple[str, Set[str]]:
    """Return the code of the operations, and the imports that it needs beside the usual ones."""
    imports: set[str] = set()

    def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
        autogen.imports = imports  # Alembic adds to it, and keeps it to itself
        if kind == "server_default":
            return render_default(item)
        return _render_type(item, imports) if kind == "type" else False

    code = render_python_code(operations, render_as_batch=True, render_item=render_item, migration_context=context)
    return _REMARK.sub("", code).strip("\n"), imports


def _render_type(item: Any, imports: set[str]) -> str | Literal[False]:
    # A revision is history: it names nothing of core's, which may change.
    for kind, code in _CODE.items():
        if isinstance(item, kind):
            if isinstance(item, types.JSONDocument):
                imports.add(_POSTGRESQL)
            return code
    if isinstance(item, types.PlainText):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    if isinstance(item, postgresql.JSON):
        # As a variant, Alembic writes it with a name that it doesn't import.
        imports.add(_POSTGRESQL)
        return f"postgresql.{type(item).__name__}()"
    return False
