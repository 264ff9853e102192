"""Plain tables for the tests of the engine, which doesn't care whose they are."""

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Engine,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    insert,
    select,
    update,
)

from storeroom import Statement, Storeroom, UnitOfWork, plugin_registry

bank = plugin_registry("bank").metadata

accounts = Table(
    "bank_accounts",
    bank,
    Column("id", Integer, primary_key=True),
    Column("owner", String, nullable=False),
    Column("branch", String, nullable=False, default="main"),
    Column("nickname", String),
    Column("balance", Integer, nullable=False, default=0),
    UniqueConstraint("owner", "branch"),
    CheckConstraint("balance >= 0", name="covered"),
    Index("ix_bank_accounts_nickname", "nickname", unique=True),
)

entries = Table(
    "bank_entries",
    bank,
    Column("account_id", ForeignKey(accounts.c.id), primary_key=True),
    Column("number", Integer, primary_key=True),
)

tokens = Table(
    "bank_tokens",
    bank,
    Column("id", Integer, primary_key=True),
    Column("value", String, nullable=False, unique=True),
)

OPEN_ACCOUNT = Statement(insert(accounts))
ENTER = Statement(insert(entries))
BALANCE = Statement(select(accounts.c.balance).where(accounts.c.id == 1))
LOCKED_BALANCE = Statement(select(accounts.c.balance).where(accounts.c.id == 1).with_for_update())
SET_BALANCE = Statement(update(accounts).where(accounts.c.id == 1))
DEPOSIT_ONE = Statement(update(accounts).where(accounts.c.id == 1).values(balance=accounts.c.balance + 1))
OWNERS = Statement(select(accounts.c.owner).order_by(accounts.c.id))


def open_room(url: str | None = None, **options: Any) -> Storeroom:
    """Open a room without plugins, at head."""
    return Storeroom.open(url, discover=False, upgrade=True, **options)


def open_account(uow: UnitOfWork, owner: str, **columns: Any) -> None:
    OPEN_ACCOUNT.affected(uow, owner=owner, **columns)


def owners(room: Storeroom) -> list[str]:
    """Return who has an account, as another transaction sees it."""
    with room.read() as uow:
        return [row.owner for row in OWNERS.all(uow)]


def balance(room: Storeroom) -> int:
    with room.read() as uow:
        return int(BALANCE.scalar(uow))


def engine_of(room: Storeroom) -> Engine:
    return room._database.engine


def checked_out(room: Storeroom) -> int:
    """Tell how many connections are away from the room's pool, and not parked for the next transaction."""
    database = room._database
    away: int = engine_of(room).pool.checkedout()  # type: ignore[attr-defined]  # of a QueuePool
    return away - len(database._parking)
