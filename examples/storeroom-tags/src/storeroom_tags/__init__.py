"""Tags on notes, for Storeroom."""

from storeroom_tags.repository import TagRepository

__all__ = ["TagRepository"]
