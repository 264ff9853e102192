"""`status`, `upgrade` and `revision` on a database: what they print, what they change, how they end."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Cli
from tests.support.plugins import PluginMaker, create_table

pytestmark = pytest.mark.dear


@pytest.fixture(autouse=True)
def only_these(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOREROOM_ALLOW", "alpha,beta")


def states(report: Any) -> dict[str, str]:
    return {each["name"]: each["state"] for each in report["plugins"]}


def test_upgrade_then_status(cli: Cli, make_plugin: PluginMaker, url: str) -> None:
    make_plugin("beta", requires=["alpha"])
    make_plugin("alpha")
    before = cli("status", "--url", url, "--json")
    assert before.code == 1
    assert [states(before.json)[name] for name in ("storeroom", "alpha", "beta")] == ["pending"] * 3

    upgraded = cli("upgrade", "--url", url, "--json")
    assert upgraded.code == 0
    assert [(each["plugin"], each["revision"]) for each in upgraded.json["applied"]] == [
        ("storeroom", "storeroom_0001_ledger"),
        ("storeroom", "storeroom_0002_adoptions"),
        ("storeroom", "storeroom_0003_forgetting"),
        ("alpha", "alpha_0001"),
        ("beta", "beta_0001"),
    ]
    after = cli("status", "--url", url)
    assert after.code == 0
    assert [line.split() for line in after.out.splitlines() if "alpha" in line] == [
        ["alpha", "storeroom-alpha", "1.0", "current", "alpha_0001", "alpha_0001"]
    ]


def test_upgrade_says_what_it_did_and_then_that_nothing_is_left(cli: Cli, make_plugin: PluginMaker, url: str) -> None:
    make_plugin("alpha")
    assert "applied alpha: alpha_0001\n4 revision(s) applied\n" in cli("upgrade", "--url", url).out
    assert cli("upgrade", "--url", url).out == "everything is at its head\n"


def test_the_url_may_come_from_the_environment(
    cli: Cli, make_plugin: PluginMaker, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_plugin("alpha")
    monkeypatch.setenv("STOREROOM_URL", url)
    assert cli("upgrade").code == 0
    assert cli("status").code == 0


@pytest.mark.parametrize("command", ["status", "upgrade"])
def test_without_a_url_the_error_says_how_to_give_one(cli: Cli, command: str) -> None:
    outcome = cli(command)
    assert outcome.code == 2
    assert outcome.err == (
        "storeroom: no database URL; set STOREROOM_URL or pass one, such as sqlite:///app.db or "
        "postgresql://user@host/name\n"
    )


def test_a_new_sqlite_file_is_announced_and_looking_makes_none(
    cli: Cli, make_plugin: PluginMaker, tmp_path: Path
) -> None:
    make_plugin("alpha")
    file = tmp_path / "new.db"
    looked = cli("status", "--url", f"sqlite:///{file}")
    assert looked.out.startswith(f"sqlite:///{file} doesn't exist yet; storeroom upgrade creates it\n")
    assert not file.exists()
    assert cli("upgrade", "--url", f"sqlite:///{file}").out.startswith(f"creating sqlite:///{file}\n")
    assert file.exists()
    assert "creating" not in cli("upgrade", "--url", f"sqlite:///{file}").out


def test_a_quarantined_plugin_needs_attention_while_the_others_are_upgraded(
    cli: Cli, make_plugin: PluginMaker, url: str
) -> None:
    make_plugin("alpha")
    make_plugin("beta", core=">=7")
    outcome = cli("upgrade", "--url", url)
    assert outcome.code == 1
    assert "applied alpha: alpha_0001" in outcome.out
    assert "storeroom: beta is quarantined: plugin 'beta' needs storeroom >=7" in outcome.err


def test_a_removed_plugin_is_orphaned(
    cli: Cli, make_plugin: PluginMaker, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_plugin("alpha")
    cli("upgrade", "--url", url)
    monkeypatch.setattr("sys.path", [entry for entry in __import__("sys").path if not entry.endswith("site")])
    outcome = cli("status", "--url", url)
    assert outcome.code == 1
    assert "alpha: its tables are here but it isn't installed" in outcome.out
    assert cli("upgrade", "--url", url).code == 0, "nothing is left to be upgraded"


def test_a_failing_revision_is_one_line(cli: Cli, make_plugin: PluginMaker, url: str) -> None:
    make_plugin("alpha", revisions=["raise ValueError('not today')"])
    outcome = cli("upgrade", "--url", url)
    assert outcome.code == 1
    assert "applied" not in outcome.out
    assert len(outcome.err.splitlines()) == 1
    assert (
        "revision 'alpha_0001' of plugin 'alpha' failed: ValueError: not today (line 13 of alpha_0001.py); "
        in outcome.err
    )


@pytest.mark.parametrize(
    "wrong", ["nonsense", "mysql://u:secret@h/d", "postgresql://u:secret@127.0.0.1:1/d", "sqlite:////no/such/folder/x"]
)
def test_a_wrong_url_is_one_line_without_the_password(cli: Cli, wrong: str) -> None:
    outcome = cli("status", "--url", wrong)
    assert outcome.code in (1, 2)
    assert len(outcome.err.splitlines()) == 1
    assert "secret" not in outcome.err + outcome.out
    assert "Traceback" not in outcome.err


def test_revision_writes_the_file_and_head(cli: Cli, make_plugin: PluginMaker, new_database: Callable[[], str]) -> None:
    folder = make_plugin(
        "alpha",
        model_code="""
            class Second(Base):
                __tablename__ = "alpha_second"
                id: Mapped[int] = mapped_column(primary_key=True)
        """,
    )
    outcome = cli("revision", "alpha", "-m", "Add a second table", "--json")
    assert outcome.code == 0
    assert outcome.json["revision"] == "alpha_0002_add_a_second_table"
    written = Path(outcome.json["file"])
    assert written.parent == folder / "migrations" / "versions"
    assert (folder / "migrations" / "HEAD").read_text() == "alpha_0002_add_a_second_table\n"
    upgraded = cli("upgrade", "--url", new_database(), "--json")
    assert upgraded.json["applied"][-1]["revision"] == "alpha_0002_add_a_second_table"


def test_revision_compares_with_the_database_that_is_named(cli: Cli, make_plugin: PluginMaker, url: str) -> None:
    make_plugin("alpha")
    behind = cli("revision", "alpha", "-m", "Nothing", "--url", url)
    assert behind.code == 1
    assert "is not at 'alpha_0001'; run 'storeroom upgrade' first" in behind.err
    cli("upgrade", "--url", url)
    assert "agree; change a model first" in cli("revision", "alpha", "-m", "Nothing", "--url", url).err


def test_revision_leaves_a_file_that_is_not_there_alone(cli: Cli, make_plugin: PluginMaker, tmp_path: Path) -> None:
    make_plugin("alpha")
    file = tmp_path / "new.db"
    outcome = cli("revision", "alpha", "-m", "Nothing", "--url", f"sqlite:///{file}")
    assert outcome.code == 1
    assert "is not at 'alpha_0001'; run 'storeroom upgrade' first" in outcome.err
    assert not file.exists()


def test_revision_writes_indexes_on_expressions_without_a_warning(cli: Cli, make_plugin: PluginMaker) -> None:
    make_plugin(
        "alpha",
        model_code="""
            from sqlalchemy import Index, func
            Index("ix_alpha_absolute", func.abs(Table1.id))
        """,
    )
    outcome = cli("revision", "alpha", "-m", "Index it", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    assert "op.create_index('ix_alpha_absolute', 'alpha', [" in Path(outcome.json["file"]).read_text()


def test_revision_by_hand(cli: Cli, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", revisions=[create_table("alpha")])
    outcome = cli("revision", "alpha", "-m", "Move data", "--empty")
    assert outcome.code == 0
    assert outcome.out.startswith("wrote ")


def test_json_is_all_that_is_printed(cli: Cli, make_plugin: PluginMaker, url: str) -> None:
    make_plugin("alpha")
    for words in (["plugins"], ["status", "--url", url], ["upgrade", "--url", url]):
        json.loads(cli(*words, "--json").out)
