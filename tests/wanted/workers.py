"""What worker processes do in the tests of races."""

import random
from collections.abc import Sequence
from functools import partial
from multiprocessing.synchronize import Barrier
from typing import Any

from storeroom import Storeroom
from storeroom_wanted import WantedRepository
from tests.support.rooms import PATIENT
from tests.wanted.helpers import DAY, item, run


def open_wanted(url: str) -> Storeroom:
    return Storeroom.open(url, allow=["wanted"], settings=PATIENT)


def mark(url: str, keys: Sequence[int], times: int, together: Barrier) -> None:
    """Count searches of a few items, each in a transaction."""
    with open_wanted(url) as room:
        together.wait(60)
        for number in range(times):
            run(room, partial(WantedRepository.mark_searched, key=keys[number % len(keys)]))


def scanned(size: int, title: str) -> list[dict[str, Any]]:
    """A scan of so many items, in an order of its own."""
    found = [item(f"/{number}", title=title) for number in range(size)]
    random.Random(title).shuffle(found)
    return found


def scan_or_ignore(url: str, ids: Sequence[int], rounds: int, together: Barrier) -> None:
    """Scan all items again and again, whole or one by one; one process ignores each in its turn meanwhile."""
    with open_wanted(url) as room:
        number = together.wait(60)
        if number == 0:
            for key in ids:
                run(room, partial(WantedRepository.set_status, key=key, status="ignored"))
            return
        for turn in range(rounds):
            found = scanned(len(ids), f"process {number}, turn {turn}")
            if number == 1:
                for each in found[: len(ids) // rounds]:
                    run(room, partial(WantedRepository.upsert, **each))
            else:
                run(room, partial(WantedRepository.upsert_many, items=found))


def scan_and_remove(url: str, size: int, rounds: int, together: Barrier) -> None:
    """Scan a part of the media of one's own, and some that all share, and remove what was of it and is gone."""
    with open_wanted(url) as room:
        number = together.wait(60)
        name = f"instance {number}"
        for turn in range(rounds):
            began = run(room, WantedRepository.now)
            own = [item(f"/{number}/{each}", instance_name=name, title=f"{turn}") for each in range(turn, turn + size)]
            shared = [item(f"/shared/{each}", instance_name=None, title=f"{number} {turn}") for each in range(size)]
            random.Random(turn).shuffle(shared)
            run(room, partial(WantedRepository.upsert_many, items=own + shared))
            seen = {(each["file_path"], each["language"], each["subtitle_type"]) for each in own}
            run(room, partial(WantedRepository.remove_unseen, seen=seen, before=began, instance_name=name))


def scan_against_removal(url: str, size: int, rounds: int, together: Barrier) -> None:
    """Scan all items, while one process removes them all; whoever is in a deadlock isn't given another try."""
    with open_wanted(url) as room:
        number = together.wait(60)
        for turn in range(rounds):
            later = run(room, WantedRepository.now) + DAY
            found = scanned(size, f"process {number}, turn {turn}")
            with room.write() as uow:
                if number == 0:
                    uow[WantedRepository].remove_unseen([], before=later)
                else:
                    uow[WantedRepository].upsert_many(found)
