"""One process at a time changes the schema, and the others find its work done."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, event, make_url

from storeroom.errors import Busy, ConnectionLost, MigrationLockTimeout, RevisionFailed
from storeroom.migrations.lock import LOCK_KEY
from storeroom.settings import Settings
from storeroom.testing import requires
from tests.migrations.forks import Forker
from tests.migrations.installations import connected, heads, installed, query, tables, uninstall, upgrade
from tests.support.dialects import spelled
from tests.support.plugins import PluginMaker, Rev, create_table

pytestmark = pytest.mark.dear

IMPATIENT = Settings(migration_lock_timeout=0.2)


def counting(tally: Path, body: str) -> str:
    """A revision's body that leaves a mark each time it runs."""
    return f"with open({str(tally)!r}, 'a') as tally:\n    tally.write('x')\n{body}"


def test_eight_processes_upgrade_one_empty_database(
    url: str, make_plugin: PluginMaker, forker: Forker, tmp_path: Path
) -> None:
    tally = tmp_path / "tally"
    make_plugin("alpha", revisions=[counting(tally, create_table("alpha")), counting(tally, "pass")])
    make_plugin("beta", requires=["alpha"], revisions=[counting(tally, create_table("beta"))])
    outcomes = forker.at_once(make_plugin.site, upgrade, [(url, "alpha", "beta")] * 8)
    assert all(isinstance(each, list) for each in outcomes), outcomes
    assert sorted(outcomes) == [[]] * 7 + [["alpha_0001", "alpha_0002", "beta_0001"]]
    assert tally.read_text() == "xxx"
    assert heads(url) == {"alpha": "alpha_0002", "beta": "beta_0001"}


def test_a_step_outside_a_transaction_is_run_by_one_process(
    url: str, make_plugin: PluginMaker, forker: Forker, tmp_path: Path
) -> None:
    tally = tmp_path / "tally"
    step = counting(tally, "op.create_index('ix_alpha', 'alpha', ['id'], if_not_exists=True)")
    make_plugin("alpha", revisions=[create_table("alpha"), Rev(step, transactional=False), "pass"])
    outcomes = forker.at_once(make_plugin.site, upgrade, [(url, "alpha")] * 4)
    assert all(isinstance(each, list) for each in outcomes), outcomes
    assert sorted(chain.from_iterable(outcomes)) == ["alpha_0001", "alpha_0002", "alpha_0003"]
    assert tally.read_text() == "x"


@contextmanager
def migrating(url: str) -> Iterator[None]:
    """Another process's migration, which takes its time."""
    if requires.database_file.met_by(url):
        holder = sqlite3.connect(make_url(url).database or "", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            holder.close()
    else:
        with connected(url) as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_lock({LOCK_KEY})")
            yield


@pytest.mark.parametrize("transactional", [True, False])
def test_waiting_for_the_lock_has_an_end(url: str, make_plugin: PluginMaker, transactional: bool) -> None:
    make_plugin("alpha")
    upgrade(url, "alpha")
    make_plugin("beta", tables=[], revisions=[Rev("pass", transactional=transactional)])
    with migrating(url), pytest.raises(MigrationLockTimeout, match="STOREROOM_MIGRATION_LOCK_TIMEOUT") as caught:
        upgrade(url, "alpha", "beta", settings=IMPATIENT)
    assert str(make_url(url).database) in str(caught.value)
    assert upgrade(url, "alpha", "beta", settings=IMPATIENT) == ["beta_0001"]


def test_at_head_the_lock_is_not_asked_for(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha")
    upgrade(url, "alpha")
    with migrating(url):
        assert upgrade(url, "alpha", settings=IMPATIENT) == []


def test_a_step_on_sqlite_keeps_migrations_out_but_not_writers(
    sqlite_url: str, make_plugin: PluginMaker, tmp_path: Path
) -> None:
    """While the step runs, another process's migration waits; its own statements don't wait for themselves."""
    step = f"""
    import sqlite3
    from storeroom.errors import MigrationLockTimeout
    from tests.migrations.installations import execute, upgrade
    from tests.migrations.test_lock import IMPATIENT
    execute({sqlite_url!r}, "INSERT INTO alpha VALUES (1)")
    try:
        upgrade({sqlite_url!r}, "beta", settings=IMPATIENT)
    except MigrationLockTimeout:
        op.execute("INSERT INTO alpha VALUES (2)")
    """
    make_plugin("alpha", revisions=[create_table("alpha"), Rev(step, transactional=False)])
    make_plugin("beta")
    assert upgrade(sqlite_url, "alpha") == ["alpha_0001", "alpha_0002"]
    assert query(sqlite_url, "SELECT id FROM alpha ORDER BY id") == [(1,), (2,)]
    assert upgrade(sqlite_url, "alpha", "beta") == ["beta_0001"]


def test_what_a_reader_holds_up_is_tried_again(server_url: str, make_plugin: PluginMaker, tmp_path: Path) -> None:
    """The first try runs into PostgreSQL's lock_timeout, and the reader leaves before the second."""
    tally = tmp_path / "tally"
    make_plugin("alpha", revisions=[create_table("alpha")])
    upgrade(server_url, "alpha")
    file = make_plugin.site / "sr_alpha/migrations/versions/alpha_0002.py"
    file.write_text(
        "import sqlalchemy as sa\nfrom alembic import op\nrevision = 'alpha_0002'\ndown_revision = 'alpha_0001'\n"
        f"def upgrade():\n    with open({str(tally)!r}, 'a') as tally:\n        tally.write('x')\n"
        "    op.execute(\"SET LOCAL lock_timeout = '50ms'\")\n"
        "    op.add_column('alpha', sa.Column('code', sa.Integer()))\n"
    )
    (make_plugin.site / "sr_alpha/migrations/HEAD").write_text("alpha_0002\n")
    with connected(server_url) as reader:
        reader.exec_driver_sql("BEGIN")
        reader.exec_driver_sql("SELECT * FROM alpha")
        retried = threading.Event()
        thread = threading.Thread(target=leave_when_retried, args=(reader, tally, retried))
        thread.start()
        assert upgrade(server_url, "alpha") == ["alpha_0002"]
        thread.join()
    assert retried.is_set()
    assert len(tally.read_text()) >= 2


HELD = {
    "sqlite": """
import sqlite3
other = sqlite3.connect({file!r}, isolation_level=None)
other.execute("BEGIN IMMEDIATE")
try:
    op.execute("INSERT INTO alpha VALUES (1)")
finally:
    other.close()
""",
    "postgresql": """
op.execute("SET lock_timeout = '20ms'")
op.add_column("alpha", sa.Column("code", sa.Integer()))
""",
}


@pytest.mark.parametrize("transactional", [True, False])
def test_a_lock_that_is_never_had_is_told_with_the_revision(
    url: str, make_plugin: PluginMaker, transactional: bool
) -> None:
    """On SQLite an upgrade has the write lock, so that only a step outside a transaction can wait."""
    if transactional and not requires.row_locks.met_by(url):
        return
    body = spelled(url, **HELD).format(file=make_url(url).database)
    make_plugin("alpha", revisions=[create_table("alpha")])
    upgrade(url, "alpha")
    uninstall(make_plugin.site, "alpha")
    make_plugin("alpha", revisions=[create_table("alpha"), Rev(body, transactional=transactional)])
    with connected(url) as reader:
        reader.exec_driver_sql("BEGIN")
        reader.exec_driver_sql("SELECT * FROM alpha")
        with pytest.raises(
            RevisionFailed, match=r"it waited in vain for a lock .* who holds it can't be told"
        ) as caught:
            upgrade(url, "alpha", settings=Settings(migration_lock_timeout=0.2, busy_timeout=0.02))
        reader.exec_driver_sql("COMMIT")
    assert (caught.value.plugin, caught.value.revision) == ("alpha", "alpha_0002")
    assert "raise STOREROOM_MIGRATION_LOCK_TIMEOUT" in str(caught.value)
    assert "Storeroom.run" not in str(caught.value)
    assert isinstance(caught.value.__cause__, Busy)


def leave_when_retried(reader: Connection, tally: Path, retried: threading.Event) -> None:
    """Hold the table until the revision has run twice."""
    for _ in range(600):
        if tally.exists() and len(tally.read_text()) >= 2:
            retried.set()
            break
        threading.Event().wait(0.05)
    reader.exec_driver_sql("COMMIT")


KILL_ONCE = """
import pathlib, psycopg
if not pathlib.Path({flag!r}).exists():
    pathlib.Path({flag!r}).touch()
    pid = op.get_bind().connection.driver_connection.info.backend_pid
    with psycopg.connect({conninfo!r}, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
"""


@pytest.mark.parametrize(
    "rest", ["", "op.execute('SELECT 1')", "op.get_bind().connection.driver_connection.execute('')"]
)
@pytest.mark.parametrize("transactional", [True, False])
def test_a_connection_that_is_lost_makes_the_upgrade_begin_anew(
    server_url: str, make_plugin: PluginMaker, tmp_path: Path, rest: str, transactional: bool
) -> None:
    kill = KILL_ONCE.format(flag=str(tmp_path / "flag"), conninfo=server_url.replace("+psycopg", ""))
    step = Rev(f"{kill}\n{rest}", transactional=transactional)
    make_plugin("alpha", revisions=[create_table("alpha"), step, "pass"])
    upgrade(server_url, "alpha")
    assert heads(server_url) == {"alpha": "alpha_0003"}


def test_a_lost_connection_is_not_the_revisions_fault_for_ever(server_url: str, make_plugin: PluginMaker) -> None:
    always = KILL_ONCE.format(flag="/nonexistent", conninfo=server_url.replace("+psycopg", "")).replace(
        "    pathlib.Path('/nonexistent').touch()\n", ""
    )
    make_plugin("alpha", revisions=[create_table("alpha") + "\n" + always])
    with pytest.raises(ConnectionLost, match="the connection to the database was lost"):
        upgrade(server_url, "alpha", settings=IMPATIENT)
    assert tables(server_url) == set()


def test_an_error_in_unlocking_leaves_a_success_a_success(server_url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", tables=[], revisions=[Rev("pass", transactional=False)])
    with installed(server_url, "alpha") as installation:

        @event.listens_for(installation.database.engine, "before_cursor_execute")
        def lose(connection: object, cursor: psycopg.Cursor[object], statement: str, *_rest: object) -> None:
            if "pg_advisory_unlock" in statement:
                pid = cursor.connection.info.backend_pid
                with psycopg.connect(server_url.replace("+psycopg", ""), autocommit=True) as other:
                    other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

        installation.upgrade()
    assert heads(server_url) == {"alpha": "alpha_0001"}
