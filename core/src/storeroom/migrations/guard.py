"""What a revision may not do, and what it said it does: watched while it runs."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import BatchOperations, Operations
from alembic.operations.ops import DropIndexOp, MigrateOperation
from sqlalchemy import Connection, MetaData, event

from storeroom.errors import MigrationError, TransactionEnded
from storeroom.orm import NAMING_CONVENTION

_COMMENT_OR_TEXT = re.compile(
    r"""--[^\n]*|/\*.*?\*/|\bE'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$""",
    re.DOTALL | re.IGNORECASE,
)
_ENDING = re.compile(
    r"(?:^|;)\s*(?:COMMIT|END|ABORT|BEGIN(?!\s+ATOMIC)|START\s+TRANSACTION|PREPARE\s+TRANSACTION"
    r"|ROLLBACK(?!\s+(?:WORK\s+|TRANSACTION\s+)?TO\b))\b",
    re.IGNORECASE,
)
_SQL_BODY = re.compile(r"\bBEGIN\s+ATOMIC\b.*\bEND\b", re.IGNORECASE | re.DOTALL)
_NAME = r"""(?:"(?:[^"]|"")+"|`[^`]+`|\[[^\]]+\]|\w+)"""
_DROPPED_INDEXES = re.compile(
    r"\b(?:DROP|ALTER)\s+INDEX\s+(?:CONCURRENTLY\s+)?(?:IF\s+EXISTS\s+)?"
    rf"(?P<names>(?:{_NAME}\.)?{_NAME}(?:\s*,\s*(?:{_NAME}\.)?{_NAME})*)",
    re.IGNORECASE,
)
_CREATED_INDEX = re.compile(
    r"\bCREATE\s+(?:UNIQUE\s+)?INDEX\s+(?:CONCURRENTLY\s+)?(?:IF\s+NOT\s+EXISTS\s+)?"
    rf"(?P<names>(?:{_NAME}\.)?{_NAME})",
    re.IGNORECASE,
)
_LAST_NAME = re.compile(rf"{_NAME}(?!\s*\.)(?=\s*(?:,|$))")

# What a revision leaves without a name is called as in the models. A check has always a name, which stays as it is.
_NAMES = {kind: name for kind, name in NAMING_CONVENTION.items() if kind != "ck"}

REFUSAL = (
    "a revision may not begin, commit or roll back: all plugins' revisions are one transaction; declare "
    "transactional = False in it if it can't run inside one"
)

# The foreign key that is broken for as long as nobody may commit.
SEAL = "storeroom_seal"

# A revision may have set another role by the time that the seal is broken.
_SET_SEAL = """
CREATE TEMP TABLE storeroom_seal (
  id integer PRIMARY KEY,
  missing integer CONSTRAINT storeroom_seal REFERENCES storeroom_seal DEFERRABLE INITIALLY DEFERRED
) ON COMMIT DROP;
GRANT DELETE ON pg_temp.storeroom_seal TO PUBLIC;
INSERT INTO pg_temp.storeroom_seal VALUES (1, 0)
"""
_BREAK_SEAL = "DELETE FROM pg_temp.storeroom_seal"

# SQLite's actions that change a table, each with the positions of the schema and the table in what it tells.
_TABLE_CHANGES = {
    sqlite3.SQLITE_ALTER_TABLE: (0, 1),
    sqlite3.SQLITE_DROP_TABLE: (2, 0),
    sqlite3.SQLITE_CREATE_INDEX: (2, 1),
    sqlite3.SQLITE_DROP_INDEX: (2, 1),
    sqlite3.SQLITE_CREATE_TRIGGER: (2, 1),
    sqlite3.SQLITE_DROP_TRIGGER: (2, 1),
}


class Watch:
    """What one revision did by name to indexes; case is left out of account, as both databases do unquoted.

    `changed` are the tables that it altered or dropped, or whose indexes or triggers it made or dropped. Only SQLite
    tells.
    """

    def __init__(self) -> None:
        self.changed: set[str] = set()
        self._created: set[str] = set()
        self._dropped: set[str] = set()

    def created(self, index: str) -> bool:
        """Tell whether the revision said to create this index, be it there already or not."""
        return index.casefold() in self._created

    def dropped(self, index: str) -> bool:
        """Tell whether the index was dropped, or renamed, by name."""
        return index.casefold() in self._dropped

    def note_operation(self, operation: MigrateOperation) -> None:
        """Note what an Alembic operation drops; batch mode says so nowhere else."""
        if isinstance(operation, DropIndexOp):
            self._dropped.add(str(operation.index_name).casefold())

    def note_statement(self, text: str) -> None:
        """Note what a statement creates and drops."""
        for pattern, noted in ((_CREATED_INDEX, self._created), (_DROPPED_INDEXES, self._dropped)):
            for match in pattern.finditer(text):
                noted |= {name.strip('"`[]').casefold() for name in _LAST_NAME.findall(match["names"])}


@contextmanager
def sealed(driver: Any) -> Iterator[None]:
    """Let PostgreSQL itself refuse to commit what is done inside, until it has come to its end.

    A row of a temporary table breaks a deferred foreign key: whoever commits gets an error that names SEAL, and
    everything is rolled back. A role without the privilege TEMP can't have that; for it there is what `operations`
    refuses, and the look at the transaction afterwards. SQLite's authorizer leaves nothing to do.
    """
    if isinstance(driver, sqlite3.Connection) or not _may_make_temporary_tables(driver):
        yield
        return
    driver.execute(_SET_SEAL)
    yield
    driver.execute(_BREAK_SEAL)


def _may_make_temporary_tables(driver: Any) -> bool:
    (allowed,) = driver.execute("SELECT has_database_privilege(current_database(), 'TEMP')").fetchone()
    return bool(allowed)


@contextmanager
def operations(connection: Connection, *, transactional: bool) -> Iterator[Watch]:
    """Let `alembic.op` work on the connection, watch what is done, and refuse what would end the transaction."""
    context = MigrationContext.configure(
        connection, opts={"transactional_ddl": True, "target_metadata": MetaData(naming_convention=_NAMES)}
    )
    watch = Watch()
    block = _refuse_autocommit if transactional else _already_autocommit
    setattr(context, "autocommit_block", block)  # noqa: B010  # an assignment is what mypy refuses
    with Operations.context(context) as op, _watch_statements(connection, watch, refuse=transactional):
        _note_operations(op, watch)
        plain_batch = op.batch_alter_table

        @contextmanager
        def noting_batch(*args: Any, **kwargs: Any) -> Iterator[BatchOperations]:
            if not transactional and connection.dialect.name == "sqlite":
                raise MigrationError(
                    "batch_alter_table makes the table anew, which a kill would leave half done outside a "
                    "transaction; do it in a revision that is transactional"
                )
            with plain_batch(*args, **kwargs) as batch:
                _note_operations(batch, watch)
                yield batch

        setattr(op, "batch_alter_table", noting_batch)  # noqa: B010  # as above
        yield watch


def _note_operations(target: Operations | BatchOperations, watch: Watch) -> None:
    plain_invoke: Callable[[MigrateOperation], Any] = target.invoke

    def invoke(operation: MigrateOperation) -> Any:
        watch.note_operation(operation)
        return plain_invoke(operation)

    setattr(target, "invoke", invoke)  # noqa: B010  # as above


@contextmanager
def _watch_statements(connection: Connection, watch: Watch, *, refuse: bool) -> Iterator[None]:
    def before(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if look and _ENDING.search(_SQL_BODY.sub(" ", _COMMENT_OR_TEXT.sub(" ", statement))):
            raise TransactionEnded(REFUSAL)
        watch.note_statement(statement)

    driver = connection.connection.driver_connection
    # SQLite refuses by itself. PostgreSQL refuses a commit where it is sealed, and never a rollback, after which each
    # statement would commit by itself: the text must be looked at.
    look = refuse and not isinstance(driver, sqlite3.Connection)
    guard = _authorize(driver, watch, refuse=refuse) if isinstance(driver, sqlite3.Connection) else nullcontext()
    event.listen(connection, "before_cursor_execute", before)
    try:
        with guard:
            yield
    finally:
        event.remove(connection, "before_cursor_execute", before)


@contextmanager
def _authorize(driver: sqlite3.Connection, watch: Watch, *, refuse: bool) -> Iterator[None]:
    """Let SQLite tell which tables are changed, and refuse what begins or ends a transaction.

    It does so as it compiles a statement, from any cursor. Savepoints are another action; a table that is rewritten
    because it refers to one that is renamed is not told of.
    """

    def authorize(action: int, *arguments: Any) -> int:
        if action in _TABLE_CHANGES:
            schema, table = (arguments[position] for position in _TABLE_CHANGES[action])
            if schema == "main":
                watch.changed.add(table)
        return sqlite3.SQLITE_DENY if refuse and action == sqlite3.SQLITE_TRANSACTION else sqlite3.SQLITE_OK

    driver.set_authorizer(authorize)
    try:
        yield
    finally:
        driver.set_authorizer(None)


def _refuse_autocommit() -> AbstractContextManager[None]:
    raise TransactionEnded(f"autocommit_block can't be used here: {REFUSAL}")


def _already_autocommit() -> AbstractContextManager[None]:
    return nullcontext()
