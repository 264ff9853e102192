"""Real processes: no trigger is lost, failures in a row are right, and a log goes with its hook for good."""

from pathlib import Path

import pytest
from sqlalchemy import text

from storeroom import Storeroom
from storeroom.testing import run_together
from storeroom.testing.processes import context
from storeroom_hooks import HookRepository
from tests.hooks import workers
from tests.hooks.helpers import script, webhook

PROCESSES, EACH = 4, 500
TOTAL = PROCESSES * EACH


@pytest.mark.dear
def test_2000_triggers_of_each_kind_by_four_processes_are_counted(room: Storeroom, hooks_url: str) -> None:
    with room.write() as uow:
        run, called = script(uow[HookRepository]), webhook(uow[HookRepository])
    assert run_together(PROCESSES, workers.trigger, hooks_url, run.id, called.id, EACH) == [0] * PROCESSES
    with room.write() as uow:
        hooks = uow[HookRepository]
        ran, was_called = hooks.scripts.get(run.id), hooks.webhooks.get(called.id)
        assert (ran.trigger_count, ran.version) == (TOTAL, TOTAL + 1)
        assert (was_called.trigger_count, was_called.consecutive_failures) == (TOTAL, TOTAL)
        assert was_called.version == TOTAL + 1
        assert hooks.webhooks.record_trigger(called.id, success=True).consecutive_failures == 0


@pytest.mark.dear
def test_failures_in_a_row_are_right_after_each_call_of_four_processes(
    room: Storeroom, hooks_url: str, tmp_path: Path
) -> None:
    with room.write() as uow:
        called = webhook(uow[HookRepository])
    each = EACH // 5
    assert run_together(PROCESSES, workers.judge, hooks_url, called.id, each, tmp_path) == [0] * PROCESSES
    lines = [line for file in tmp_path.iterdir() for line in file.read_text().splitlines()]
    calls = sorted(tuple(map(int, line.split())) for line in lines)
    assert [version for version, _, _ in calls] == list(range(2, PROCESSES * each + 2))
    in_a_row = 0
    for _, failures, success in calls:
        in_a_row = 0 if success else in_a_row + 1
        assert failures == in_a_row


@pytest.mark.dear
def test_a_webhook_that_is_deleted_while_it_is_called_leaves_no_log(room: Storeroom, hooks_url: str) -> None:
    with room.write() as uow:
        called = webhook(uow[HookRepository])
    barrier = context.Barrier(3)
    processes = [
        context.Process(target=work, args=(hooks_url, called.id, barrier))
        for work in (workers.log_until_gone, workers.log_until_gone, workers.delete)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    with room.read() as uow:
        assert uow.connection.execute(text("SELECT count(*) FROM hooks_log")).scalar_one() == 0
