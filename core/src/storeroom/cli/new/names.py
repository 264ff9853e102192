"""The names that a new plugin, its first model and its holder can have."""

import keyword
import re
from collections.abc import Collection
from itertools import chain, count

from storeroom.discovery import discover
from storeroom.errors import ConfigurationError
from storeroom.names import CORE_PLUGIN, PLUGIN_NAME

# So that a revision's id, which begins with the name, and the names of constraints have room for the rest.
LONGEST_NAME = 20
LONGEST_MODEL = 30

_MODEL = re.compile(r"[A-Z][a-z0-9]*(?:[A-Z][a-z0-9]*)*")

# What the modules that are written import or define under these names.
_TAKEN = frozenset(
    {"Any", "Base", "ClassVar", "Filter", "Mapped", "Mapping", "Record", "Sequence", "Upserted", "Versioned"}
)


def installed_names() -> Collection[str]:
    """Return the names of the plugins that are installed, also of those that are denied; runs none of their code."""
    found = discover()
    return {each.name for each in [*found.candidates, *(quarantined.candidate for quarantined in found.quarantined)]}


def checked_name(text: str) -> str:
    """Return a plugin's name as it was given; raises ConfigurationError for one that can't be had here."""
    if not PLUGIN_NAME.fullmatch(text):
        raise ConfigurationError(
            f"plugin name {text!r} can't be used; choose lower-case letters and digits, a letter first"
        )
    if len(text) > LONGEST_NAME:
        raise ConfigurationError(
            f"plugin name {text!r} has {len(text)} characters; choose at most {LONGEST_NAME}, so that the ids of "
            "revisions have room"
        )
    if text == CORE_PLUGIN:
        raise ConfigurationError(f"plugin name {text!r} is core's own; choose another")
    if text in installed_names():
        raise ConfigurationError(f"plugin name {text!r} is that of a plugin which is installed; choose another")
    return text


def free_name(name: str) -> str:
    """Return a name to propose: this one, or this one with the first number by which no plugin has it."""
    taken = installed_names()
    return next(each for each in chain([name], (f"{name}{number}" for number in count(2))) if each not in taken)


def checked_model(text: str) -> str:
    """Return a model's name as it was given; raises ConfigurationError for one that the modules couldn't have."""
    if not _MODEL.fullmatch(text):
        raise ConfigurationError(f"model {text!r} isn't a class's name; write it as in Book or BookCopy")
    if len(text) > LONGEST_MODEL:
        raise ConfigurationError(f"model {text!r} has {len(text)} characters; choose at most {LONGEST_MODEL}")
    if text in _TAKEN or keyword.iskeyword(text):
        raise ConfigurationError(f"model {text!r} is the name of something else in its modules; choose another")
    if text.startswith("Test"):
        raise ConfigurationError(f"model {text!r} would be taken for tests by pytest; choose a name without Test first")
    return text


def checked_holder(text: str) -> str:
    """Return a holder's name without blanks around it; raises ConfigurationError for what is no line of text."""
    holder = text.strip()
    if not holder or not holder.isprintable():
        raise ConfigurationError(f"holder {text!r} isn't a line of text; name a person, or a group of people")
    return holder


def model_for(plugin: str) -> str:
    """Return the model that a plugin of this name suggests: notes has Note."""
    singular = plugin[:-1] if plugin.endswith("s") and not plugin.endswith(("ss", "us", "is")) else plugin
    model = singular.capitalize()
    try:
        return checked_model(model)
    except ConfigurationError:
        return "Item"
