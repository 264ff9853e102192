"""What core's operations learn of hooks: what gets old, and what needs attention."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from storeroom import Finding, Storeroom
from storeroom_hooks import HookRepository
from tests.hooks.helpers import age, script, webhook
from tests.hooks.scanning import leaks

DAY = timedelta(days=1)


def findings(room: Storeroom) -> list[Finding]:
    found = room.health()
    assert found.errors == []
    assert leaks(found) == []
    return list(found.results["hooks"])


def test_a_log_is_kept_for_90_days(room: Storeroom) -> None:
    with room.write() as uow:
        hooks = uow[HookRepository]
        run = script(hooks)
        for days in (89, 91, 92):
            age(hooks, hooks.log.add_run(run.id, success=True), days * DAY)
    tried = room.prune(dry_run=True)
    done = room.prune()
    with room.read() as uow:
        assert uow[HookRepository].log.count() == 1
        assert uow[HookRepository].scripts.get(run.id) == run
    assert tried.errors == done.errors == []
    for report in (tried, done):
        (pruned,) = report.pruned
        assert (pruned.name, pruned.rows, pruned.count) == ("hooks.log", "entries of the execution log", 2)


def test_a_log_gets_as_old_as_the_operator_says(room: Storeroom) -> None:
    with room.write() as uow:
        hooks = uow[HookRepository]
        run = script(hooks)
        for days in (1, 3):
            age(hooks, hooks.log.add_run(run.id, success=True), days * DAY)
    room.prune({"hooks.log": 2 * DAY})
    with room.read() as uow:
        assert uow[HookRepository].log.count() == 1


def test_healthy_hooks_need_nothing(room: Storeroom) -> None:
    with room.write() as uow:
        hooks = uow[HookRepository]
        script(hooks)
        hooks.record_run(script(hooks).id, success=True)
        called = webhook(hooks)
        for success in (False, False, True, False, False):
            hooks.record_call(called.id, success=success)
        off, off_too = script(hooks, enabled=False), webhook(hooks, enabled=False)
        hooks.record_run(off.id, success=False)
        for _ in range(4):
            hooks.record_call(off_too.id, success=False)
    assert findings(room) == []


def test_a_webhook_that_fails_again_and_again_needs_attention(room: Storeroom) -> None:
    with room.write() as uow:
        hooks = uow[HookRepository]
        first, second = webhook(hooks, "chat's"), webhook(hooks, "b")
        for _ in range(3):
            hooks.record_call(first.id, success=False, status_code=401, error="x")
            hooks.record_call(second.id, success=False)
        hooks.record_call(second.id, success=False)
    (finding,) = findings(room)
    assert finding.problem == (
        f'webhooks that failed 3 times in a row or more: 2 ("chat\'s" '
        f"(id {first.id}, 3 times, the last with status 401), "
        f"'b' (id {second.id}, 4 times))"
    )
    assert "disable" in finding.cure


def test_script_hooks_that_failed_or_have_no_script_need_attention(room: Storeroom) -> None:
    with room.write() as uow:
        hooks = uow[HookRepository]
        made = [script(hooks, f"hook {number}") for number in range(8)]
        for hook in made[:7]:
            hooks.record_run(hook.id, success=False)
        uow.connection.execute(text(f"UPDATE hooks_scripts SET script_path = '' WHERE id = {made[7].id}"))
    failed, without = findings(room)
    named = ", ".join(f"'hook {number}' (id {made[number].id})" for number in range(5))
    assert failed.problem == f"script hooks whose last run failed: 7 ({named} and 2 more)"
    assert without.problem == f"enabled script hooks without a script: 1 ('hook 7' (id {made[7].id}))"


@pytest.mark.parametrize("verb", ["health", "prune"])
def test_a_database_without_hooks_needs_nothing(room: Storeroom, verb: str) -> None:
    assert getattr(room, verb)().errors == []
