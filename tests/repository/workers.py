"""What processes do to one table at the same time."""

from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

from storeroom.errors import StaleVersion
from tests.repository.tables import CountingRepository, ItemRepository, open_room


def count_by_version(url: str, key: int, times: int, together: Barrier) -> None:
    """Add one so many times to what was read, in another transaction, until nobody was faster."""
    with open_room(url) as room:
        together.wait(60)
        for _ in range(times):
            while True:
                with room.read() as uow:
                    item = ItemRepository(uow).get(key)
                try:
                    with room.write() as uow:
                        ItemRepository(uow).update(key, version=item.version, rank=item.rank + 1)
                except StaleVersion:
                    continue
                break


def count_by_upserts(url: str, times: int, folder: Path, together: Barrier) -> None:
    """Upsert the same row so many times; write down what each one did."""
    done = []
    with open_room(url) as room:
        together.wait(60)
        for _ in range(times):
            upserted = room.run(lambda uow: CountingRepository(uow).upsert(code="a", language=None, hits=1))
            done.append(f"{upserted.outcome} {upserted.record.version} {upserted.record.hits}")
    (folder / str(together.wait(60))).write_text("\n".join(done))


def prune(url: str, before: datetime, limit: int, folder: Path, together: Barrier) -> None:
    """Prune until there is nothing left; write down how many rows it were."""
    with open_room(url) as room:
        together.wait(60)
        deleted = room.drain(lambda uow: ItemRepository(uow).prune(before, limit=limit))
    (folder / str(together.wait(60))).write_text(str(deleted))


def hold(url: str, key: int, pipe: Connection) -> None:
    """Change a row, and hold it until told to let go."""
    with open_room(url) as room, room.write() as uow:
        ItemRepository(uow).update(key, rank=1)
        pipe.send("held")
        pipe.recv()
