"""`Parking`: connections that stay out of their pool between transactions, for half of what one costs by itself."""

import time
from collections import deque
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import PoolProxiedConnection

# In a connection's info: since when it has been idle.
IDLE_SINCE = "storeroom_idle_since"


class Parking:
    """A few idle connections of a pool, kept for the next transaction; the last one that came is the first to go.

    To the pool they are in use. So they go back to it as soon as anybody asks it for one, and at most `most` are kept,
    one less than it holds, so that whoever asks the pool directly finds one. A connection that has been idle for
    longer than `idle_check` seconds goes back as well: the pool looks whether it is alive.
    """

    def __init__(self, connect: Callable[[], PoolProxiedConnection], most: int, idle_check: float | None) -> None:
        self._connect = connect
        self._most = most
        self._idle_check = idle_check
        self._is_closed = False
        # Each is changed by one step that threads can't divide.
        self._parked: deque[tuple[PoolProxiedConnection, float]] = deque()
        self._asking: deque[None] = deque()

    def __len__(self) -> int:
        return len(self._parked)

    def take(self) -> PoolProxiedConnection:
        """Return a connection: one that is parked, else one of the pool's, for which it may wait."""
        found = self._pop()
        if found is not None:
            return found
        with self.asking():
            # What was parked before others saw that somebody asks.
            return self._pop() or self._connect()

    def give(self, pooled: PoolProxiedConnection) -> None:
        """Take a connection back, whose transaction has ended and which is as it was."""
        if self._is_closed:
            pooled.detach()  # from a pool that nobody asks any more, so that it is closed
        if self._is_closed or self._asking or len(self._parked) >= self._most:
            pooled.close()
            return
        self._parked.append((pooled, time.monotonic()))
        if self._asking:  # since a moment ago
            self.clear()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """While somebody asks the pool, let every connection go back to it."""
        self._asking.append(None)
        try:
            yield
        finally:
            self._asking.pop()

    def clear(self) -> None:
        """Give all back to the pool."""
        while self._parked:
            try:
                pooled, since = self._parked.pop()
            except IndexError:  # another thread was faster
                return
            _put_back(pooled, since)

    def close(self) -> None:
        """Give all back to the pool; what comes from now on is closed."""
        self._is_closed = True
        self.clear()

    def leave_to_parent(self) -> list[PoolProxiedConnection]:
        """After a fork, in the child: forget them, without a word to the database, and return them to be kept."""
        left = [pooled for pooled, _ in self._parked]
        self._parked.clear()
        self._asking.clear()
        for pooled in left:
            pooled.detach()
        return left

    def _pop(self) -> PoolProxiedConnection | None:
        try:
            pooled, since = self._parked.pop()
        except IndexError:
            return None
        if self._idle_check is not None and time.monotonic() - since > self._idle_check:
            _put_back(pooled, since)
            self.clear()  # which have been idle for longer
            return None
        return pooled


def _put_back(pooled: PoolProxiedConnection, since: float) -> None:
    info: MutableMapping[str, Any] = pooled.info
    pooled.close()
    if IDLE_SINCE in info:  # which was set just now, as if it had been in use
        info[IDLE_SINCE] = since
