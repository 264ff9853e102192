"""Functions of one value that can be written into a larger function, so that no value costs a call."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

FunctionT = TypeVar("FunctionT", bound=Callable[[Any], Any])


class Inline(NamedTuple):
    """The expression of a function: of `{value}`, and of the other names in braces. `gives`: of which type, or None."""

    expression: str
    names: Mapping[str, object]
    gives: type | None = None


def inlined(expression: str, /, gives: type | None = None, **names: object) -> Callable[[FunctionT], FunctionT]:
    """Give a function its expression, in which `{itself}` is the function: for values that are out of the ordinary.

    The expression means what the function does, but that it may raise where the function would answer. `gives` is the
    one type of what it gives, beside None.
    """

    def note(function: FunctionT) -> FunctionT:
        found = {"itself": function, **names} if "{itself}" in expression else names
        vars(function)["inline"] = Inline(expression, found, gives)
        return function

    return note


def inline(function: Callable[[Any], Any] | None) -> Inline | None:
    """Return the expression of a function, if it has one."""
    return getattr(function, "inline", None)


def written(function: Callable[[Any], Any] | None, value: str, scope: dict[str, Any]) -> str:
    """Return the expression of what a function makes of the value of this name; what else it names goes into `scope`.

    Without a function it is the value itself; a function without an expression is called.
    """
    if function is None:
        return value
    found = inline(function)
    if found is None:
        scope[f"call_{value}"] = function
        return f"call_{value}({value})"
    names = {name: f"{name}_{value}" for name in found.names}
    scope |= {names[name]: each for name, each in found.names.items()}
    return found.expression.format(value=value, **names)
