"""The verbs that promise to lose nothing, done by several processes at once."""

import inspect

import pytest

from storeroom.testing.conformance.base import Suite
from storeroom.testing.conformance.failing import fail
from storeroom.testing.conformance.subject import Subject
from storeroom.testing.races import PROCESSES, Course, run_race


class RaceTests(Suite):
    """The test of races, on every database."""

    def test_no_lost_updates(self, subject: Subject, url: str) -> None:
        """What several processes add at once is there in the end, of each verb that is listed in `races`."""
        if not self.races:
            pytest.skip("it lists no races; add a Race for each verb that changes what is there, such as a counter")
        subject.open(url).close()
        for number, race in enumerate(self.races):
            course = Course(type(self).__module__, inspect.getfile(type(self)), type(self).__qualname__, number)
            before, after, codes = run_race(course, race, url, subject.names)
            if any(codes):
                fail(f"race {race.name!r}: processes ended with {list(codes)}; what they raised is in the output above")
            expected = before + PROCESSES * race.times * race.each
            if after != expected:
                fail(
                    f"race {race.name!r}: {PROCESSES} processes did it {race.times} times each, and the total went "
                    f"from {before} to {after} instead of {expected}; write what depends on the row's value as one "
                    "statement, SET n = n + 1, and not as a read followed by a write"
                )
