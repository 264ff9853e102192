from storeroom import Manifest, hookimpl
from storeroom_notes.models import Base
from storeroom_notes.repository import NoteRepository


@hookimpl
def storeroom_manifest() -> Manifest:
    return Manifest(models=Base, migrations="storeroom_notes.migrations", repositories=[NoteRepository])
