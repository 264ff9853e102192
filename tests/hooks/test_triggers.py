"""Triggers: counted, timed and judged by one statement, alone or together with an entry of the log."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storeroom import Storeroom
from storeroom.errors import NotFound, ValueRefused
from storeroom_hooks import HookKind, HookRepository, TriggerStatus
from tests.hooks.helpers import script, webhook


def test_a_run_is_counted_with_its_time_and_how_it_ended(hooks: HookRepository) -> None:
    made, other = script(hooks), script(hooks)
    ran = hooks.scripts.record_trigger(made.id, success=True)
    assert (ran.trigger_count, ran.last_status, ran.version) == (1, TriggerStatus.SUCCESS, 2)
    assert ran.last_triggered_at is not None
    assert abs(ran.last_triggered_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert ran.updated_at >= ran.last_triggered_at
    again = hooks.scripts.record_trigger(made.id, success=False)
    assert (again.trigger_count, again.last_status, again.version) == (2, TriggerStatus.FAILED, 3)
    assert hooks.scripts.get(made.id) == again
    assert hooks.scripts.get(other.id) == other


def test_a_call_is_counted_with_its_status_code_and_failures_in_a_row(hooks: HookRepository) -> None:
    made, other = webhook(hooks), webhook(hooks)
    record = hooks.webhooks.record_trigger
    seen = [
        record(made.id, success=False, status_code=500, error="no"),
        record(made.id, success=False, error="nobody there"),
        record(made.id, success=True, status_code=204, error="what a success says doesn't count"),
        record(made.id, success=False, status_code=404),
    ]
    assert [(hook.trigger_count, hook.consecutive_failures) for hook in seen] == [(1, 1), (2, 2), (3, 0), (4, 1)]
    assert [hook.last_status_code for hook in seen] == [500, None, 204, 404]
    assert [hook.last_error for hook in seen] == ["no", "nobody there", None, None]
    assert [hook.version for hook in seen] == [2, 3, 4, 5]
    assert seen[-1].last_triggered_at is not None
    assert abs(seen[-1].last_triggered_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert hooks.webhooks.get(other.id) == other


def test_a_run_is_recorded_with_its_entry_in_the_log(hooks: HookRepository) -> None:
    made = script(hooks)
    hook, entry = hooks.record_run(
        made.id, success=False, exit_code=3221225786, stdout="out", stderr="err", error="crashed", duration_ms=12.5
    )
    assert hook == hooks.scripts.get(made.id)
    assert (hook.trigger_count, hook.last_status) == (1, TriggerStatus.FAILED)
    assert hooks.log.list() == [entry]
    assert (entry.script_id, entry.webhook_id, entry.kind) == (made.id, None, HookKind.SCRIPT)
    assert (entry.event, entry.success, entry.exit_code, entry.status_code) == (made.event, False, 3221225786, None)
    assert (entry.stdout, entry.stderr, entry.error, entry.duration_ms) == ("out", "err", "crashed", 12.5)
    assert abs(entry.triggered_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_call_is_recorded_with_its_entry_in_the_log(hooks: HookRepository) -> None:
    made = webhook(hooks)
    hook, entry = hooks.record_call(made.id, success=False, status_code=502, error="bad gateway", duration_ms=7)
    assert hook == hooks.webhooks.get(made.id)
    assert (hook.trigger_count, hook.consecutive_failures, hook.last_error) == (1, 1, "bad gateway")
    assert hooks.log.list() == [entry]
    assert (entry.script_id, entry.webhook_id, entry.kind) == (None, made.id, HookKind.WEBHOOK)
    assert (entry.event, entry.success, entry.exit_code, entry.status_code) == (made.event, False, None, 502)
    assert (entry.stdout, entry.stderr, entry.error, entry.duration_ms) == ("", "", "bad gateway", 7.0)


def test_what_was_deleted_meanwhile_isnt_counted_and_the_work_goes_on(hooks: HookRepository) -> None:
    for record in (hooks.record_run, hooks.record_call, hooks.log.add_run, hooks.log.add_call):
        with pytest.raises(NotFound) as error:
            record(7, success=True)
        assert error.value.key == 7
    assert hooks.log.count() == 0


def test_a_refused_value_leaves_no_half_of_a_trigger(room: Storeroom) -> None:
    with room.write() as uow:
        made = webhook(uow[HookRepository])
    with pytest.raises(ValueRefused), room.write() as uow:
        uow[HookRepository].record_call(made.id, success=True, duration_ms=-1)
    with room.read() as uow:
        assert uow[HookRepository].webhooks.get(made.id) == made


@pytest.mark.parametrize("success", [1, "yes", None])
def test_a_success_is_true_or_false(hooks: HookRepository, success: Any) -> None:
    for record in (hooks.scripts.record_trigger, hooks.webhooks.record_trigger):
        with pytest.raises(ValueRefused) as error:
            record(7, success=success)
        assert (error.value.field, error.value.value) == ("success", success)
