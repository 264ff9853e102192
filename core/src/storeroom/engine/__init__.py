"""The engine: connections, transactions and their limits, alike on SQLite and PostgreSQL."""

from storeroom.engine.backend import Backend, Mode
from storeroom.engine.classification import driver_error
from storeroom.engine.database import Database
from storeroom.engine.link import Link
from storeroom.engine.runner import StatementRunner
from storeroom.engine.transaction import JoinedTransaction, Transaction, TransactionLike
from storeroom.engine.url import mask, parse_url, sqlite_file
from storeroom.engine.watching import StatementRun

__all__ = [
    "Backend",
    "Database",
    "JoinedTransaction",
    "Link",
    "Mode",
    "StatementRun",
    "StatementRunner",
    "Transaction",
    "TransactionLike",
    "driver_error",
    "mask",
    "parse_url",
    "sqlite_file",
]
