"""A revision changes its own plugin's tables and indexes only, and loses none of them unsaid."""

import pytest

from storeroom.engine import Mode
from storeroom.errors import RevisionFailed, TableUnowned
from tests.migrations.installations import execute, heads, installed, query, tables, uninstall, upgrade
from tests.support.dialects import spelled
from tests.support.plugins import PluginMaker, Rev, create_table

pytestmark = pytest.mark.dear

INDEXED = create_table("alpha", 'sa.Column("code", sa.Integer())') + '\nop.create_index("ix_alpha", "alpha", ["code"])'


def refused(url: str, make_plugin: PluginMaker, *bodies: str) -> str:
    """Upgrade alpha, with these revisions after one that makes an indexed table, and return why it fails."""
    make_plugin("alpha", revisions=[INDEXED, *bodies])
    with pytest.raises(RevisionFailed, match="; everything was rolled back; ") as caught:
        upgrade(url, "alpha")
    assert (caught.value.plugin, caught.value.revision) == ("alpha", f"alpha_{len(bodies) + 1:04d}")
    assert "alpha" not in tables(url)
    return str(caught.value)


@pytest.mark.parametrize("name", ["beta", "alphabet", "Alpha_x", "users"])
def test_a_table_needs_the_plugins_name(sqlite_url: str, make_plugin: PluginMaker, name: str) -> None:
    reason = refused(sqlite_url, make_plugin, create_table(name))
    assert f"it created table {name!r}; call it 'alpha' or 'alpha_…'" in reason


OTHERS = {
    "op.drop_table('beta')": "it dropped table 'beta', which isn't its own",
    "op.drop_table('users')": "it dropped table 'users', which isn't its own",
    "op.rename_table('beta', 'alpha_beta')": "it dropped table 'beta', which isn't its own",
    "op.create_index('ix', 'beta', ['id'])": "it put index 'ix' on table 'beta', which isn't its own",
    "op.create_index('ix', 'users', ['id'])": "it put index 'ix' on table 'users', which isn't its own",
    "op.drop_index('ix_beta', 'beta')": "it dropped index 'ix_beta' of table 'beta', which isn't its own",
    "op.execute('DROP INDEX ix_users')": "it dropped index 'ix_users' of table 'users', which isn't its own",
}


@pytest.mark.parametrize(("body", "says"), OTHERS.items())
def test_what_belongs_to_others_is_left_alone(url: str, make_plugin: PluginMaker, body: str, says: str) -> None:
    make_plugin("beta", revisions=[create_table("beta") + "\nop.create_index('ix_beta', 'beta', ['id'])"])
    execute(url, "CREATE TABLE users (id INTEGER PRIMARY KEY)", "CREATE INDEX ix_users ON users (id)")
    upgrade(url, "beta")
    assert says in refused(url, make_plugin, body)
    assert tables(url) == {"beta", "users"}


CHANGES = {
    "column": "op.add_column('{0}', sa.Column('more', sa.Integer()))",
    "renamed column": "op.alter_column('{0}', 'id', new_column_name='key')",
    "batch": "with op.batch_alter_table('{0}') as batch:\n    batch.alter_column('note', nullable=False)",
    "anew": "op.drop_table('{0}')\nop.execute('CREATE TABLE {0} (id INTEGER PRIMARY KEY, note TEXT)')",
    "to and fro": "op.rename_table('{0}', 'alpha_x')\n{1}\nop.rename_table('alpha_x', '{0}')",
}


@pytest.mark.parametrize("table", ["beta", "users"])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_belongs_to_others_is_not_changed(url: str, make_plugin: PluginMaker, table: str, change: str) -> None:
    make_plugin("beta", revisions=[create_table("beta", "sa.Column('note', sa.Text())")])
    execute(url, "CREATE TABLE users (id INTEGER PRIMARY KEY, note TEXT)")
    upgrade(url, "beta")
    body = change.format(table, "op.alter_column('alpha_x', 'note', new_column_name='text')")
    assert f"it changed table {table!r}, or dropped it and made it anew, which isn't its own" in refused(
        url, make_plugin, body
    )
    assert query(url, f"SELECT id, note FROM {table}") == []


def test_nobody_elses_index_is_made_anew(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("beta", revisions=[create_table("beta") + "\nop.create_index('ix_beta', 'beta', ['id'])"])
    upgrade(url, "beta")
    anew = "op.drop_index('ix_beta', 'beta')\nop.create_index('ix_beta', 'beta', ['id'], unique=True)"
    assert "it changed table 'beta'" in refused(url, make_plugin, anew)


TRIGGERS = {
    "sqlite": "CREATE TRIGGER t AFTER INSERT ON beta BEGIN SELECT 1; END",
    "postgresql": (
        "CREATE TRIGGER t BEFORE UPDATE ON beta FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"
    ),
}


def test_nobody_elses_table_gets_a_trigger(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("beta")
    upgrade(url, "beta")
    trigger = spelled(url, **TRIGGERS)
    assert "it changed table 'beta'" in refused(url, make_plugin, f"op.execute('{trigger}')")


@pytest.mark.parametrize(
    "change",
    ["ALTER COLUMN note SET DEFAULT 1", "ADD CHECK (note > 0)", "ADD UNIQUE (note)", "ENABLE ROW LEVEL SECURITY"],
)
def test_postgresqls_ways_to_change_a_table(server_url: str, make_plugin: PluginMaker, change: str) -> None:
    make_plugin("beta", revisions=[create_table("beta", "sa.Column('note', sa.Integer())")])
    upgrade(server_url, "beta")
    assert "it changed table 'beta'" in refused(server_url, make_plugin, f"op.execute('ALTER TABLE beta {change}')")


def test_a_step_changes_nobody_elses_table(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("beta")
    upgrade(url, "beta")
    step = Rev("op.execute('ALTER TABLE beta ADD COLUMN more INTEGER')", transactional=False)
    make_plugin("alpha", revisions=[INDEXED, step])
    with pytest.raises(RevisionFailed, match="'alpha_0002' of plugin 'alpha' failed: it changed table 'beta'"):
        upgrade(url, "alpha", "beta")


OWN_CHANGES = {
    "column": "op.add_column('alpha', sa.Column('more', sa.Integer()))",
    "rename": "op.rename_table('alpha', 'alpha_new')",
    "renamed column": "op.alter_column('alpha', 'id', new_column_name='key')",
    "type": "with op.batch_alter_table('alpha') as batch:\n    batch.alter_column('id', type_=sa.BigInteger())",
    "temporary": (
        "op.execute('CREATE TEMP TABLE beta (id INTEGER)')\n"
        "op.execute('ALTER TABLE beta ADD COLUMN x INTEGER')\n"
        "op.execute('DROP TABLE beta')"
    ),
    "reference": (
        "op.create_table('alpha_child', sa.Column('id', sa.Integer(), primary_key=True),\n"
        "                sa.Column('beta', sa.Integer(), sa.ForeignKey('beta.id')))"
    ),
}


@pytest.mark.parametrize("change", OWN_CHANGES.values(), ids=OWN_CHANGES.keys())
def test_a_plugin_is_not_blamed_for_who_refers_to_its_table(url: str, make_plugin: PluginMaker, change: str) -> None:
    """A table that refers to another's is rewritten, or its foreign key made anew, when that is renamed or altered."""
    make_plugin("alpha", tables=["alpha"], revisions=[INDEXED])
    link = 'sa.Column("alpha_id", sa.Integer(), sa.ForeignKey("alpha.id"))'
    make_plugin("beta", requires=["alpha"], revisions=[create_table("beta", link)])
    upgrade(url, "alpha", "beta")
    uninstall(make_plugin.site, "alpha")
    make_plugin("alpha", tables=["alpha"], revisions=[INDEXED, change])
    assert upgrade(url, "alpha", "beta") == ["alpha_0002"]


def test_a_table_that_belongs_to_nobody_is_not_taken(url: str, make_plugin: PluginMaker) -> None:
    execute(url, "CREATE TABLE alpha_more (id INTEGER)", "INSERT INTO alpha_more VALUES (7)")
    make_plugin("alpha", tables=["alpha", "alpha_more"])
    make_plugin("beta")
    with pytest.raises(TableUnowned, match=r"'alpha_more', but such a table is there.*rename it or drop it") as caught:
        upgrade(url, "alpha", "beta")
    assert (caught.value.plugin, caught.value.tables) == ("alpha", ("alpha_more",))
    assert tables(url) == {"alpha_more"}
    assert query(url, "SELECT id FROM alpha_more") == [(7,)]


def test_a_stranger_in_the_ledgers_place(url: str, make_plugin: PluginMaker) -> None:
    """Core's own plugin can't be denied, so that it isn't advised."""
    execute(url, "CREATE TABLE storeroom_objects (id INTEGER)")
    make_plugin("alpha")
    with pytest.raises(TableUnowned, match=r"'storeroom_objects'.*; rename it or drop it$"):
        upgrade(url, "alpha")


def test_a_plugins_own_names_may_change(url: str, make_plugin: PluginMaker) -> None:
    renames = "op.rename_table('alpha', 'alpha_new')\nop.alter_column('alpha_new', 'code', new_column_name='number')"
    make_plugin("alpha", tables=["alpha_new"], revisions=[INDEXED, renames])
    upgrade(url, "alpha")
    owned = "SELECT kind, name, table_name FROM storeroom_objects WHERE plugin = 'alpha' ORDER BY drop_position"
    assert query(url, owned) == [("index", "ix_alpha", "alpha_new"), ("table", "alpha_new", "alpha_new")]


NAMED_DROPS = [
    "op.drop_index('ix_alpha', 'alpha')",
    "op.drop_index('ix_alpha')",
    "op.execute('DROP INDEX ix_alpha')",
    "op.execute('drop index if exists IX_ALPHA')",
    "op.execute('DROP INDEX \"ix_alpha\"')",
    "with op.batch_alter_table('alpha', recreate='always') as batch:\n    batch.drop_index('ix_alpha')",
    "with op.batch_alter_table('alpha') as batch:\n    batch.drop_index('ix_alpha')\n    batch.drop_column('code')",
]


@pytest.mark.parametrize("body", NAMED_DROPS)
def test_an_index_may_be_dropped_by_name(url: str, make_plugin: PluginMaker, body: str) -> None:
    make_plugin("alpha", revisions=[INDEXED, body])
    upgrade(url, "alpha")
    assert query(url, "SELECT kind, name FROM storeroom_objects WHERE plugin = 'alpha'") == [("table", "alpha")]


@pytest.mark.parametrize(
    "statement",
    [
        'DROP INDEX ix_alpha, "ix;two"',
        'DROP INDEX CONCURRENTLY_ , ix_alpha , "ix;two"',
        'DROP INDEX public.ix_alpha; DROP INDEX "public"."ix;two"',
    ],
)
def test_postgresqls_ways_to_drop_by_name(server_url: str, make_plugin: PluginMaker, statement: str) -> None:
    more = "op.create_index('ix;two', 'alpha', ['code'])\nop.create_index('concurrently_', 'alpha', ['code'])"
    drop = f"op.execute('{statement}')\nop.execute('DROP INDEX IF EXISTS concurrently_')"
    make_plugin("alpha", revisions=[INDEXED, more, drop])
    upgrade(server_url, "alpha")
    owned = "SELECT kind, name FROM storeroom_objects WHERE plugin = 'alpha'"
    assert query(server_url, owned) == [("table", "alpha")]


def test_an_index_may_be_renamed_on_postgresql(server_url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", revisions=[INDEXED, "op.execute('ALTER INDEX ix_alpha RENAME TO ix_alpha_code')"])
    upgrade(server_url, "alpha")
    owned = "SELECT name FROM storeroom_objects WHERE plugin = 'alpha' AND kind = 'index'"
    assert query(server_url, owned) == [("ix_alpha_code",)]


def test_a_column_is_not_dropped_with_its_index_unsaid(server_url: str, make_plugin: PluginMaker) -> None:
    reason = refused(server_url, make_plugin, "op.drop_column('alpha', 'code')")
    assert "index 'ix_alpha' is gone from table 'alpha'" in reason
    assert "drop it by name before" in reason


BATCH = (
    "with op.batch_alter_table('alpha', recreate='always') as batch:\n    batch.add_column(sa.Column('x', sa.Integer))"
)
QUIET = "import warnings\nwith warnings.catch_warnings():\n    warnings.simplefilter('ignore')\n    "


@pytest.mark.parametrize(
    ("index", "says"),
    [
        ("CREATE INDEX ix ON alpha (lower(code))", "index 'ix' is gone from table 'alpha'"),
        ("CREATE INDEX ix ON alpha (code DESC)", "index 'ix' lost its order or its expression"),
        ("CREATE INDEX ix ON alpha (code COLLATE NOCASE)", "index 'ix' lost its order or its expression"),
    ],
)
def test_batch_mode_loses_no_index_unsaid(sqlite_url: str, make_plugin: PluginMaker, index: str, says: str) -> None:
    batch = QUIET + BATCH.replace("\n", "\n    ")
    reason = refused(sqlite_url, make_plugin, f"op.execute('{index}')", batch)
    assert says in reason
    assert "drop it by name before" in reason


@pytest.mark.parametrize(
    "index",
    ["CREATE INDEX ix ON alpha (code)", "CREATE UNIQUE INDEX ix ON alpha (code)\nWHERE code > 0"],
    ids=["plain", "partial"],
)
def test_batch_mode_keeps_what_it_can_copy(sqlite_url: str, make_plugin: PluginMaker, index: str) -> None:
    make_plugin("alpha", revisions=[INDEXED, f'op.execute("""{index}""")', BATCH])
    upgrade(sqlite_url, "alpha")
    owned = "SELECT name FROM storeroom_objects WHERE plugin = 'alpha' ORDER BY name"
    assert query(sqlite_url, owned) == [("alpha",), ("ix",), ("ix_alpha",)]


FAMILY = """
op.create_table("alpha", sa.Column("id", sa.Integer(), primary_key=True))
op.create_table("alpha_child", sa.Column("id", sa.Integer(), primary_key=True),
                sa.Column("parent", sa.Integer(), sa.ForeignKey("alpha.id", ondelete="CASCADE")))
"""
ROWS = "op.execute('INSERT INTO alpha VALUES (1)')\nop.execute('INSERT INTO alpha_child VALUES (2, 1)')\n"


def test_batch_mode_on_a_parent_keeps_its_children(sqlite_url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", tables=["alpha", "alpha_child"], revisions=[FAMILY + ROWS, BATCH])
    upgrade(sqlite_url, "alpha")
    assert query(sqlite_url, "SELECT * FROM alpha_child") == [(2, 1)]


@pytest.mark.parametrize(
    "body",
    [
        "op.drop_table('alpha')",
        "op.rename_table('alpha', 'alpha_new')\nop.execute('DROP TABLE alpha_new')",
        ROWS + "op.execute('UPDATE alpha_child SET parent = 99')",
        ROWS + "op.execute('DELETE FROM alpha')",
        "op.drop_table('alpha')\nop.create_table('alpha', sa.Column('other', sa.Integer()))",
    ],
    ids=["drop", "rename and drop", "update", "delete", "another key"],
)
def test_foreign_keys_hold_when_an_upgrade_is_over(sqlite_url: str, make_plugin: PluginMaker, body: str) -> None:
    make_plugin("alpha", tables=["alpha", "alpha_child"], revisions=[FAMILY, body, "pass"])
    make_plugin("beta")
    with pytest.raises(RevisionFailed, match=r"foreign keys from 'alpha_child' to 'alpha.*' are broken") as caught:
        upgrade(sqlite_url, "alpha", "beta")
    assert caught.value.plugin == "alpha"
    assert "delete or correct the rows, or keep the table" in str(caught.value)
    assert tables(sqlite_url) == set()


def test_foreign_keys_may_be_broken_in_between(sqlite_url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", tables=["alpha"], revisions=[FAMILY, "op.drop_table('alpha')", create_table("alpha")])
    assert upgrade(sqlite_url, "alpha") == ["alpha_0001", "alpha_0002", "alpha_0003"]


def test_what_was_broken_before_does_not_block(sqlite_url: str, make_plugin: PluginMaker) -> None:
    execute(
        sqlite_url,
        "CREATE TABLE users (id INTEGER PRIMARY KEY, boss INTEGER REFERENCES users (id))",
        "CREATE TABLE orphans (id INTEGER PRIMARY KEY, gone INTEGER REFERENCES missing (id))",
        "INSERT INTO users VALUES (1, 99)",
    )
    make_plugin("alpha")
    upgrade(sqlite_url, "alpha")
    assert heads(sqlite_url) == {"alpha": "alpha_0001"}


def test_foreign_keys_are_enforced_again_after_an_upgrade(sqlite_url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", tables=["alpha", "alpha_child"], revisions=[FAMILY])
    with installed(sqlite_url, "alpha") as installation:
        installation.upgrade()
        transaction = installation.database.begin(Mode.WRITE)
        assert transaction.runner.driver.execute("PRAGMA foreign_keys").fetchone() == (1,)
        transaction.rollback()
