"""A plugin whose second revision counts every row, which nobody may do twice."""

from collections.abc import Sequence

from tests.migrations.installations import query, uninstall
from tests.support.plugins import PluginMaker, Rev, create_table

SIZE = 10
TABLE = create_table(
    "alpha",
    'sa.Column("counter", sa.Integer(), nullable=False, server_default="0")',
    'sa.Column("done", sa.Boolean(), nullable=False, server_default=sa.false())',
    'sa.Column("touched", sa.Integer(), nullable=False, server_default="0")',
)
INSERT = "INSERT INTO alpha (id, counter) VALUES "
BEGINNING = """
from storeroom.revising import in_batches
columns = [sa.column(name) for name in ("id", "counter", "touched")]
alpha = sa.table("alpha", *columns, sa.column("done", sa.Boolean()))
"""
COUNT = "alpha.update().where(~alpha.c.done).values(counter=alpha.c.counter + 1, done=True)"


def batches(statement: str, returns: str, *, transactional: bool) -> Rev:
    """A revision that runs a statement in batches, and fails unless it returns this."""
    body = (
        f'{BEGINNING}returned = in_batches({statement}, size={SIZE}, key=["id"])\nassert returned {returns}, returned'
    )
    return Rev(body, transactional=transactional)


def insert(ids: Sequence[int]) -> str:
    return INSERT + ", ".join(f"({each}, 0)" for each in ids)


def add_revision(make_plugin: PluginMaker, revision: Rev) -> None:
    """Let the next release of the plugin bring another revision."""
    uninstall(make_plugin.site, "alpha")
    make_plugin("alpha", revisions=[TABLE, revision])


def counters(url: str) -> list[int]:
    """The counters of the rows that were there before the revision, in the order of their keys."""
    return [counter for (counter,) in query(url, "SELECT counter FROM alpha WHERE id / 2 * 2 = id ORDER BY id")]
