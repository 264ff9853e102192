"""`HookRepository`: script hooks, webhooks and their execution log, together."""

from storeroom import BaseRepository
from storeroom_hooks.log import ExecutionLogRepository
from storeroom_hooks.records import Matching, RecordedCall, RecordedRun
from storeroom_hooks.scripts import ScriptHookRepository
from storeroom_hooks.webhooks import WebhookRepository


class HookRepository(BaseRepository):
    """Script hooks (`scripts`), webhooks (`webhooks`), the log of their executions (`log`), and what spans them."""

    name = "hooks"

    @property
    def scripts(self) -> ScriptHookRepository:
        """The script hooks."""
        return self.uow[ScriptHookRepository]

    @property
    def webhooks(self) -> WebhookRepository:
        """The webhooks."""
        return self.uow[WebhookRepository]

    @property
    def log(self) -> ExecutionLogRepository:
        """The execution log."""
        return self.uow[ExecutionLogRepository]

    def matching(self, event: str) -> Matching:
        """Return the enabled script hooks and webhooks of an event, each in the order of creation; two statements."""
        scripts = self.scripts.list(event=event, enabled=True)
        webhooks = self.webhooks.list(event=event, enabled=True)
        return Matching(tuple(scripts), tuple(webhooks))

    def record_run(
        self,
        script_id: int,
        *,
        success: bool,
        exit_code: int | None = None,
        stdout: str = "",
        stderr: str = "",
        error: str | None = None,
        duration_ms: float = 0.0,
    ) -> RecordedRun:
        """Count a run of a script hook and log it; two statements.

        As `scripts.record_trigger` and `log.add_run` together. Raises NotFound when there is none, ValueRefused.
        """
        hook = self.scripts.record_trigger(script_id, success=success)
        execution = self.log.add_run(
            script_id,
            success=success,
            exit_code=exit_code,
            stdout=stdout,
            stderr=stderr,
            error=error,
            duration_ms=duration_ms,
        )
        return RecordedRun(hook, execution)

    def record_call(
        self,
        webhook_id: int,
        *,
        success: bool,
        status_code: int | None = None,
        error: str | None = None,
        duration_ms: float = 0.0,
    ) -> RecordedCall:
        """Count a call of a webhook and log it; two statements.

        As `webhooks.record_trigger` and `log.add_call` together. Raises NotFound when there is none, ValueRefused.
        """
        hook = self.webhooks.record_trigger(webhook_id, success=success, status_code=status_code, error=error)
        execution = self.log.add_call(
            webhook_id, success=success, status_code=status_code, error=error, duration_ms=duration_ms
        )
        return RecordedCall(hook, execution)
