"""What programs and plugins may import, with signatures, read from the source: no library's version changes it."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import cast

import griffe

SOURCE = Path(__file__).resolve().parents[2] / "core" / "src"

FACES = (
    "storeroom",
    "storeroom.adoption",
    "storeroom.alembic",
    "storeroom.checks",
    "storeroom.deprecation",
    "storeroom.errors",
    "storeroom.revising",
    "storeroom.sql",
    "storeroom.testing",
)
"""The modules whose `__all__` is public; nothing else of core is."""

FIXTURES = "storeroom.testing.fixtures"

# Nobody else makes these, so that how they are made is core's own affair.
_MADE_BY_CORE = {
    "AdoptionReport",
    "BaseRepository",
    "Databases",
    "Diagnosis",
    "Drift",
    "HookResults",
    "NumberedPage",
    "Page",
    "PluginStatus",
    "PruneReport",
    "Registry",
    "Server",
    "StatementRun",
    "Storeroom",
    "UnitOfWork",
    "Upserted",
}
# How a class is printed, copied or subclassed is no promise.
_NO_PROMISE = {"__doc__", "__init_subclass__", "__post_init__", "__reduce__", "__repr__", "__slots__"}
# What libraries ask of their subclasses is between them and core.
_FOR_LIBRARIES = re.compile(
    r"cache_ok|comparator_factory|impl|load_dialect_impl|model_config|process_\w+|\w+_processor"
)
_STARS: Mapping[griffe.ParameterKind | None, str] = {
    griffe.ParameterKind.var_positional: "*",
    griffe.ParameterKind.var_keyword: "**",
}
_MARKS = ("classmethod", "staticmethod", "property")


def names() -> Iterator[str]:
    """Yield a line for each public name, and for each public member that a class has of its own."""
    homes = _homes()
    for face in FACES:
        for name in import_module(face).__all__:
            path = f"{face}.{name}"
            found = _found(path)
            home = found if isinstance(found, str) else homes[found.path]
            yield from [f"{path} is {home}"] if isinstance(found, str) or home != path else _described(found, path)


def fixtures() -> Iterator[str]:
    """Yield a line for each fixture that `storeroom.testing` brings."""
    for name, each in _core()[FIXTURES.removeprefix("storeroom.")].members.items():
        if isinstance(each, griffe.Function) and not name.startswith("_") and _is_fixture(each):
            yield f"fixture {name} -> {each.returns}"


@cache
def _homes() -> Mapping[str, str]:
    """Return the public path of whatever is public, by where it is defined; the first face that has it is its home."""
    homes: dict[str, str] = {}
    for path in (f"{face}.{name}" for face in FACES for name in import_module(face).__all__):
        found = _found(path)
        if not isinstance(found, str):
            homes.setdefault(found.path, path)
    return homes


@cache
def _core() -> griffe.Module:
    extensions = griffe.load_extensions("dataclasses", "unpack_typeddict")
    loader = griffe.GriffeLoader(search_paths=[SOURCE], extensions=extensions, allow_inspection=False)
    core = loader.load("storeroom")
    loader.resolve_aliases(implicit=True)
    return cast("griffe.Module", core)


def _found(path: str) -> griffe.Object | str:
    """Find what stands behind a public name, where it is defined; of a library's, only its name."""
    if path == "storeroom.__version__":  # read from the distribution's metadata
        return griffe.Attribute("__version__", annotation="str")
    face, _, name = path.rpartition(".")
    # What a package imports goes before a module of the same name in it.
    path = _core().modules_collection[face].imports.get(name, path)
    if not path.startswith("storeroom."):
        return path
    each = _core()[path.removeprefix("storeroom.")]
    try:
        return each.final_target if isinstance(each, griffe.Alias) else each
    except griffe.AliasResolutionError as error:
        return error.alias.target_path


def _described(each: griffe.Object, path: str) -> Iterator[str]:
    if isinstance(each, griffe.Class):
        bases = f"({', '.join(map(str, each.bases))})" if each.bases else ""
        yield f"{'deprecated ' if _is_deprecated(each) else ''}class {path}{bases}"
        for name, member in sorted(each.all_members.items()):
            target = member.final_target if isinstance(member, griffe.Alias) else member
            is_elsewhere = member.is_alias and target.parent is not None and target.parent.path in _homes()
            if not is_elsewhere and _is_promised(each, name):
                yield from _described(target, f"{path}.{name}")
    elif isinstance(each, griffe.Function):
        yield from (_callable(one, path) for one in (each.overloads or [each]))
    elif isinstance(each, griffe.Module):
        yield f"module {path}"
        for name, inner in sorted(each.members.items()):
            if not name.startswith("_") and isinstance(inner, griffe.Function | griffe.Class | griffe.Attribute):
                yield from _described(inner, f"{path}.{name}")
    else:
        yield _attribute(each, path)


def _is_promised(owner: griffe.Class, name: str) -> bool:
    if name == "__init__":
        return owner.name not in _MADE_BY_CORE
    is_special = name.startswith("__") and name.endswith("__")
    if is_special:
        return name not in _NO_PROMISE
    return not name.startswith("_") and not _FOR_LIBRARIES.fullmatch(name)


def _callable(function: griffe.Function, path: str) -> str:
    # What a test or a fixture asks for is between it and pytest.
    if function.name.startswith("test_"):
        return f"test {path}"
    if _is_fixture(function):
        return f"fixture {path} -> {function.returns}"
    signature = _signature(function.parameters)
    marks = ["deprecated"] if _is_deprecated(function) else []
    marks += [mark for mark in _MARKS if mark in function.labels]
    returns = "" if function.returns is None else f" -> {function.returns}"
    return f"{' '.join([*marks, 'def'])} {path}({signature}){returns}"


def _is_fixture(function: griffe.Function) -> bool:
    return "pytest.fixture" in [decorator.callable_path for decorator in function.decorators]


def _is_deprecated(each: griffe.Class | griffe.Function) -> bool:
    return any(decorator.callable_path.endswith(".deprecated") for decorator in each.decorators)


def _signature(parameters: Iterable[griffe.Parameter]) -> str:
    """Return parameters as people write them, without `self`, and without the values of private defaults."""
    shown: list[str] = []
    previous: griffe.ParameterKind | None = None
    kinds = griffe.ParameterKind
    for each in parameters:
        is_self = each.name in ("self", "cls") and previous is None and not each.annotation
        if previous is kinds.positional_only and each.kind is not previous and shown:
            shown.append("/")
        if each.kind is kinds.keyword_only and previous not in (kinds.keyword_only, kinds.var_positional):
            shown.append("*")
        previous = each.kind
        if not is_self:
            shown.append(_parameter(each))
    return ", ".join([*shown, *(["/"] if previous is kinds.positional_only and shown else [])])


def _parameter(each: griffe.Parameter) -> str:
    stars = _STARS.get(each.kind, "")
    text = f"{stars}{each.name}"
    if each.annotation is not None:
        text += f": {each.annotation}"
    if stars or each.default is None:
        return text
    default = "…" if str(each.default).startswith("_") else str(each.default)
    return f"{text} = {default}" if each.annotation is not None else f"{text}={default}"


def _attribute(each: griffe.Object, path: str) -> str:
    annotation = getattr(each, "annotation", None)
    kind = "property" if "property" in each.labels else "attribute"
    shown = f": {annotation}" if annotation is not None else ""
    value = _value(each)
    return f"{kind} {path}{shown}{f' = {value}' if value is not None else ''}"


def _value(each: griffe.Object) -> str | None:
    """Return a value that is written out, or what a type stands for; how others are made is no promise."""
    value = getattr(each, "value", None)
    if value is None:
        return None
    if isinstance(each.parent, griffe.Module) and not isinstance(value, griffe.ExprCall):
        return str(value)
    try:
        return repr(ast.literal_eval(str(value)))
    except (SyntaxError, ValueError):
        return None
