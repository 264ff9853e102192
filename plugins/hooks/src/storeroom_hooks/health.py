"""What needs attention: hooks that fail, and script hooks without a script."""

from collections.abc import Callable, Sequence
from typing import Any

from storeroom import Finding, Statement, Work
from storeroom_hooks import statements
from storeroom_hooks.models import MANY_FAILURES

NAMED = 5
"""So many hooks are named in a finding."""


def findings(uow: Work) -> Sequence[Finding]:
    """Return what needs attention; three statements. It tells names and ids, never a secret, URL or error."""
    found = (
        _finding(
            uow,
            statements.FAILING_WEBHOOKS,
            f"webhooks that failed {MANY_FAILURES} times in a row or more",
            "see their errors in the log, mend their URLs and secrets, or disable them",
            lambda row: f", {row.consecutive_failures} times" + _ended(row.last_status_code),
        ),
        _finding(
            uow,
            statements.FAILED_SCRIPTS,
            "script hooks whose last run failed",
            "see their errors in the log, mend the scripts, or disable the hooks",
        ),
        _finding(
            uow,
            statements.WITHOUT_SCRIPT,
            "enabled script hooks without a script",
            "set their script_path, or delete them",
        ),
    )
    return [each for each in found if each is not None]


def _finding(
    uow: Work, statement: Statement, what: str, cure: str, more: Callable[[Any], str] | None = None
) -> Finding | None:
    rows = statement.all(uow, limit=NAMED)
    if not rows:
        return None
    named = [f"{row.name!r} (id {row.id}{more(row) if more else ''})" for row in rows]
    return Finding.of_few(what, named, rows[0].total, cure)


def _ended(status_code: int | None) -> str:
    return "" if status_code is None else f", the last with status {status_code}"
