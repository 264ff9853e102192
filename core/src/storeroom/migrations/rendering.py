"""Operations as the code of a revision, which runs on SQLite and PostgreSQL alike and names nothing of core's."""

import re
from collections.abc import Mapping, Set
from typing import Any, Literal

from alembic.autogenerate import render_python_code
from alembic.autogenerate.api import AutogenContext
from alembic.migration import MigrationContext
from alembic.operations.ops import CreateIndexOp, DowngradeOps, OpContainer, UpgradeOps
from sqlalchemy import ColumnClause, literal_column
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.operators import asc_op
from sqlalchemy.types import TypeDecorator

from storeroom import types
from storeroom.migrations.defaults import render_default
from storeroom.sql import ascending, descending
from storeroom.sql.functions import Ordered

_POSTGRESQL = "from sqlalchemy.dialects import postgresql"

_CODE: Mapping[type[TypeDecorator[Any]], str] = {
    types.BigInt: 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")',
    types.CalendarDate: "sa.Date()",
    types.Choice: "sa.String()",
    types.Flag: "sa.Boolean()",
    types.Int: "sa.Integer()",
    types.JSONDocument: 'sa.Text().with_variant(postgresql.JSONB(), "postgresql")',
    types.Real: "sa.Float()",
    types.UTCDateTime: "sa.DateTime(timezone=True)",
}

# An order of index columns that each database writes otherwise, while Alembic renders it as the one at hand does.
_ORDERED = re.compile(r"""sa\.literal_column\((?P<quote>['"])storeroom (?P<order>\w+) (?P<column>\w+)(?P=quote)\)""")

_REMARK = re.compile(r"^ *# ### .*\n?", re.MULTILINE)


def render(operations: UpgradeOps | DowngradeOps, context: MigrationContext) -> tuple[str, Set[str]]:
    """Return the code of the operations, and the imports that it needs beside the usual ones."""
    imports: set[str] = set()

    def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
        autogen.imports = imports  # Alembic adds to it, and keeps it to itself
        if kind == "server_default":
            return render_default(item)
        return _render_type(item, imports) if kind == "type" else False

    _mark_orders(operations)
    code = render_python_code(operations, render_as_batch=True, render_item=render_item, migration_context=context)
    for order in sorted({match["order"] for match in _ORDERED.finditer(code)}):
        imports.add(f"from storeroom.sql import {order}")
    code = _ORDERED.sub(r"\g<order>(sa.Column(\g<quote>\g<column>\g<quote>))", code)
    return _REMARK.sub("", code).strip("\n"), imports


def _mark_orders(operations: OpContainer) -> None:
    for each in operations.ops:
        if isinstance(each, OpContainer):
            _mark_orders(each)
        elif isinstance(each, CreateIndexOp):
            each.columns = [_marked(column) if isinstance(column, Ordered) else column for column in each.columns]


def _marked(ordered: Ordered) -> ColumnClause[Any]:
    order = ascending if ordered.modifier is asc_op else descending
    return literal_column(f"storeroom {order.__name__} {ordered.element.name}")


def _render_type(item: Any, imports: set[str]) -> str | Literal[False]:
    # A revision is history: it names nothing of core's, which may change.
    for kind, code in _CODE.items():
        if isinstance(item, kind) and type(item).impl is kind.impl:
            if isinstance(item, types.JSONDocument):
                imports.add(_POSTGRESQL)
            return code
    if isinstance(item, types.PlainText):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    if isinstance(item, postgresql.JSON):
        # As a variant, Alembic writes it with a name that it doesn't import.
        imports.add(_POSTGRESQL)
        return f"postgresql.{type(item).__name__}()"
    if isinstance(item, TypeDecorator):  # a plugin's own, which may change as well: what it stores doesn't
        return _render_type(item.impl_instance, imports) or f"sa.{item.impl_instance!r}"
    return False
