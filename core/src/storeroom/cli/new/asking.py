"""Questions for what no option says, each with a default, each answer checked at once."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import typer

from storeroom.errors import ConfigurationError

T = TypeVar("T")


@dataclass(frozen=True)
class Asker:
    """Takes what options say, and else asks, or takes the default where nothing is to be asked.

    `given` are the options by their names. Raises ConfigurationError for one that can't be used, and where something
    is missing without a terminal to ask at.
    """

    given: Mapping[str, str | None]
    takes_defaults: bool

    def __post_init__(self) -> None:
        missing = [option for option, text in self.given.items() if text is None]
        if missing and not self.takes_defaults and not sys.stdin.isatty():
            raise ConfigurationError(
                f"there is no terminal to ask at; give {', '.join(missing)}, or --defaults for what isn't given"
            )

    def answer(self, option: str, question: str, default: str, check: Callable[[str], T], hint: str = "") -> T:
        """Return what an option says or somebody answers, checked; the question is asked again until it is right."""
        text = self.given[option]
        if text is not None:
            return check(text)
        if self.takes_defaults:
            return check(default)

        def checked(text: str) -> T:
            try:
                return check(text.strip())
            except ConfigurationError as error:
                raise typer.BadParameter(str(error)) from error

        # On standard error, so that what is printed is the report.
        if hint:
            typer.echo(hint, err=True)
        answer: T = typer.prompt(question, default=default, value_proc=checked, err=True)
        return answer
