"""What tests of plugins and programs need: real database servers that start by themselves."""

from storeroom.testing.servers import (
    Server,
    ServerBinaries,
    connect_server,
    find_binaries,
    oldest_and_newest,
    start_server,
)

__all__ = ["Server", "ServerBinaries", "connect_server", "find_binaries", "oldest_and_newest", "start_server"]
