"""A plugin that is broken on purpose, for the demo: it was made for a Storeroom that isn't out yet."""

from storeroom import Manifest, hookimpl


@hookimpl
def storeroom_manifest() -> Manifest:
    return Manifest(core=">=2")
