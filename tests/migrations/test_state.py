"""What a database and the installed code are to each other, and what opening makes of it."""

import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from storeroom import Storeroom
from storeroom.errors import LedgerTooNew, RequirementMissing, SchemaAhead, SchemaOutOfDate, StatementFailed
from storeroom.migrations.state import State, read_ledger
from storeroom.settings import Settings
from tests.migrations.installations import execute, heads, installed, query, tables, uninstall, upgrade
from tests.support.distributions import forget_modules
from tests.support.plugins import PluginMaker, create_table

pytestmark = pytest.mark.dear


def states(url: str, *names: str) -> dict[str, State]:
    """Where each of these, and of those that only the ledger knows, stands; what else is installed is denied."""
    with installed(url, *names) as installation:
        return {each.name: each.state for each in installation.status() if each.state is not State.DENIED}


def test_opening_only_checks(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha")
    make_plugin("beta")
    upgrade(url, "alpha")
    with pytest.raises(SchemaOutOfDate, match=r"the tables of beta in .* are missing or older") as caught:
        Storeroom.open(url, allow=["alpha", "beta"])
    assert caught.value.plugins == ("beta",)
    assert "run 'storeroom upgrade', or open with upgrade=True" in str(caught.value)
    assert tables(url) == {"alpha"}
    assert states(url, "alpha", "beta") == {
        "storeroom": State.CURRENT,
        "alpha": State.CURRENT,
        "beta": State.PENDING,
    }


def test_checking_makes_no_file(sqlite_url: str, tmp_path: Path, make_plugin: PluginMaker) -> None:
    make_plugin("alpha")
    with pytest.raises(SchemaOutOfDate) as caught:
        Storeroom.open(sqlite_url, allow=["alpha"])
    assert caught.value.plugins == ("storeroom", "alpha")
    assert states(sqlite_url, "alpha") == {"storeroom": State.PENDING, "alpha": State.PENDING}
    assert not (tmp_path / "database.db").exists()


def test_an_empty_database_is_out_of_date(url: str) -> None:
    execute(url, "SELECT 1")
    with pytest.raises(SchemaOutOfDate, match="the tables of storeroom in"):
        Storeroom.open(url, allow=[])


def older(make_plugin: PluginMaker, name: str, **more: Any) -> None:
    """Install the plugin's first release in place of the one that is there, as pip would."""
    forget_modules(make_plugin.site)
    for path in make_plugin.site.glob(f"*{name}*"):
        shutil.rmtree(path)
    make_plugin(name, **more)


def make_family(make_plugin: PluginMaker) -> None:
    make_plugin("alpha", version="2.0", revisions=[create_table("alpha"), "pass"])
    make_plugin("beta", requires=["alpha"])
    make_plugin("gamma")


@pytest.mark.parametrize("with_upgrade", [False, True])
def test_a_plugin_that_is_behind_its_tables_is_quarantined(
    url: str, make_plugin: PluginMaker, with_upgrade: bool
) -> None:
    make_family(make_plugin)
    upgrade(url, "alpha", "beta", "gamma")
    older(make_plugin, "alpha")
    with Storeroom.open(url, allow=["alpha", "beta", "gamma"], upgrade=with_upgrade) as room:
        assert list(room.registry.plugins) == ["gamma"]
        ahead, dependent = room.registry.quarantined["alpha"].error, room.registry.quarantined["beta"].error
    assert isinstance(ahead, SchemaAhead)
    assert (ahead.plugin, ahead.revision) == ("alpha", "alpha_0002")
    assert "install storeroom-alpha 2.0 or newer" in str(ahead)
    assert isinstance(dependent, RequirementMissing)
    assert states(url, "alpha", "beta", "gamma") == {
        "storeroom": State.CURRENT,
        "gamma": State.CURRENT,
        "alpha": State.AHEAD,
        "beta": State.QUARANTINED,
    }


def test_a_plugin_that_comes_to_light_under_the_lock(url: str, make_plugin: PluginMaker) -> None:
    """Another process upgrades to a newer release between our look and our lock."""
    make_plugin("alpha")
    make_plugin("gamma")
    with installed(url, "alpha", "gamma") as installation:
        installation.ledger()
        older(make_plugin, "alpha", revisions=[create_table("alpha"), "pass"])
        upgrade(url, "alpha")
        assert installation.upgrade() == [("gamma", "gamma_0001")]
        assert isinstance(installation.registry.quarantined["alpha"].error, SchemaAhead)
        installation.check()


@pytest.mark.parametrize("with_upgrade", [False, True])
def test_a_plugin_that_went_another_way_is_quarantined(url: str, make_plugin: PluginMaker, with_upgrade: bool) -> None:
    make_plugin("alpha", revisions=[create_table("alpha"), "pass"])
    make_plugin("gamma")
    upgrade(url, "alpha", "gamma")
    older(make_plugin, "alpha", revisions=[create_table("alpha")])
    versions = make_plugin.site / "sr_alpha/migrations/versions"
    other = (versions / "alpha_0001.py").read_text().replace("= None", "= 'alpha_0001'")
    (versions / "alpha_other.py").write_text(other.replace("revision = 'alpha_0001'", "revision = 'alpha_other'", 1))
    (make_plugin.site / "sr_alpha/migrations/HEAD").write_text("alpha_other")
    with Storeroom.open(url, allow=["alpha", "gamma"], upgrade=with_upgrade) as room:
        assert list(room.registry.plugins) == ["gamma"]
        assert isinstance(room.registry.quarantined["alpha"].error, SchemaAhead)
    assert states(url, "alpha", "gamma")["alpha"] is State.AHEAD


def test_a_newer_ledger_is_refused(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha")
    upgrade(url, "alpha")
    execute(
        url,
        "UPDATE storeroom_plugins SET head = 'storeroom_0009_next', version = '9.0' WHERE name = 'storeroom'",
        "INSERT INTO storeroom_revisions SELECT plugin, 'storeroom_0009_next', 9, '', applied_at "
        "FROM storeroom_revisions WHERE revision = 'storeroom_0001_ledger'",
    )
    for with_upgrade in (False, True):
        with pytest.raises(LedgerTooNew, match=r"written by storeroom 9\.0 .* upgrade the storeroom dist") as caught:
            Storeroom.open(url, allow=["alpha"], upgrade=with_upgrade)
        assert caught.value.head == "storeroom_0009_next"


def test_an_older_ledger_is_upgraded_with_all_that_it_knows(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha")
    upgrade(url, "alpha")
    execute(  # as the first Storeroom left it
        url,
        "DROP TABLE storeroom_adoptions",
        "DELETE FROM storeroom_objects WHERE table_name = 'storeroom_adoptions'",
        "DELETE FROM storeroom_revisions WHERE revision IN ('storeroom_0002_adoptions', 'storeroom_0003_forgetting')",
        "UPDATE storeroom_plugins SET head = 'storeroom_0001_ledger' WHERE name = 'storeroom'",
    )
    with pytest.raises(SchemaOutOfDate) as caught:
        Storeroom.open(url, allow=["alpha"])
    assert caught.value.plugins == ("storeroom",)
    Storeroom.open(url, allow=["alpha"], upgrade=True).close()
    assert states(url, "alpha") == {"storeroom": State.CURRENT, "alpha": State.CURRENT}
    assert query(url, "SELECT count(*) FROM storeroom_adoptions") == [(0,)]
    assert query(url, "SELECT plugin FROM storeroom_objects WHERE name = 'storeroom_adoptions'") == [("storeroom",)]


def test_an_upgrade_in_the_middle_of_looking_is_seen_whole_or_not_at_all(url: str, make_plugin: PluginMaker) -> None:
    """Between two statements of a transaction, PostgreSQL lets others' commits be seen."""
    make_plugin("alpha")
    upgrade(url, "alpha")
    uninstall(make_plugin.site, "alpha")
    make_plugin("alpha", revisions=[create_table("alpha"), "pass"])
    columns = "plugin, revision, position, message, applied_at"
    pending = [
        f"INSERT INTO storeroom_revisions ({columns}) VALUES ('alpha', 'alpha_0002', 2, '', '2026-01-01 00:00:00')",
        "UPDATE storeroom_plugins SET head = 'alpha_0002' WHERE name = 'alpha'",
    ]

    def upgrade_meanwhile(_run: object) -> None:
        execute(url, *pending)
        pending.clear()

    with (
        installed(url, "alpha") as installation,
        installation.database.backend.watch.listening(upgrade_meanwhile),
    ):
        (state,) = [each.state for each in installation.status() if each.name == "alpha"]
    assert not pending
    assert state in (State.PENDING, State.CURRENT)


def test_a_plugin_that_is_gone_is_reported(
    url: str, make_plugin: PluginMaker, caplog: pytest.LogCaptureFixture
) -> None:
    make_plugin("alpha", version="2.0")
    make_plugin("beta")
    upgrade(url, "alpha", "beta")
    shutil.rmtree(make_plugin.site / "sr_alpha")
    shutil.rmtree(make_plugin.site / "storeroom_alpha-2.0.dist-info")
    with caplog.at_level(logging.WARNING), Storeroom.open(url, allow=["beta"], upgrade=True) as room:
        (orphan,) = (each for each in room.status() if each.name == "alpha")
    assert "plugin alpha isn't installed, but its tables are in the database" in caplog.text
    assert (orphan.state, orphan.distribution, orphan.version) == (State.ORPHANED, "storeroom-alpha", "2.0")
    assert (orphan.head, orphan.database_head) == (None, "alpha_0001")
    assert "install it again" in orphan.detail
    assert tables(url) == {"alpha", "beta"}


def test_a_plugin_that_returns_goes_on_where_it_was(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha")
    upgrade(url, "alpha")
    assert upgrade(url) == []
    older(make_plugin, "alpha", version="2.0", revisions=[create_table("alpha"), create_table("alpha_more")])
    assert upgrade(url, "alpha") == ["alpha_0002"]
    versions = "SELECT version, installed_at < upgraded_at FROM storeroom_plugins WHERE name = 'alpha'"
    assert query(url, versions) == [("2.0", True)]


def test_a_denied_plugin_is_reported_with_its_tables(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha")
    upgrade(url, "alpha")
    with installed(url) as installation:
        (denied,) = (each for each in installation.status() if each.name == "alpha")
    assert (denied.state, denied.database_head) == (State.DENIED, "alpha_0001")
    assert "STOREROOM_ALLOW or STOREROOM_DENY" in denied.detail


def test_migrations_have_a_url_of_their_own(server_url: str, make_plugin: PluginMaker) -> None:
    """The program's own connections are read-only here, as those of a replica or a lesser role would be."""
    make_plugin("alpha")
    reading = f"{server_url}&options=-c default_transaction_read_only=on -c application_name=reading"
    migrating = f"{server_url}&options=-c application_name=migrating"
    execute(server_url, "CREATE TABLE seen (name text)")
    body = create_table("alpha") + "\nop.execute(\"INSERT INTO seen SELECT current_setting('application_name')\")"
    older(make_plugin, "alpha", revisions=[body])
    settings = Settings(url=SecretStr(reading), migration_url=SecretStr(migrating))
    Storeroom.open(settings=settings, allow=["alpha"], upgrade=True).close()
    assert query(server_url, "SELECT name FROM seen") == [("migrating",)]
    assert heads(server_url) == {"alpha": "alpha_0001"}


def test_a_url_for_migrations_is_not_taken_beside_another_database(
    new_database: Callable[[], str], make_plugin: PluginMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or an upgrade of a test database would migrate the one that the environment means."""
    make_plugin("alpha")
    named, meant = new_database(), new_database()
    monkeypatch.setenv("STOREROOM_MIGRATION_URL", meant)
    assert upgrade(named, "alpha") == ["alpha_0001"]
    assert tables(named) == {"alpha"}
    assert tables(meant) == set()


def test_a_version_without_tables_is_behind_those_of_the_one_before(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha")
    upgrade(url, "alpha")
    code = "from storeroom import Manifest, hookimpl\n\n@hookimpl\ndef storeroom_manifest():\n    return Manifest()\n"
    (make_plugin.site / "sr_alpha" / "plugin.py").write_text(code)
    forget_modules(make_plugin.site)
    with Storeroom.open(url, allow=["alpha"]) as room:
        assert isinstance(room.registry.quarantined["alpha"].error, SchemaAhead)


def test_a_ledger_that_went_another_way_is_refused(url: str, make_plugin: PluginMaker) -> None:
    """As after a branch of core's own revisions: it lacks this code's head and has one that nobody here knows."""
    make_plugin("alpha")
    upgrade(url, "alpha")
    execute(
        url,
        "UPDATE storeroom_revisions SET revision = 'storeroom_0003_other' WHERE position = 3 AND plugin = 'storeroom'",
        "UPDATE storeroom_plugins SET head = 'storeroom_0003_other', version = '9.0' WHERE name = 'storeroom'",
    )
    for with_upgrade in (False, True):
        with pytest.raises(LedgerTooNew, match=r"written by storeroom 9\.0"):
            Storeroom.open(url, allow=["alpha"], upgrade=with_upgrade)


def statements_at_head(url: str, *names: str) -> list[str]:
    """What a database that is at its head is asked when it is checked."""
    sent: list[str] = []
    with (
        installed(url, *names) as installation,
        installation.database.backend.watch.listening(lambda run: sent.append(run.text)),
    ):
        installation.check()
    return sent


def test_checking_at_head_is_one_query(sqlite_url: str, make_plugin: PluginMaker) -> None:
    make_family(make_plugin)
    upgrade(sqlite_url, "alpha", "beta", "gamma")
    (statement,) = statements_at_head(sqlite_url, "alpha", "beta", "gamma")
    assert "FROM storeroom_plugins" in statement


def test_a_ledger_that_cannot_be_read_is_no_empty_database(server_url: str) -> None:
    upgrade(server_url)
    execute(server_url, "ALTER TABLE storeroom_plugins RENAME COLUMN version TO wersion")
    with installed(server_url) as installation, pytest.raises(StatementFailed, match="version"):
        read_ledger(installation.database, installation.registry)
