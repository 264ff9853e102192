"""The SQL preview: what psql or sqlite3 makes of the script is what an upgrade makes."""

import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from storeroom.errors import PreviewRefused, RevisionFailed
from storeroom.settings import Settings
from storeroom.testing import requires
from tests.lifecycle.lives import drifting, preview
from tests.migrations.installations import connected, execute, heads, picture, query, uninstall, upgrade
from tests.support.dialects import spelled
from tests.support.plugins import PluginMaker, Rev, create_table, table

NEEDED = {"sqlite": "sqlite3", "postgresql": "psql"}


def client(url: str) -> str:
    """The program that runs scripts; what it is told must reach it as text."""
    program = shutil.which(spelled(url, **NEEDED))
    if program is None:
        pytest.skip(f"{spelled(url, **NEEDED)}, which runs scripts, isn't installed")
    return program


def apply(url: str, script: str) -> "subprocess.CompletedProcess[str]":
    is_file = requires.database_file.met_by(url)
    target = str(make_url(url).database) if is_file else _plain(url)
    options = [] if is_file else ["--no-psqlrc", "--quiet"]
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


TRICKY = [
    # The values' quotes, ends of lines, numbers to the last digit, and what looks like a parameter or a time.
    """
alpha = sa.table("alpha", sa.column("id"), sa.column("title", sa.Text()), sa.column("weight", sa.Float()))
texts = ["it's", "100 %", "a\\r\\nb\\rc", "back\\\\slash", "?:x $1 %(y)s", "\\u2028 é 🎉", "9998", "--", "/*", ".quit"]
rows = [{"id": number, "title": text, "weight": 0.1 + 0.2 * number} for number, text in enumerate(texts, 10)]
op.bulk_insert(alpha, rows)
op.execute(sa.insert(alpha).values(id=40, title=None, weight=float("inf")))
""",
    # Comments at either end, of which one has an apostrophe, and several statements in one text.
    "op.execute(\"-- give all a title, don't ask\\nUPDATE alpha SET title = 'x; y' -- done\")",
    "op.execute(\"/* it's */ UPDATE alpha SET title = 'COPY'\")",
]


@pytest.mark.parametrize("body", TRICKY)
def test_statements_and_values_arrive_as_they_are(
    url: str, new_database: Callable[[], str], make_plugin: PluginMaker, body: str
) -> None:
    upgraded = new_database()
    columns = ('sa.Column("title", sa.Text())', 'sa.Column("weight", sa.Float())')
    make_plugin("alpha", revisions=[create_table("alpha", *columns)])
    for each in (url, upgraded):
        upgrade(each, "alpha")
        execute(each, "INSERT INTO alpha VALUES (1, 'one', 1.5)")
    uninstall(make_plugin.site, "alpha")
    message = "At 2024-01-01 00:00:00.000000, it's 100 % new."
    make_plugin("alpha", revisions=[create_table("alpha", *columns), Rev(body, message=message)])
    run = apply(url, preview(url))
    assert (run.returncode, run.stderr) == (0, "")
    upgrade(upgraded, "alpha")
    assert picture(url) == picture(upgraded)
    assert query(url, "SELECT message FROM storeroom_revisions WHERE revision = 'alpha_0002'") == [(message,)]


def test_what_triggers_do_is_not_done_twice(
    sqlite_url: str, new_database: Callable[[], str], tmp_path: Path, make_plugin: PluginMaker
) -> None:
    upgraded = f"sqlite:///{tmp_path}/upgraded.db"
    first = create_table("alpha", 'sa.Column("n", sa.Integer())')
    make_plugin("alpha", revisions=[first])
    for each in (sqlite_url, upgraded):
        upgrade(each, "alpha")
        execute(
            each,
            "INSERT INTO alpha VALUES (1, 10)",
            "CREATE TRIGGER t AFTER UPDATE ON alpha WHEN new.n < 100 BEGIN UPDATE alpha SET n = n + 50; END",
            "CREATE TRIGGER i AFTER INSERT ON alpha BEGIN UPDATE alpha SET n = n + 1; END",
        )
    uninstall(make_plugin.site, "alpha")
    change = 'op.execute("UPDATE alpha SET n = n + 1")\nop.execute("INSERT INTO alpha (n) VALUES (5)")'
    make_plugin("alpha", revisions=[first, change])
    assert apply(sqlite_url, preview(sqlite_url)).returncode == 0
    upgrade(upgraded, "alpha")
    assert picture(sqlite_url) == picture(upgraded)


def test_what_looks_like_a_look_and_is_none_is_in_the_script(server_url: str, make_plugin: PluginMaker) -> None:
    body = """
op.execute("SELECT pg_catalog.set_config('x.y', 'z', true); CREATE TABLE alpha_x (id int); "
           "INSERT INTO alpha_x VALUES (1)")
op.execute("SELECT 1 AS one INTO alpha_y")
op.execute("CREATE FUNCTION alpha_f() RETURNS int LANGUAGE plpgsql AS $$ DECLARE n int; BEGIN "
           "INSERT INTO alpha VALUES (77) RETURNING id INTO n; RETURN n; END $$")
"""
    make_plugin("alpha", revisions=[table("alpha"), body])
    run = apply(server_url, preview(server_url))
    assert (run.returncode, run.stderr) == (0, "")
    assert query(server_url, "SELECT id FROM alpha_x") == [(1,)]
    assert query(server_url, "SELECT alpha_f()") == [(77,)]
    assert query(server_url, "SELECT one FROM alpha_y") == [(1,)]
    assert upgrade(server_url, "alpha") == []


def test_a_revision_that_sets_a_sequence_is_refused_before_it_does(server_url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", revisions=[table("alpha")])
    upgrade(server_url, "alpha")
    uninstall(make_plugin.site, "alpha")
    body = "op.execute(\"SELECT setval(pg_get_serial_sequence('alpha', 'id'), 1000)\")"
    make_plugin("alpha", revisions=[table("alpha"), body])
    with pytest.raises(PreviewRefused, match="'alpha_0002' set a sequence, which a rehearsal can't undo"):
        preview(server_url)
    execute(server_url, "INSERT INTO alpha DEFAULT VALUES")
    assert query(server_url, "SELECT id FROM alpha") == [(1,)]


def test_a_table_that_is_in_use_is_waited_for_and_told(server_url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", revisions=[table("alpha")])
    upgrade(server_url, "alpha")
    uninstall(make_plugin.site, "alpha")
    body = "op.execute(\"SET LOCAL lock_timeout = '20ms'\")\nop.add_column('alpha', sa.Column('x', sa.Integer()))"
    make_plugin("alpha", revisions=[table("alpha"), body])
    with connected(server_url) as reader:
        reader.exec_driver_sql("BEGIN")
        reader.exec_driver_sql("SELECT * FROM alpha")
        with pytest.raises(RevisionFailed, match="it waited in vain for a lock"):
            preview(server_url, Settings(migration_lock_timeout=0.2))
        reader.exec_driver_sql("COMMIT")
    assert "ADD COLUMN x" in preview(server_url)


READS = [
    "SELECT id FROM alpha",
    "SELECT count(*) FROM ALPHA",
    "/* x */ SELECT count(*) FROM alpha",
    "-- x\nSELECT count(*) FROM alpha",
    "SELECT /* don't */ count(*) FROM alpha WHERE '' <> 'x'",
    'WITH a AS (SELECT id FROM alpha) SELECT id, 1 AS "update" FROM a',
    "SELECT id FROM alpha_v",
    "INSERT INTO alpha VALUES (9) RETURNING id",
]


@pytest.mark.parametrize("statement", READS)
def test_a_revision_that_reads_rows_is_refused_by_name(url: str, make_plugin: PluginMaker, statement: str) -> None:
    view = 'op.execute("CREATE VIEW alpha_v AS SELECT id FROM alpha")'
    body = f"{view}\nop.get_bind().execute(sa.text({statement!r})).all()"
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
