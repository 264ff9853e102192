"""The demo: two installed plugins and a broken one, in a fresh SQLite database, or in the one that --url names."""

import argparse
import logging
import sys
import tempfile
from pathlib import Path

import weather

from storeroom import Storeroom, UnitOfWork
from storeroom.errors import ForeignKeyMissing, ReadOnly, RepositoryMissing
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
            url, plugins={"weather": weather}, upgrade=True, require=[NoteRepository, TagRepository]
        ) as room:
            show_plugins(room)
            write_notes(room)
            read_notes(room)
            show_what_is_refused(room)
            delete_a_note(room)


if __name__ == "__main__":
    main()
