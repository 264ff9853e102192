"""A revision that is declared `transactional = False` is a step of its own, repeated until it is recorded."""

import signal
from pathlib import Path

import pytest

from storeroom import Storeroom
from storeroom.errors import RevisionFailed, TableUnowned
from storeroom.testing import requires
from tests.migrations.forks import KILLED, Forker
from tests.migrations.installations import execute, heads, installed, query, tables, uninstall, upgrade
from tests.support.plugins import PluginMaker, Rev, create_table

pytestmark = pytest.mark.dear

CODED = create_table("alpha", 'sa.Column("code", sa.Integer())')
OWNED = "SELECT kind, name FROM storeroom_objects WHERE plugin = 'alpha' ORDER BY drop_position"


def alone(body: str) -> Rev:
    return Rev(body, transactional=False)


def test_a_concurrent_index(server_url: str, make_plugin: PluginMaker) -> None:
    index = "op.create_index('ix', 'alpha', ['code'], postgresql_concurrently=True, if_not_exists=True)"
    make_plugin("alpha", revisions=[CODED, alone(index), "pass"])
    assert upgrade(server_url, "alpha") == ["alpha_0001", "alpha_0002", "alpha_0003"]
    assert query(server_url, OWNED) == [("index", "ix"), ("table", "alpha")]
    assert query(server_url, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix'::regclass") == [(True,)]


@pytest.mark.parametrize(
    "body", ["op.execute('VACUUM')", "with op.get_context().autocommit_block(): op.execute('VACUUM')"]
)
def test_what_cannot_run_in_a_transaction(url: str, make_plugin: PluginMaker, body: str) -> None:
    execute(url, "CREATE TABLE users (id INTEGER)", "CREATE INDEX ix_users ON users (id)")
    make_plugin("alpha", revisions=[CODED, alone(body)])
    assert upgrade(url, "alpha") == ["alpha_0001", "alpha_0002"]
    make_plugin("beta", revisions=[create_table("beta") + f"\n{body.partition(': ')[2] or body}"])
    with pytest.raises(RevisionFailed, match="VACUUM"):
        upgrade(url, "alpha", "beta")


def test_a_database_in_memory(make_plugin: PluginMaker) -> None:
    make_plugin("alpha", revisions=[CODED, alone("op.execute('VACUUM')"), "pass"])
    with Storeroom.open("sqlite://", allow=["alpha"], upgrade=True) as room, room.write() as uow:
        assert uow.connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert uow.connection.exec_driver_sql("SELECT head FROM storeroom_plugins WHERE name = 'alpha'").scalar() == (
            "alpha_0003"
        )


def test_a_database_in_memory_is_whole_after_a_failure(make_plugin: PluginMaker) -> None:
    make_plugin("alpha", revisions=[CODED, alone("op.execute('BEGIN')\nop.execute('INSERT INTO alpha VALUES (1, 1)')")])
    with installed("sqlite://", "alpha") as installation:
        with pytest.raises(RevisionFailed, match="it began a transaction and left it open"):
            installation.upgrade()
        assert installation.ledger().entries["alpha"].head == "alpha_0001"
        with installation.database.autocommit() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
            assert connection.exec_driver_sql("SELECT count(*) FROM alpha").scalar() == 0


def test_what_precedes_a_step_that_fails_stays(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", revisions=[CODED, alone("op.execute('SELECT nonsense')"), create_table("alpha_more")])
    make_plugin("beta")
    with pytest.raises(RevisionFailed) as caught:
        upgrade(url, "alpha", "beta")
    assert (caught.value.plugin, caught.value.revision) == ("alpha", "alpha_0002")
    assert "it is not recorded, and will be run again by the next try; repair the revision" in str(caught.value)
    assert heads(url) == {"alpha": "alpha_0001"}
    assert tables(url) == {"alpha"}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("op.create_table('alpha_more', sa.Column('id', sa.Integer()))", "it created or dropped 'alpha_more' outside"),
        ("op.drop_table('alpha')", "it created or dropped 'alpha' outside"),
        ("op.execute('BEGIN')", "it began a transaction and left it open; commit what it begins"),
        ("raise SystemExit(1)", "SystemExit: 1"),
    ],
)
def test_a_step_keeps_to_the_rules(url: str, make_plugin: PluginMaker, body: str, says: str) -> None:
    make_plugin("alpha", revisions=[CODED, alone(body)])
    with pytest.raises(RevisionFailed) as caught:
        upgrade(url, "alpha")
    assert says in str(caught.value)
    assert "rolled back" not in str(caught.value)
    assert heads(url) == {"alpha": "alpha_0001"}


def test_a_step_may_commit_what_it_begins(url: str, make_plugin: PluginMaker) -> None:
    statements = ("BEGIN", "INSERT INTO alpha VALUES (1, 1)", "COMMIT")
    body = "\n".join(f"op.execute({each!r})" for each in statements)
    make_plugin("alpha", revisions=[CODED, alone(f"{body}\nop.get_bind().commit()")])
    upgrade(url, "alpha")
    assert query(url, "SELECT * FROM alpha") == [(1, 1)]
    assert heads(url) == {"alpha": "alpha_0002"}


def test_batch_mode_is_for_transactions(url: str, make_plugin: PluginMaker) -> None:
    """On SQLite it drops a table, and renames another; a step that is killed between the two would lose it."""
    batch = "with op.batch_alter_table('alpha') as batch:\n    batch.add_column(sa.Column('more', sa.Integer()))"
    make_plugin("alpha", revisions=[CODED, alone(batch)])
    if requires.altering_in_place.met_by(url):
        assert upgrade(url, "alpha") == ["alpha_0001", "alpha_0002"]
        return
    with pytest.raises(RevisionFailed, match=r"half done outside a transaction; do it in a revision that is") as caught:
        upgrade(url, "alpha")
    assert caught.value.revision == "alpha_0002"
    assert tables(url) == {"alpha"}
    uninstall(make_plugin.site, "alpha")
    make_plugin("alpha", revisions=[CODED, batch])
    assert upgrade(url, "alpha") == ["alpha_0002"]


CHILD_ALONE = "op.execute('INSERT INTO alpha_child VALUES (1, 99)')"


def test_foreign_keys_are_enforced_in_a_step(url: str, make_plugin: PluginMaker) -> None:
    child = create_table("alpha_child", 'sa.Column("p", sa.Integer(), sa.ForeignKey("alpha.id"))')
    make_plugin("alpha", tables=["alpha_child"], revisions=[f"{CODED}\n{child}", alone(CHILD_ALONE)])
    with pytest.raises(RevisionFailed, match=r"'alpha_0002' of plugin 'alpha' failed: (?i:.*foreign key)"):
        upgrade(url, "alpha")
    assert query(url, "SELECT * FROM alpha_child") == []


def test_broken_foreign_keys_are_told_of_a_step_too(sqlite_url: str, make_plugin: PluginMaker) -> None:
    child = create_table("alpha_child", 'sa.Column("p", sa.Integer(), sa.ForeignKey("alpha.id"))')
    make_plugin(
        "alpha",
        tables=["alpha_child"],
        revisions=[f"{CODED}\n{child}", alone(f"op.execute('PRAGMA foreign_keys=OFF')\n{CHILD_ALONE}")],
    )
    with pytest.raises(RevisionFailed, match="foreign keys from 'alpha_child' to 'alpha' are broken after alpha_0002"):
        upgrade(sqlite_url, "alpha")
    assert heads(sqlite_url) == {"alpha": "alpha_0001"}


def dying(flag: Path, body: str) -> str:
    """A body after which the process kills itself, the first time."""
    return f"""
{body}
import os, pathlib
if not pathlib.Path({str(flag)!r}).exists():
    pathlib.Path({str(flag)!r}).touch()
    os.kill(os.getpid(), {int(signal.SIGKILL)})
"""


REPEATABLE = """
op.execute("CREATE INDEX IF NOT EXISTS ix ON alpha (code)")
op.drop_index("ix_more", "alpha", if_exists=True)
op.create_index("ix_more", "alpha", ["id"])
"""


def test_a_step_that_was_killed_is_repeated(url: str, make_plugin: PluginMaker, forker: Forker, tmp_path: Path) -> None:
    step = alone(dying(tmp_path / "flag", REPEATABLE))
    make_plugin("alpha", revisions=[CODED, step, "pass"])
    assert forker.at_once(make_plugin.site, upgrade, [(url, "alpha")]) == [KILLED]
    assert heads(url) == {"alpha": "alpha_0001"}
    execute(url, "CREATE INDEX of_the_operator ON alpha (code)")
    assert forker.at_once(make_plugin.site, upgrade, [(url, "alpha")]) == [["alpha_0002", "alpha_0003"]]
    assert sorted(query(url, OWNED)) == [
        ("index", "ix"),
        ("index", "ix_more"),
        ("table", "alpha"),
    ]


def test_an_invalid_index_is_dropped_by_the_author_and_made_again(server_url: str, make_plugin: PluginMaker) -> None:
    """A unique concurrent index that fails leaves an invalid one behind, as one that is killed does."""
    step = """
op.drop_index("ix", "alpha", postgresql_concurrently=True, if_exists=True)
op.create_index("ix", "alpha", ["code"], unique=True, postgresql_concurrently=True)
"""
    make_plugin("alpha", revisions=[CODED + "\nop.execute('INSERT INTO alpha VALUES (1, 7), (2, 7)')", alone(step)])
    with pytest.raises(RevisionFailed, match="a row with this key exists"):
        upgrade(server_url, "alpha")
    valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix'::regclass"
    assert query(server_url, valid) == [(False,)]
    execute(server_url, "DELETE FROM alpha WHERE id = 2")
    assert upgrade(server_url, "alpha") == ["alpha_0002"]
    assert query(server_url, valid) == [(True,)]
    assert query(server_url, OWNED) == [("index", "ix"), ("table", "alpha")]


def test_a_step_takes_no_table_that_belongs_to_nobody(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", tables=["alpha", "alpha_more"], revisions=[CODED, alone("pass")])
    execute(url, "CREATE TABLE alpha_more (id INTEGER)")
    with pytest.raises(TableUnowned) as caught:
        upgrade(url, "alpha")
    assert (caught.value.plugin, caught.value.tables) == ("alpha", ("alpha_more",))
    execute(url, "DROP TABLE alpha_more")
    assert upgrade(url, "alpha") == ["alpha_0001", "alpha_0002"]
