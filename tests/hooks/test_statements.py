"""Each verb runs as many statements as its docstring says."""

import inspect
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from storeroom import BaseRepository, Storeroom
from storeroom_hooks import (
    ExecutionLogRepository,
    HookRepository,
    ScriptHookRecord,
    ScriptHookRepository,
    WebhookRecord,
    WebhookRepository,
)
from storeroom_hooks.plugin import storeroom_health
from tests.hooks.helpers import PATH, URL, script, webhook

LATER = datetime.now(UTC) + timedelta(days=1)
PARTS: dict[str, type[BaseRepository]] = {
    "hooks": HookRepository,
    "scripts": ScriptHookRepository,
    "webhooks": WebhookRepository,
    "log": ExecutionLogRepository,
}


class Given(NamedTuple):
    hooks: HookRepository
    script: ScriptHookRecord
    webhook: WebhookRecord


Verb = Callable[[Given], object]
ONE: dict[str, Verb] = {
    "scripts.create": lambda given: given.hooks.scripts.create("a", "e", PATH),
    "scripts.add": lambda given: given.hooks.scripts.add(name="a", event="e", script_path=PATH),
    "scripts.update": lambda given: given.hooks.scripts.update(given.script.id, version=1, name="b"),
    "scripts.record_trigger": lambda given: given.hooks.scripts.record_trigger(given.script.id, success=True),
    "scripts.delete": lambda given: given.hooks.scripts.delete(given.script.id),
    "webhooks.create": lambda given: given.hooks.webhooks.create("a", "e", URL),
    "webhooks.add": lambda given: given.hooks.webhooks.add(name="a", event="e", url=URL),
    "webhooks.update": lambda given: given.hooks.webhooks.update(given.webhook.id, secret="b"),
    "webhooks.record_trigger": lambda given: given.hooks.webhooks.record_trigger(
        given.webhook.id, success=False, error="no"
    ),
    "webhooks.delete": lambda given: given.hooks.webhooks.delete(given.webhook.id),
    "log.add_run": lambda given: given.hooks.log.add_run(given.script.id, success=True),
    "log.add_call": lambda given: given.hooks.log.add_call(given.webhook.id, success=False, error="no"),
    "log.add": lambda given: given.hooks.log.add(script_id=given.script.id, success=True),
    "log.clear of a script hook": lambda given: given.hooks.log.clear(script=given.script.id),
    "log.clear of a webhook": lambda given: given.hooks.log.clear(webhook=given.webhook.id),
    "log.clear of all": lambda given: given.hooks.log.clear(everything=True),
    "log.list": lambda given: given.hooks.log.list(script=given.script.id),
    "log.page": lambda given: given.hooks.log.page(webhook=given.webhook.id),
    "log.count": lambda given: given.hooks.log.count(),
    "log.prune": lambda given: given.hooks.log.prune(LATER),
}
TWO: dict[str, Verb] = {
    "hooks.matching": lambda given: given.hooks.matching(given.script.event),
    "hooks.record_run": lambda given: given.hooks.record_run(given.script.id, success=True),
    "hooks.record_call": lambda given: given.hooks.record_call(given.webhook.id, success=True),
}
MANY = {"scripts.add_many", "webhooks.add_many", "log.add_many"}


def documented(what: str) -> str:
    part, name = what.split(maxsplit=1)[0].split(".")
    return inspect.getdoc(getattr(PARTS[part], name)) or ""


@pytest.mark.parametrize("what", [*ONE, *TWO])
def test_a_verb_is_one_statement_or_two(room: Storeroom, what: str) -> None:
    with room.write() as uow:
        hooks = uow[HookRepository]
        given = Given(hooks, script(hooks), webhook(hooks))
        before = uow.statements
        (ONE | TWO)[what](given)
        assert uow.statements - before == (1 if what in ONE else 2)
    assert re.search(r"\bone statement\b" if what in ONE else r"\btwo statements\b", documented(what), re.IGNORECASE)


def test_health_is_three_statements(room: Storeroom) -> None:
    with room.read() as uow:
        storeroom_health(uow)
        assert uow.statements == 3


def own_verbs() -> Iterator[str]:
    for part, repository in PARTS.items():
        for each in repository.__mro__:
            if each.__module__.startswith("storeroom_hooks"):
                yield from (f"{part}.{name}" for name, value in vars(each).items() if is_verb(name, value))


def is_verb(name: str, value: object) -> bool:
    return inspect.isfunction(value) and not name.startswith("_")


def test_every_verb_of_the_plugin_is_counted_here() -> None:
    counted = {what.split()[0] for what in [*ONE, *TWO]}
    assert set(own_verbs()) - counted == MANY
