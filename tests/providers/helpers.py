"""What the tests of providers share."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import bindparam, insert, select, update

from storeroom import Statement, Storeroom
from storeroom.sql import from_now
from storeroom_providers import ProviderRepository
from storeroom_providers.models import cache, downloads, stats

T = TypeVar("T")

HOUR = timedelta(hours=1)

_AGO = from_now(-bindparam("ago"))
_END = Statement(update(stats).where(stats.c.provider == bindparam("key")).values(disabled_until=_AGO))
_EXPIRE = Statement(update(cache).where(cache.c.provider == bindparam("key")).values(expires_at=_AGO))
_LOG = Statement(insert(downloads).values(downloaded_at=_AGO))
_STORED = Statement(select(stats.c.disabled, stats.c.disabled_until).where(stats.c.provider == bindparam("key")))
_COUNT = Statement(select(cache.c.version))


def run(room: Storeroom, work: Callable[[ProviderRepository], T]) -> T:
    """Do something with providers in a transaction of its own."""
    return room.run(lambda uow: work(uow[ProviderRepository]))


def end_cooldown(providers: ProviderRepository, provider: str, ago: timedelta = timedelta(seconds=1)) -> None:
    """Let a provider's cool-down have ended some time ago."""
    assert _END.affected(providers.uow, key=provider, ago=ago.total_seconds()) == 1


def expire(providers: ProviderRepository, provider: str, ago: timedelta = timedelta(seconds=1)) -> None:
    """Let all that the cache has of a provider have expired some time ago."""
    assert _EXPIRE.affected(providers.uow, key=provider, ago=ago.total_seconds()) > 0


def log_ago(providers: ProviderRepository, provider: str, path: str, ago: timedelta) -> None:
    """Add a download of some time ago to the history."""
    _LOG.affected(providers.uow, provider=provider, file_path=path, ago=ago.total_seconds())


def stored(providers: ProviderRepository, provider: str) -> tuple[bool, bool]:
    """What the table says, whatever the time: whether a provider is disabled, and whether until a time."""
    row = _STORED.first(providers.uow, key=provider)
    assert row is not None
    return row.disabled, row.disabled_until is not None


def cache_versions(providers: ProviderRepository) -> list[int]:
    """The version of each entry of the cache."""
    return [row.version for row in _COUNT.all(providers.uow)]


def fail(providers: ProviderRepository, provider: str, times: int) -> None:
    """Let so many searches fail."""
    for _ in range(times):
        providers.record_search(provider, success=False)
