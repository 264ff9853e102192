"""How a test of the suite fails: in words for the plugin's author, with what to do, and without a traceback."""

import sysconfig
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NoReturn, TypeVar

import pytest

from storeroom.testing.conformance import rows

T = TypeVar("T")

_CORE = Path(__file__).parents[2]


def fail(message: str) -> NoReturn:
    """Fail a test with what the author needs to read, and no traceback."""
    pytest.fail(message, pytrace=False)


def fail_listing(subject: str, faults: Iterable[str], cure: str) -> None:
    """Fail a test when there are faults, with one line for each."""
    listed = list(faults)
    if listed:
        fail("\n  - ".join([f"{subject}:", *listed]) + f"\n{cure}")


def attempt(what: str, work: Callable[[], T], cure: str) -> T:
    """Do something that must not fail, and fail the test in the author's words where it does."""
    try:
        return work()
    except rows.NoRow as error:
        why, cure = str(error), ""
    except Exception as error:  # whatever the plugin's code raises
        why = f"{type(error).__name__}: {error}{_place(error)}"
    fail(f"{what}: {why}\n{cure}".rstrip())


def _place(error: Exception) -> str:
    """Say where in the author's own files it was raised, or came from."""
    installed = (str(_CORE), sysconfig.get_paths()["purelib"], sysconfig.get_paths()["stdlib"])
    frames = [each for each in traceback.extract_tb(error.__traceback__) if not each.filename.startswith(installed)]
    return f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
