"""`in_batches` changes each row that is due once, so many at a time, and refuses what it can't do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from storeroom.errors import RevisionFailed, ValueRefused
from storeroom.revising import in_batches
from tests.migrations.installations import execute, heads, installed, query, uninstall, upgrade
from tests.revising.counted import BEGINNING, COUNT, TABLE, add_revision, batches, counters, insert
from tests.support.plugins import PluginMaker, Rev, create_table

pytestmark = pytest.mark.dear

IDS = range(0, 70, 2)


@contextmanager
def upgrading(url: str) -> Iterator[list[int]]:
    """Upgrade at the end of the block; gives out the number of rows that each UPDATE or DELETE of alpha changed."""
    changed: list[int] = []

    def after(_conn: Any, cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(("UPDATE alpha", "DELETE FROM alpha")):
            changed.append(cursor.rowcount)

    with installed(url, "alpha") as installation:
        event.listen(installation.database.engine, "after_cursor_execute", after)
        yield changed
        installation.upgrade()


def with_rows(url: str, make_plugin: PluginMaker, revision: Rev) -> None:
    """A database at the plugin's first revision, with rows, and a second revision to come."""
    make_plugin("alpha", revisions=[TABLE])
    upgrade(url, "alpha")
    execute(url, insert(IDS))
    add_revision(make_plugin, revision)


@pytest.mark.parametrize("transactional", [False, True])
@pytest.mark.parametrize(
    "statement",
    [COUNT, "alpha.update().where(alpha.c.id >= 0).values(counter=alpha.c.counter + 1)"],
    ids=["makes its condition false", "leaves it true"],
)
def test_an_update_changes_each_row_once(
    url: str, make_plugin: PluginMaker, statement: str, transactional: bool
) -> None:
    with_rows(url, make_plugin, batches(statement, "== 35", transactional=transactional))
    with upgrading(url) as changed:
        pass
    assert changed == [10, 10, 10, 5]
    assert counters(url) == [1] * len(IDS)
    assert heads(url) == {"alpha": "alpha_0002"}


def test_only_what_is_due_is_changed(url: str, make_plugin: PluginMaker) -> None:
    with_rows(url, make_plugin, batches(COUNT, "== 12", transactional=False))
    execute(url, "UPDATE alpha SET done = true WHERE id / 6 * 6 <> id")
    with upgrading(url) as changed:
        pass
    assert changed == [10, 2]
    assert counters(url) == [int(each % 6 == 0) for each in IDS]


def test_a_delete(url: str, make_plugin: PluginMaker) -> None:
    with_rows(url, make_plugin, batches("alpha.delete().where(alpha.c.id >= 20)", "== 25", transactional=False))
    with upgrading(url) as changed:
        pass
    assert changed == [10, 10, 5]
    assert query(url, "SELECT max(id) FROM alpha") == [(18,)]


def test_an_empty_table(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", revisions=[TABLE, batches(COUNT, "== 0", transactional=False)])
    assert upgrade(url, "alpha") == ["alpha_0001", "alpha_0002"]


@pytest.mark.parametrize("transactional", [False, True])
def test_rows_that_are_added_meanwhile_do_not_keep_it_going(
    url: str, make_plugin: PluginMaker, transactional: bool
) -> None:
    """Each batch is answered with as many new rows that are due as it has changed."""
    with_rows(url, make_plugin, batches(COUNT, "== 35", transactional=transactional))
    added = iter(range(1000, 1100))

    def add(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("UPDATE alpha"):
            connection.exec_driver_sql(insert([next(added) for _ in range(10)]))

    with installed(url, "alpha") as installation:
        event.listen(installation.database.engine, "after_cursor_execute", add)
        installation.upgrade()
    assert query(url, "SELECT counter, count(*) FROM alpha GROUP BY counter ORDER BY counter") == [(0, 40), (1, 35)]


def test_a_condition_and_values_from_another_table(url: str, make_plugin: PluginMaker) -> None:
    """Each row takes its value from the other table, and is due while it has another one."""
    value = "sa.select(more.c.value).where(more.c.id == alpha.c.id).scalar_subquery()"
    body = f"""{BEGINNING}
more = sa.table("alpha_more", sa.column("id"), sa.column("value"))
value = {value}
assert in_batches(alpha.update().where(alpha.c.counter != value).values(counter=value), size=2, key=["id"]) == 3
"""
    more = create_table("alpha_more", 'sa.Column("value", sa.Integer())')
    make_plugin("alpha", revisions=[f"{TABLE}\n{more}"])
    upgrade(url, "alpha")
    execute(url, insert(range(5)), "INSERT INTO alpha_more VALUES (0, 0), (1, 7), (3, 8), (4, 9)")
    add_revision(make_plugin, Rev(body, transactional=False))
    upgrade(url, "alpha")
    assert query(url, "SELECT counter FROM alpha ORDER BY id") == [(0,), (7,), (0,), (8,), (9,)]


KEYED = """
from storeroom.revising import in_batches
metadata = sa.MetaData()
alpha = sa.Table("alpha", metadata, *columns, sa.Column("counter", sa.Integer(), server_default="0", nullable=False))
alpha.create(op.get_bind())
op.get_bind().execute(alpha.insert(), rows)
assert in_batches(alpha.update().where(alpha.c.counter < 5).values(counter=alpha.c.counter + 1), size=2) == len(rows)
"""


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        ("'id', sa.BigInteger()", "{'id': 2**40 + each} for each in range(5)"),
        ("'id', sa.String(9)", "{'id': each} for each in ('', 'a', 'B', 'b', 'ä')"),
        ("'id', sa.Uuid()", "{'id': uuid.UUID(int=each << 100)} for each in range(7)"),
        ("'id', sa.DateTime(timezone=True)", "{'id': datetime(2020, 1, each, tzinfo=UTC)} for each in range(1, 6)"),
        (
            "'a', sa.Integer(), primary_key=True), sa.Column('b', sa.String(9)",
            "{'a': a, 'b': b} for a in (1, 2) for b in 'xyz'",
        ),
    ],
    ids=["bigint", "text", "uuid", "time", "two columns"],
)
def test_keys(url: str, make_plugin: PluginMaker, columns: str, rows: str) -> None:
    imports = "import uuid\nfrom datetime import UTC, datetime\n"
    given = f"columns = [sa.Column({columns}, primary_key=True)]\nrows = [{rows}]\n"
    make_plugin("alpha", revisions=[imports + given + KEYED])
    with upgrading(url) as changed:
        pass
    assert max(changed) == 2
    assert query(url, "SELECT DISTINCT counter FROM alpha") == [(1,)]


def test_a_large_key_of_a_table_without_types(url: str, make_plugin: PluginMaker) -> None:
    table = TABLE.replace("sa.Integer(), primary_key", "sa.BigInteger(), primary_key")
    rows = f"op.execute({insert(range(2**40, 2**40 + 50, 2))!r})"
    make_plugin("alpha", revisions=[f"{table}\n{rows}", batches(COUNT, "== 25", transactional=False)])
    upgrade(url, "alpha")
    assert counters(url) == [1] * 25


def test_a_key_that_is_null_is_refused(url: str, make_plugin: PluginMaker) -> None:
    """It would be passed over: no key is larger or smaller than NULL."""
    step = COUNT.replace("alpha.update", "table.update").replace("alpha.c", "table.c")
    body = f"""{BEGINNING}
table = sa.table("alpha", sa.column("done", sa.Boolean()), *map(sa.column, ("counter", "touched", "code")))
assert in_batches({step}, key=["touched", "code"]) == 34
"""
    make_plugin("alpha", revisions=[TABLE.removesuffix(")") + ", sa.Column('code', sa.Integer()))"])
    upgrade(url, "alpha")
    execute(url, insert(IDS), "UPDATE alpha SET code = id WHERE id > 0")
    uninstall(make_plugin.site, "alpha")
    make_plugin("alpha", revisions=["pass", Rev(body, transactional=False)])
    with pytest.raises(RevisionFailed, match=r"key: a row that is to be changed has NULL in touched, code; name other"):
        upgrade(url, "alpha")
    assert counters(url) == [0] * len(IDS)
    execute(url, "UPDATE alpha SET done = true WHERE code IS NULL")
    assert upgrade(url, "alpha") == ["alpha_0002"]


alpha = sa.Table("alpha", sa.MetaData(), sa.Column("id", sa.Integer(), primary_key=True))
keyless = sa.table("alpha", sa.column("id"))
alias: Any = alpha.alias()
DUE = alpha.c.id > 0


@pytest.mark.parametrize(
    ("statement", "options", "says"),
    [
        (alpha.update(), {}, r"changes every row of 'alpha'.*; say with where\(…\) which rows"),
        (alpha.insert(), {}, "Insert can't be run in batches; give an UPDATE or a DELETE of one table"),
        (sa.update(alias).where(DUE), {}, "Update can't be run in batches; give an UPDATE"),
        ("DELETE FROM alpha", {}, "str can't be run in batches"),
        (alpha.delete().where(DUE).returning(alpha.c.id), {}, "nobody gets the rows .*; leave it out"),
        (alpha.delete().where(DUE), {"size": 0}, "size: 0 isn't a whole number from 1; give one"),
        (alpha.delete().where(DUE), {"size": True}, "size: True isn't a whole number"),
        (alpha.delete().where(DUE), {"key": "id"}, r"key: 'id' isn't a list of columns' names; write key=\['id'\]"),
        (alpha.delete().where(DUE), {"key": ["ids"]}, "'alpha' is written without 'ids'; name columns .* such as 'id'"),
        (keyless.delete().where(DUE), {}, r"'alpha' is written without a primary key; name its columns, as key=\['id"),
    ],
)
def test_what_is_refused(statement: Any, options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueRefused, match=says):
        in_batches(statement, **options)
