"""`ScriptHookRepository`: scripts that are run when an event happens."""

from typing import ClassVar

from storeroom.checks import checked_text
from storeroom_hooks import statements
from storeroom_hooks.checks import Checks, checked_flag, checked_name, number_from
from storeroom_hooks.configured import ConfiguredRepository
from storeroom_hooks.models import ScriptHook
from storeroom_hooks.records import ScriptHookRecord


class ScriptHookRepository(ConfiguredRepository[ScriptHook, ScriptHookRecord]):
    """Script hooks. Lists are in the order in which they were created, or by `name`."""

    name = "hooks.scripts"
    checks: ClassVar[Checks] = {
        "name": checked_name,
        "event": checked_name,
        "enabled": checked_flag,
        "script_path": checked_text,
        "timeout_seconds": number_from(1),
    }
    required = ("name", "event", "script_path")
    editable = tuple(checks)

    def create(
        self, name: str, event: str, script_path: str, *, enabled: bool = True, timeout_seconds: int = 30
    ) -> ScriptHookRecord:
        """Create a script hook for an event, and return it; one statement.

        Raises ValueRefused for a name, event or path that is empty, and a time below a second.
        """
        return self.add(
            name=name, event=event, script_path=script_path, enabled=enabled, timeout_seconds=timeout_seconds
        )

    def record_trigger(self, key: int, *, success: bool) -> ScriptHookRecord:
        """Count a run, with its time by the database's clock and how it ended; one statement.

        However many count at once, none is lost. Returns the hook; raises NotFound when there is none.
        """
        return self._trigger(statements.RUN[checked_flag("success", success)], key)
