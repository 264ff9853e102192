"""prune, doctor and adopt, as an operator runs them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from storeroom import Storeroom
from storeroom.testing import requires
from tests.cli.conftest import Cli
from tests.operations.old import book, write_old, writer
from tests.support.distributions import install

PLUGIN = "from tests.operations.shelf.plugin import *\n"


@pytest.fixture
def shelf(cli: Cli, site: Path, new_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with the tables of an installed plugin, closed to others; its URL is in the settings."""
    install(site, "shelf", {"shelf_plugin.py": PLUGIN})
    url = new_database()
    monkeypatch.setenv("STOREROOM_URL", url)
    monkeypatch.setenv("STOREROOM_ALLOW", "shelf")
    Storeroom.open(upgrade=True).close()
    if requires.database_file.met_by(url):
        Path(url.removeprefix("sqlite:///")).chmod(0o600)
    return url


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_old(
        tmp_path / "old.db",
        writers=[writer(1)],
        books=[book(1), *(book(number, title="Same", details="{") for number in range(2, 12))],
    )


def test_adopt_reports_what_became_of_the_rows(cli: Cli, shelf: str, file: Path) -> None:
    dry = cli("adopt", "oldshelf", str(file), "--dry-run")
    assert (dry.code, dry.err) == (0, "")
    assert "3 row(s) would be written" in dry.out
    outcome = cli("adopt", "OldShelf", str(file))
    assert (outcome.code, outcome.err) == (0, "")
    lines = [line.split() for line in outcome.out.splitlines()]
    assert ["writers", "shelf_authors", "1", "1", "0", "0", "0"] in lines
    assert ["books", "shelf_books", "11", "2", "9", "0", "0"] in lines
    assert "books 2 mended: details: '{' isn't JSON; it is {} here" in outcome.out
    assert "books: 14 more such rows; --json names them all" in outcome.out
    assert "settings: no plugin here takes its 0 row(s)" in outcome.out
    assert outcome.out.splitlines()[-1] == "3 row(s) written"


def test_adopt_names_every_row_for_programs(cli: Cli, shelf: str, file: Path) -> None:
    outcome = cli("adopt", "oldshelf", str(file), "--json")
    assert (outcome.code, outcome.err) == (0, "")
    tables = {each["table"]: each for each in outcome.json["tables"]}
    assert len(tables["books"]["notes"]) == 19
    assert {"fate": "merged", "key": "3", "cause": "it is the same as 2 by title, language, which stays"} in tables[
        "books"
    ]["notes"]
    again = cli("adopt", "oldshelf", str(file), "--json").json
    assert [(each["written"], each["known"]) for each in again["tables"] if each["table"] == "books"] == [(0, 11)]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["sublarr", "{file}"], "no plugin in use takes over anything from 'sublarr'"),
        (["oldshelf", "{file}.gone"], "doesn't exist; check the path"),
        (["oldshelf", "pyproject.toml"], "isn't a SQLite database"),
    ],
)
def test_adopt_says_in_one_line_what_is_wrong(cli: Cli, shelf: str, file: Path, words: list[str], says: str) -> None:
    outcome = cli("adopt", *(word.format(file=file) for word in words))
    assert (outcome.code, outcome.out) == (1, "")
    assert len(outcome.err.splitlines()) == 1
    assert says in outcome.err


def test_prune_shows_what_goes(cli: Cli, shelf: str, file: Path) -> None:
    cli("adopt", "oldshelf", str(file))
    dry = cli("prune", "--dry-run")
    assert (dry.code, dry.err) == (0, "")
    assert ["shelf.books", "old", "books", "100d", "2"] in [line.split() for line in dry.out.splitlines()]
    assert dry.out.splitlines()[-1] == "2 row(s) would go"
    kept = cli("prune", "--age", "shelf.books=5000w", "--json")
    assert kept.json["pruned"] == [{"name": "shelf.books", "rows": "old books", "age": "35000d", "count": 0}]
    assert cli("prune", "--age", "shelf.books=36h").out.splitlines()[-1] == "2 row(s) deleted"
    assert cli("prune").out.splitlines()[-1] == "0 row(s) deleted"


@pytest.mark.parametrize(
    ("age", "says"),
    [
        ("shelf.books", "can't be understood; write a name and an age, as jobs=30d"),
        ("shelf.books=30y", "can't be understood"),
        ("shelf.books=-1d", "can't be understood"),
        ("shelf=30d", "did you mean 'shelf.books'?"),
        ("shelf.books=999999w", "give a duration from 0 to 36,500 days"),
    ],
)
def test_prune_refuses_ages_that_mean_nothing(cli: Cli, shelf: str, age: str, says: str) -> None:
    outcome = cli("prune", "--age", age)
    assert (outcome.code, outcome.out) == (2, "")
    assert says in outcome.err


def test_doctor_ends_with_1_where_something_needs_attention(cli: Cli, shelf: str, lane: str) -> None:
    well = cli("doctor")
    assert (well.code, well.out, well.err) == (0, "nothing needs attention\n", "")
    with Storeroom.open(shelf) as room, room.write() as uow:
        uow.connection.exec_driver_sql(
            "INSERT INTO storeroom_plugins "
            "SELECT 'gone', 'gone_0001', distribution, version, installed_at, upgraded_at "
            "FROM storeroom_plugins WHERE name = 'shelf'"
        )
        uow.connection.exec_driver_sql("DELETE FROM storeroom_plugins WHERE name = 'shelf'")
    ill = cli("doctor")
    assert ill.code == 1
    assert ill.out.splitlines()[:2] == [
        "shelf: its tables are missing, or older than its code",
        "    run 'storeroom upgrade'",
    ]
    found = cli("doctor", "--json").json["findings"]
    assert {
        "source": "gone",
        "problem": "its tables are here, but it isn't installed",
        "cure": "install its distribution again, leave them, or drop them with 'storeroom purge'",
    } in found
