"""An adoption that kills its own process before the n-th statement that could change anything."""

import os
import re
import signal
from typing import Any

import psycopg
from sqlalchemy import Engine, event

from storeroom import Storeroom
from tests.adoption.target import PLUGINS
from tests.faults.victim import connect_ticking

_READING = re.compile(r"\s*(SELECT|--|PRAGMA\s+[^=]*$)", re.IGNORECASE)


class Life:
    """Ends the process before one statement more than `statements`."""

    def __init__(self, statements: int) -> None:
        self.statements = statements
        self.seen = 0

    def tick(self, statement: str) -> None:
        if _READING.match(statement):
            return
        if self.seen == self.statements:
            os.kill(os.getpid(), signal.SIGKILL)
        self.seen += 1

    def watch(self, driver: Any, _record: object) -> None:
        if not isinstance(driver, psycopg.Connection):
            driver.set_trace_callback(self.tick)

    def connect(self, _dialect: object, _record: object, args: Any, options: dict[str, Any]) -> Any:
        """Connect so that it ticks before each statement, and on either side of a commit."""
        if "dbname" not in options:
            return None
        return connect_ticking(self.tick, args, options)


def adopt_until(url: str, file: str, statements: int) -> int:
    """Adopt, in a process that lives for so many statements; returns how many there were."""
    life = Life(statements)
    # A process of its own: nobody else's engine hears of it.
    event.listen(Engine, "connect", life.watch)
    event.listen(Engine, "do_connect", life.connect)
    with Storeroom.open(url, allow=PLUGINS) as room:
        room.adopt("sublarr", file)
    return life.seen
