"""What a run of the benchmarks found out, as it is printed, written to the page, and given as JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from benchmarks.contender import RAW


@dataclass(frozen=True)
class Measurement:
    """The times of one contender in one workload, a round each; a round does `count` units of work."""

    workload: str
    database: str
    contender: str
    unit: str
    count: int
    seconds: Sequence[float]
    goal: float | None = None
    is_rate: bool = False

    @property
    def each(self) -> float:
        """The median time of a unit of work, in microseconds."""
        return median(self.seconds) / self.count * 1e6

    @property
    def rate(self) -> float:
        """How many units of work a second, by the median."""
        return self.count / median(self.seconds)

    @property
    def spread(self) -> float:
        """Half of the distance from the fastest to the slowest round, as a part of the median."""
        return (max(self.seconds) - min(self.seconds)) / 2 / median(self.seconds)

    def ratio(self, raw: "Measurement") -> float:
        """Return the median of the rounds' ratios to the raw driver: of times, or of rates."""
        times = [own / other for own, other in zip(self.seconds, raw.seconds, strict=True)]
        return 1 / median(times) if self.is_rate else median(times)

    def meets(self, ratio: float) -> bool | None:
        """Tell whether a ratio meets the goal; None where there is none."""
        if self.goal is None:
            return None
        return ratio >= self.goal if self.is_rate else ratio <= self.goal


@dataclass(frozen=True)
class Skipped:
    """A contender that doesn't take part in a workload, and why."""

    workload: str
    database: str
    contender: str
    why: str


@dataclass(frozen=True)
class Difference:
    """Where a contender leaves other rows than the raw driver, or gives another answer."""

    workload: str
    database: str
    contender: str
    what: str


@dataclass(frozen=True)
class Figure:
    """A number that isn't a ratio of times in turn: how long a process takes, how much memory a run."""

    name: str
    database: str
    value: float
    unit: str
    goal: float | None = None


@dataclass(frozen=True)
class Point:
    """The cost of a unit of work over a table of so many rows, in microseconds."""

    workload: str
    database: str
    contender: str
    rows: int
    microseconds: float


@dataclass
class Results:
    """Everything that a run found out."""

    size: str
    machine: dict[str, str]
    measurements: list[Measurement] = field(default_factory=list)
    compared: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    growth: list[Point] = field(default_factory=list)

    def raw(self, workload: str, database: str) -> Measurement | None:
        """Return the raw driver's measurement of a workload, if it was taken."""
        found = [
            each
            for each in self.measurements
            if (each.workload, each.database, each.contender) == (workload, database, RAW)
        ]
        return found[0] if found else None

    def ratio(self, measurement: Measurement) -> float | None:
        """Return the ratio of a measurement to the raw driver's."""
        raw = self.raw(measurement.workload, measurement.database)
        return None if raw is None else measurement.ratio(raw)

    def as_json(self) -> dict[str, Any]:
        """Return all of it as plain values, with what is derived beside what was measured."""
        values = asdict(self)
        for plain, measured in zip(values["measurements"], self.measurements, strict=True):
            ratio = self.ratio(measured)
            plain |= {
                "microseconds": measured.each,
                "rate": measured.rate,
                "spread": measured.spread,
                "ratio": ratio,
                "meets_goal": None if ratio is None else measured.meets(ratio),
            }
        return values
