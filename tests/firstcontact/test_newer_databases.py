"""A database that a newer version wrote, of a plugin or of core: which one, and what to install."""

from importlib.metadata import version

import pytest
from sqlalchemy import create_engine, text

from storeroom import Storeroom
from storeroom.engine import parse_url
from storeroom.errors import LedgerTooNew, RepositoryMissing
from storeroom_jobs import JobRepository
from tests.cli.conftest import Cli, cli
from tests.firstcontact.conftest import ATTENTION, OK

__all__ = ["cli"]

AHEAD = "the tables of plugin 'jobs' are at revision 'jobs_0099_later', which storeroom-jobs 0.1.0 doesn't know; "
CURE = "install storeroom-jobs 9.1 or newer"
TOO_NEW = (
    "this database was written by storeroom 9.1 (ledger at 'storeroom_0099_later'), which is newer than the 0.1.0 "
    "that is installed; upgrade the storeroom distribution"
)

# What a newer version of a plugin leaves in the ledger: one more revision, and its own version.
GOES_ON = (
    "INSERT INTO storeroom_revisions (plugin, revision, position, message, applied_at) "
    "SELECT plugin, plugin || '_0099_later', 99, 'Later', applied_at FROM storeroom_revisions "
    "WHERE plugin = :plugin AND position = 1",
    "UPDATE storeroom_plugins SET head = name || '_0099_later', version = :version WHERE name = :plugin",
)


def written_by_a_newer(url: str, plugin: str, by: str = "9.1") -> None:
    Storeroom.open(url, upgrade=True).close()
    engine = create_engine(parse_url(url))
    with engine.begin() as connection:
        for statement in GOES_ON:
            connection.execute(text(statement), {"plugin": plugin, "version": by})
    engine.dispose()


def test_a_plugin_whose_tables_are_newer_says_what_to_install(url: str, cli: Cli) -> None:
    written_by_a_newer(url, "jobs")
    assert f"jobs: {AHEAD}{CURE}" in cli("status", "--url", url).out
    upgraded = cli("upgrade", "--url", url)
    assert (upgraded.code, upgraded.err) == (ATTENTION, f"storeroom: jobs is ahead: {AHEAD}{CURE}\n")
    checked = cli("check", "jobs", "--url", url)
    assert (checked.code, checked.out) == (ATTENTION, f"jobs: it can't be compared: {AHEAD}{CURE}\n")
    assert cli("check", "notes", "--url", url).code == OK
    assert cli("downgrade", "jobs", "base", "--url", url).err == f"storeroom: {AHEAD}{CURE}\n"
    assert cli("prune", "--url", url).code == OK
    with pytest.raises(RepositoryMissing) as caught:
        Storeroom.open(url, require=[JobRepository])
    assert str(caught.value) == f"no repository JobRepository: plugin 'jobs' is quarantined because {AHEAD}{CURE}"


def test_an_author_who_went_back_to_older_code_of_the_same_version_is_told_the_way(url: str) -> None:
    written_by_a_newer(url, "jobs", version("storeroom-jobs"))
    with pytest.raises(RepositoryMissing, match="go back to the code that has it, where 'storeroom downgrade' takes"):
        Storeroom.open(url, require=[JobRepository])


def test_a_ledger_that_is_newer_says_what_to_upgrade(url: str, cli: Cli) -> None:
    written_by_a_newer(url, "storeroom")
    for words in (["status"], ["upgrade"], ["check"], ["prune"], ["doctor"], ["purge", "jobs"]):
        answer = cli(*words, "--url", url)
        assert (answer.code, answer.err) == (ATTENTION, f"storeroom: {TOO_NEW}\n"), words
    with pytest.raises(LedgerTooNew) as caught:
        Storeroom.open(url, upgrade=True)
    assert str(caught.value) == TOO_NEW
