"""Running a whole transaction again when it lost a conflict."""

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

from storeroom.errors import ConfigurationError, TransientError

logger = logging.getLogger("storeroom.unitofwork")

T = TypeVar("T")

_FIRST_PAUSE = 0.01
_LONGEST_PAUSE = 1.0


def retrying(transaction: Callable[[], T], attempts: int) -> T:
    """Call `transaction` until it succeeds, at most `attempts` times; only a TransientError is worth another try.

    The pause before the n-th further try is uniform between 0 and 10 ms · 2^n, at most a second: exponential back-off
    with full jitter (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
    Raises ConfigurationError when there is nothing to attempt.
    """
    if attempts < 1:
        raise ConfigurationError(f"attempts is {attempts!r}; a transaction needs at least 1")
    for failures in range(attempts - 1):
        try:
            return transaction()
        except TransientError as error:
            logger.info("transaction is tried again after %s: %s", type(error).__name__, error)
            time.sleep(random.uniform(0, min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**failures)))
    return transaction()
