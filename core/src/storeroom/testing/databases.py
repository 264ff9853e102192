"""Databases for tests: made on the lane that is named, and gone at the end; servers start when first asked for."""

import shutil
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Self

from sqlalchemy import make_url

from storeroom.testing.lanes import SQLITE, Lanes
from storeroom.testing.servers import Server, connect_server, start_server


class Databases:
    """Makes empty databases on lanes, for the length of a `with` block; SQLite's are files below `folder`."""

    def __init__(self, lanes: Lanes, folder: Path) -> None:
        self._lanes = lanes
        self._folder = folder
        self._servers: dict[str, Server] = {}
        self._made: dict[str, Server] = {}
        self._numbers = count(1)
        self._stack = ExitStack()

    def create(self, lane: str) -> str:
        """Make an empty database and return its URL."""
        if lane == SQLITE:
            folder = self._folder / str(next(self._numbers))  # of its own, with what SQLite and back-ups put beside it
            folder.mkdir()
            return f"sqlite:///{folder}/database.db"
        server = self.server(lane)
        url = server.create_database()
        self._made[url] = server
        return url

    def drop(self, url: str) -> None:
        """Drop a database that `create` made, also while it is in use."""
        if url in self._made:
            self._made.pop(url).drop_database(url)
        else:
            shutil.rmtree(Path(make_url(url).database or "").parent)

    def server(self, lane: str) -> Server:
        """Return the server of a lane, which is started when it is first asked for."""
        if lane not in self._servers:
            if self._lanes.url is not None:
                self._servers[lane] = connect_server(self._lanes.url)
            else:
                self._servers[lane] = self._stack.enter_context(start_server(self._lanes.binaries[lane]))
        return self._servers[lane]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for url in list(self._made):
            self.drop(url)
        self._stack.close()
