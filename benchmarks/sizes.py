"""How much is measured: the issue's sizes, those of a quick look, and the smallest ones of a test."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """How many rows, calls and rounds. `table` is of what is added, streamed, paged and summed up; 0 leaves out."""

    name: str
    rounds: int
    long_rounds: int
    upsert: int
    table: int
    small: int
    jobs: int
    claims: int
    claim_rounds: int
    page: int
    pages: int
    million: int
    growth: Sequence[int]
    starts: int


FULL = Sizes(
    name="full",
    rounds=5,
    long_rounds=2,
    upsert=10_000,
    table=200_000,
    small=1_000,
    jobs=300,
    claims=4_000,
    claim_rounds=3,
    page=50,
    pages=50,
    million=1_000_000,
    growth=(1_000, 10_000, 100_000, 1_000_000),
    starts=9,
)
QUICK = Sizes(
    name="quick",
    rounds=3,
    long_rounds=2,
    upsert=1_500,
    table=4_000,
    small=100,
    jobs=20,
    claims=400,
    claim_rounds=1,
    page=50,
    pages=10,
    million=0,
    growth=(1_000, 4_000),
    starts=2,
)
SMALLEST = Sizes(
    name="smallest",
    rounds=1,
    long_rounds=1,
    upsert=1_200,
    table=400,
    small=20,
    jobs=5,
    claims=20,
    claim_rounds=1,
    page=50,
    pages=1,
    million=2_000,
    growth=(100, 200),
    starts=1,
)
