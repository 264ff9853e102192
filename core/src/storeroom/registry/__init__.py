"""What this process found, resolved and ordered."""

from storeroom.registry.assembly import build_registry, load_manifest, load_plugin, without
from storeroom.registry.hooks import hook_failed
from storeroom.registry.loading import (
    HEAD_FILE,
    MigrationPackage,
    Plugin,
    check_revision_id,
    migrations_folder,
    read_head,
)
from storeroom.registry.registry import Registry, denied_too

__all__ = [
    "HEAD_FILE",
    "MigrationPackage",
    "Plugin",
    "Registry",
    "build_registry",
    "check_revision_id",
    "denied_too",
    "hook_failed",
    "load_manifest",
    "load_plugin",
    "migrations_folder",
    "read_head",
    "without",
]
