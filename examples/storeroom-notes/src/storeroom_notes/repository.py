from datetime import datetime

from storeroom import ModelRepository, Record
from storeroom_notes.models import Note


class NoteRecord(Record):
    id: int
    text: str
    created_at: datetime


class NoteRepository(ModelRepository[Note, NoteRecord]):
    """Notes, without the blanks around them."""

    name = "notes"

    def write(self, text: str) -> NoteRecord:
        """Add a note and return it."""
        return self.add(text=text.strip())
