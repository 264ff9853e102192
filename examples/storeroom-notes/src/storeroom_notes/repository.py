from datetime import datetime

from storeroom import ModelRepository, Record
from storeroom_notes.models import Note


class NoteRecord(Record):
    id: int
    text: str
    created_at: datetime


class NoteRepository(ModelRepository[Note, NoteRecord]):
    name = "notes"

    def write(self, text: str) -> NoteRecord:
        return self.add(text=text.strip())
