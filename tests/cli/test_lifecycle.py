"""The commands for the life of a plugin: what they print, what they ask, what they change, how they end."""

import sys
from io import StringIO
from pathlib import Path

import pytest

from storeroom.testing import requires
from tests.cli.conftest import Cli
from tests.migrations.installations import execute, heads, query, tables, uninstall
from tests.migrations.installations import upgrade as upgraded
from tests.support.plugins import PluginMaker, Rev, create_table, table

pytestmark = pytest.mark.dear

INDEX = Rev('op.create_index("ix_alpha_id", "alpha", ["id"])', down='op.drop_index("ix_alpha_id", "alpha")')


@pytest.fixture(autouse=True)
def only_these(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOREROOM_ALLOW", "alpha,beta")


@pytest.fixture
def at(url: str, make_plugin: PluginMaker) -> str:
    """A database with two plugins and some rows."""
    make_plugin("alpha", revisions=[table("alpha"), INDEX])
    make_plugin("beta")
    upgraded(url, "alpha", "beta")
    execute(url, "INSERT INTO alpha VALUES (1), (2)")
    return url


def answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Sit at a terminal and type this."""
    terminal = StringIO(f"{text}\n")
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)


def backups(url: str) -> list[Path]:
    file = Path(url.removeprefix("sqlite:///"))
    return sorted(file.parent.glob(f"{file.name}.*.backup"))


def test_purge_shows_asks_and_drops(cli: Cli, at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, "alpha")
    done = cli("purge", "alpha", "--url", at)
    assert (done.code, done.err) == (0, "")
    assert "alpha at alpha_0002\n" in done.out
    assert ["alpha", "2"] in [line.split()[:2] for line in done.out.splitlines()]
    assert "type alpha to drop all of this" in done.out
    assert "dropped alpha\nalpha is still installed: uninstall or deny it" in done.out
    assert tables(at) == {"beta"}
    if requires.database_file.met_by(at):
        assert [query(f"sqlite:///{file}", "SELECT id FROM alpha ORDER BY 1") for file in backups(at)] == [[(1,), (2,)]]
        assert "pg_dump" not in done.out
    else:
        assert "to be able to go back: pg_dump" in done.out
        assert "--table" in done.out


@pytest.mark.parametrize("typed", ["beta", "yes", ""])
def test_purge_changes_nothing_where_another_word_is_typed(
    cli: Cli, at: str, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    answer(monkeypatch, f"{typed}\nno")
    refused = cli("purge", "alpha", "--url", at)
    assert refused.code == 1
    assert tables(at) == {"alpha", "beta"}
    assert "nothing was changed" in refused.err


def test_purge_without_a_terminal_wants_yes(cli: Cli, at: str) -> None:
    refused = cli("purge", "alpha", "--url", at)
    assert refused.code == 2
    assert "say --yes to do it without being asked" in refused.err
    done = cli("purge", "alpha", "--url", at, "--yes", "--no-backup", "--json")
    assert done.code == 0
    assert (done.json["dropped"], done.json["rows"], done.json["left"]) == (["alpha"], 2, [])
    assert (done.json["dump_command"] is None) == requires.database_file.met_by(at)
    assert backups(at) == []


def test_purge_says_what_requires_it_before_it_asks(cli: Cli, at: str) -> None:
    execute(at, "CREATE TABLE program (id INTEGER PRIMARY KEY, alpha_id INTEGER REFERENCES alpha (id))")
    refused = cli("purge", "alpha", "--url", at)
    assert refused.code == 1
    assert "program refers to alpha" in refused.out
    assert "foreign keys from table 'program' to 'alpha'" in refused.err
    assert len(refused.err.splitlines()) == 1


def test_an_orphan_is_told_and_can_be_purged(cli: Cli, at: str, make_plugin: PluginMaker) -> None:
    uninstall(make_plugin.site, "alpha")
    told = cli("status", "--url", at)
    assert told.code == 1
    assert "or drop them with 'storeroom purge alpha'" in told.out
    assert "'storeroom purge'" in cli("doctor", "--url", at).out
    done = cli("purge", "alpha", "--url", at, "--yes")
    assert done.code == 0
    assert "alpha at alpha_0002, not installed" in done.out
    assert "still installed" not in done.out
    assert cli("status", "--url", at).code == 0


def test_forget_and_claim(cli: Cli, at: str) -> None:
    forgotten = cli("forget", "alpha", "--url", at)
    assert forgotten.code == 0
    assert "alpha is forgotten; alpha stays and belongs to nobody" in forgotten.out
    refused = cli("upgrade", "--url", at)
    assert refused.code == 1
    assert "storeroom claim alpha" in refused.err
    claimed = cli("claim", "alpha", "--url", at)
    assert (claimed.code, claimed.out) == (0, "alpha owns alpha, at alpha_0002\n")
    assert cli("forget", "alpha", "--url", at, "--json").json == {"plugin": "alpha", "left": ["alpha"]}
    as_json = cli("claim", "alpha", "--at", "alpha_0002", "--url", at, "--json")
    assert as_json.json == {"plugin": "alpha", "revision": "alpha_0002", "tables": ["alpha"]}
    assert cli("status", "--url", at).code == 0


def test_downgrade(cli: Cli, at: str) -> None:
    done = cli("downgrade", "alpha", "alpha_0001", "--url", at)
    assert done.code == 0
    assert "took back alpha: alpha_0002\n1 revision(s) taken back\n" in done.out
    assert ("pg_dump" in done.out) == requires.server.met_by(at)
    assert len(backups(at)) == (1 if requires.database_file.met_by(at) else 0)
    again = cli("downgrade", "alpha", "alpha_0001", "--url", at)
    assert "alpha is there already" in again.out
    as_json = cli("downgrade", "alpha", "base", "--url", at, "--json", "--no-backup")
    assert as_json.json["taken_back"] == ["alpha_0001"]
    assert heads(at) == {"beta": "beta_0001"}
    refused = cli("downgrade", "storeroom", "base", "--url", at)
    assert refused.code == 1
    assert "stay with it" in refused.err


def test_check_ends_with_1_where_something_differs(cli: Cli, at: str) -> None:
    refused = cli("check", "gamma", "--url", at)
    assert refused.code == 1
    assert "no plugin 'gamma' with tables is in use here" in refused.err
    execute(at, "CREATE TABLE alpha_strange (id INTEGER)", "DROP INDEX ix_alpha_id")
    well = cli("check", "--url", at)  # the model has no such index either
    assert (well.code, well.out) == (0, "no difference in storeroom, alpha, beta\n")
    execute(at, "ALTER TABLE alpha ADD COLUMN extra INTEGER")
    ill = cli("check", "--url", at)
    assert (ill.code, ill.out) == (1, "alpha: column 'extra' of 'alpha' is not in the models\n")
    assert cli("check", "beta", "--url", at).code == 0
    (told,) = [each for each in cli("check", "--url", at, "--json").json["plugins"] if each["differences"]]
    assert (told["plugin"], told["differences"][0]["kind"]) == ("alpha", "column")


def test_check_tells_what_is_not_at_its_head(cli: Cli, at: str, make_plugin: PluginMaker) -> None:
    uninstall(make_plugin.site, "alpha")
    make_plugin("alpha", revisions=[table("alpha"), INDEX, "pass"])
    pending = cli("check", "--url", at)
    assert pending.code == 1
    assert "alpha: its tables are missing, or older than its code; run 'storeroom upgrade'" in pending.out


def test_upgrade_shows_the_sql_and_runs_nothing(cli: Cli, url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", revisions=[create_table("alpha")])
    shown = cli("upgrade", "--sql", "--url", url)
    assert shown.code == 0
    assert "CREATE TABLE alpha" in shown.out
    assert ("rehearsing in a transaction that is rolled back" in shown.err) == requires.server.met_by(url)
    assert tables(url) == set()


def test_a_script_is_no_report(cli: Cli, url: str) -> None:
    refused = cli("upgrade", "--sql", "--json", "--url", url)
    assert (refused.code, refused.out) == (2, "")
    assert "give one of them" in refused.err


def test_purge_tells_what_it_leaves(cli: Cli, server_at: str) -> None:
    execute(server_at, "CREATE TYPE alpha_kind AS ENUM ('a')", "CREATE TYPE beta_kind AS ENUM ('b')")
    done = cli("purge", "alpha", "--url", server_at, "--yes")
    assert done.code == 0
    assert "the ledger doesn't know of what is left, and may be in the way: DROP TYPE alpha_kind\n" in done.out


def test_upgrade_says_how_to_go_back(cli: Cli, at: str, make_plugin: PluginMaker) -> None:
    uninstall(make_plugin.site, "alpha")
    make_plugin("alpha", revisions=[table("alpha"), INDEX, 'op.execute("DELETE FROM alpha")'])
    done = cli("upgrade", "--url", at)
    assert done.code == 0
    if requires.database_file.met_by(at):
        (file,) = backups(at)
        assert query(f"sqlite:///{file}", "SELECT count(*) FROM alpha") == [(2,)]
    else:
        assert "to be able to go back: pg_dump" in done.out
        assert "beta" not in done.out.split("pg_dump")[1].splitlines()[0]
    assert "pg_dump" not in cli("upgrade", "--url", at).out


def test_backup_and_restore(cli: Cli, sqlite_at: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "copy.db"
    assert cli("backup", str(copy), "--url", sqlite_at).code == 0
    again = cli("backup", str(copy), "--url", sqlite_at)
    assert again.code == 1
    assert "copy.db" in again.err
    execute(sqlite_at, "DELETE FROM alpha")
    assert cli("restore", str(copy), "--url", sqlite_at).code == 2
    answer(monkeypatch, "restore")
    restored = cli("restore", str(copy), "--url", sqlite_at)
    assert (restored.code, restored.err) == (0, "")
    assert query(sqlite_at, "SELECT count(*) FROM alpha") == [(2,)]
    assert [query(f"sqlite:///{file}", "SELECT count(*) FROM alpha") for file in backups(sqlite_at)] == [[(0,)]]


@pytest.fixture
def sqlite_at(tmp_path: Path, make_plugin: PluginMaker) -> str:
    url = f"sqlite:///{tmp_path}/app.db"
    make_plugin("alpha", revisions=[table("alpha")])
    upgraded(url, "alpha")
    execute(url, "INSERT INTO alpha VALUES (1), (2)")
    return url


def test_on_a_server_they_name_the_command(cli: Cli, server_at: str, tmp_path: Path) -> None:
    refused = cli("backup", str(tmp_path / "copy"), "--url", server_at)
    assert refused.code == 1
    assert "pg_dump" in refused.err


@pytest.fixture
def server_at(server_url: str, make_plugin: PluginMaker) -> str:
    make_plugin("alpha")
    upgraded(server_url, "alpha")
    return server_url
