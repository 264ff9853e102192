"""Every question that the six plugins' repositories answer: those of the generic verbs, and the domains' own."""

import inspect
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from typing import Any

from storeroom import BaseRepository, Manifest, ModelRepository, UnitOfWork
from tests.plans.asking import Asked
from tests.plans.filling import DOMAINS

SOON = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=5)


@cache
def manifest(plugin: str) -> Manifest:
    found: Manifest = import_module(f"storeroom_{plugin}.plugin").storeroom_manifest()
    return found


@cache
def questions(plugin: str) -> Mapping[str, Asked]:
    """Every question by its name: `repository.verb`, and after a space what is asked for."""
    generic = {
        f"{repository.name}.{what}": asked
        for repository in manifest(plugin).repositories
        if issubclass(repository, ModelRepository) and repository.model.__tablename__ not in DOMAINS[plugin].small
        for what, asked in _generic(repository, DOMAINS[plugin].keys[repository.name])
    }
    return {**generic, **DOMAINS[plugin].verbs}


def _generic(repository: Any, key: Any) -> Iterator[tuple[str, Asked]]:
    domain = DOMAINS[repository.name.partition(".")[0]]
    values = domain.values.get(repository.name, {})

    def asked(verb: str, *arguments: Any, **options: Any) -> Asked:
        return Asked(lambda uow: getattr(uow[repository], verb)(*arguments, **options))

    def second_page(**options: Any) -> Asked:
        def ask(uow: UnitOfWork) -> object:
            return uow[repository].page(after=uow[repository].page(**options).next, **options).items

        return Asked(ask, hot=not options)

    yield "get", asked("get", key)
    yield "exists", asked("exists", key)
    yield "delete", asked("delete", key)
    yield "page", second_page()
    for name in repository.sorts:
        yield f"page by {name}", second_page(sort=name)
        yield f"page by {name}, last first", second_page(sort=f"-{name}")
    for name, value in values.items():
        yield f"page of {name}", second_page(**{name: value})
        if name not in domain.unindexed.get(repository.name, {}):
            yield f"count of {name}", asked("count", **{name: value})
            yield f"exists of {name}", asked("exists", **{name: value})
            for each in repository.sorts:
                yield f"page of {name} by {each}", second_page(sort=each, **{name: value})
                yield f"page of {name} by {each}, last first", second_page(sort=f"-{each}", **{name: value})
    if repository.prune_by is not None:
        yield "prune", asked("prune", SOON, limit=50)


def own_verbs(plugin: str) -> Iterator[str]:
    """Yield the verbs that a plugin defines itself, beside the generic ones."""
    for repository in manifest(plugin).repositories:
        for each in repository.__mro__:
            if each.__module__.startswith("storeroom_") and issubclass(each, BaseRepository):
                for name, value in vars(each).items():
                    if inspect.isfunction(value) and not name.startswith("_"):
                        yield f"{repository.name}.{name}"
