"""Notes for Storeroom."""

from storeroom_notes.models import Note
from storeroom_notes.repository import NoteRecord, NoteRepository

__all__ = ["Note", "NoteRecord", "NoteRepository"]
