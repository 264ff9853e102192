"""What processes do in the tests of races."""

import os
from functools import partial
from multiprocessing.synchronize import Barrier
from pathlib import Path

from storeroom import Storeroom, UnitOfWork
from storeroom_providers import ProviderRepository
from tests.providers.helpers import HOUR, run
from tests.support.rooms import PATIENT


def open_providers(url: str) -> Storeroom:
    return Storeroom.open(url, allow=["providers"], settings=PATIENT)


def measure(number: int) -> float | None:
    """A value to take an average of; one of five has none."""
    return None if number % 5 == 4 else (number * 7919 % 1009) / 7


def record(url: str, times: int, together: Barrier) -> None:
    """Record so many searches and downloads, some with a time and a score, one of four a failure."""

    def one(number: int, uow: UnitOfWork) -> None:
        providers = uow[ProviderRepository]
        providers.record_search("a", success=number % 4 > 0, response_ms=measure(number))
        if number % 4:
            providers.record_download("a", score=measure(number + 1))
        else:
            providers.record_failed_download("a")

    with open_providers(url) as room:
        together.wait(60)
        for number in range(times):
            room.run(partial(one, number))


def put_same(url: str, times: int, together: Barrier) -> None:
    """Put results of one query, other ones each time."""

    def one(number: int, uow: UnitOfWork) -> None:
        uow[ProviderRepository].cache.put("a", {"q": 1}, [os.getpid(), number], ttl=HOUR)

    with open_providers(url) as room:
        together.wait(60)
        for number in range(times):
            room.run(partial(one, number))


def begin_same(url: str, count: int, together: Barrier) -> None:
    """Record the first search of each provider, at the same time as other processes do."""
    with open_providers(url) as room:
        for number in range(count):
            together.wait(60)
            run(room, partial(ProviderRepository.record_search, provider=str(number), success=False))


def disable_same(url: str, count: int, folder: Path, together: Barrier) -> None:
    """Disable each provider that fails, at the same time as other processes do; write down which this one did."""
    did: list[str] = []
    with open_providers(url) as room:
        for number in range(count):
            together.wait(60)
            cooldown = HOUR if number % 2 else None
            disable = partial(
                ProviderRepository.disable_if_failing, provider=str(number), threshold=3, cooldown=cooldown
            )
            did += [str(number)] if run(room, disable) else []
    (folder / str(os.getpid())).write_text("\n".join(did))
