"""The SQL preview: what psql or sqlite3 makes of the script is what an upgrade makes."""

import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from storeroom.errors import PreviewRefused
from tests.lifecycle.lives import drifting, preview
from tests.migrations.installations import execute, heads, picture, query, uninstall, upgrade
from tests.support.plugins import PluginMaker, Rev, create_table, table

NEEDED = {"sqlite": "sqlite3", "postgresql": "psql"}


def client(url: str) -> str:
    """The program that runs scripts; what it is told must reach it as text."""
    program = shutil.which(NEEDED[make_url(url).get_backend_name()])
    if program is None:
        pytest.skip(f"a client that runs scripts on {make_url(url).get_backend_name()} isn't installed")
    return program


def apply(url: str, script: str) -> "subprocess.CompletedProcess[str]":
    parsed = make_url(url)
    target = str(parsed.database) if parsed.get_backend_name() == "sqlite" else _plain(url)
    options = [] if parsed.get_backend_name() == "sqlite" else ["--no-psqlrc", "--quiet"]
    return subprocess.run(
        [client(url), *options, target], input=script, capture_output=True, text=True, check=False, timeout=60
    )


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def make_old(make_plugin: PluginMaker) -> None:
    make_plugin("alpha", revisions=[create_table("alpha", 'sa.Column("title", sa.Text())')])


def make_new(make_plugin: PluginMaker) -> None:
    """A column by batch mode with rows in the table, values with quotes and percents, and a plugin that requires it."""
    uninstall(make_plugin.site, "alpha")
    batch = """
with op.batch_alter_table("alpha") as batch:
    batch.add_column(sa.Column("rank", sa.Integer(), server_default="5", nullable=False))
    batch.create_check_constraint("ck_alpha_rank", "rank > 0")
"""
    data = """
alpha = sa.table("alpha", sa.column("id"), sa.column("title"))
op.bulk_insert(alpha, [{"id": 10, "title": "100 % 'sure'; -- \\\\ no"}, {"id": 11, "title": None}])
op.execute(sa.update(alpha).where(alpha.c.id < 5).values(title=alpha.c.title + "\\t:x %(y)s"))
"""
    make_plugin("alpha", revisions=[create_table("alpha", 'sa.Column("title", sa.Text())'), batch, data])
    link = 'sa.Column("alpha_id", sa.Integer(), sa.ForeignKey("alpha.id", ondelete="CASCADE"))'
    name = 'sa.Column("name", sa.Text())'
    index = 'op.create_index("ix_beta", "beta", [sa.text("lower(name) DESC")], unique=True)'
    make_plugin(
        "beta",
        requires=["alpha"],
        revisions=[
            Rev(
                f"{create_table('beta', link, name)}\n{index}",
                requires=["alpha:alpha_0002"],
                message="It's new.",
            )
        ],
    )


@pytest.mark.parametrize("has_old", [True, False])
def test_the_script_leaves_what_an_upgrade_leaves(
    url: str, new_database: Callable[[], str], make_plugin: PluginMaker, has_old: bool
) -> None:
    upgraded = new_database()
    make_old(make_plugin)
    if has_old:
        for each in (url, upgraded):
            upgrade(each, "alpha")
            execute(each, "INSERT INTO alpha VALUES (1, 'one'), (2, 'two')")
    make_new(make_plugin)
    script, made = preview(url), datetime.now(UTC).replace(microsecond=0)
    assert (heads(url) if has_old else {"alpha": "alpha_0001"}) == {"alpha": "alpha_0001"}
    run = apply(url, script)
    assert (run.returncode, run.stderr) == (0, "")
    upgrade(upgraded, "alpha", "beta")
    assert picture(url) == picture(upgraded)
    assert upgrade(url, "alpha", "beta") == []
    assert "-- Everything is at its head." in preview(url)
    ((applied,),) = query(url, "SELECT min(applied_at) FROM storeroom_revisions WHERE plugin = 'beta'")
    when = applied if isinstance(applied, datetime) else datetime.fromisoformat(f"{applied}+00:00")
    assert made <= when <= datetime.now(UTC)


def test_it_changes_nothing_by_itself(url: str, make_plugin: PluginMaker) -> None:
    make_old(make_plugin)
    upgrade(url, "alpha")
    execute(url, "INSERT INTO alpha VALUES (1, 'one')")
    before = picture(url)
    make_new(make_plugin)
    assert preview(url).count("-- alpha: alpha_000") == 2
    assert picture(url) == before


def test_a_file_that_is_not_there_stays_so(sqlite_url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha")
    assert "CREATE TABLE alpha" in preview(sqlite_url)
    assert not Path(str(make_url(sqlite_url).database)).exists()


def test_it_stops_where_the_heads_are_others(url: str, make_plugin: PluginMaker) -> None:
    make_old(make_plugin)
    upgrade(url, "alpha")
    make_new(make_plugin)
    script = preview(url)
    upgrade(url, "alpha")
    before = picture(url)
    run = apply(url, script)
    assert run.returncode != 0
    assert "the database is not as this script was made for" in run.stderr
    assert picture(url) == before


def test_a_script_for_an_empty_database_stops_where_there_is_a_ledger(url: str, make_plugin: PluginMaker) -> None:
    make_old(make_plugin)
    script = preview(url)
    upgrade(url)
    before = picture(url)
    assert "not as this script was made for" in apply(url, script).stderr
    assert picture(url) == before


def test_a_statement_that_fails_leaves_nothing(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", revisions=[table("alpha"), 'op.execute("INSERT INTO alpha VALUES (1)")'])
    make_plugin("beta")
    upgrade(url, "beta")
    script = preview(url)
    before = picture(url)
    broken = script.replace("INSERT INTO alpha VALUES (1);", "INSERT INTO alpha VALUES (1), (1);")
    assert broken != script
    assert apply(url, broken).returncode != 0
    assert picture(url) == before


def test_rows_that_get_broken_stop_it_on_sqlite(sqlite_url: str, make_plugin: PluginMaker) -> None:
    link = 'sa.Column("alpha_id", sa.Integer(), sa.ForeignKey("alpha.id"))'
    make_plugin(
        "alpha",
        tables=["alpha", "alpha_child"],
        revisions=[create_table("alpha") + "\n" + create_table("alpha_child", link)],
    )
    upgrade(sqlite_url, "alpha")
    execute(sqlite_url, "INSERT INTO alpha VALUES (1)")
    uninstall(make_plugin.site, "alpha")
    body = [
        create_table("alpha") + "\n" + create_table("alpha_child", link),
        'op.execute("DELETE FROM alpha WHERE id = 1")',
    ]
    make_plugin("alpha", tables=["alpha", "alpha_child"], revisions=body)
    script = preview(sqlite_url)
    execute(sqlite_url, "INSERT INTO alpha_child VALUES (1, 1)")
    before = picture(sqlite_url)
    assert "rows are missing that foreign keys refer to" in apply(sqlite_url, script).stderr
    assert picture(sqlite_url) == before


READS = [
    'op.get_bind().execute(sa.text("SELECT id FROM alpha")).all()',
    'op.get_bind().execute(sa.text("INSERT INTO alpha VALUES (9) RETURNING id")).all()',
]


@pytest.mark.parametrize("body", READS)
def test_a_revision_that_reads_rows_is_refused_by_name(url: str, make_plugin: PluginMaker, body: str) -> None:
    make_plugin("alpha", revisions=[table("alpha"), body])
    make_plugin("beta")
    with pytest.raises(PreviewRefused, match="'alpha_0002' read rows, or take them from elsewhere") as caught:
        preview(url)
    assert caught.value.revisions == ("alpha_0002",)


def test_a_step_outside_a_transaction_is_refused_by_name(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", revisions=[table("alpha"), Rev("pass", transactional=False)])
    with pytest.raises(PreviewRefused, match="'alpha_0002' can't run in a transaction") as caught:
        preview(url)
    assert caught.value.revisions == ("alpha_0002",)


def test_a_revision_that_looks_at_the_catalogue_is_none_that_reads_rows(url: str, make_plugin: PluginMaker) -> None:
    body = 'assert sa.inspect(op.get_bind()).has_table("alpha")\nop.execute("DELETE FROM alpha WHERE id > 3")'
    make_plugin("alpha", revisions=[table("alpha"), body])
    script = preview(url)
    assert "DELETE FROM alpha WHERE id > 3;" in script
    assert "pragma" not in script.lower().split("begin", 1)[1].replace("pragma_foreign_key_check", "")
    assert "pg_catalog" not in script


def test_the_password_is_not_shown(server: Any, make_plugin: PluginMaker) -> None:
    url = server.create_database()
    try:
        make_plugin("alpha")
        secret = make_url(url).set(password="hunter2").render_as_string(hide_password=False)
        assert "hunter2" not in preview(secret)
    finally:
        server.drop_database(url)


@pytest.mark.dear
def test_the_script_of_all_that_is_installed_leaves_no_drift(url: str, make_plugin: PluginMaker) -> None:
    """The six domains, from nothing: also the statements that only one kind of database is sent."""
    import storeroom.lifecycle
    from storeroom.installation import Installation

    with Installation.connect(url) as installation:
        script = storeroom.lifecycle.preview(installation.database, installation.registry)
    run = apply(url, script)
    assert (run.returncode, run.stderr) == (0, "")
    with Installation.connect(url) as installation:
        assert installation.upgrade() == []
        found = storeroom.lifecycle.drift(installation.database, installation.registry)
        assert [each.plugin for each in found if each] == []
        assert len(found) >= 8
    assert drifting(url) == {}
