"""The plugin passes the suite that every plugin passes."""

from storeroom import UnitOfWork
from storeroom.testing import Conformance, Race
from storeroom_hooks import HookRepository
from tests.hooks.helpers import script, webhook


class TestHooks(Conformance):
    plugin = "hooks"
    races = (
        Race(
            "runs are counted",
            prepare=lambda uow: script(uow[HookRepository]).id,
            act=lambda uow, key: uow[HookRepository].record_run(key, success=True),
            total=lambda uow, key: uow[HookRepository].scripts.get(key).trigger_count,
        ),
        Race(
            "calls are counted, and logged",
            prepare=lambda uow: webhook(uow[HookRepository]).id,
            act=lambda uow, key: uow[HookRepository].record_call(key, success=False),
            total=lambda uow, key: (
                uow[HookRepository].webhooks.get(key).consecutive_failures + uow[HookRepository].log.count(webhook=key)
            ),
            each=2,
        ),
    )

    def sample(self, uow: UnitOfWork) -> None:
        hooks = uow[HookRepository]
        hooks.record_run(script(hooks).id, success=True)
        hooks.record_call(webhook(hooks).id, success=False, error="refused")
