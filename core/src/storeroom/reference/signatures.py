"""Signatures as people write them: names without their modules, type variables by what they stand for."""

import inspect
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import Enum
from typing import Any, TypeVar, get_args, get_type_hints, is_typeddict

_MODULES = re.compile(r"\b(?:[a-z_]\w*\.)+(?=\w)")
_VARIABLE = re.compile(r"[~+-](\w+)")
_OPTIONAL = re.compile(r"\bOptional\[([^\[\]]+)\]")
# In the order in which signatures have them: what stands before a parameter of the kind.
_STARS: Mapping[Any, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}


def shown_signature(function: Callable[..., Any], variables: Mapping[TypeVar, type] | None = None) -> str:
    """Return a function's parameters and what it returns, without `self`; `variables` are types for type variables."""
    signature = _signature(function)
    known = {variable.__name__: kind.__name__ for variable, kind in (variables or {}).items()}
    words: list[str] = []
    previous: inspect.Parameter | None = None
    for parameter in signature.parameters.values():
        words += _marks(previous, parameter)
        previous = parameter
        if parameter.name != "self":
            words += _unpacked(parameter, known) or [_shown_parameter(parameter, known)]
    if previous is not None and previous.kind is previous.POSITIONAL_ONLY and previous.name != "self":
        words.append("/")
    returned = signature.return_annotation
    arrow = "" if returned is signature.empty else f" -> {_shown_type(returned, known)}"
    return f"({', '.join(words)}){arrow}"


def _signature(function: Callable[..., Any]) -> inspect.Signature:
    """Return a function's signature; annotations that are text stay so where what they name isn't there."""
    try:
        return inspect.signature(function, eval_str=True)
    except (NameError, AttributeError, SyntaxError, TypeError):
        return inspect.signature(function)


def _marks(previous: inspect.Parameter | None, parameter: inspect.Parameter) -> list[str]:
    """Return the `/` and `*` that stand between two parameters."""
    marks = []
    if previous is not None and previous.kind is previous.POSITIONAL_ONLY and parameter.kind is not previous.kind:
        marks += ["/"] if previous.name != "self" else []
    if (parameter.kind is parameter.KEYWORD_ONLY or _options(parameter)) and (
        previous is None or previous.kind not in (previous.KEYWORD_ONLY, previous.VAR_POSITIONAL)
    ):
        marks.append("*")
    return marks


def _unpacked(parameter: inspect.Parameter, known: Mapping[str, str]) -> list[str]:
    """Return the keyword arguments that `**options: Unpack[Options]` stands for; none for any other parameter."""
    options = _options(parameter)
    return [
        f"{name}: {_shown_type(kind, known)}{' = …' if name in options.__optional_keys__ else ''}"
        for name, kind in (get_type_hints(options).items() if options else ())
    ]


def _options(parameter: inspect.Parameter) -> Any:
    """Return the TypedDict that a parameter unpacks; None for any other parameter."""
    given = get_args(parameter.annotation)
    return given[0] if parameter.kind is parameter.VAR_KEYWORD and given and is_typeddict(given[0]) else None


def _shown_parameter(parameter: inspect.Parameter, known: Mapping[str, str]) -> str:
    text = f"{_STARS.get(parameter.kind, '')}{parameter.name}"
    is_typed = parameter.annotation is not parameter.empty
    if is_typed:
        text += f": {_shown_type(parameter.annotation, known)}"
    if parameter.default is parameter.empty:
        return text
    return f"{text}{' = ' if is_typed else '='}{_shown_default(parameter.default)}"


def _shown_type(annotation: Any, known: Mapping[str, str]) -> str:
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    text = _VARIABLE.sub(lambda match: known.get(match[1], match[1]), _MODULES.sub("", text))
    return _OPTIONAL.sub(r"\1 | None", text)


def _shown_default(default: object) -> str:
    if isinstance(default, Enum):
        return f"{type(default).__name__}.{default.name}"
    if isinstance(default, timedelta):
        return repr(default).removeprefix("datetime.")
    text = repr(default)
    return "…" if text.startswith("<") else text
