"""The verbs of repositories: typed, documented, and setting no field that they don't name."""

import inspect
import types
import typing
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase

from storeroom.errors import FieldUnknown, ValueRefused
from storeroom.repository import BaseRepository, ModelRepository
from storeroom.testing.conformance.base import Suite
from storeroom.testing.conformance.failing import attempt, fail_listing
from storeroom.testing.conformance.subject import Subject
from storeroom.unitofwork import UnitOfWork

_CORE = "storeroom."
_WRITING = ("add", "update", "upsert")
_HIDING = ("attributes", "attrs", "changes", "data", "fields", "kwargs", "values")
_STRANGE = "no_such_field"


@dataclass(frozen=True)
class Verb:
    """A public method or property of a repository's class that isn't core's."""

    repository: type[BaseRepository]
    name: str
    function: Callable[..., Any]

    def __str__(self) -> str:
        return f"{self.repository.__name__}.{self.name}"

    @property
    def parameters(self) -> Sequence[inspect.Parameter]:
        """Its parameters, without `self`."""
        return list(inspect.signature(self.function).parameters.values())[1:]

    def hints(self) -> Mapping[str, Any]:
        """Return its annotations, resolved. Raises NameError for one that names nothing."""
        return typing.get_type_hints(self.function, include_extras=True)


def verbs_of(subject: Subject) -> Iterator[Verb]:
    """Return the verbs of all of the plugin's repositories, once each."""
    seen = set()
    for repository in subject.plugin.manifest.repositories:
        for name in dir(repository):
            member = inspect.getattr_static(repository, name)
            function: Any = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
            is_own = inspect.isfunction(function) and not f"{function.__module__}.".startswith(_CORE)
            if is_own and not name.startswith("_") and function not in seen:
                seen.add(function)
                yield Verb(repository, name, function)


class VerbTests(Suite):
    """The tests of verbs."""

    def test_verbs_are_typed(self, declared: Subject) -> None:
        """Each verb says what it takes and what it returns, and returns no model."""
        fail_listing(
            f"verbs of plugin {declared.name!r} aren't typed",
            [f"{verb}{fault}" for verb in verbs_of(declared) for fault in _untyped(verb)],
            "annotate every parameter and the result; a verb returns records, numbers, or sequences of them",
        )

    def test_verbs_are_documented(self, declared: Subject) -> None:
        """Each repository and each verb has a docstring."""
        classes = [each for each in declared.plugin.manifest.repositories if not each.__dict__.get("__doc__")]
        undocumented = [verb for verb in verbs_of(declared) if not inspect.getdoc(getattr(verb.repository, verb.name))]
        fail_listing(
            f"plugin {declared.name!r} doesn't document",
            [*(each.__name__ for each in classes), *map(str, undocumented)],
            "write a docstring: one sentence on what it does, then which errors it raises",
        )

    def test_no_mass_assignment(self, subject: Subject, url: str) -> None:
        """A verb sets the fields that it names, and refuses all others."""
        faults = [f"{verb}{fault}" for verb in verbs_of(subject) for fault in _unnamed(verb)]
        with subject.open(url) as room:
            self.filled(subject, room)
            for repository in subject.plugin.manifest.repositories:
                if issubclass(repository, ModelRepository) and hasattr(repository, "model"):
                    with room.write() as uow:
                        faults += _assigning(uow, repository)
        fail_listing(
            f"verbs of plugin {subject.name!r} set whatever a caller names",
            faults,
            "name each field as a parameter, or as a key of a TypedDict (**fields: Unpack[NoteFields]); what update() "
            "may set is what the class declares as editable",
        )


def _untyped(verb: Verb) -> Iterator[str]:
    try:
        hints = verb.hints()
    except Exception as error:  # an annotation may be anything
        yield f" has an annotation that can't be resolved: {error}"
        return
    for parameter in verb.parameters:
        if parameter.name not in hints:
            yield f"({parameter.name}) has no type"
    if "return" not in hints:
        yield " doesn't say what it returns"
    elif hints["return"] in (dict, list, set, tuple, frozenset, Sequence, Mapping, Iterator):
        yield f" returns {_named(hints['return'])}, and doesn't say of what"
    else:
        models = [
            each for each in _parts(hints["return"]) if isinstance(each, type) and issubclass(each, DeclarativeBase)
        ]
        yield from (f" returns the model {model.__name__}; return a record" for model in models)


def _parts(hint: Any) -> Iterator[Any]:
    """Return a type and those inside of it."""
    yield hint if not isinstance(hint, types.GenericAlias) else typing.get_origin(hint)
    for each in typing.get_args(hint):
        if not isinstance(each, list):
            yield from _parts(each)


def _named(hint: Any) -> str:
    return getattr(hint, "__name__", str(hint))


def _unnamed(verb: Verb) -> Iterator[str]:
    """Say which parameters take fields by whatever name; those of a generic verb are tried, and not read."""
    for parameter in verb.parameters:
        open_ended = parameter.kind is inspect.Parameter.VAR_KEYWORD
        if open_ended and not hasattr(ModelRepository, verb.name) and not _is_typed_dict(verb, parameter):
            yield f"(**{parameter.name}) takes any name"
        if parameter.name in _hiding(verb) and not open_ended and _is_open_mapping(verb, parameter):
            yield f"({parameter.name}) is a mapping of any names"


def _hiding(verb: Verb) -> Collection[str]:
    """Return the names that stand for fields of any name; a column of JSON may have one of them for itself."""
    table = getattr(getattr(verb.repository, "model", None), "__table__", None)
    return set(_HIDING).difference(() if table is None else table.columns.keys())


def _is_typed_dict(verb: Verb, parameter: inspect.Parameter) -> bool:
    hint = verb.hints().get(parameter.name)
    return typing.get_origin(hint) is typing.Unpack


def _is_open_mapping(verb: Verb, parameter: inspect.Parameter) -> bool:
    hint = verb.hints().get(parameter.name)
    arguments = typing.get_args(hint)
    return hint in (dict, Mapping) or (len(arguments) == 2 and arguments[0] is str and arguments[1] in (Any, object))


def _assigning(uow: UnitOfWork, repository: type[ModelRepository[Any, Any]]) -> Iterator[str]:
    """Try the writing verbs with a field that isn't one, and `update` with columns that can't be edited."""
    bound = uow[repository]
    table: Any = repository.model.__table__
    (key,) = table.primary_key.columns
    row = attempt(
        f"rows of table {table.name!r} can't be read",
        lambda: uow.connection.execute(select(table).limit(1)).one(),
        "let the revisions make the columns that the model has; test_no_drift says which",
    )
    held = row._mapping
    for name in _WRITING:
        arguments = [held[key]] if name == "update" else []
        if not _refuses(uow, partial(getattr(bound, name), *arguments, **{_STRANGE: 1})):
            yield f"{repository.__name__}.{name}({_STRANGE}=1) takes a field that isn't one"
    fields = typing.get_type_hints(bound.update, include_extras=True).get("fields")
    allowed = {"version", *repository.editable, *typing.get_type_hints(_unpacked(fields))}
    for column in table.columns:
        change = partial(bound.update, held[key], **{column.key: held[column]})
        if column.key not in allowed and not _refuses(uow, change):
            yield f"{repository.__name__}.update({column.key}=…) sets what isn't declared as editable"


def _unpacked(hint: Any) -> Any:
    return typing.get_args(hint)[0] if typing.get_origin(hint) is typing.Unpack else object


def _refuses(uow: UnitOfWork, work: Callable[[], object]) -> bool:
    """Tell whether a call is refused for its fields: one that comes to look for the row, or writes it, isn't."""
    try:
        with uow.savepoint():
            work()
            raise _Taken
    except _Taken:
        return False
    except (FieldUnknown, ValueRefused, TypeError):
        return True
    except Exception:  # it came past the names; from there on, whatever it does
        return False


class _Taken(Exception):
    """A call that should have been refused went through; undoes it."""
