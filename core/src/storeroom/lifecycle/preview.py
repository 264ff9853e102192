"""The SQL preview: what an upgrade would run, recorded in a rehearsal, as a script for psql or sqlite3."""

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

from storeroom.backups import backup
from storeroom.engine import Database, parse_url, sqlite_file
from storeroom.errors import PreviewRefused
from storeroom.lifecycle.statements import is_change, reads_rows, sets_sequence
from storeroom.migrations.coordinator import patiently
from storeroom.migrations.ledger import LedgerEntry
from storeroom.migrations.ledger.store import LEDGER_TABLE
from storeroom.migrations.lock import LOCK_KEY
from storeroom.migrations.ownership import BROKEN_REFERENCES
from storeroom.migrations.revisions import Revision
from storeroom.migrations.state import EMPTY, read_ledger
from storeroom.migrations.upgrading import rehearse_upgrade
from storeroom.names import CORE_PLUGIN
from storeroom.registry import Registry

_HEADS = "SELECT name || ' ' || head AS line FROM storeroom_plugins ORDER BY 1"
_CHANGED = "the database is not as this script was made for; make it anew"
_BROKEN = "rows are missing that foreign keys refer to"

# No row of the ledger has this time; where it stands in the script, the time at which that is run is to stand.
_LATER = datetime(9998, 7, 6, 5, 4, 3, 210123, UTC)
_TIMES = {
    "sqlite": (
        re.compile(r"(?<!')'9998-07-06 05:04:03\.210123'(?!')"),
        "strftime('%Y-%m-%d %H:%M:%f000', 'now')",
    ),
    "postgresql": (re.compile(r"(?<!')'9998-07-06 05:04:03\.210123\+00:00'(?!')(?:::timestamptz)?"), "now()"),
}


def preview(database: Database, registry: Registry) -> str:
    """Return the script of the upgrade that is pending: applying it leaves what `upgrade` would.

    All pending revisions are run: in a copy of a SQLite database, or in a transaction of PostgreSQL's that is rolled
    back, and that waits for locks, and holds them, as an upgrade would. The script is one transaction, and stops
    before it changes anything where the ledger is no longer as it was. Times in the ledger will be those at which it is
    run. With nothing pending it is a comment. On PostgreSQL the rehearsal uses up numbers of sequences, as each
    transaction does that is rolled back.
    Raises PreviewRefused, with the names, for revisions that can't run in a transaction, that set sequences, and for
    those that read rows or copy them in, and so might do something else when they are run. How many rows a statement
    changed, a revision can ask without being noticed.
    """
    with _stage(database) as stage:
        known = read_ledger(stage, registry).entries if _is_there(database) else EMPTY.entries
        statements = patiently(stage, lambda: _rehearsed(stage, registry))
        frame = _sqlite(known, statements) if stage.backend.name == "sqlite" else _postgresql(stage, known, statements)
    made = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    title = f"-- The upgrade of {database.shown_url}, made by storeroom {version(CORE_PLUGIN)}, {made}."
    if not statements:
        return f"{title}\n-- Everything is at its head.\n"
    return "\n".join([title, *frame, ""])


@contextmanager
def _stage(database: Database) -> Iterator[Database]:
    """Give out the database to rehearse on: PostgreSQL's own, or a copy of SQLite's."""
    if database.backend.name != "sqlite":
        yield database
        return
    with tempfile.TemporaryDirectory(prefix="storeroom-") as folder:
        copy = Path(folder) / "rehearsal.db"
        if _is_there(database):
            backup(database, copy)
        stage = Database.from_url(parse_url(f"sqlite:///{copy}"), database.backend.settings)
        stage.backend.make_recordable(stage.engine)
        try:
            yield stage
        finally:
            stage.close()


def _is_there(database: Database) -> bool:
    file = sqlite_file(database.engine.url)
    return file is None or file.exists()


def _rehearsed(stage: Database, registry: Registry) -> Sequence[str]:
    """Run what is pending, and return what was sent: each revision's statements under its name, then the ledger's."""
    lines: list[str] = []
    reading: list[str] = []
    pattern, present = _TIMES[stage.backend.name]

    @contextmanager
    def around(driver: Any, revision: Revision | None) -> Iterator[None]:
        sent: list[str] = []

        def note(statement: str) -> None:
            if sets_sequence(statement):
                _refuse([revision.id if revision else LEDGER_TABLE], "set a sequence, which a rehearsal can't undo")
            sent.append(statement)

        with stage.backend.recording(driver, note):
            yield
        script = [_ended(text) for text in sent if is_change(text)]
        if revision is None:
            lines.extend(["-- the ledger", *(pattern.sub(present, text) for text in script)])
            return
        lines.extend([f"-- {revision.plugin}: {revision.id}", *script])
        if any(map(reads_rows, sent)):
            reading.append(revision.id)

    rehearse_upgrade(stage, registry, around, _LATER)
    if reading:
        _refuse(reading, "read rows, or take them from elsewhere, and may do by them something else in a script")
    return lines


def _refuse(revisions: Sequence[str], why: str) -> NoReturn:
    raise PreviewRefused(
        f"{', '.join(map(repr, revisions))} {why}; run 'storeroom upgrade'", revisions=tuple(revisions)
    )


def _ended(statement: str) -> str:
    text = statement.strip().rstrip(";")
    return f"{text}\n;" if "--" in text.splitlines()[-1] else f"{text};"  # which a comment would hide


def _sqlite(known: Mapping[str, LedgerEntry], statements: Sequence[str]) -> Iterator[str]:
    """Frame a script for the program sqlite3, which would go on after an error, and commit."""
    yield ".bail on"
    yield ".timeout 30000"
    yield "PRAGMA foreign_keys = OFF;"
    yield "BEGIN IMMEDIATE;"
    yield f'CREATE TEMP TABLE storeroom_guard (is_met INTEGER CONSTRAINT "{_CHANGED}" CHECK (is_met));'
    yield f'CREATE TEMP TABLE storeroom_guard_of_rows (is_met INTEGER CONSTRAINT "{_BROKEN}" CHECK (is_met));'
    yield f"CREATE TEMP TABLE storeroom_broken AS {BROKEN_REFERENCES};"
    if known:
        heads = f"SELECT group_concat(line, ',') FROM ({_HEADS})"
        yield f"INSERT INTO temp.storeroom_guard SELECT ({heads}) = '{_heads(known)}';"
    else:
        yield (
            "INSERT INTO temp.storeroom_guard "
            "SELECT NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'storeroom_plugins');"
        )
    yield from statements
    yield (
        "INSERT INTO temp.storeroom_guard_of_rows "
        f"SELECT NOT EXISTS ({BROKEN_REFERENCES} EXCEPT SELECT * FROM temp.storeroom_broken);"
    )
    yield "DROP TABLE temp.storeroom_guard;"
    yield "DROP TABLE temp.storeroom_guard_of_rows;"
    yield "DROP TABLE temp.storeroom_broken;"
    yield "COMMIT;"


def _postgresql(stage: Database, known: Mapping[str, LedgerEntry], statements: Sequence[str]) -> Iterator[str]:
    """Frame a script for psql, under the lock that upgrades take, with names that mean what they meant."""
    with stage.reading() as runner:
        (path,) = runner.on_cursor(lambda cursor: cursor.execute("SHOW search_path").fetchone())
    yield "\\set ON_ERROR_STOP on"
    yield "SET client_encoding = 'UTF8';"
    yield "BEGIN;"
    yield f"SET LOCAL search_path = {path};"
    yield "SET LOCAL lock_timeout = '3s';"
    if known:
        heads = f"""SELECT string_agg(line, ',' ORDER BY line COLLATE "C") FROM ({_HEADS}) AS lines"""
        changed = f"({heads}) IS DISTINCT FROM '{_heads(known)}'"
    else:
        changed = "to_regclass('storeroom_plugins') IS NOT NULL"
    yield f"""\
DO $storeroom$ BEGIN
  IF NOT pg_try_advisory_xact_lock({LOCK_KEY}) THEN
    RAISE EXCEPTION 'another process migrates this database; run this script again when it is done';
  END IF;
  IF {changed} THEN
    RAISE EXCEPTION '{_CHANGED}';
  END IF;
END $storeroom$;"""
    yield from statements
    yield "COMMIT;"


def _heads(known: Mapping[str, LedgerEntry]) -> str:
    return ",".join(sorted(f"{name} {entry.head}" for name, entry in known.items()))
