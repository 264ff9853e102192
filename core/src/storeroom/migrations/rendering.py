"""Operations as the code of a revision, which runs on SQLite and PostgreSQL alike and names nothing of core's."""

import re
from collections.abc import Set
from typing import Any, Literal

from alembic.autogenerate import render_python_code
from alembic.autogenerate.api import AutogenContext
from alembic.migration import MigrationContext
from alembic.operations.ops import DowngradeOps, UpgradeOps
from sqlalchemy.dialects import postgresql

from storeroom.migrations.defaults import render_default
from storeroom.orm import UTCDateTime

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
    if isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"  # a revision is history: it must not change when core's type does
    if isinstance(item, postgresql.JSON):
        # As a variant, Alembic writes it with a name that it doesn't import.
        imports.add("from sqlalchemy.dialects import postgresql")
        return f"postgresql.{type(item).__name__}()"
    return False
