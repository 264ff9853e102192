"""What type checkers know of a program: each name here has the type behind it, inferred, and nothing is cast.

Run it: python examples/typed.py
"""

from storeroom import Storeroom
from storeroom_jobs import JobRepository, JobStatus
from storeroom_wanted import ItemType, ScanItem, SubtitleType, WantedRepository


def scan(number: int) -> ScanItem:
    """What a scan says of an episode."""
    return {
        "item_type": ItemType.EPISODE,
        "file_path": f"/media/show/{number}.mkv",
        "language": "de",
        "subtitle_type": SubtitleType.FULL,
    }


def main(url: str = "sqlite://") -> None:
    with Storeroom.open(url, upgrade=True, require=[JobRepository, WantedRepository]) as room:
        made = room.run(lambda uow: uow[JobRepository].create("/media/show/1.mkv", force=True))  # JobRecord
        path = made.file_path  # str
        status = made.status  # JobStatus

        with room.write() as uow:
            jobs = uow[JobRepository]  # JobRepository
            claimed = jobs.claim("ada")  # Sequence[JobRecord]
            wanted = uow[WantedRepository]  # WantedRepository
            outcomes = wanted.upsert_many(scan(number) for number in range(3))  # Outcomes
            first = outcomes[0]  # Outcome
            upserted = wanted.upsert(**scan(1))  # Upserted[WantedRecord]
            record = upserted.record  # WantedRecord

        with room.read() as uow:
            page = uow[WantedRepository].page(where={"status": "wanted"}, size=2)  # Page[WantedRecord]
            items = page.items  # tuple[WantedRecord, ...]
            cursor = page.next  # str | None
            screen = uow[WantedRepository].numbered_page(1, where={"text": "show"})  # NumberedPage[WantedRecord]
            running = uow[JobRepository].list(where={"status": [JobStatus.RUNNING]})  # Sequence[JobRecord]
            times = [item.last_search_at for item in uow[WantedRepository].stream()]  # list[datetime | None]
            missing = uow[JobRepository].get_or_none("nobody")  # JobRecord | None
            named = uow["wanted"]  # BaseRepository
            numbers = uow[WantedRepository].missing_by_series()  # Mapping[int, int]

    print(path, status, len(claimed), first, record.version, len(items), cursor is None, screen.total)
    print([job.worker for job in running], times, missing, named.name, numbers)


if __name__ == "__main__":
    main()
