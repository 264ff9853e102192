"""`ExecutionLogRepository`: what script hooks and webhooks did."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import signature
from typing import Any, ClassVar

from storeroom import Filter, ModelRepository, Statement, at_least, below, equals
from storeroom.errors import FieldUnknown, NotFound
from storeroom_hooks import statements
from storeroom_hooks.checks import Checks, checked, checked_duration, checked_flag, checked_name, checked_output
from storeroom_hooks.models import Execution
from storeroom_hooks.records import ExecutionFilters, ExecutionRecord

_CHECKS: Checks = {
    "event": lambda field, value: None if value is None else checked_name(field, value),
    "success": checked_flag,
    "stdout": checked_output,
    "stderr": checked_output,
    "error": checked_output,
    "duration_ms": checked_duration,
}


class ExecutionLogRepository(ModelRepository[Execution, ExecutionRecord, ExecutionFilters]):
    """The execution log: an entry for each run of a script hook, and each call of a webhook. Lists are newest first.

    An entry goes with its hook. Outputs and errors are stored as they are, but for characters that no database stores,
    which are escaped, and a webhook's secret and URL, which are taken out of its errors.
    """

    name = "hooks.log"
    filters: ClassVar[Mapping[str, Filter]] = {
        "script": equals("script_id"),
        "webhook": equals("webhook_id"),
        "success": equals("success"),
        "since": at_least("triggered_at"),
        "until": below("triggered_at"),
    }
    sorts = ("triggered_at",)
    default_sort = ("-triggered_at",)
    prune_by = "triggered_at"

    def add_run(
        self,
        script_id: int,
        *,
        success: bool,
        exit_code: int | None = None,
        stdout: str = "",
        stderr: str = "",
        error: str | None = None,
        duration_ms: float = 0.0,
        event: str | None = None,
    ) -> ExecutionRecord:
        """Log a run of a script hook, at the database's time; one statement.

        `event` is the hook's own unless it is given. Raises NotFound when there is no such script hook, ValueRefused.
        """
        return self._add(
            statements.ADD_RUN,
            script_id,
            success=success,
            exit_code=exit_code,
            stdout=stdout,
            stderr=stderr,
            error=error,
            duration_ms=duration_ms,
            event=event,
        )

    def add_call(
        self,
        webhook_id: int,
        *,
        success: bool,
        status_code: int | None = None,
        error: str | None = None,
        duration_ms: float = 0.0,
        event: str | None = None,
    ) -> ExecutionRecord:
        """Log a call of a webhook, at the database's time; one statement.

        `event` is the webhook's own unless it is given. Raises NotFound when there is no such webhook, ValueRefused.
        """
        return self._add(
            statements.ADD_CALL,
            webhook_id,
            success=success,
            status_code=status_code,
            error=error,
            duration_ms=duration_ms,
            event=event,
        )

    def add(self, /, **fields: Any) -> ExecutionRecord:
        """Log a run or a call, by the `script_id` or `webhook_id` that is given; one statement.

        As `add_run` and `add_call`, whose parameters are its fields. Raises FieldUnknown for others, and as they do.
        """
        kinds = [name for name in _VERBS if name in fields]
        if len(kinds) != 1:
            raise TypeError("add() takes either a script_id or a webhook_id; give one of them")
        verb, allowed = _VERBS[kinds[0]]
        for name in fields:
            if name not in allowed:
                raise FieldUnknown(
                    f"{self.name}: {verb.__name__}() sets no field {name!r}; use {', '.join(allowed)}",
                    repository=self.name,
                    field=name,
                )
        return verb(self, **fields)

    def add_many(self, items: Iterable[Mapping[str, Any]]) -> int:
        """Log runs and calls as `add` does, a statement for each, and return how many; all or none."""
        with self.uow.savepoint():
            return len([self.add(**item).id for item in items])

    def clear(self, *, script: int | None = None, webhook: int | None = None, everything: bool = False) -> int:
        """Delete the entries of a script hook, of a webhook, or with `everything` all; return how many; one statement.

        To delete old ones, use `prune`. Raises TypeError unless one of the three is given.
        """
        given = {"script_id": script, "webhook_id": webhook}
        named = {name: key for name, key in given.items() if key is not None}
        if len(named) + bool(everything) != 1:
            raise TypeError("clear() takes a script, a webhook, or everything=True; name one of them")
        for name, key in named.items():
            return statements.CLEAR_BY[name].affected(self.uow, key=key)
        return statements.CLEAR.affected(self.uow)

    def _add(self, statement: Statement, key: int, **fields: Any) -> ExecutionRecord:
        given = {f"_{name}": value for name, value in checked(_CHECKS, fields).items()}
        entry = statement.record(self.uow, ExecutionRecord, _key=key, **given)
        if entry is None:
            raise NotFound(
                f"{self.name} can't log an execution of hook {key!r}, which isn't there; it may have been deleted "
                "meanwhile, and its log with it",
                repository=self.name,
                key=key,
            )
        return entry


_VERBS: Mapping[str, tuple[Callable[..., ExecutionRecord], Sequence[str]]] = {
    key: (verb, [name for name in signature(verb).parameters if name != "self"])
    for key, verb in (
        ("script_id", ExecutionLogRepository.add_run),
        ("webhook_id", ExecutionLogRepository.add_call),
    )
}
