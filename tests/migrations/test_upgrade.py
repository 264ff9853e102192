"""An upgrade brings all plugins to their heads, in order, and the ledger says what it did."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from storeroom.testing import requires
from tests.migrations.installations import connected, execute, heads, installed, query, tables, upgrade
from tests.support.plugins import PluginMaker, Rev, create_table

pytestmark = pytest.mark.dear

PARENT = create_table("alpha")
CHILD = create_table("beta", 'sa.Column("alpha_id", sa.Integer(), sa.ForeignKey("alpha.id", ondelete="CASCADE"))')


def test_requirements_come_first_then_names(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", requires=["zeta"])
    make_plugin("gamma")
    make_plugin("zeta")
    assert upgrade(url, "alpha", "gamma", "zeta") == ["gamma_0001", "zeta_0001", "alpha_0001"]
    assert tables(url) == {"alpha", "gamma", "zeta"}


def test_a_revision_waits_for_the_one_that_it_requires(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", revisions=[PARENT, create_table("alpha_more"), create_table("alpha_last")])
    make_plugin(
        "beta",
        requires=["alpha"],
        revisions=[Rev(CHILD, requires=["alpha:alpha_0002"]), Rev("pass", requires=["alpha:alpha_0001"])],
    )
    applied = upgrade(url, "alpha", "beta")
    assert applied == ["alpha_0001", "alpha_0002", "alpha_0003", "beta_0001", "beta_0002"]


def test_plugins_alternate_where_their_revisions_require_it(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("zeta", revisions=[create_table("zeta"), create_table("zeta_more")])
    make_plugin(
        "beta", requires=["zeta"], revisions=[Rev(create_table("beta"), requires=["zeta:zeta_0001"]), Rev("pass")]
    )
    upgrade(url, "zeta")
    make_plugin("alpha", revisions=[create_table("alpha")])
    assert upgrade(url, "alpha", "beta", "zeta") == ["alpha_0001", "beta_0001", "beta_0002"]
    assert heads(url) == {"alpha": "alpha_0001", "beta": "beta_0002", "zeta": "zeta_0002"}


def test_the_ledger_records_plugins_with_their_distributions(url: str, make_plugin: PluginMaker) -> None:
    before = datetime.now(UTC).replace(tzinfo=None) - timedelta(seconds=1)
    make_plugin("alpha", version="2.3", distribution="our-alpha", revisions=[PARENT, "pass"])
    upgrade(url, "alpha")
    (row,) = query(
        url,
        "SELECT name, head, distribution, version, CAST(installed_at AS TEXT), CAST(upgraded_at AS TEXT) "
        "FROM storeroom_plugins WHERE name = 'alpha'",
    )
    assert row[:4] == ("alpha", "alpha_0002", "our-alpha", "2.3")
    assert row[4] == row[5] > str(before)


def test_the_ledger_records_revisions_and_their_requirements(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", revisions=[Rev(PARENT, message="Create alpha.\n\n    At length."), "pass"])
    make_plugin("beta", requires=["alpha"], revisions=[Rev(CHILD, requires=["alpha:alpha_0001", "alpha:alpha_0002"])])
    upgrade(url, "alpha", "beta")
    revisions = "SELECT plugin, revision, position, message FROM storeroom_revisions WHERE plugin <> 'storeroom'"
    assert query(url, f"{revisions} ORDER BY plugin, position") == [
        ("alpha", "alpha_0001", 1, "Create alpha."),
        ("alpha", "alpha_0002", 2, "Change something."),
        ("beta", "beta_0001", 1, "Change something."),
    ]
    assert query(url, "SELECT * FROM storeroom_requirements ORDER BY required_revision") == [
        ("beta", "beta_0001", "alpha", "alpha_0001"),
        ("beta", "beta_0001", "alpha", "alpha_0002"),
    ]


def test_the_ledger_records_itself(url: str) -> None:
    upgrade(url)
    assert query(url, "SELECT name, head FROM storeroom_plugins") == [("storeroom", "storeroom_0003_forgetting")]
    assert query(url, "SELECT kind, name, table_name FROM storeroom_objects ORDER BY drop_position") == [
        ("index", "ix_storeroom_adoptions_plugin", "storeroom_adoptions"),
        ("table", "storeroom_adoptions", "storeroom_adoptions"),
        ("index", "ix_storeroom_objects_plugin", "storeroom_objects"),
        ("table", "storeroom_objects", "storeroom_objects"),
        ("table", "storeroom_requirements", "storeroom_requirements"),
        ("table", "storeroom_revisions", "storeroom_revisions"),
        ("table", "storeroom_plugins", "storeroom_plugins"),
    ]


def recorded_objects(url: str, plugin: str) -> Sequence[tuple[str, str]]:
    return [
        (kind, name)
        for kind, name in query(
            url, f"SELECT kind, name FROM storeroom_objects WHERE plugin = '{plugin}' ORDER BY drop_position"
        )
    ]


FAMILY = """
op.create_table("alpha", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("code", sa.Integer()),
                sa.Column("above", sa.Integer(), sa.ForeignKey("alpha.id")))
op.create_index("ix_alpha_code", "alpha", ["code"], unique=True)
op.create_table("alpha_z", sa.Column("id", sa.Integer(), primary_key=True),
                sa.Column("code", sa.Integer(), sa.ForeignKey("alpha.code")))
op.create_table("alpha_m", sa.Column("id", sa.Integer(), primary_key=True),
                sa.Column("z", sa.Integer(), sa.ForeignKey("alpha_z.id")))
op.create_index("ix_alpha_m", "alpha_m", [sa.text("lower('x')")])
op.execute("INSERT INTO alpha VALUES (1, 10, 1)")
op.execute("INSERT INTO alpha_z VALUES (2, 10)")
op.execute("INSERT INTO alpha_m VALUES (3, 2)")
"""


def test_objects_can_be_dropped_in_the_recorded_order(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", tables=["alpha", "alpha_z", "alpha_m"], revisions=[FAMILY])
    upgrade(url, "alpha")
    order = recorded_objects(url, "alpha")
    assert order == [
        ("index", "ix_alpha_m"),
        ("table", "alpha_m"),
        ("table", "alpha_z"),
        ("index", "ix_alpha_code"),
        ("table", "alpha"),
    ]
    with connected(url) as connection:
        if not requires.ready_connections.met_by(connection):
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")
        for kind, name in order:
            connection.exec_driver_sql(f"DROP {kind} {name}")
    assert tables(url) == set()


def test_a_circle_of_foreign_keys_is_recorded_in_some_order(server_url: str, make_plugin: PluginMaker) -> None:
    circle = """
    op.create_table("alpha", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("b", sa.Integer()))
    op.create_table("alpha_b", sa.Column("id", sa.Integer(), primary_key=True),
                    sa.Column("a", sa.Integer(), sa.ForeignKey("alpha.id")))
    op.create_foreign_key("fk", "alpha", "alpha_b", ["b"], ["id"])
    """
    make_plugin("alpha", tables=["alpha", "alpha_b"], revisions=[circle])
    upgrade(server_url, "alpha")
    assert set(recorded_objects(server_url, "alpha")) == {("table", "alpha"), ("table", "alpha_b")}


def test_partitions_go_with_their_table(server_url: str, make_plugin: PluginMaker) -> None:
    body = """
    op.execute("CREATE TABLE alpha (id int, at int) PARTITION BY RANGE (at)")
    op.execute("CREATE INDEX ix_alpha_at ON alpha (at)")
    op.execute("CREATE TABLE alpha_1 PARTITION OF alpha FOR VALUES FROM (0) TO (10)")
    """
    make_plugin("alpha", revisions=[body])
    upgrade(server_url, "alpha")
    assert recorded_objects(server_url, "alpha") == [("index", "ix_alpha_at"), ("table", "alpha")]


def test_shadow_tables_go_with_their_virtual_table(sqlite_url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", revisions=['op.execute("CREATE VIRTUAL TABLE alpha USING fts5(body)")'])
    upgrade(sqlite_url, "alpha")
    assert recorded_objects(sqlite_url, "alpha") == [("table", "alpha")]
    execute(sqlite_url, "DROP TABLE alpha")
    assert tables(sqlite_url) == set()


def test_objects_are_recorded_anew_by_a_later_upgrade(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", tables=["alpha", "alpha_old"])
    upgrade(url, "alpha")
    make_next_revision(make_plugin, 'op.drop_table("alpha_old")\nop.create_index("ix_alpha_id", "alpha", ["id"])')
    assert upgrade(url, "alpha") == ["alpha_0003"]
    assert recorded_objects(url, "alpha") == [("index", "ix_alpha_id"), ("table", "alpha")]


def make_next_revision(make_plugin: PluginMaker, body: str) -> None:
    """Publish alpha anew, with a third revision."""
    package = make_plugin.site / "sr_alpha"
    file = package / "migrations/versions/alpha_0002.py"
    text = file.read_text().replace("alpha_0002", "alpha_0003").replace("alpha_0001", "alpha_0002")
    start, end = text.index("def upgrade"), text.index("def downgrade")
    indented = "\n".join(f"    {line}" for line in body.splitlines())
    (package / "migrations/versions/alpha_0003.py").write_text(
        f"{text[:start]}def upgrade():\n{indented}\n\n\n{text[end:]}"
    )
    (package / "migrations/HEAD").write_text("alpha_0003\n")


def test_a_plugin_that_comes_later_is_added(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("beta")
    upgrade(url, "beta")
    make_plugin("alpha")
    assert upgrade(url, "alpha", "beta") == ["alpha_0001"]
    assert heads(url) == {"alpha": "alpha_0001", "beta": "beta_0001"}


def test_a_plugin_without_tables_is_left_out_of_the_ledger(url: str, make_plugin: PluginMaker) -> None:
    package = make_plugin("alpha")
    plugin = package / "plugin.py"
    plugin.write_text(plugin.read_text().replace("models=Base,", "").replace('migrations="sr_alpha.migrations",', ""))
    with installed(url, "alpha") as installation:
        installation.upgrade()
        installation.check()
        assert {each.name: (each.state, each.head) for each in installation.status()}["alpha"] == ("current", None)
    assert heads(url) == {}
