"""Whether anything that an object tells has a secret in it, or the token of a URL."""

import pickle
import pprint
import traceback
from collections.abc import Iterator, Sequence

from tests.hooks.helpers import SECRET, TOKEN


def leaks(told: object) -> list[str]:
    """Return the texts of an object that have one of them: an error's, and those of what led to it, included."""
    return [text for text in _texts(told) if SECRET in text or TOKEN in text]


def _texts(told: object) -> Iterator[str]:
    yield from (repr(told), str(told), format(told), f"{told!a}", pprint.pformat(told))
    for error in _errors(told):
        yield from (repr(error), str(error), repr(error.args), repr(vars(error)))
        yield repr(pickle.dumps((type(error), error.args, vars(error))))
        yield "".join(traceback.format_exception(error, limit=0))


def _errors(told: object) -> Sequence[BaseException]:
    """An error and all that led to it, which may go in a circle."""
    found: list[BaseException] = [told] if isinstance(told, BaseException) else []
    for error in found:
        led = [each for each in (error.__cause__, error.__context__) if each is not None]
        found += [each for each in led if not any(each is other for other in found)]
    return found
