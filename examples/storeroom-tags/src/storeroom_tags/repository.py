from collections.abc import Sequence
from typing import cast

from sqlalchemy import Table, bindparam, insert, select

from storeroom import BaseRepository, Statement
from storeroom_notes import Note, NoteRecord
from storeroom_tags.models import Tag

notes = cast("Table", Note.__table__)
tags = cast("Table", Tag.__table__)

INSERT = Statement(insert(tags))
NAMES = Statement(select(tags.c.name).where(tags.c.note_id == bindparam("note_id")).order_by(tags.c.name))
NOTES = Statement(select(notes).join(tags).where(tags.c.name == bindparam("name")).order_by(notes.c.id))


class TagRepository(BaseRepository):
    """Tags on notes; a note's tags go with it."""

    name = "tags"

    def put(self, note_id: int, name: str) -> None:
        """Tag a note. Raises ForeignKeyMissing for a note that isn't there, Duplicate for a tag that is."""
        INSERT.affected(self.uow, note_id=note_id, name=name)

    def names(self, note_id: int) -> Sequence[str]:
        """Return a note's tags in alphabetical order."""
        return [row.name for row in NAMES.all(self.uow, note_id=note_id)]

    def notes(self, name: str) -> Sequence[NoteRecord]:
        """Return the notes that bear a tag, the oldest first."""
        return [NoteRecord.model_validate(row._asdict()) for row in NOTES.all(self.uow, name=name)]
