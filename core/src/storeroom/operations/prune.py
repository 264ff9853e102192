"""Pruning: what gets old goes, in bounded batches, by what each plugin says of its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from storeroom.contributions import Retention
from storeroom.errors import ConfigurationError, HookFailed, ReadOnly, tell
from storeroom.names import owns_part, suggestion
from storeroom.operations.rooms import Room
from storeroom.registry import Registry, denied_too, hook_failed
from storeroom.sql import Statement, now

HOOK = "storeroom_prune"

# Rows of one transaction: a lock is held for some milliseconds.
BATCH = 1000

# Further back than any database reaches.
OLDEST = timedelta(days=36_500)

_NOW = Statement(select(now()))


@dataclass(frozen=True, slots=True)
class Pruned:
    """Rows of one kind, those that were older than `before`, and how many went, or would go in a dry run."""

    name: str
    rows: str
    age: timedelta
    before: datetime
    count: int


@dataclass(frozen=True, slots=True)
class PruneReport:
    """What was pruned of each kind, and the plugins whose hook failed, which leave the others' rows to go."""

    pruned: Sequence[Pruned]
    errors: Sequence[HookFailed]


def prune(room: Room, ages: Mapping[str, timedelta], *, dry_run: bool) -> PruneReport:
    """Delete what is older than its age; see `Storeroom.prune`."""
    retentions, errors = _retentions(room.registry)
    _check_ages(ages, retentions, room.registry)
    with room.read() as uow:
        present: datetime = _NOW.scalar(uow)
    pruned: list[Pruned] = []
    for plugin, retention in retentions.values():
        age = ages.get(retention.name, retention.age)
        before = present - age
        try:
            count = _count(room, retention, before) if dry_run else _drain(room, retention, before)
        except Exception as error:  # whatever a plugin's function does
            if isinstance(error, ReadOnly) and not dry_run:
                raise  # the database's affair, and no plugin's
            errors.append(hook_failed(plugin, HOOK, f"could not prune {retention.name!r}: {tell(error)}"))
            continue
        pruned.append(Pruned(retention.name, retention.rows, age, before, count))
    return PruneReport(pruned, errors)


def _count(room: Room, retention: Retention, before: datetime) -> int:
    with room.read() as uow:
        return retention.count(uow, before)


def _drain(room: Room, retention: Retention, before: datetime) -> int:
    return room.drain(lambda uow: retention.prune(uow, before, BATCH))


def _retentions(registry: Registry) -> tuple[dict[str, tuple[str, Retention]], list[HookFailed]]:
    """Return every kind of rows by its name, with its plugin, and the plugins that don't say it rightly."""
    found: dict[str, tuple[str, Retention]] = {}
    errors: list[HookFailed] = []
    for plugin, implementation in registry.hooks.implementations(HOOK):
        try:
            found |= {each.name: (plugin, each) for each in _checked(plugin, implementation())}
        except HookFailed as error:
            errors.append(error)
    return found, errors


def _checked(plugin: str, result: object) -> Sequence[Retention]:
    if result is None:
        return ()
    if not isinstance(result, list | tuple) or not all(isinstance(each, Retention) for each in result):
        raise hook_failed(plugin, HOOK, f"returned {result!r}; it must return a list of Retentions")
    for each in result:
        if not owns_part(plugin, each.name):
            raise hook_failed(plugin, HOOK, f"names rows {each.name!r}, which is neither {plugin!r} nor '{plugin}.…'")
    return result


def _check_ages(ages: Mapping[str, Any], retentions: Mapping[str, object], registry: Registry) -> None:
    for name, age in ages.items():
        if name not in retentions:
            known = ", ".join(retentions) or "none: no plugin in use has any"
            raise ConfigurationError(
                f"no plugin in use prunes {name!r}{suggestion(name, retentions)}; give the age of one of: {known}"
                f"{denied_too(registry)}"
            )
        if not isinstance(age, timedelta) or not timedelta(0) <= age <= OLDEST:
            raise ConfigurationError(f"the age of {name!r} is {age!r}; give a duration from 0 to {OLDEST.days:,} days")
