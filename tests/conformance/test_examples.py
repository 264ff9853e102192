"""The example plugins pass the suite that every plugin passes."""

from storeroom import UnitOfWork
from storeroom.testing import Conformance
from storeroom_notes import NoteRepository


class TestNotes(Conformance):
    plugin = "notes"

    def sample(self, uow: UnitOfWork) -> None:
        uow[NoteRepository].write("Buy tea")


class TestTags(Conformance):
    plugin = "tags"
