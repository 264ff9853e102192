"""Rows that a program of this library's wrote by itself, before or after an adoption."""

from storeroom import Storeroom
from storeroom_hooks import HookRepository
from storeroom_profiles import ProfileRepository


def make_profile(room: Storeroom, name: str) -> int:
    """Create a profile and return its id."""
    with room.write() as uow:
        record = uow[ProfileRepository].create(
            name,
            source_language="fr",
            source_language_name="French",
            target_languages=["nl"],
            target_language_names=["Dutch"],
            translation_backend="mine",
        )
    return record.id


def make_script(room: Storeroom, name: str) -> int:
    """Create a script hook and return its id."""
    with room.write() as uow:
        return uow[HookRepository].scripts.create(name, "job_failed", "/mine.sh").id


def make_webhook(room: Storeroom, name: str) -> int:
    """Create a webhook and return its id."""
    with room.write() as uow:
        return uow[HookRepository].webhooks.create(name, "job_failed", "https://mine.invalid/").id
