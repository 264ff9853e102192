"""The doctor sees what is broken in the database, in the plugins, and in their data, and says what to do."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from storeroom import Storeroom
from storeroom.installation import Installation
from storeroom.operations.checks import file_system
from storeroom.operations.doctor import Diagnosis, diagnose
from storeroom.testing import Server, requires
from tests.operations.library import authors, books, open_room, put
from tests.operations.shelf import plugin
from tests.support.plugins import PluginMaker


@pytest.fixture
def sqlite_room(tmp_path: Path) -> Storeroom:
    open_room(f"sqlite:///{tmp_path}/a.db", upgrade=True).close()
    (tmp_path / "a.db").chmod(0o600)
    return open_room(f"sqlite:///{tmp_path}/a.db")


def told(found: Sequence[Diagnosis]) -> list[tuple[str, str]]:
    return [(each.source, each.problem) for each in found]


def test_nothing_is_wrong_with_a_database_that_is_well(url: str) -> None:
    with open_room(url, upgrade=True) as room:
        if requires.database_file.met_by(url):
            Path(url.removeprefix("sqlite:///")).chmod(0o600)
        assert room.doctor() == []


def test_what_a_plugin_finds_is_among_them(url: str) -> None:
    with open_room(url, upgrade=True) as room:
        put(room, authors, id=1, name="A")
        put(room, books, author_id=1, title="", language="")
        assert Diagnosis("shelf", "1 book(s) have no title", "give them one") in room.doctor()


def test_a_hook_that_fails_is_a_diagnosis_of_its_plugin(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugin, "Finding", None)
    with open_room(url, upgrade=True) as room:
        put(room, authors, id=1, name="A")
        put(room, books, author_id=1, title="", language="")
        (found,) = (each for each in room.doctor() if each.source == "shelf")
    assert found.problem.startswith("hook 'storeroom_health' of plugin 'shelf' raised TypeError")
    assert found.cure == "repair the plugin, or deny it"


def test_plugins_that_dont_fit_the_database_are_told_by_their_state(url: str, make_plugin: PluginMaker) -> None:
    for name in ("alpha", "beta", "gone"):
        make_plugin(name)
    make_plugin("broken", plugin_code="raise LookupError('lost')")
    Storeroom.open(url, allow=["alpha", "gone"], upgrade=True).close()
    for file in make_plugin.site.glob("storeroom_gone-*"):
        file.rename(file.with_suffix(".away"))
    installation = Installation.connect(url, allow=["alpha", "beta", "broken"])
    try:
        found = {each.source: each for each in diagnose(installation)}
    finally:
        installation.close()
    assert "alpha" not in found
    assert found["beta"] == Diagnosis(
        "beta", "its tables are missing, or older than its code", "run 'storeroom upgrade'"
    )
    assert found["gone"].problem == "its tables are here, but it isn't installed"
    assert "LookupError: lost" in found["broken"].problem


def test_a_new_database_is_looked_at_without_being_made(tmp_path: Path, make_plugin: PluginMaker) -> None:
    make_plugin("alpha")
    installation = Installation.connect(f"sqlite:///{tmp_path}/new.db", allow=["alpha"])
    try:
        (only,) = diagnose(installation)
        assert (only.source, only.cure) == ("storeroom", "correct the URL, or create it with 'storeroom upgrade'")
    finally:
        installation.close()
    assert not (tmp_path / "new.db").exists()


def test_rows_that_refer_to_nothing_are_counted(sqlite_room: Storeroom, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection, connection:
        for title in "ab":
            connection.execute(
                "INSERT INTO shelf_books (author_id, title, language, state, pages, details, added_at, updated_at, "
                "version) VALUES (7, ?, '', 'wanted', 1, '{}', '2026-01-01 00:00:00.000000', "
                "'2026-01-01 00:00:00.000000', 1)",
                [title],
            )
    with sqlite_room as room:
        assert told(room.doctor()) == [
            ("storeroom", "2 row(s) of 'shelf_books' refer to rows of 'shelf_authors' that aren't there")
        ]


def test_a_file_that_is_damaged_is_told(sqlite_room: Storeroom, tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    with sqlite_room as room:
        with room.write() as uow:
            root = uow.connection.scalar(text("SELECT rootpage FROM sqlite_master WHERE name = 'shelf_loans'"))
            uow.connection.execute(text("INSERT INTO shelf_loans VALUES ('a', 1, 1)"))
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert isinstance(root, int)
    with file.open("r+b") as raw:
        raw.seek((root - 1) * 4096)
        raw.write(b"\xee" * 512)
    with open_room(f"sqlite:///{file}") as room:
        found = room.doctor()[0]
    assert (found.source, found.cure) == ("storeroom", "restore a back-up, then find out what wrote to it")
    assert found.problem.startswith("the file is damaged: ")


@pytest.mark.parametrize(
    ("mode", "folder", "says"),
    [
        (0o600, 0o755, None),
        (0o640, 0o755, None),
        (0o644, 0o700, None),
        (0o644, 0o755, "anybody on this machine can read"),
        (0o646, 0o700, "anybody on this machine can change"),
    ],
)
def test_a_file_that_is_open_to_all_is_told(
    sqlite_room: Storeroom, tmp_path: Path, mode: int, folder: int, says: str | None
) -> None:
    tmp_path.chmod(folder)
    (tmp_path / "a.db").chmod(mode)
    with sqlite_room as room:
        found = room.doctor()
    assert [says in each.problem and "chmod o-r" in each.cure for each in found if says] == ([True] if says else [])
    assert len(found) == (says is not None)


MOUNTS = """\
/dev/sda1 / ext4 rw,relatime 0 0
server:/export /srv/data nfs4 rw,vers=4.2 0 0
//nas/share /srv/data/with\\040space cifs rw 0 0
tmpfs /srv/data/local tmpfs rw 0 0
/dev/sdb1 /srv/covered ext4 rw 0 0
host:/x /srv/covered fuse.sshfs rw 0 0
"""


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("/home/a.db", "ext4"),
        ("/srv/data/a.db", "nfs4"),
        ("/srv/database/a.db", "ext4"),
        ("/srv/data/with space/a.db", "cifs"),
        ("/srv/data/local/a.db", "tmpfs"),
        ("/srv/covered/a.db", "fuse.sshfs"),
    ],
)
def test_the_file_system_of_a_file_is_that_of_its_nearest_mount(file: str, kind: str) -> None:
    assert file_system(Path(file), MOUNTS) == kind
    assert file_system(Path(file), "") == ""


@pytest.mark.parametrize(("kind", "wrong"), [("nfs4", True), ("cifs", True), ("9p", True), ("ext4", False)])
def test_a_write_ahead_log_on_a_network_file_system_is_told(
    sqlite_room: Storeroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, wrong: bool
) -> None:
    table = tmp_path / "mounts"
    table.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/x {tmp_path.resolve()} {kind} rw 0 0\n")
    monkeypatch.setattr("storeroom.operations.checks.MOUNTS", table)
    with sqlite_room as room:
        found = told(room.doctor())
    assert [f"network file system ({kind})" in problem for _, problem in found] == [True] * wrong


def test_another_journal_mode_is_told(sqlite_room: Storeroom, tmp_path: Path) -> None:
    sqlite_room.close()
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    engine = create_engine(f"sqlite:///{tmp_path}/a.db")
    with Storeroom.open(engine=engine, plugins={"shelf": plugin}, discover=False) as room:
        assert [problem for _, problem in told(room.doctor())] == [
            "the journal mode is 'delete', so that readers and the writer wait for each other"
        ]
    engine.dispose()


def test_what_postgresql_left_half_done_is_told(server: Server) -> None:
    url = server.create_database()
    with open_room(url, upgrade=True) as room:
        put(room, authors, id=1, name="A")
        with room.write() as uow:
            for statement in (
                "ALTER TABLE shelf_authors ADD CONSTRAINT late CHECK (id > 1) NOT VALID",
                "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'uq_shelf_authors_name'::regclass",
            ):
                uow.connection.execute(text(statement))
        found = room.doctor()
    server.drop_database(url)
    assert told(found) == [
        ("storeroom", "constraint 'late' of 'shelf_authors' was never checked for the rows that were there before it"),
        (
            "storeroom",
            "index 'uq_shelf_authors_name' of 'shelf_authors' is invalid: it was interrupted while it was built, and "
            "serves nobody",
        ),
    ]
    assert [each.cure for each in found] == [
        "ALTER TABLE shelf_authors VALIDATE CONSTRAINT late",
        "run 'storeroom upgrade' if a revision is pending, else REINDEX INDEX CONCURRENTLY uq_shelf_authors_name",
    ]
