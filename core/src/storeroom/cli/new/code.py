"""Pieces of Python for the templates, laid out as a formatter would."""

from collections.abc import Sequence

from storeroom.cli.new.fields import Field
from storeroom.cli.new.plan import Plan

WIDTH = 120
_INDENT = 4


def fitted(head: str, items: Sequence[str], tail: str, indent: int) -> str:
    """Return `head`, the items and `tail` as one line where it fits, else with an item on each line."""
    pad = " " * indent
    line = f"{pad}{head}{', '.join(items)}{tail}"
    if len(line) <= WIDTH:
        return line
    inner = " " * (indent + _INDENT)
    return "\n".join([f"{pad}{head}", *(f"{inner}{item}," for item in items), f"{pad}{tail}"])


def imports(module: str, names: Sequence[str]) -> str:
    """Return an import of names, which are sorted already."""
    line = f"from {module} import {', '.join(names)}"
    return line if len(line) <= WIDTH else fitted(f"from {module} import (", names, ")", 0)


def subclass(name: str, base: str, arguments: Sequence[str]) -> str:
    """Return the first line of a class, of a generic base."""
    line = f"class {name}({base}[{', '.join(arguments)}]):"
    if len(line) <= WIDTH:
        return line
    pad = " " * _INDENT
    inner = [f"{pad}{pad}{argument}," for argument in arguments]
    return "\n".join([f"class {name}(", f"{pad}{base}[", *inner, f"{pad}]", "):"])


def quoted(names: Sequence[str]) -> list[str]:
    """Return names as code."""
    return [f'"{name}"' for name in names]


def names(fields: Sequence[Field]) -> list[str]:
    """Return the names of fields."""
    return [field.name for field in fields]


def tuple(head: str, names: Sequence[str]) -> str:  # noqa: A001  # for templates, which import nothing by its name
    """Return names as a tuple in the body of a class."""
    tail = ",)" if len(names) == 1 else ")"
    return fitted(f"{head}(", quoted(names), tail, _INDENT).strip()


def parameters(fields: Sequence[Field]) -> list[str]:
    """Return the parameters of a verb that takes fields by name."""
    return ["self", "*", *(f"{each.name}: {each.annotation}{' = None' * each.is_optional}" for each in fields)]


def passed(fields: Sequence[Field]) -> list[str]:
    """Return the arguments that pass on the parameters."""
    return [f"{field.name}={field.name}" for field in fields]


def given(fields: Sequence[Field], number: int) -> list[str]:
    """Return the arguments that give the first or the second of the sample values of each type."""
    return [f"{field.name}={field.kind.samples[number]}" for field in fields]


def asked(plan: Plan) -> list[str]:
    """Return the arguments that ask for the row of a key."""
    return [*(f"{plan.filter_of(field)}={field.name}" for field in plan.key), "limit=1"]


def has_time(fields: Sequence[Field]) -> bool:
    """Tell whether sample values need datetime."""
    return any(field.kind.name == "time" for field in fields)


def free(name: str, fields: Sequence[Field]) -> str:
    """Return a name for a variable that no field has."""
    while name in names(fields):
        name += "_"
    return name
