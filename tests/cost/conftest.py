"""A room with the six domains, each test's tables empty."""

from collections.abc import Sequence

import pytest

from tests.cost.measuring import PLUGINS


@pytest.fixture
def room_plugins() -> Sequence[str]:
    return PLUGINS
