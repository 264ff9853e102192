"""kill -9 in the middle of an adoption leaves nothing of it, and a second run completes it."""

from pathlib import Path

import pytest

from storeroom import Storeroom
from tests.adoption.expected import EXPECTED
from tests.adoption.legacy import TARGETS, copy_few, key_here
from tests.adoption.legacy import read as read_old
from tests.adoption.mine import make_profile
from tests.adoption.target import count, everything, read
from tests.adoption.victim import adopt_until
from tests.faults.conftest import forker
from tests.migrations.forks import KILLED, Forker

__all__ = ["forker"]

pytestmark = pytest.mark.dear


def test_each_part(room: Storeroom, adoption_url: str, tmp_path: Path, forker: Forker) -> None:
    file = copy_few(tmp_path / "few.db")
    mine = make_profile(room, "Forced only")
    before = everything(room)

    def adopt(statements: int) -> object:
        (outcome,) = forker.at_once(tmp_path, adopt_until, [(adoption_url, str(file), statements)])
        return outcome

    whole = 1
    for lives in (0, 4, 9, 16, 40):
        if adopt(lives) != KILLED:
            break
        whole = lives
        assert everything(room) == before, f"killed at statement {lives}"
        assert count(room, "storeroom_adoptions") == 0
    assert whole >= 9
    room.adopt("sublarr", file)
    for name, target in TARGETS.items():
        rows = {row[key_here(name)]: row for row in read(room, target)}
        assert len(rows) == len(read_old(file, name))
        if "profile" not in name:
            assert rows == {row[key_here(name)]: row for row in map(EXPECTED[name], read_old(file, name))}
    assert mine in {row["id"] for row in read(room, "profiles")}
    after = everything(room)
    assert isinstance(adopt(-1), int)
    assert everything(room) == after
