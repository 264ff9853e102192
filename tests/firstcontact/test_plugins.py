"""Plugins that aren't there, aren't let in, or whose name was mistyped; and settings that were."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from storeroom import Storeroom
from storeroom.errors import ConfigurationError, RepositoryMissing, SchemaOutOfDate
from tests.cli.conftest import Cli, cli
from tests.firstcontact.conftest import ATTENTION, OK, WRONG_USAGE, Command

__all__ = ["cli"]


@pytest.fixture
def notes_url(tmp_path: Path) -> str:
    """A database that holds one plugin's tables only."""
    url = f"sqlite:///{tmp_path}/notes.db"
    Storeroom.open(url, allow=["notes"], upgrade=True).close()
    return url


def test_an_unknown_repository_says_what_to_install(notes_url: str) -> None:
    says = r"^no repository 'nots': plugin 'nots' isn't installed; did you mean 'notes'\?; install the distribution"
    with pytest.raises(RepositoryMissing, match=says):
        Storeroom.open(notes_url, allow=["notes"], require=["nots"])
    with (
        Storeroom.open(notes_url, allow=["notes"]) as room,
        room.read() as uow,
        pytest.raises(RepositoryMissing, match=says),
    ):
        uow["nots"]


@pytest.mark.parametrize("allow", [[], ["notes"]])
def test_a_plugin_that_is_left_out_says_where(notes_url: str, allow: Collection[str]) -> None:
    says = "^no repository 'jobs': plugin 'jobs' is installed but denied here; change STOREROOM_ALLOW or STOREROOM_DENY"
    with pytest.raises(RepositoryMissing, match=says):
        Storeroom.open(notes_url, allow=allow, require=["jobs"])


@pytest.mark.parametrize(
    "words",
    [
        ["check", "jobs"],
        ["claim", "jobs"],
        ["downgrade", "jobs", "base"],
        ["revision", "jobs", "-m", "x"],
        ["jobs", "list"],
    ],
    ids="-".join,
)
def test_a_command_for_a_plugin_that_is_left_out_says_where(
    tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setenv("STOREROOM_URL", f"sqlite:///{tmp_path}/app.db")
    Storeroom.open(allow=["notes", "jobs"], upgrade=True).close()
    monkeypatch.setenv("STOREROOM_ALLOW", "notes,tags")
    answer = cli(*words)
    assert answer.code != OK
    assert answer.err.startswith("storeroom: plugin 'jobs' is denied here; change STOREROOM_ALLOW or STOREROOM_DENY")
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["prune", "--age", "jobs=3d"], "no plugin in use prunes 'jobs'; give the age of one of: none: "),
        (["adopt", "sublarr", "x.db"], "no plugin in use takes over anything from 'sublarr'; correct the name, or "),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_a_plugin_that_is_left_out_would_do_names_it(
    notes_url: str, cli: Cli, monkeypatch: pytest.MonkeyPatch, words: list[str], says: str
) -> None:
    monkeypatch.setenv("STOREROOM_URL", notes_url)
    monkeypatch.setenv("STOREROOM_ALLOW", "notes")
    answer = cli(*words)
    assert answer.err.startswith(f"storeroom: {says}")
    assert answer.err.endswith(" (denied here: hooks, jobs, profiles, providers, standalone, tags, wanted)\n")


def test_a_name_on_a_list_that_was_mistyped_is_logged_with_the_near_one(
    notes_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    Storeroom.open(notes_url, allow=["nots"]).close()
    assert "the allow- or the deny-list names plugin nots, which isn't installed; did you mean 'notes'?" in caplog.text


@pytest.mark.parametrize("key", [7, None, dict, Storeroom])
def test_what_is_no_repository_is_told(notes_url: str, key: Any) -> None:
    says = "isn't a repository; give a class that subclasses BaseRepository, or the name of one$"
    with pytest.raises(RepositoryMissing, match=says):
        Storeroom.open(notes_url, allow=["notes"], require=[key])
    with (
        Storeroom.open(notes_url, allow=["notes"]) as room,
        room.read() as uow,
        pytest.raises(RepositoryMissing, match=says),
    ):
        uow[key]


def test_a_room_is_opened_and_not_made(notes_url: str) -> None:
    says = r"^a room isn't made of str; open one with Storeroom.open\(url\)$"
    with pytest.raises(ConfigurationError, match=says):
        Storeroom(notes_url)  # type: ignore[arg-type]  # that is the point


def test_a_database_that_is_behind_says_what_to_run(notes_url: str, storeroom: Command) -> None:
    answer = storeroom("prune", "--url", notes_url)
    assert answer.code == ATTENTION
    assert "are missing or older than the code; run 'storeroom upgrade', or open with upgrade=True" in answer.line
    with pytest.raises(
        SchemaOutOfDate, match="older than the code; run 'storeroom upgrade', or open with upgrade=True"
    ):
        Storeroom.open(notes_url)
    assert storeroom("upgrade", "--url", notes_url).code == OK
    assert storeroom("prune", "--url", notes_url).code == OK


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (
            ["nots", "list"],
            WRONG_USAGE,
            "no command or plugin 'nots'; did you mean 'notes'?; see storeroom --help",
        ),
        (["staus"], WRONG_USAGE, "there is no command or plugin 'staus'; did you mean 'status'?; see storeroom --help"),
        (["jobs"], WRONG_USAGE, "plugin 'jobs' brings no commands; core's are in storeroom --help"),
        (["purge"], WRONG_USAGE, "missing argument 'name'; see storeroom purge --help"),
        (
            ["status", "--ulr", "x"],
            WRONG_USAGE,
            "no such option: --ulr (Possible options: --url); see storeroom ",
        ),
        (["purge", "nots"], ATTENTION, "holds no plugin 'nots'; did you mean 'notes'?"),
        (["forget", "nots"], ATTENTION, "holds no plugin 'nots'; did you mean 'notes'?"),
        (["check", "nots"], ATTENTION, "did you mean 'notes'?"),
        (["claim", "nots"], ATTENTION, "plugin 'nots' isn't in use here; did you mean 'notes'?"),
        (["downgrade", "nots", "base"], ATTENTION, "did you mean 'notes'?"),
        (["revision", "nots", "-m", "x"], ATTENTION, "did you mean 'notes'?"),
        (["prune", "--age", "job=3d"], WRONG_USAGE, "no plugin in use prunes 'job'; did you mean 'jobs'?"),
        (["adopt", "sublar", "x.db"], ATTENTION, "no plugin in use takes over anything from 'sublar'"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_a_name_that_was_mistyped_is_answered_with_the_near_one(
    tmp_path: Path, storeroom: Command, words: list[str], code: int, says: str
) -> None:
    url = f"sqlite:///{tmp_path}/all.db"
    Storeroom.open(url, upgrade=True).close()
    answer = storeroom(*words, STOREROOM_URL=url)
    assert answer.code == code
    assert says in answer.line


def test_without_words_the_help_is_shown_and_nothing_else(storeroom: Command) -> None:
    answer = storeroom()
    assert answer.code == WRONG_USAGE
    assert "upgrade" in answer.out
    assert answer.err == ""


def test_a_setting_that_was_mistyped_is_told(storeroom: Command) -> None:
    answer = storeroom("plugins", STOREROOM_ALOW="notes", STOREROOM_HOME="/srv", STOREROOM_DEBUG="1")
    assert answer.code == OK
    assert answer.line == "STOREROOM_ALOW is no setting; did you mean 'STOREROOM_ALLOW'?"


def test_a_setting_that_was_mistyped_is_logged_once(
    notes_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("STOREROOM_BUSYTIMEOUT", "60")
    for _ in range(2):
        Storeroom.open(notes_url, allow=["notes"]).close()
    assert [record.getMessage() for record in caplog.records] == [
        "STOREROOM_BUSYTIMEOUT is no setting; did you mean 'STOREROOM_BUSY_TIMEOUT'?"
    ]


def test_a_setting_that_can_not_be_used_is_told_with_its_value(storeroom: Command) -> None:
    answer = storeroom("plugins", STOREROOM_POOL_SIZE="many")
    assert answer.code == WRONG_USAGE
    assert answer.line.startswith("STOREROOM_POOL_SIZE is 'many': input should be a valid integer")
