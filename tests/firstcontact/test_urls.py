"""A URL with a slip in it: what it should have been is said, from the command and from Python alike."""

from pathlib import Path

import pytest

from storeroom import Storeroom
from storeroom.errors import DatabaseUnavailable, StoreroomError, UrlInvalid, UrlMissing
from tests.firstcontact.conftest import ATTENTION, WRONG_USAGE, Command

SLIPS = {
    "": (UrlMissing, WRONG_USAGE, "set STOREROOM_URL or pass one, such as sqlite:///app.db"),
    "app.db": (UrlInvalid, WRONG_USAGE, "'app.db' isn't a database URL; write sqlite:///app.db"),
    "sqlite:app.db": (UrlInvalid, WRONG_USAGE, "isn't a database URL; write sqlite:///app.db"),
    "sqlite://app.db": (UrlInvalid, WRONG_USAGE, "has a slash too few; write sqlite:///app.db"),
    "mysql://ada:s3cr3t@host/x": (UrlInvalid, WRONG_USAGE, "names 'mysql'; Storeroom speaks to sqlite:///… and"),
    "postgresql+asyncpg://host/x": (UrlInvalid, WRONG_USAGE, "Storeroom brings its own, so write postgresql://…"),
    "postgresql://ada:s3cr3t@host:port/x": (UrlInvalid, WRONG_USAGE, "'postgresql://***' isn't a database URL"),
    "sqlite:///folder/app.db": (DatabaseUnavailable, ATTENTION, "the folder 'folder' of the database file 'app.db'"),
    "sqlite:///~/app.db": (DatabaseUnavailable, ATTENTION, "instead of '~', which a URL doesn't know"),
    "sqlite:///usr/bin/app.db": (
        DatabaseUnavailable,
        ATTENTION,
        "or write sqlite:////usr/bin/app.db with one slash",
    ),
    "sqlite:///data": (
        DatabaseUnavailable,
        ATTENTION,
        "'data' is a directory; name a file in it, such as 'data/",
    ),
    "sqlite:///text.db": (
        DatabaseUnavailable,
        ATTENTION,
        "'text.db' is another kind of file, or is encrypted; ",
    ),
    "sqlite:///torn.db": (DatabaseUnavailable, ATTENTION, "bring back a copy with 'storeroom restore'"),
}


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "text.db").write_text("Dear diary, this isn't a database, however long it gets.\n")
    Storeroom.open("sqlite:///whole.db", allow=["notes"], upgrade=True).close()
    whole = (tmp_path / "whole.db").read_bytes()
    (tmp_path / "torn.db").write_bytes(whole[:100] + bytes(len(whole) - 100))


@pytest.mark.parametrize("url", SLIPS)
def test_a_slip_in_the_url_is_answered_in_one_line(storeroom: Command, url: str) -> None:
    error, code, says = SLIPS[url]
    answer = storeroom("status", "--url", url)
    assert answer.code == code
    assert says in answer.line
    assert "s3cr3t" not in answer.out + answer.err

    with pytest.raises(StoreroomError) as caught:
        Storeroom.open(url)
    assert type(caught.value) is error
    assert says in str(caught.value)


def test_a_file_that_is_not_there_yet_is_told_and_not_made(storeroom: Command, tmp_path: Path) -> None:
    says = "sqlite:///new.db doesn't exist yet; correct the URL, or to create it run 'storeroom upgrade', or open"
    assert "sqlite:///new.db doesn't exist yet" in storeroom("status", "--url", "sqlite:///new.db").out
    for command in ("prune", "doctor"):
        answer = storeroom(command, "--url", "sqlite:///new.db")
        assert answer.code == ATTENTION
        assert "sqlite:///new.db doesn't exist yet" in answer.out + answer.err
    with pytest.raises(StoreroomError, match=says):
        Storeroom.open("sqlite:///new.db")
    assert not (tmp_path / "new.db").exists()
