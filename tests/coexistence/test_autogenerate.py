"""A program's own Alembic sees its own tables, and Storeroom sees the plugins': each leaves the other alone."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from storeroom.alembic import include_name
from storeroom.engine import parse_url
from storeroom.errors import RevisionEmpty
from storeroom.migrations.state import State
from tests.coexistence.program import Program
from tests.migrations.authoring import model, write
from tests.migrations.installations import connected, execute, installed, picture, query, uninstall, upgrade
from tests.support.plugins import PluginMaker, create_table

pytestmark = pytest.mark.dear

# Names as a plugin might have; the second is one that core's own plugin might take one day.
MODELS = {
    "users": "note_id: Mapped[int | None] = mapped_column(Integer, ForeignKey(Note.id, ondelete='CASCADE'))",
    "storeroom_things": "name: Mapped[str] = mapped_column(unique=True)",
    "notes_archive": "user_id: Mapped[int] = mapped_column(ForeignKey('users.id'))",
}
FEWER = {name: lines for name, lines in MODELS.items() if name != "storeroom_things"}
OWN = sorted([*MODELS, "alembic_version"])
ALPHA = create_table("alpha", 'sa.Column("code", sa.Integer(), index=True, unique=True)')


def touched(body: str) -> set[str]:
    """The tables that a revision creates, alters or drops."""
    return set(re.findall(r"op\.(?:create_table|drop_table|batch_alter_table)\(\s*'(\w+)'", body))


def add_plugins(url: str, make_plugin: PluginMaker) -> Sequence[str]:
    """Bring in two plugins that are installed, and one that is orphaned: its distribution is gone."""
    make_plugin("alpha", tables=["alpha", "alpha_more"], revisions=[f"{ALPHA}\n{create_table('alpha_more')}"])
    upgrade(url, "notes", "tags", "alpha")
    uninstall(make_plugin.site, "alpha")
    return [name for (name,) in query(url, "SELECT name FROM storeroom_objects WHERE kind = 'table'")]


def test_the_program_sees_only_its_own(url: str, program: Program, make_plugin: PluginMaker) -> None:
    plugins = add_plugins(url, make_plugin)
    assert {"notes", "tags", "alpha", "alpha_more", "storeroom_plugins"} < set(plugins)
    before = picture(url)
    program.set_models(MODELS)
    assert touched(program.autogenerate("Create them")) == set(MODELS)
    program.upgrade()
    program.check()
    after = picture(url)
    assert {name: after.pop(name) for name in OWN}.keys() == set(OWN)
    assert after == before
    execute(url, "INSERT INTO notes VALUES (1, 'text', '2020-01-01 00:00:00')", "INSERT INTO users VALUES (1, 1)")

    assert program.autogenerate("Nothing").strip().splitlines()[-2] == "    pass"
    program.upgrade()
    program.set_models(FEWER)
    assert touched(program.autogenerate("One less")) == {"storeroom_things"}
    program.upgrade()
    assert query(url, "SELECT * FROM users") == [(1, 1)]


def test_a_program_that_was_there_first(url: str, program: Program, make_plugin: PluginMaker) -> None:
    """Before there is a ledger its Alembic sees everything, as without Storeroom."""
    execute(url, "CREATE TABLE storeroom_old (id INTEGER)", "CREATE TABLE notes_old (id INTEGER)")
    program.set_models({"storeroom_things": MODELS["storeroom_things"]})
    assert touched(program.autogenerate("Create it")) == {"storeroom_things", "storeroom_old", "notes_old"}
    program.upgrade()
    before = picture(url)
    add_plugins(url, make_plugin)
    after = picture(url)
    assert {name: after[name] for name in before} == before
    program.check()


def test_storeroom_leaves_the_program_alone(url: str, program: Program, make_plugin: PluginMaker) -> None:
    add_plugins(url, make_plugin)
    program.set_models(MODELS)
    program.autogenerate("Create them")
    program.upgrade()
    before = {name: each for name, each in picture(url).items() if name in OWN}
    package = make_plugin("beta", tables=["beta"], requires=["notes"])
    upgrade(url, "notes", "beta")
    with pytest.raises(RevisionEmpty):
        write(make_plugin.site, "beta", url=url)
    model(package, "name: Mapped[str | None] = mapped_column(index=True)")
    text = write(make_plugin.site, "beta", url=url).read_text()
    assert touched(text) == {"beta"}
    with installed(url, "notes", "tags", "beta") as installation:
        assert installation.upgrade() == [("beta", "beta_0002_change_it")]
        states = {each.name: each.state for each in installation.status() if each.state is not State.DENIED}
    current = dict.fromkeys(("storeroom", "notes", "tags", "beta"), State.CURRENT)
    assert states == {**current, "alpha": State.ORPHANED}
    assert {name: each for name, each in picture(url).items() if name in OWN} == before
    program.check()


def test_another_schema_is_the_programs(server_url: str, site: Path, make_plugin: PluginMaker) -> None:
    program = Program(site, server_url)
    plugins = add_plugins(server_url, make_plugin)
    execute(server_url, "CREATE SCHEMA other", "CREATE TABLE other.alpha (id INTEGER)")
    program.set_models(MODELS)
    assert touched(program.autogenerate("Create them", include_schemas=True)) == {*MODELS, "alpha"}
    with connected(server_url) as connection:
        include = include_name(connection)
    for name in plugins:
        assert not include(name, "table", {"schema_name": "public"})
        assert include(name, "table", {"schema_name": "other"})


def test_a_ledger_in_a_schema_of_its_own(server_url: str, make_plugin: PluginMaker) -> None:
    """The connection's search path says where it is, as for everything that names no schema."""
    execute(server_url, "CREATE SCHEMA tenant")
    tenant = f"{server_url}&options=-csearch_path%3Dtenant"
    add_plugins(tenant, make_plugin)
    with connected(tenant) as connection:
        include = include_name(connection)
        assert [include("notes", "table", {"schema_name": each}) for each in (None, "tenant", "public")] == [
            False,
            False,
            True,
        ]
    with connected(server_url) as connection:
        assert include_name(connection)("notes", "table", {"schema_name": None})


def test_the_program_decides_about_the_rest(url: str, make_plugin: PluginMaker) -> None:
    asked = []

    def otherwise(name: str | None, kind: str, parents: object) -> bool:
        asked.append((name, kind, parents))
        return name == "wanted"

    add_plugins(url, make_plugin)
    with connected(url) as connection:
        include = include_name(connection, otherwise)
    assert not include("notes", "table", {"schema_name": None})
    assert not include("ix_tags_name", "index", {"schema_name": None, "table_name": "tags"})
    assert asked == []
    assert include("wanted", "table", {"schema_name": None})
    assert not include("notes", "column", {"schema_name": None, "table_name": "users"})
    assert not include(None, "schema", {})
    assert [(name, kind) for name, kind, _ in asked] == [("wanted", "table"), ("notes", "column"), (None, "schema")]


@pytest.mark.parametrize("with_ledger", [False, True])
def test_the_transaction_is_as_it_was(url: str, make_plugin: PluginMaker, with_ledger: bool) -> None:
    if with_ledger:
        add_plugins(url, make_plugin)
    execute(url, "CREATE TABLE users (id INTEGER)")
    engine = create_engine(parse_url(url))
    with engine.connect() as connection:
        include_name(connection)
        assert not connection.in_transaction()
        connection.exec_driver_sql("INSERT INTO users VALUES (1)")
        include_name(connection)
        assert connection.in_transaction()
        connection.commit()
    engine.dispose()
    assert query(url, "SELECT id FROM users") == [(1,)]
