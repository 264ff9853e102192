"""A repository's verbs, by its class: signatures, and what each does in one sentence."""

import inspect
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from storeroom.reference.markdown import first_sentence, listed
from storeroom.reference.signatures import shown_signature
from storeroom.repository import BaseRepository, ModelRepository
from storeroom.repository.model import ModelT, RecordT

# What a repository must declare for a generic verb to work.
_NEEDED = {
    "upsert": "conflict_key",
    "upsert_many": "conflict_key",
    "update": "editable",
    "prune": "prune_by",
}


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb of a repository, or a repository within it: how it is written, and what it does."""

    name: str
    shown: str
    summary: str


def own_verbs(repository: type[BaseRepository]) -> Sequence[Verb]:
    """Return what the class and its bases bring beside the generic verbs, in the order of their source."""
    found: dict[str, Verb] = {}
    for each in repository.__mro__:
        if each in (ModelRepository, BaseRepository, object):
            continue
        for name, member in vars(each).items():
            if not name.startswith("_") and name not in found:
                found |= {verb.name: verb for verb in _verbs(name, member, _variables(repository))}
    return list(found.values())


def generic_verbs(repository: type[BaseRepository] = ModelRepository) -> Sequence[Verb]:
    """Return the verbs of ModelRepository that this class has as they are, and has declared what they need."""
    if not issubclass(repository, ModelRepository):
        return []
    names = [name for name, member in vars(ModelRepository).items() if _is_verb(name, member)]
    return [
        verb
        for name in names
        if getattr(repository, name) is getattr(ModelRepository, name) and _is_declared(repository, name)
        for verb in _verbs(name, getattr(repository, name), {})
    ]


def repository_section(repository: type[BaseRepository], level: int, generic: str) -> str:
    """Return the section on a repository; `generic` is where the generic verbs are described."""
    also = generic_verbs(repository)
    parts = [
        f"{'#' * level} `{repository.__name__}`",
        f"`uow[{repository.__name__}]`, from `{_home(repository)}`, or "
        f'`uow["{repository.name}"]`. {first_sentence(repository)}',
        _declared(repository),
        verb_list(own_verbs(repository)),
        f"The [generic verbs]({generic}): {listed([verb.name for verb in also])}." if also else "",
    ]
    return "\n\n".join(filter(None, parts))


def verb_list(verbs: Sequence[Verb]) -> str:
    """Return the verbs as a list."""
    return "\n".join(f"- `{verb.shown}`{f': {verb.summary}' if verb.summary else ''}" for verb in verbs)


def _verbs(name: str, member: Any, variables: Mapping[TypeVar, type]) -> Iterator[Verb]:
    if isinstance(member, property):
        returned = shown_signature(member.fget or type(None), variables).removeprefix("()")
        yield Verb(name, f"{name}{returned}", first_sentence(member))
    elif isinstance(member, staticmethod | classmethod):
        yield from _verbs(name, member.__func__, variables)
    elif inspect.isfunction(member):
        yield Verb(name, f"{name}{shown_signature(member, variables)}", first_sentence(member))


def _is_verb(name: str, member: object) -> bool:
    return inspect.isfunction(member) and not name.startswith("_")


def _is_declared(repository: type[ModelRepository[Any, Any, Any]], verb: str) -> bool:
    needed = _NEEDED.get(verb)
    return needed is None or not hasattr(repository, "model") or bool(getattr(repository, needed))


def _variables(repository: type[BaseRepository]) -> Mapping[TypeVar, type]:
    """Return what the type variables of ModelRepository stand for in a class that has given them."""
    if not issubclass(repository, ModelRepository) or not hasattr(repository, "model"):
        return {}
    return {ModelT: repository.model, RecordT: repository.record}


def _declared(repository: type[BaseRepository]) -> str:
    if not issubclass(repository, ModelRepository) or not hasattr(repository, "model"):
        return ""
    parts: Mapping[str, Sequence[str]] = {
        "Over the table": [repository.model.__tablename__],
        "returns": [repository.record.__name__],
        "filters": list(repository.filters),
        "sorts": repository.sorts,
        "update sets": repository.editable,
        "upsert goes by": repository.conflict_key,
        "prune goes by": [repository.prune_by] if repository.prune_by else [],
    }
    return f"{'; '.join(f'{what} {listed(names)}' for what, names in parts.items() if names)}."


def _home(repository: type) -> str:
    """Return the module to import a class from: the outermost package that has it."""
    names = repository.__module__.split(".")
    modules = (".".join(names[:length]) for length in range(1, len(names) + 1))
    for name in modules:
        if getattr(sys.modules.get(name), repository.__name__, None) is repository:
            return name
    return repository.__module__
