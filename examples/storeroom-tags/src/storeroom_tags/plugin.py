from storeroom import Manifest, hookimpl
from storeroom_tags.models import Base
from storeroom_tags.repository import TagRepository


@hookimpl
def storeroom_manifest() -> Manifest:
    return Manifest(
        models=Base,
        migrations="storeroom_tags.migrations",
        repositories=[TagRepository],
        requires=["notes"],
    )
