"""What worker processes do in the tests of races."""

import os
from functools import partial
from multiprocessing.synchronize import Barrier
from pathlib import Path

from storeroom import Storeroom, UnitOfWork
from storeroom.errors import ForeignKeyMissing, NotFound
from storeroom_hooks import HookRepository, WebhookRecord
from tests.support.rooms import PATIENT


def trigger(url: str, script: int, webhook: int, times: int, together: Barrier) -> None:
    """Record so many runs of a script hook and failed calls of a webhook, one of each in a transaction."""

    def work(uow: UnitOfWork) -> None:
        hooks = uow[HookRepository]
        hooks.scripts.record_trigger(script, success=True)
        hooks.webhooks.record_trigger(webhook, success=False)

    with Storeroom.open(url, allow=["hooks"], settings=PATIENT) as room:
        together.wait(60)
        for _ in range(times):
            room.run(work)


def judge(url: str, webhook: int, times: int, folder: Path, together: Barrier) -> None:
    """Record calls that fail and succeed in turns; write down what the failures in a row were at each version."""
    seen: list[str] = []
    with Storeroom.open(url, allow=["hooks"], settings=PATIENT) as room:
        together.wait(60)
        for number in range(times):
            success = number % 5 == 4
            hook = room.run(partial(_call, webhook=webhook, success=success))
            seen.append(f"{hook.version} {hook.consecutive_failures} {int(success)}")
    (folder / str(os.getpid())).write_text("\n".join(seen))


def _call(uow: UnitOfWork, webhook: int, success: bool) -> WebhookRecord:
    return uow[HookRepository].webhooks.record_trigger(webhook, success=success)


def log_until_gone(url: str, webhook: int, together: Barrier) -> None:
    """Record calls until the webhook isn't there any more."""
    with Storeroom.open(url, allow=["hooks"], settings=PATIENT) as room:
        together.wait(60)
        while True:
            try:
                room.run(lambda uow: uow[HookRepository].record_call(webhook, success=True))
            except (NotFound, ForeignKeyMissing):
                return


def delete(url: str, webhook: int, together: Barrier) -> None:
    """Delete the webhook once its log has grown."""
    with Storeroom.open(url, allow=["hooks"], settings=PATIENT) as room:
        together.wait(60)
        while room.run(lambda uow: uow[HookRepository].log.count(webhook=webhook)) < 20:
            pass
        assert room.run(lambda uow: uow[HookRepository].webhooks.delete(webhook))
