"""How long a job waits before it is tried again."""

import random
from datetime import timedelta

BASE = timedelta(seconds=10)
LONGEST = timedelta(hours=1)


def backoff(attempts: int) -> timedelta:
    """Return a random pause after so many attempts: at most 10 seconds after the first, then doubled, up to an hour.

    It is drawn from zero upwards, so that jobs which failed together don't come back together: "full jitter" in Marc
    Brooker, Exponential Backoff And Jitter, AWS Architecture Blog (2015).
    """
    doublings = min(max(attempts - 1, 0), 30)  # far beyond the longest, and no number too large to multiply
    longest: timedelta = min(BASE * 2**doublings, LONGEST)
    return random.uniform(0, 1) * longest
