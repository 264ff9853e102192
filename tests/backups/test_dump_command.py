"""The pg_dump command: what it names is what is dumped, and it shows no password."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from storeroom.backups import dump_command
from storeroom.errors import BackupFailed
from storeroom.testing import find_binaries
from tests.backups.databases import opened

SECRET = "s3cr3t"
FILE = r"--file=db\.[0-9]{8}T[0-9]{6}Z\.sql"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"postgresql://me:{SECRET}@host:5433/db", "postgresql://me@host:5433/db"),
        ("postgresql://host/db", "postgresql://host/db"),
        (f"postgresql://me:{SECRET}@[::1]:5/db", "postgresql://me@[::1]:5/db"),
        (f"postgresql://m%40e@host/db?password={SECRET}&sslmode=require", "postgresql://m%40e@host/db?sslmode=require"),
        (f"postgresql://me@host/db?sslpassword={SECRET}", "postgresql://me@host/db"),
        (f"postgresql://me:{SECRET}@/db?host=/tmp/a b&port=5433", "postgresql://me@/db?host=%2Ftmp%2Fa%20b&port=5433"),
        (
            f"postgresql://me:{SECRET}@/db?host=one:1&host=two:2&target_session_attrs=primary",
            "postgresql://me@/db?host=one%2Ctwo&port=1%2C2&target_session_attrs=primary",
        ),
        ("postgresql://host/db?options=-c search_path%3Dx", "postgresql://host/db?options=-c%20search_path%3Dx"),
    ],
)
def test_it_connects_as_the_url_says_without_a_password(url: str, shown: str) -> None:
    with opened(url) as database:
        command = dump_command(database, ["notes"])
    program, address, table, file = shlex.split(command)
    assert (program, address, table) == ("pg_dump", f"--dbname={shown}", "--table=notes")
    assert re.fullmatch(FILE, file)
    assert SECRET not in command


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("notes_2", "--table=notes_2"),
        ("Notes", "'--table=\"Notes\"'"),
        ("a.b", "'--table=\"a.b\"'"),
        ("a*", "'--table=\"a*\"'"),
        ('a"b', '\'--table="a""b"\''),
        ("it's", "'--table=\"it'\"'\"'s\"'"),
        ("", "'--table=\"\"'"),
    ],
)
def test_names_are_quoted_where_they_must_be(name: str, argument: str) -> None:
    with opened("postgresql://host/db") as database:
        assert f" {argument} --file=" in dump_command(database, [name])


def test_without_tables_it_is_the_whole_database() -> None:
    with opened("postgresql://host/db") as database:
        assert re.fullmatch(f"pg_dump --dbname=postgresql://host/db {FILE}", dump_command(database, []))


def test_for_sqlite_there_is_none() -> None:
    with opened("sqlite://") as database, pytest.raises(BackupFailed, match="isn't PostgreSQL's; use storeroom backup"):
        dump_command(database, [])


def test_a_shell_runs_it_and_just_these_tables_are_dumped(server_url: str, tmp_path: Path) -> None:
    programs = [each.bindir for each in find_binaries() if (each.bindir / "pg_dump").exists()]
    if not programs:
        pytest.skip("no pg_dump is at hand")
    named, others = ["notes", "Notes", 'a"b.*', "it's $HOME"], ["note", "NOTES", 'a"b.c']
    engine = create_engine(server_url)
    with engine.begin() as connection:
        for table in named + others:
            connection.execute(text('CREATE TABLE "{}" (id integer)'.format(table.replace('"', '""'))))
    engine.dispose()
    with opened(server_url) as database:
        command = dump_command(database, named)
    path = os.pathsep.join([str(programs[-1]), os.environ["PATH"]])
    subprocess.run(command, shell=True, check=True, cwd=tmp_path, env={**os.environ, "PATH": path})
    (file,) = tmp_path.glob("*.sql")
    created = re.findall(r"^CREATE TABLE public\.(.*) \($", file.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(created) == sorted(["notes", '"Notes"', '"a""b.*"', '"it\'s $HOME"'])
