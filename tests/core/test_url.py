"""Database URLs: what is understood, what is advised, and that no password is ever shown."""

import logging
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
from sqlalchemy import make_url

from storeroom import Settings, Storeroom
from storeroom.engine import mask, parse_url, sqlite_file
from storeroom.engine.url import in_memory
from storeroom.errors import DatabaseUnavailable, UrlInvalid, UrlMissing
from tests.core.tables import engine_of, open_room

PASSWORD = "s3cr3t"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_gets_the_driver(scheme: str) -> None:
    url = parse_url(f"{scheme}://user:pw@host:5433/name?connect_timeout=3")
    assert url.render_as_string(hide_password=False) == (
        "postgresql+psycopg://user:pw@host:5433/name?connect_timeout=3"
    )


@pytest.mark.parametrize(
    ("text", "file", "memory"),
    [
        ("sqlite:///relative.db", Path("relative.db"), False),
        ("sqlite+pysqlite:////absolute/path.db", Path("/absolute/path.db"), False),
        ("sqlite://", None, True),
        ("sqlite:///:memory:", None, True),
        ("sqlite:///file::memory:?uri=true", None, True),
        ("sqlite:///file:name?mode=memory&uri=true", None, True),
        ("sqlite:///file:/path.db?mode=ro&uri=true", None, False),
        ("postgresql://host/name", None, False),
        ("postgresql://host", None, False),
    ],
)
def test_a_sqlite_file_is_told_from_memory(text: str, file: Path | None, memory: bool) -> None:
    url = parse_url(text)
    assert (sqlite_file(url), in_memory(url)) == (file, memory)


@pytest.mark.parametrize("text", ["mysql://user@host/name", "oracle://host", "duckdb:///x"])
def test_another_database_is_refused_by_name(text: str) -> None:
    with pytest.raises(UrlInvalid, match=r"Storeroom speaks to sqlite:///… and postgresql://…") as caught:
        open_room(text)
    assert text.partition(":")[0] in str(caught.value)


@pytest.mark.parametrize("text", ["sqlite+aiosqlite:///x", "postgresql+psycopg2://host/name"])
def test_another_driver_is_refused_by_name(text: str) -> None:
    kind, driver = text.partition(":")[0].split("+")
    with pytest.raises(UrlInvalid, match=f"{driver!r}; Storeroom brings its own, so write {kind}://…"):
        open_room(text)


@pytest.mark.parametrize("text", ["app.db", "/var/lib/app.db", "nonsense"])
def test_what_is_not_a_url_is_shown_with_the_right_form(text: str) -> None:
    with pytest.raises(UrlInvalid, match=r"isn't a database URL; write sqlite:///app\.db") as caught:
        open_room(text)
    assert caught.value.url == text
    assert repr(text) in str(caught.value)


def test_without_a_url_the_error_says_where_to_put_one() -> None:
    with pytest.raises(UrlMissing, match="set STOREROOM_URL or pass one"):
        open_room()


BROKEN = [
    f"postgresql//user:{PASSWORD}@host/name",
    f"postgresql:/user:{PASSWORD}@host/name",
    f"user:{PASSWORD}@host/name",
    f"postgresql://user:{PASSWORD}",
    f"postgresql://user:{PASSWORD}@host:port/name",
    f"postgresql://us/er:{PASSWORD}@host/name",
    f"postgresql://user:p@{PASSWORD}@host/name",
    f"mysql://user:{PASSWORD}@host/name?password={PASSWORD}",
    f"host=somewhere password={PASSWORD}",
    f"sqlite://user:{PASSWORD}@app.db",
]


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_url_never_shows_its_password(text: str) -> None:
    with pytest.raises(UrlInvalid) as caught:
        open_room(text)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caught.value.url
    assert PASSWORD not in shown


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql://user:{PASSWORD}@127.0.0.1:1/name",
        f"postgresql://127.0.0.1:1/name?user=me&password={PASSWORD}",
        f"postgresql://user@127.0.0.1:1/name?sslpassword={PASSWORD}",
        f"postgresql://user:{PASSWORD}@127.0.0.1:1/name?no_such_option={PASSWORD}x",
    ],
)
def test_an_unreachable_server_never_shows_the_password(text: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(DatabaseUnavailable) as caught:
        open_room(text)
    shown = "".join(traceback.format_exception(caught.value, chain=False)) + repr(caught.value) + caplog.text
    assert PASSWORD not in shown
    if "sslpassword" not in text and "no_such" not in text:
        assert PASSWORD not in repr(parse_url(text))


def test_a_password_from_the_environment_is_hidden_in_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOREROOM_URL", f"postgresql://user:{PASSWORD}@127.0.0.1:1/name")
    assert PASSWORD not in f"{Settings()!r} {Settings()}"
    with pytest.raises(DatabaseUnavailable) as caught:
        Storeroom.open(discover=False)
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))


def test_a_shown_url_keeps_everything_but_passwords() -> None:
    url = make_url(f"postgresql://ada:{PASSWORD}@host:5433/name?application_name=a%40b&sslpassword={PASSWORD}")
    assert mask(url) == "postgresql://ada:***@host:5433/name?application_name=a%40b&sslpassword=***"


def test_a_password_in_the_query_reaches_the_driver() -> None:
    url = parse_url(f"postgresql://user@host/name?password={PASSWORD}")
    assert (url.password, dict(url.query)) == (PASSWORD, {})


def test_without_the_driver_the_error_says_which_extra_to_install() -> None:
    program = (
        "import sys, importlib.machinery as machinery\n"
        "find = machinery.PathFinder.find_spec\n"
        "hide = lambda name, *rest: None if name.startswith('psycopg') else find(name, *rest)\n"
        "machinery.PathFinder.find_spec = hide\n"
        "from storeroom import Storeroom\n"
        "from storeroom.errors import ExtraMissing\n"
        "Storeroom.open('sqlite://', discover=False, upgrade=True).close()\n"
        "try:\n"
        "    Storeroom.open('postgresql://host/name', discover=False)\n"
        "except ExtraMissing as error:\n"
        "    print(error.extra, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(
        "postgresql PostgreSQL needs the psycopg driver (No module named 'psycopg'); pip install"
    )


def test_a_relative_file_stays_the_same_when_the_program_changes_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with open_room("sqlite:///app.db") as room:
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        engine_of(room).dispose()
        with room.read():
            pass
    assert not (tmp_path / "elsewhere" / "app.db").exists()
