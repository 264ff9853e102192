"""What Python does for the most frequent work is what is recorded, 15% more or less.

It is counted in Python's instructions, and for opening in modules, which are the same on every machine with this minor
version of Python and the pinned packages. When it fails: if something was made faster, or slower for a reason, record
the figures anew by `.venv/bin/python -m tests.cost --write`, and say in the commit what changed them; else find what is
done more often than before. A package that is pinned anew may change them as well.
"""

import pytest

from storeroom.testing import Databases
from tests.cost import figures


@pytest.mark.dear
@pytest.mark.skipif(figures.differs() is not None, reason=figures.differs() or "")
def test_python_does_as_much_as_is_recorded(lane: str, databases: Databases) -> None:
    url = databases.create(lane)
    try:
        found = figures.measured(url)
    finally:
        databases.drop(url)
    known = figures.recorded()[lane.partition("-")[0]]
    off = "\n  ".join(figures.off(known, found))
    assert not off, f"record what is meant to change by `{figures.COMMAND} --write`; on {lane}:\n  {off}"


def test_what_is_off_either_way_is_told() -> None:
    known = {"one": 100.0, "two": 100.0, "three": 100.0, "gone": 1.0}
    found = {"one": 114.0, "two": 116.0, "three": 84.0, "new": 1.0}
    assert list(figures.off(known, found)) == [
        "two: 116.0, recorded 100.0",
        "three: 84.0, recorded 100.0",
        "gone: none, recorded 1.0",
        "new: 1.0, recorded none",
    ]
