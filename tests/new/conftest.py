"""Distributions as `storeroom new` writes them, of several sets of fields."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, cli

__all__ = ["cli"]

LONG_NAME = "abcdefghijabcdefghij"
_LONG = "abcdefghijabcdefghijabcdefghijabcdefghi"

# By the plugin's name: what is asked for beside it. Every type with and without a mark, and names as long as may be.
SETS: Mapping[str, list[str]] = {
    "shelf": [],
    "every": [
        "--model=BookCopy",
        "--fields=order:text! size:integer! taken:boolean! born:time! title:text pages:integer? price:number "
        "rating:float? ok:boolean lent:boolean? at:time until:time? more:json data:json? group:text? number:integer",
        "--license=apache-2.0",
        '--holder=Jos\u00e9 "Pepe" Luna \\ Co',
    ],
    "plain": ["--fields=data:json", "--license=proprietary"],
    "timed": ["--fields=at:time, value:number", "--license=BSD-3-Clause"],
    LONG_NAME: [
        "--model=AbcdefghijAbcdefghijAbcdefghij",
        f"--fields=a{_LONG}:json? b{_LONG}:time c{_LONG}:text d{_LONG}:integer e{'f' * 20}:text! found:boolean!",
    ],
}


@pytest.fixture
def written(cli: Cli, tmp_path: Path) -> Mapping[str, Path]:
    """The folder of each set, by the plugin's name."""
    for name, words in SETS.items():
        outcome = cli("new", name, "--defaults", f"--into={tmp_path}", *words)
        assert (outcome.code, outcome.err) == (0, "")
    return {name: tmp_path / f"storeroom-{name}" for name in SETS}
