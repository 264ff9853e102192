"""A revision that fails, or ends the transaction, is named, and nothing of the upgrade remains."""

from typing import Any

import pytest
from sqlalchemy import make_url

from storeroom import Storeroom
from storeroom.errors import RevisionFailed
from tests.migrations.installations import execute, heads, query, tables, upgrade
from tests.support.plugins import PluginMaker, Rev, create_table

pytestmark = pytest.mark.dear

RAW = "op.get_bind().connection.driver_connection"


def refused(url: str, make_plugin: PluginMaker, body: str) -> RevisionFailed:
    """Upgrade three plugins of which the second fails in its second revision, and return the error."""
    make_plugin("alpha", revisions=[create_table("alpha") + "\nop.create_index('ix_alpha', 'alpha', ['id'])"])
    make_plugin("beta", revisions=[create_table("beta"), create_table("beta_more") + f"\n{body}"])
    make_plugin("gamma")
    with pytest.raises(RevisionFailed) as caught:
        upgrade(url, "alpha", "beta", "gamma")
    assert (caught.value.plugin, caught.value.revision) == ("beta", "beta_0002")
    assert str(caught.value).startswith("revision 'beta_0002' of plugin 'beta' failed: ")
    assert "deny 'beta' so that the others can be upgraded" in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("raise ValueError('no luck')", "ValueError: no luck"),
        ("raise SystemExit(2)", "SystemExit: 2"),
        ("op.execute('SELECT nonsense')", "the database refused a statement"),
        ("op.execute('INSERT INTO beta VALUES (1), (1)')", "a row with this key exists"),
        (f"{RAW}.execute('SELECT nonsense')", "nonsense"),
        ("op.execute('COMMIT')", "may not begin, commit or roll back"),
        ("op.execute('ROLLBACK')", "may not begin, commit or roll back"),
        ("op.execute('BEGIN')", "may not begin, commit or roll back"),
        ("op.execute('/* why */ END -- now')", "may not begin, commit or roll back"),
        ("op.get_bind().commit()", "only the unit of work ends its transaction"),
        ("op.get_bind().rollback()", "only the unit of work ends its transaction"),
        ("with op.get_context().autocommit_block(): pass", "autocommit_block can't be used here"),
    ],
)
def test_a_failure_rolls_everything_back(url: str, make_plugin: PluginMaker, body: str, says: str) -> None:
    error = refused(url, make_plugin, body)
    assert says in str(error)
    assert "; everything was rolled back; " in str(error)
    assert tables(url) == set()
    assert upgrade(url, "alpha", "gamma") == ["alpha_0001", "gamma_0001"]


@pytest.mark.parametrize(
    "body",
    [f"{RAW}.commit()", f"{RAW}.execute('COMMIT')", f"{RAW}.cursor().execute('ROLLBACK')"],
    ids=["commit", "execute", "cursor"],
)
def test_sqlite_refuses_the_drivers_own_commit(sqlite_url: str, make_plugin: PluginMaker, body: str) -> None:
    error = refused(sqlite_url, make_plugin, body)
    assert "may not begin, commit or roll back" in str(error)
    assert "not authorized" in str(error)
    assert tables(sqlite_url) == set()


COMMITS = {
    "driver": f"{RAW}.commit()",
    "cursor": f"{RAW}.cursor().execute('COMMIT')",
    "and begin": f"{RAW}.execute('COMMIT; BEGIN')",
    "and chain": f"{RAW}.execute('COMMIT AND CHAIN')",
    "as another role": f"{RAW}.execute('SET ROLE pg_monitor')\n{RAW}.commit()",
    "constraints": "op.execute('SET CONSTRAINTS ALL IMMEDIATE')",
}


@pytest.mark.parametrize("body", COMMITS.values(), ids=COMMITS.keys())
def test_postgresql_refuses_the_drivers_own_commit(server_url: str, make_plugin: PluginMaker, body: str) -> None:
    error = refused(server_url, make_plugin, body)
    assert "may not begin, commit or roll back" in str(error)
    assert "SET CONSTRAINTS takes the names" in str(error)
    assert tables(server_url) == set()
    assert upgrade(server_url, "alpha", "gamma") == ["alpha_0001", "gamma_0001"]


def test_a_refused_commit_that_the_revision_hides(server_url: str, make_plugin: PluginMaker) -> None:
    error = refused(server_url, make_plugin, f"try:\n    {RAW}.commit()\nexcept Exception:\n    pass")
    assert "it ended the transaction" in str(error)
    assert upgrade(server_url, "alpha", "gamma") == ["alpha_0001", "gamma_0001"]


@pytest.mark.parametrize("end", ["ROLLBACK", "ROLLBACK AND CHAIN"])
def test_postgresql_tells_when_the_driver_rolled_back(server_url: str, make_plugin: PluginMaker, end: str) -> None:
    error = refused(server_url, make_plugin, f"{RAW}.execute('{end}')")
    assert "it ended the transaction" in str(error)
    assert tables(server_url) == set()


def test_a_role_that_may_make_no_temporary_tables(server_url: str, make_plugin: PluginMaker, request: Any) -> None:
    """It upgrades; a commit at the driver is found out afterwards only."""
    role = f"plain_{make_url(server_url).database}"
    execute(
        server_url,
        f"CREATE ROLE {role} LOGIN PASSWORD 'secret'",
        f"GRANT ALL ON SCHEMA public TO {role}",
        f"REVOKE TEMP ON DATABASE {make_url(server_url).database} FROM PUBLIC",
    )
    request.addfinalizer(lambda: execute(server_url, f"DROP OWNED BY {role}", f"DROP ROLE {role}"))
    plain = make_url(server_url).set(username=role, password="secret").render_as_string(hide_password=False)
    make_plugin("alpha")
    assert upgrade(plain, "alpha") == ["alpha_0001"]
    make_plugin("beta", revisions=[create_table("beta") + f"\n{RAW}.commit()"])
    with pytest.raises(RevisionFailed, match="it ended the transaction"):
        upgrade(plain, "alpha", "beta")
    assert heads(plain) == {"alpha": "alpha_0001"}


@pytest.mark.parametrize("transactional", [True, False])
def test_what_a_revision_sets_for_the_session_ends_with_it(
    server_url: str, make_plugin: PluginMaker, transactional: bool
) -> None:
    setting = Rev("op.execute(\"SET application_name = 'left behind'\")", transactional=transactional)
    make_plugin("alpha", revisions=[create_table("alpha"), setting])
    with Storeroom.open(server_url, allow=["alpha"], upgrade=True) as room, room.write() as uow:
        assert uow.connection.exec_driver_sql("SHOW application_name").scalar() != "left behind"


@pytest.mark.parametrize("transactional", [True, False])
def test_memory_outlives_its_upgrade(make_plugin: PluginMaker, transactional: bool) -> None:
    make_plugin("alpha", revisions=[create_table("alpha"), Rev("pass", transactional=transactional)])
    with Storeroom.open("sqlite://", allow=["alpha"], upgrade=True) as room, room.read() as uow:
        assert uow.connection.exec_driver_sql("SELECT count(*) FROM alpha").scalar() == 0


@pytest.mark.parametrize(
    "statement",
    [
        "COMMIT; BEGIN",
        "SELECT 1; commit",
        "SELECT E'it\\'s'; COMMIT; SELECT 'x'",
        "START TRANSACTION",
        "PREPARE TRANSACTION 'x'",
        "ABORT",
        "ROLLBACK AND CHAIN",
    ],
)
def test_postgresql_is_not_sent_what_ends_the_transaction(
    server_url: str, make_plugin: PluginMaker, statement: str
) -> None:
    error = refused(server_url, make_plugin, f'op.execute(r"""{statement}""")')
    assert "may not begin, commit or roll back" in str(error)
    assert tables(server_url) == set()


def test_what_runs_out_of_locks_is_told_how_to_get_more(server_url: str, make_plugin: PluginMaker) -> None:
    body = "import psycopg\nraise psycopg.errors.OutOfMemory('out of shared memory')"
    error = refused(server_url, make_plugin, body)
    assert "out of shared memory" in str(error)
    assert "; raise max_locks_per_transaction on the server" in str(error)


def test_postgresql_tells_of_a_failure_that_the_revision_hides(server_url: str, make_plugin: PluginMaker) -> None:
    body = "try:\n    op.execute('SELECT nonsense')\nexcept Exception:\n    pass"
    assert "went on after a statement in it had failed" in str(refused(server_url, make_plugin, body))
    assert tables(server_url) == set()


HARMLESS = {
    "comment": "op.execute('SELECT 1 -- ; COMMIT')",
    "block comment": "op.execute('SELECT 1 /* ; COMMIT; */')",
    "text": """op.execute("INSERT INTO alpha_log (body) VALUES ('a; COMMIT; it''s; ROLLBACK')")""",
    "savepoint": """
op.execute("SAVEPOINT here")
op.execute("INSERT INTO alpha_log (body) VALUES ('undone')")
op.execute("ROLLBACK TO SAVEPOINT here")
op.execute("RELEASE SAVEPOINT here")
""",
    "nested": """
nested = op.get_bind().begin_nested()
op.execute("INSERT INTO alpha_log (body) VALUES ('undone')")
nested.rollback()
with op.get_bind().begin_nested():
    op.execute("INSERT INTO alpha_log (body) VALUES ('kept')")
""",
    "column": "op.add_column('alpha', sa.Column('commit', sa.Integer()))",
}


@pytest.mark.parametrize("body", HARMLESS.values(), ids=HARMLESS.keys())
def test_what_only_looks_like_an_end_passes(url: str, make_plugin: PluginMaker, body: str) -> None:
    log = create_table("alpha_log", 'sa.Column("body", sa.Text())')
    make_plugin("alpha", revisions=[f"{create_table('alpha')}\n{log}\n{body}"])
    assert upgrade(url, "alpha") == ["alpha_0001"]
    assert query(url, "SELECT count(*) FROM alpha_log WHERE body = 'undone'") == [(0,)]


def test_a_trigger_passes_on_sqlite(sqlite_url: str, make_plugin: PluginMaker) -> None:
    trigger = "CREATE TRIGGER alpha_gone AFTER DELETE ON alpha BEGIN SELECT 1; END"
    make_plugin("alpha", revisions=[create_table("alpha") + f'\nop.execute("{trigger}")'])
    assert upgrade(sqlite_url, "alpha") == ["alpha_0001"]


FUNCTIONS = {
    "plpgsql": "CREATE FUNCTION alpha_one() RETURNS int LANGUAGE plpgsql AS $x$ BEGIN RETURN 1; END; $x$",
    "standard": "CREATE FUNCTION alpha_one() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 0; SELECT 1; END",
    "block": "DO $$ BEGIN PERFORM 1; END $$",
    "escaped": "SELECT E'it\\\\'s; COMMIT; no'",
}


@pytest.mark.parametrize("statement", FUNCTIONS.values(), ids=FUNCTIONS.keys())
def test_a_function_passes_on_postgresql(server_url: str, make_plugin: PluginMaker, statement: str) -> None:
    make_plugin("alpha", revisions=[create_table("alpha") + f'\nop.execute("{statement}")'])
    assert upgrade(server_url, "alpha") == ["alpha_0001"]


def test_a_running_revision_is_not_disturbed_by_a_neighbours_failure(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha")
    upgrade(url, "alpha")
    make_plugin("beta", revisions=[Rev("op.drop_table('alpha')\nraise ValueError()")])
    with pytest.raises(RevisionFailed):
        upgrade(url, "alpha", "beta")
    assert tables(url) == {"alpha"}
    assert heads(url) == {"alpha": "alpha_0001"}
