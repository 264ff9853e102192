"""The hook that other plugins may implement: what they know of a file.

With `@hookimpl(optionalhook=True)`, so that they work without this plugin too.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from storeroom import Work, hookspec


@hookspec
def wanted_history(uow: Work, file_path: str) -> Sequence[Mapping[str, Any]]:  # type: ignore[empty-body]  # a specification has no body
    """Tell what happened to a file, in any order, as a list of `{"at": …, "event": …, "detail": …}`.

    `at` is an aware datetime; `event` is a word or two, and `detail` a line, for people. Called by
    `WantedRepository.history`, in its transaction.
    """
