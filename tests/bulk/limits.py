"""The thresholds of bulk calls made small, so that few items cross them all."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from storeroom.sql.bulk import postgresql, sqlite, staging


@dataclass(frozen=True)
class Limits:
    """Up to how many rows are a JSON document, and how many are in a COPY, and in a list of SQLite's."""

    few: int = 2
    copy: int = 3
    longest: int = 3
    parameters: int = 32_766

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Let bulk calls keep to these limits in the block."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(postgresql, "FEW", self.few)
            patch.setattr(staging, "LONGEST_COPY", self.copy)
            patch.setattr(sqlite, "LONGEST_LIST", self.longest)
            patch.setattr(sqlite, "MOST_PARAMETERS", self.parameters)
            yield


SMALL = Limits()

# Up to what takes all items of an example as a document, a COPY or a list.
ANY_LIMITS = st.builds(
    Limits,
    few=st.integers(0, 4) | st.just(1000),
    copy=st.integers(1, 5),
    longest=st.integers(1, 5) | st.just(500),
    parameters=st.integers(1, 60),
)

# However busy the machine and its disk are.
EXAMPLES = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
