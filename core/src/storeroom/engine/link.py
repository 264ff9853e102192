"""`Link`: one connection of a pool, at the driver, with SQLAlchemy's Connection attached when somebody asks for it."""

import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, PoolProxiedConnection, RootTransaction


class Link:
    """A connection that the pool gave out, and the transaction on it.

    Statements need the driver's connection only. SQLAlchemy's costs as much again as a small transaction, and is
    attached when it is asked for: it is another view of the same connection and transaction. Where somebody listens
    to it, it is attached from the start, and `is_plain` tells that everything has to go through it.
    """

    __slots__ = ("_connection", "_give", "_is_closed", "_is_shared", "dialect", "driver", "engine", "pooled", "root")

    def __init__(
        self,
        engine: Engine,
        pooled: PoolProxiedConnection,
        give: Callable[[PoolProxiedConnection], object] | None = None,
    ) -> None:
        self.engine = engine
        self.pooled = pooled
        self.driver: Any = pooled.driver_connection
        self.dialect: Dialect = engine.dialect
        self.root: RootTransaction | None = None
        self._connection: Connection | None = None
        self._is_shared = False
        self._is_closed = False
        self._give = give

    @classmethod
    def to(cls, connection: Connection) -> "Link":
        """Return the link of a connection that is somebody else's, and goes on being it."""
        link = cls(connection.engine, connection.connection)
        link._connection = connection
        link._is_shared = True
        return link

    @property
    def connection(self) -> Connection:
        """SQLAlchemy's connection; attached, and in a transaction, when it is first asked for."""
        if self._connection is None:
            self._connection = Connection(self.engine, connection=self.pooled)
            self.root = self._connection.begin()
        return self._connection

    @property
    def attached(self) -> Connection | None:
        """SQLAlchemy's connection, if there is one."""
        return self._connection

    @property
    def is_gone(self) -> bool:
        """Whether the connection was lost, or closed by somebody else."""
        if self._connection is None:
            return self._is_closed or not self.pooled.is_valid
        return self._connection.invalidated or self._connection.closed

    @property
    def is_plain(self) -> bool:
        """Whether statements have to go through SQLAlchemy: its connection is shared, or its events are listened to."""
        return self._is_shared or self.engine._has_events or Connection._has_events

    def attach_if_watched(self) -> None:
        """Attach the connection, for good, where the engine is observed, or does more than to connect."""
        engine = self.engine
        if self.is_plain or engine.dialect._has_events or engine._execution_options or _logs(engine):
            self.share()

    def share(self) -> Connection:
        """Return SQLAlchemy's connection for others to use; from now on everything goes through it."""
        self._is_shared = True
        return self.connection

    def invalidate(self) -> None:
        """Throw the connection away, since its state is unknown."""
        if self._connection is None:
            if self.pooled.is_valid:
                self.pooled.invalidate()
        elif not self._connection.closed:
            self._connection.invalidate()

    def detach(self) -> None:
        """Take the connection out of its pool, to be closed after its use."""
        self.pooled.detach()

    def close(self) -> None:
        """Give the connection back to where it came from; one that was thrown away, or lent to others, to its pool."""
        if self._give is not None and self._connection is None and not self._is_closed and self.pooled.is_valid:
            self._give(self.pooled)
        else:
            (self._connection or self.pooled).close()
        self._is_closed = True


def _logs(engine: Engine) -> bool:
    return engine.logger.isEnabledFor(logging.INFO)
