"""Each verb runs as many statements as its docstring says."""

import inspect
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from storeroom import Storeroom
from storeroom_providers import DownloadRepository, ProviderRepository, SearchCacheRepository
from tests.providers.helpers import HOUR, end_cooldown, fail

REPOSITORIES = {"": ProviderRepository, "cache.": SearchCacheRepository, "downloads.": DownloadRepository}
LATER = datetime.now(UTC) + timedelta(days=1)

ONE: dict[str, Callable[[ProviderRepository], object]] = {
    "record_search": lambda each: each.record_search("a", success=True, response_ms=1),
    "record_search of a new provider": lambda each: each.record_search("b", success=False),
    "record_download": lambda each: each.record_download("a", score=1),
    "record_failed_download": lambda each: each.record_failed_download("a"),
    "get": lambda each: each.get("a"),
    "get_or_none": lambda each: each.get_or_none("b"),
    "all": lambda each: each.all(),
    "clear": lambda each: each.clear("a"),
    "disable_if_failing": lambda each: each.disable_if_failing("a", threshold=1),
    "disable": lambda each: each.disable("a", cooldown=HOUR),
    "is_disabled": lambda each: each.is_disabled("a"),
    "enable": lambda each: each.enable("a"),
    "disabled": lambda each: each.disabled(),
    "cache.put": lambda each: each.cache.put("a", "q", [2], ttl=HOUR),
    "cache.get": lambda each: each.cache.get("a", "q"),
    "cache.statistics": lambda each: each.cache.statistics(),
    "cache.clear": lambda each: each.cache.clear(),
    "cache.clear of one": lambda each: each.cache.clear("a"),
    "cache.clean_up": lambda each: each.cache.clean_up(),
    "cache.clean_up before a time": lambda each: each.cache.clean_up(before=LATER),
    "cache.count_expired": lambda each: each.cache.count_expired(LATER),
    "downloads.log": lambda each: each.downloads.log("a", file_path="/"),
    "downloads.counts": lambda each: each.downloads.counts(),
}


def verb(what: str) -> tuple[str, str]:
    """The part before the dot, and the name."""
    name = what.split(maxsplit=1)[0]
    return (f"{name.split('.')[0]}.", name.split(".")[1]) if "." in name else ("", name)


@pytest.mark.parametrize("what", ONE)
def test_a_verb_is_one_statement(room: Storeroom, what: str) -> None:
    with room.write() as uow:
        providers = uow[ProviderRepository]
        fail(providers, "a", 3)
        providers.cache.put("a", "q", [1], ttl=HOUR)
        before = uow.statements
        ONE[what](providers)
        assert uow.statements - before == 1
    part, name = verb(what)
    documented = inspect.getdoc(getattr(REPOSITORIES[part], name)) or ""
    assert re.search(r"\bone statement\b", documented, re.IGNORECASE)


def test_asking_is_two_statements_once_for_who_writes_after_a_cooldown(room: Storeroom) -> None:
    with room.write() as uow:
        uow[ProviderRepository].disable("a", cooldown=HOUR)
        end_cooldown(uow[ProviderRepository], "a")
    counted = []
    for open_work in (room.read, room.write, room.write):
        with open_work() as uow:
            assert uow[ProviderRepository].is_disabled("a") is False
            counted.append(uow.statements)
    assert counted == [1, 2, 1]


def test_every_verb_of_the_plugin_is_counted_here() -> None:
    own = {
        part + name
        for part, repository in REPOSITORIES.items()
        for each in repository.__mro__
        if each.__module__.startswith("storeroom_providers")
        for name, value in vars(each).items()
        if inspect.isfunction(value) and not name.startswith("_")
    }
    assert own == {"".join(verb(what)) for what in ONE}
