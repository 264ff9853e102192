"""What needs attention in the data of wanted items."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, select, text

from storeroom import Finding, Statement, Work
from storeroom.sql import expired, from_now
from storeroom_wanted.models import IS_SEARCHABLE, wanted
from storeroom_wanted.states import WantedStatus

# How many are named.
FEW = 3

OFTEN = 10
STUCK_HOURS = 24
FAR_DAYS = 90


def _is(status: WantedStatus) -> ColumnElement[bool]:
    return wanted.c.status == literal_column(f"'{status}'")


def _few(value: ColumnElement[Any], *conditions: Any) -> Select[*tuple[Any, ...]]:
    total = func.count().over().label("total")
    few = select(wanted.c.id, wanted.c.file_path, value.label("value"), total).where(*conditions)
    return few.limit(literal_column(str(FEW)))


_long_ago = from_now(literal_column(str(-STUCK_HOURS * 3600)))
_far = from_now(literal_column(str(FAR_DAYS * 86_400)))
STUCK = Statement(
    _few(wanted.c.updated_at, _is(WantedStatus.SEARCHING), expired(wanted.c.updated_at, _long_ago)).order_by(
        wanted.c.updated_at, wanted.c.id
    )
)
FAILING = Statement(
    _few(wanted.c.search_count, _is(WantedStatus.FAILED), wanted.c.search_count >= literal_column(str(OFTEN))).order_by(
        wanted.c.search_count.desc(), wanted.c.id
    )
)
FAR = Statement(
    _few(wanted.c.retry_after, text(IS_SEARCHABLE), wanted.c.retry_after > _far).order_by(
        wanted.c.retry_after.desc(), wanted.c.id
    )
)

_PROBLEMS = (
    (
        STUCK,
        f"items that are being searched since more than {STUCK_HOURS} hours, as if the program had ended in the middle",
        "set their status to wanted, or let a scan run, which does so for all that it sees",
        "since {:%Y-%m-%d %H:%M} UTC",
    ),
    (
        FAILING,
        f"items that have failed, after {OFTEN} searches or more",
        "read their errors, and ignore what can't be found: set_status(id, 'ignored')",
        "{} searches",
    ),
    (
        FAR,
        f"items that aren't due for more than {FAR_DAYS} days",
        "correct what sets their retry_after, and free them: set_retry_after(id, None)",
        "not before {:%Y-%m-%d}",
    ),
)


def findings(uow: Work) -> Sequence[Finding]:
    """Report what searches have left behind; three statements."""
    return list(_findings(uow))


def _findings(uow: Work) -> Iterator[Finding]:
    for statement, problem, cure, form in _PROBLEMS:
        rows = statement.all(uow)
        if rows:
            named = [f"{row.id} ({row.file_path!r}, {form.format(row.value)})" for row in rows]
            yield Finding.of_few(problem, named, rows[0].total, cure)
