"""The demo: a day over the old system's real file, the same each time, on both databases, within seconds."""

import re
import resource
import subprocess
import sys
from collections.abc import Callable

import pytest

from storeroom.testing import requires
from tests.docs.snippets import ROOT

DEMO = ROOT / "examples" / "demo.py"
LONGEST = 10.0  # it takes about two

# What each screen must show, in its order.
SHOWS = [
    r"plugin weather is quarantined: plugin 'weather' needs storeroom >=2",
    r"applied revision storeroom_0003_forgetting of plugin storeroom",
    r"wanted +current +wanted_0001_create_wanted",
    r"weather +quarantined",
    r"jobs +→ jobs +112 of 112, 4 note",
    r"wanted_items +→ wanted +439 of 439",
    r"job 8b727989 mended: status: 'running' becomes 'queued'",
    r"Of no plugin here: blacklist_entries \(12\)",
    r"Once more: 0 written",
    r"S01E04  unchanged\n  S01E08  updated\n  S01E09  inserted",
    r"0 inserted, 0 updated, 6 unchanged",
    r"350 of 443 items are wanted; due first:",
    r"jimaku before 46 searches, 1470.7 ms on average; 34 downloads, score 235.6",
    r"jimaku after  49 searches, 1454.1 ms on average; 36 downloads, score 237.5",
    r"The history of .*: downloaded \(providers\), searched \(wanted\), added \(wanted\)",
    r"is_new=False",
    r"ann claims S01E03, S01E02\n  ben claims S01E01, Film",
    r"one is queued again after attempt 1 of 5, one has failed",
    r"ben can't end it any more: LeaseLost",
    r"15 queued, 1 running, 89 completed, 11 failed, 0 dead",
    r"Today: 2 translated, 1 failed; in all 2,450 translated, by format {'ass': 1008, 'srt': 1442}",
    r"script hook 'notify' runs /config/hooks/notify.sh, for the 31st time",
    r"webhook 'discord' calls https://discord.invalid/…, signed with \*+: 204",
    r"series 1010: profile 'Français \+ Español', to fr, es\n  series 1011: profile 'Default', to de",
    r"60 series, 20 movies, 400 AniDB mappings",
    r"page 20 begins with '.*'; 20 statements, one a page",
    r"ReadOnly: a write was refused",
    r"jobs: queued jobs whose time came more than a day ago: 15",
    r"96 finished jobs are older than 30 days",
]


def worked() -> float:
    """The seconds of the processor that children had; a clock would tell of what else runs on the machine."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def show(*words: str) -> str:
    begun = worked()
    done = subprocess.run([sys.executable, DEMO, *words], capture_output=True, text=True, check=False, cwd=ROOT)
    took = worked() - begun
    assert (done.returncode, done.stderr) == (0, "")
    assert took < LONGEST
    return done.stdout


@pytest.mark.dear
def test_it_shows_a_day_the_same_each_time(new_database: Callable[[], str], lane: str) -> None:
    shown, again = (show(*(["--url", new_database()] if requires.server.met_by(lane) else [])) for _ in range(2))
    place = 0
    for expected in SHOWS:
        match = re.compile(expected).search(shown, place)
        assert match is not None, expected
        place = match.end()
    assert shown == again
    assert "s3cr3t" not in shown
    assert len(shown.splitlines()) <= 130
