"""Script hooks and webhooks as people configure them: created, listed by event, edited, deleted with their log."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from storeroom import Storeroom
from storeroom.errors import FieldUnknown, NotFound, StaleVersion, ValueRefused
from storeroom_hooks import (
    HookRepository,
    ScriptHookRecord,
    WebhookRecord,
)
from tests.hooks.helpers import EVENT, PATH, SECRET, URL, script, webhook

KINDS = ["scripts", "webhooks"]
CREATE: dict[str, Callable[..., ScriptHookRecord | WebhookRecord]] = {"scripts": script, "webhooks": webhook}


def test_a_new_script_hook_is_enabled_and_was_never_triggered(hooks: HookRepository) -> None:
    hook = script(hooks)
    assert hook == ScriptHookRecord(
        id=hook.id,
        name="notify",
        event=EVENT,
        enabled=True,
        script_path=PATH,
        timeout_seconds=30,
        last_triggered_at=None,
        last_status=None,
        trigger_count=0,
        created_at=hook.created_at,
        updated_at=hook.created_at,
        version=1,
    )
    assert hooks.scripts.get(hook.id) == hook


def test_a_new_webhook_is_enabled_and_was_never_triggered(hooks: HookRepository) -> None:
    hook = webhook(hooks)
    assert hook == WebhookRecord.model_validate(
        {
            "id": hook.id,
            "name": "chat",
            "event": EVENT,
            "url": URL,
            "secret": SECRET,
            "enabled": True,
            "retry_count": 3,
            "timeout_seconds": 10,
            "last_triggered_at": None,
            "last_status_code": None,
            "last_error": None,
            "consecutive_failures": 0,
            "trigger_count": 0,
            "created_at": hook.created_at,
            "updated_at": hook.created_at,
            "version": 1,
        }
    )
    assert hooks.webhooks.get(hook.id) == hook


def test_times_are_the_databases(hooks: HookRepository) -> None:
    for hook in (script(hooks), webhook(hooks)):
        assert abs(hook.created_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_hooks_are_created_with_all_that_they_may_have(hooks: HookRepository) -> None:
    run = hooks.scripts.create("Ä", "e", "c:\\x y.bat", enabled=False, timeout_seconds=1)
    assert (run.name, run.script_path, run.enabled, run.timeout_seconds) == ("Ä", "c:\\x y.bat", False, 1)
    called = hooks.webhooks.create("a", "e", "http://[::1]:80/ä", enabled=False, retry_count=0, timeout_seconds=1)
    assert (called.url, called.secret, called.enabled) == ("http://[::1]:80/ä", None, False)
    assert (called.retry_count, called.timeout_seconds) == (0, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_lists_are_in_the_order_of_creation_by_event_and_enabled_ones_only(hooks: HookRepository, kind: str) -> None:
    create, repository = CREATE[kind], getattr(hooks, kind)
    made = [
        create(hooks, name, event, enabled=enabled)
        for name, event, enabled in [("d", "x", True), ("c", "y", True), ("b", "x", False), ("a", "x", True)]
    ]
    assert repository.list() == made
    assert repository.list(event="x") == [made[0], made[2], made[3]]
    assert repository.list(event="x", enabled=True) == [made[0], made[3]]
    assert repository.list(enabled=False) == [made[2]]
    assert repository.list(event="X") == []
    assert [hook.name for hook in repository.list(sort="name")] == ["a", "b", "c", "d"]
    assert repository.page(size=3, event="x").next is None


def test_an_event_has_its_enabled_hooks_of_both_kinds_in_order(hooks: HookRepository) -> None:
    scripts = [script(hooks, "b"), script(hooks, "a")]
    webhooks = [webhook(hooks, "b"), webhook(hooks, "a")]
    for create in (script, webhook):
        create(hooks, event="other")
        create(hooks, enabled=False)
    found = hooks.matching(EVENT)
    assert found.scripts == tuple(scripts)
    assert found.webhooks == tuple(webhooks)
    assert hooks.matching("nothing") == ((), ())


def test_named_fields_are_updated_and_no_others(hooks: HookRepository) -> None:
    run, called = script(hooks), webhook(hooks)
    changed = hooks.scripts.update(run.id, script_path="/b", enabled=False)
    same = {"updated_at": changed.updated_at, "version": 2}
    assert changed == run.model_copy(update={"script_path": "/b", "enabled": False, **same})
    changed_call = hooks.webhooks.update(called.id, name="b", event="e", retry_count=5)
    same = {"updated_at": changed_call.updated_at, "version": 2}
    assert changed_call == called.model_copy(update={"name": "b", "event": "e", "retry_count": 5, **same})


def test_an_edit_has_its_time(room: Storeroom) -> None:
    with room.write() as uow:
        made = script(uow[HookRepository])
        uow.connection.execute(text("UPDATE hooks_scripts SET updated_at = '2020-01-01 00:00:00.000000'"))
        changed = uow[HookRepository].scripts.update(made.id, name="b")
    assert changed.updated_at >= changed.created_at == made.created_at


@pytest.mark.parametrize("kind", KINDS)
def test_an_edit_of_a_version_that_is_gone_is_refused(hooks: HookRepository, kind: str) -> None:
    hook, repository = CREATE[kind](hooks), getattr(hooks, kind)
    repository.record_trigger(hook.id, success=True)
    with pytest.raises(StaleVersion) as error:
        repository.update(hook.id, version=hook.version, name="b")
    assert (error.value.expected, error.value.found) == (1, 2)
    assert repository.get(hook.id).name == hook.name


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("field", ["id", "trigger_count", "last_triggered_at", "created_at", "version", "sekret"])
def test_what_a_form_mustnt_set_is_refused(hooks: HookRepository, kind: str, field: str) -> None:
    hook, repository = CREATE[kind](hooks), getattr(hooks, kind)
    with pytest.raises((FieldUnknown, StaleVersion)):
        repository.update(hook.id, name="b", **{field: 7})
    with pytest.raises(FieldUnknown) as error:
        repository.add(name="b", event="e", **{field: 7})
    assert error.value.field == field
    assert repository.list() == [hook]


@pytest.mark.parametrize("kind", KINDS)
def test_a_hook_that_isnt_there_is_not_found(hooks: HookRepository, kind: str) -> None:
    repository = getattr(hooks, kind)
    for verb, given in (("get", {}), ("update", {"name": "b"}), ("record_trigger", {"success": True})):
        with pytest.raises(NotFound) as error:
            getattr(repository, verb)(7, **given)
        assert (error.value.repository, error.value.key) == (f"hooks.{kind}", 7)
    assert repository.delete(7) is False
    assert repository.get_or_none(7) is None


def test_a_secret_is_set_replaced_and_removed(hooks: HookRepository) -> None:
    made = webhook(hooks, secret=None)
    assert made.secret is None
    changed = hooks.webhooks.update(made.id, secret="one")
    assert changed.secret is not None
    assert changed.secret.get_secret_value() == "one"
    copied = hooks.webhooks.create("b", "e", made.url, secret=changed.secret)
    assert copied.secret == changed.secret
    assert hooks.webhooks.update(made.id, secret=copied.secret).secret == copied.secret
    assert hooks.webhooks.update(made.id, secret="").secret is None


@pytest.mark.parametrize("count", [1, 600, 1200])
def test_many_webhooks_are_added_at_once_with_their_secrets(hooks: HookRepository, count: int) -> None:
    items = ({"name": str(n), "event": "e", "url": f"{URL}{n}", "secret": f"{SECRET}{n}"} for n in range(count))
    assert hooks.webhooks.add_many(items) == count
    found = hooks.webhooks.list()
    assert [hook.url for hook in found] == [f"{URL}{n}" for n in range(count)]
    assert [hook.secret and hook.secret.get_secret_value() for hook in found] == [f"{SECRET}{n}" for n in range(count)]
    assert {(hook.enabled, hook.retry_count, hook.version) for hook in found} == {(True, 3, 1)}


@pytest.mark.parametrize("kind", KINDS)
def test_a_deleted_hook_takes_its_log_along_and_no_other(hooks: HookRepository, kind: str) -> None:
    run, called, other = script(hooks), webhook(hooks), script(hooks)
    entries = [hooks.log.add_run(run.id, success=True), hooks.log.add_run(other.id, success=True)]
    entries.append(hooks.log.add_call(called.id, success=True))
    gone = run if kind == "scripts" else called
    assert getattr(hooks, kind).delete(gone.id) is True
    left = [entry for entry in entries if gone.id != (entry.script_id if kind == "scripts" else entry.webhook_id)]
    assert len(left) == 2
    assert sorted(hooks.log.list(), key=lambda entry: entry.id) == left


def test_a_dict_that_is_used_for_all_items_is_read_as_it_is_at_its_turn(hooks: HookRepository) -> None:
    def items() -> Iterator[dict[str, object]]:
        item: dict[str, object] = {"event": "e", "url": URL}
        for name in "ab":
            item["name"] = name
            yield item
        item["secret"] = SECRET
        yield item

    with pytest.raises(ValueRefused) as refusal:
        hooks.webhooks.add_many(items())
    assert (refusal.value.position, refusal.value.value) == (2, None)
    assert hooks.webhooks.count() == 0
