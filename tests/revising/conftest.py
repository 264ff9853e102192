"""Processes to kill."""

from tests.migrations.conftest import forker

__all__ = ["forker"]
