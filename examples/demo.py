"""The demo: three installed plugins and a broken one, in a fresh SQLite database, or in the one that --url names."""

import argparse
import logging
import sys
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import weather

from storeroom import Storeroom, UnitOfWork
from storeroom.errors import ForeignKeyMissing, ReadOnly, RepositoryMissing
from storeroom_jobs import JobRecord, JobRepository, JobStatus, LeaseLost
from storeroom_notes import NoteRecord, NoteRepository
from storeroom_tags import TagRepository


def show_plugins(room: Storeroom) -> None:
    print("\nFound, and where their tables stand:")
    for plugin in room.status():
        print(f"  {plugin.name:10} {plugin.state:12} {plugin.database_head or '–'}")


def write_notes(room: Storeroom) -> None:
    with room.write() as uow:  # one transaction over both plugins
        notes, tags = uow[NoteRepository], uow[TagRepository]
        for text, labels in (
            ("Buy tea", ["home", "shopping"]),
            ("Water the plants", ["home"]),
            ("Read about write-ahead logs", []),
        ):
            note = notes.write(text)
            for label in labels:
                tags.put(note.id, label)
        print(f"\nWrote {notes.count()} notes with their tags in one transaction, {uow.statements} statements.")


def read_notes(room: Storeroom) -> None:
    with room.read() as uow:
        print("\nNotes and their tags:")
        for note in uow[NoteRepository].list():
            print(f"  {note.id}  {note.text:30} {', '.join(uow[TagRepository].names(note.id)) or '–'}")
        print(f"Tagged 'home': {', '.join(note.text for note in uow[TagRepository].notes('home'))}")


def show_what_is_refused(room: Storeroom) -> None:
    print("\nWhat is refused, and in which words:")
    try:
        with room.write() as uow:
            note = uow[NoteRepository].write("Half a thought")
            uow[TagRepository].put(note.id + 1000, "nowhere")
    except ForeignKeyMissing as error:
        print(f"  {type(error).__name__}: {error}")
    with room.read() as uow:
        print(f"  … and the note before it is gone as well: still {uow[NoteRepository].count()} notes.")
    try:
        with room.read() as uow:
            uow[NoteRepository].write("Not here")
    except ReadOnly as error:
        print(f"  {type(error).__name__}: {error}")
    try:
        with room.read() as uow:
            uow["weather"]
    except RepositoryMissing as error:
        print(f"  {type(error).__name__}: {error}")


def delete_a_note(room: Storeroom) -> None:
    def delete_oldest(uow: UnitOfWork) -> NoteRecord:
        oldest = uow[NoteRepository].list()[0]
        uow[NoteRepository].delete(oldest.id)
        return oldest

    deleted = room.run(delete_oldest)  # the whole transaction again, if another one was in the way
    with room.read() as uow:
        left = uow[TagRepository].names(deleted.id)
    print(f"\nDeleted {deleted.text!r}; the database took its tags along: {len(left)} left.")


def claim(room: Storeroom, worker: str) -> Sequence[JobRecord]:
    return room.run(lambda uow: uow[JobRepository].claim(worker, limit=2))


def work_on_jobs(room: Storeroom) -> None:
    def create(uow: UnitOfWork) -> None:
        jobs = uow[JobRepository]
        for number in range(1, 4):
            jobs.create(f"/media/Show/S01E0{number}.mkv", priority=number)
        jobs.create("/media/Film.mkv", unique_key="film")
        again = jobs.create_unique("/media/Film.mkv", "film")
        print(f"\nCreated {jobs.count_pending()} jobs; the fifth is one of them: is_new={again.is_new}")

    room.run(create)
    taken = {worker: claim(room, worker) for worker in ("ann", "ben")}
    for worker, jobs in taken.items():
        print(f"  {worker} claims {', '.join(job.file_path for job in jobs)}")

    def finish(uow: UnitOfWork) -> None:
        jobs = uow[JobRepository]
        for job in taken["ann"]:
            jobs.complete(job, output_path=job.file_path.replace(".mkv", ".de.ass"), stats={"lines": 448})
            jobs.record_result(success=True, format="ass", source="provider")
        one, other = taken["ben"]
        again = jobs.fail(one, "the provider is down", delay=timedelta(0))
        final = jobs.fail(other, "the file is damaged", retry=False)
        jobs.record_result(success=False)
        tries = f"{again.attempts} of {again.max_attempts}"
        print(
            f"  ann completes hers; of ben's, one is {again.status} again after attempt {tries}, one has {final.status}"
        )

    room.run(finish)
    retried = claim(room, "ann")
    try:
        room.run(lambda uow: uow[JobRepository].complete(taken["ben"][0]))
    except LeaseLost as error:
        print(f"  ann tries {retried[0].file_path} again, and ben can't end it any more:\n    {error}")
    room.run(lambda uow: uow[JobRepository].complete(retried[0]))
    with room.read() as uow:
        for status in JobStatus:
            page = uow[JobRepository].page(status=status, size=50)
            if page.items:
                print(f"  {status:10} {', '.join(job.file_path for job in page.items)}")
        (day,) = uow[JobRepository].daily_statistics(1)
        print(f"Today: {day.translated} translated ({dict(day.by_format)}), {day.failed} failed")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="an empty database to use instead of a temporary one")
    arguments = parser.parse_args()
    logging.basicConfig(stream=sys.stdout, format="  %(message)s")
    logging.getLogger("storeroom").setLevel(logging.INFO)
    print("Opening, with every plugin that is installed and one that is broken on purpose:")
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.url or f"sqlite:///{Path(folder, 'demo.db')}"
        with Storeroom.open(
            url, plugins={"weather": weather}, upgrade=True, require=[JobRepository, NoteRepository, TagRepository]
        ) as room:
            show_plugins(room)
            write_notes(room)
            read_notes(room)
            show_what_is_refused(room)
            delete_a_note(room)
            work_on_jobs(room)


if __name__ == "__main__":
    main()
