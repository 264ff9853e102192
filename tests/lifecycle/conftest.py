"""Processes to kill, and servers for what only they can show."""

from tests.migrations.conftest import forker, server_url, sqlite_url

__all__ = ["forker", "server_url", "sqlite_url"]
