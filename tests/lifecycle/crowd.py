"""What the processes of a crowd do: each function is called in a child of its own."""

import sys
import time
from collections.abc import Callable
from importlib import invalidate_caches
from pathlib import Path

from sqlalchemy import text

from storeroom import Settings, Storeroom
from storeroom.errors import PluginAbsent
from tests.lifecycle.lives import downgrade, purge

PATIENT = Settings(busy_timeout=60, lock_timeout=60, migration_lock_timeout=120, pool_timeout=60, attempts=20)


WRITERS, OPENERS = 4, 8

# So many rows each writer writes when all have opened.
AFTER = 20


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.005)


def join_in(work: str, url: str, site: str, marks: str, number: str) -> object:
    """Find the plugin in the folder, and write or open."""
    sys.path.insert(0, site)
    invalidate_caches()
    return {"write_on": write_on, "open_with_upgrade": open_with_upgrade}[work](url, Path(marks), number)


def write_on(url: str, marks: Path, number: str) -> int:
    """Write rows with the old version, before, during and after the upgrade; return how many."""
    written = after = 0
    with Storeroom.open(url, allow=["alpha"], settings=PATIENT) as room:
        while after < AFTER:
            room.run(lambda uow: uow.connection.execute(text("INSERT INTO alpha (note) VALUES ('written')")))
            written += 1
            (marks / f"writer-{number}").touch()
            after += len(list(marks.glob("opened-*"))) == OPENERS
    return written


def open_with_upgrade(url: str, marks: Path, number: str) -> str:
    """Open with the new version when all have begun to write; return how the plugin stands."""
    wait_for(lambda: len(list(marks.glob("writer-*"))) == WRITERS)
    with Storeroom.open(url, allow=["alpha"], upgrade=True, settings=PATIENT) as room:
        (marks / f"opened-{number}").touch()
        return next(each.state for each in room.status() if each.name == "alpha")


def purge_once(url: str, name: str) -> list[str]:
    try:
        return list(purge(url, name))
    except PluginAbsent:
        return []


def downgrade_once(url: str, name: str) -> list[str]:
    try:
        return list(downgrade(url, name, "base"))
    except PluginAbsent:
        return []
