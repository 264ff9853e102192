"""What the plugin brings."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, delete, func, select

from storeroom import Finding, Manifest, Retention, Statement, Work, hookimpl
from storeroom.adoption import (
    Mended,
    TableAdoption,
    choice,
    computed,
    counters,
    day,
    document,
    flag,
    moment,
    text,
    whole,
)
from storeroom.sql import among
from tests.operations.shelf.models import Author, Base, Book, Day, Loan, State

AUTHORS = TableAdoption(
    table="writers",
    model=Author,
    key=["id"],
    identity=["id", "name"],
    fields={"id": whole("id", required=True), "name": text("name", required=True), "seen_at": moment("seen")},
    unique=["name"],
    prefer=lambda row: row["seen_at"],
)


def pages(count: Any, sheets: Any) -> Any:
    """The file has pages, or the sheets that they are printed on."""
    if count is None and sheets is not None:
        return Mended(2 * sheets, f"taken from {sheets} sheets")
    return count


BOOKS = TableAdoption(
    table="books",
    model=Book,
    key=["id"],
    identity=["id", "title"],
    fields={
        "id": whole("id", required=True),
        "author_id": whole("writer", required=True, relates_to="writers"),
        "editor_id": whole("editor", relates_to="writers"),
        "title": text("title", required=True),
        "language": text("language"),
        "state": choice("state", State, default=State.WANTED, becomes={"lent": State.OWNED}),
        "pages": computed(pages, "pages", "sheets", default=1),
        "details": document("details", kind=dict, default=dict),
        "added_at": moment("added"),
        "updated_at": moment("updated"),
    },
    unique=["title", "language"],
    prefer=lambda row: (row["state"] == State.IGNORED, row["updated_at"]),
    left=["isbn"],
)
LOANS = TableAdoption(
    table="loans",
    model=Loan,
    key=["id"],
    fields={
        "id": text("id", required=True),
        "book_id": whole("book", relates_to="books"),
        "lent": flag("lent"),
    },
    only=lambda row: row["lent"] is not None,
)


def add(here: Mapping[str, Any], there: Mapping[str, Any]) -> Mapping[str, Any]:
    kinds = {
        kind: here["kinds"].get(kind, 0) + there["kinds"].get(kind, 0) for kind in {*here["kinds"], *there["kinds"]}
    }
    return {"reads": here["reads"] + there["reads"], "kinds": dict(kinds)}


DAYS = TableAdoption(
    table="days",
    model=Day,
    key=["day"],
    fields={"day": day("day", required=True), "reads": whole("reads", default=0), "kinds": counters("kinds")},
    unique=["day"],
    combine=add,
)


@hookimpl
def storeroom_manifest() -> Manifest:
    return Manifest(models=Base, migrations="tests.operations.shelf.migrations")


@hookimpl
def storeroom_adopt(system: str) -> Sequence[TableAdoption]:
    # In no helpful order: core sees what relates to what.
    return [LOANS, BOOKS, DAYS, AUTHORS] if system == "oldshelf" else []


books = cast("Table", Book.__table__)


def count(work: Work, before: datetime) -> int:
    found: int = Statement(select(func.count()).select_from(books).where(books.c.added_at < before)).scalar(work)
    return found


def remove(work: Work, before: datetime, limit: int) -> int:
    oldest = select(books.c.id).where(books.c.added_at < before).order_by(books.c.added_at).limit(limit)
    return Statement(delete(books).where(among(books.c.id, oldest))).affected(work)


RETENTION: Retention | None = Retention(
    name="shelf.books", rows="old books", age=timedelta(days=100), count=count, prune=remove
)


@hookimpl
def storeroom_prune() -> Sequence[Retention] | None:
    return None if RETENTION is None else [RETENTION]


@hookimpl
def storeroom_health(uow: Work) -> Sequence[Finding]:
    nameless = Statement(select(func.count()).select_from(books).where(books.c.title == "")).scalar(uow)
    return [Finding(f"{nameless} book(s) have no title", "give them one")] if nameless else []
