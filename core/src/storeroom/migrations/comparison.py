"""What a plugin's models say that its own tables don't, as operations up and down."""

import warnings
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass

from alembic.autogenerate import produce_migrations
from alembic.migration import MigrationContext
from alembic.operations.ops import DowngradeOps, UpgradeOps
from sqlalchemy import Connection

from storeroom.engine import StatementRunner
from storeroom.migrations.defaults import compare_defaults
from storeroom.migrations.indexes import IndexChanges, compare_indexes
from storeroom.orm import PluginMetaData

# What SQLAlchemy and Alembic say of the indexes that `compare_indexes` sees to.
_SEEN_TO = (
    "autogenerate skipping metadata-specified expression-based index",
    "Skipped unsupported reflection of expression-based index",
)


@dataclass(frozen=True, slots=True)
class Difference:
    """The operations that bring the tables to the models and back, and what could not be compared, a line each."""

    upgrade: UpgradeOps
    downgrade: DowngradeOps
    context: MigrationContext
    uncompared: Sequence[str]


def compare(runner: StatementRunner, metadata: PluginMetaData, own: Set[str]) -> Difference:
    """Compare the models with these tables; all others might not be there."""
    connection: Connection = runner.connection
    indexes = compare_indexes(runner.driver, metadata, own) if connection.dialect.name == "sqlite" else IndexChanges()
    options = {
        "target_metadata": metadata,
        "include_name": lambda name, kind, _parents: name in own if kind == "table" else name not in indexes.names,
        "include_object": lambda _object, name, kind, _reflected, _other: kind != "index" or name not in indexes.names,
        "compare_type": True,
        "compare_server_default": True,
        "render_as_batch": True,
    }
    context = MigrationContext.configure(connection, opts=options)
    compare_defaults(context.impl)
    with _listening() as uncompared:
        script = produce_migrations(context, metadata)
    upgrade, downgrade = script.upgrade_ops or UpgradeOps(), script.downgrade_ops or DowngradeOps()
    indexes.add_to(upgrade, downgrade)
    return Difference(upgrade, downgrade, context, uncompared)


@contextmanager
def _listening() -> Iterator[Sequence[str]]:
    """Collect the warnings in which SQLAlchemy and Alembic say what they can't reflect or compare."""
    said: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for start in _SEEN_TO:
            warnings.filterwarnings("ignore", start)
        yield said
    said += sorted({" ".join(str(each.message).split()) for each in caught})
