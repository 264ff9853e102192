"""The benchmarks run, at their smallest sizes, and notice a contender that does something else than the others."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks import command, measuring
from benchmarks.claims import measure_claims
from benchmarks.contender import RAW, STOREROOM, Answer, Contender
from benchmarks.data import Item
from benchmarks.databases import POSTGRESQL, SQLITE, Databases
from benchmarks.measuring import contenders, measure, opened
from benchmarks.page import BEGIN, END, body
from benchmarks.raw_postgresql import RawPostgreSQL
from benchmarks.raw_sqlite import RawSQLite
from benchmarks.report import closing_lines, measured
from benchmarks.results import Measurement, Results
from benchmarks.rooms import StoreroomContender
from benchmarks.sizes import SMALLEST
from benchmarks.workloads import workloads
from storeroom import testing
from storeroom.testing import requires
from tests.support.dialects import spelled

ROOT = Path(__file__).parents[2]
HAS_ALCHEMY = find_spec("advanced_alchemy") is not None


class Planted(StoreroomContender):
    """Leaves another title, a row too few and another answer than the raw driver."""

    name = "planted"

    def upsert_many(self, items: Iterable[Item]) -> Answer:
        first, *rest = items
        return super().upsert_many([{**first, "title": "another"}, *rest])

    def add_many(self, items: Iterable[Item]) -> Answer:
        _, *rest = items
        return super().add_many(rest)

    def summary(self) -> Answer:
        return 0, {}, 0


class Greedy(StoreroomContender):
    """Claims a job and says that there was none."""

    name = "greedy"

    def claim(self, worker: str) -> bool:
        super().claim(worker)
        return False


@pytest.fixture
def benched(lane: str, databases: testing.Databases, tmp_path: Path) -> Databases:
    if requires.server.met_by(lane):
        return Databases(POSTGRESQL, tmp_path, databases.server(lane))
    return Databases(SQLITE, tmp_path)


@pytest.fixture
def raw(lane: str) -> type[Contender]:
    return spelled(lane, sqlite=RawSQLite, postgresql=RawPostgreSQL)


@pytest.fixture
def results() -> Results:
    return Results("smallest", {"processor": "any"})


@pytest.mark.dear
@pytest.mark.timeout(300)
@pytest.mark.filterwarnings(
    "ignore:The declarative_mixin decorator:sqlalchemy.exc.SADeprecationWarning"
)  # advanced-alchemy's, as it is imported
def test_every_workload_runs_with_every_contender_and_rows_are_compared(benched: Databases, results: Results) -> None:
    command.run(benched, SMALLEST, results)

    expected = [each.name for each in contenders(benched.kind) if each.only is None]
    assert len(expected) == (4 if HAS_ALCHEMY else 3)
    names = [each.name for each in workloads(SMALLEST)]
    took_part = {(each.workload, each.contender) for each in results.measurements}
    left_out = {(each.workload, each.contender) for each in results.skipped}
    assert {(name, contender) for name in names for contender in expected} <= took_part | left_out
    assert took_part & left_out == set()
    assert {contender for _, contender in left_out} <= {"advanced-alchemy", "SQLAlchemy ORM"}
    assert {(name, contender) for name in names for contender in (RAW, STOREROOM, "SQLAlchemy ORM")} <= took_part

    # With claims and the million, each is compared once.
    assert len(results.compared) == len(names) + 2
    assert [each for each in results.differences if each.contender == STOREROOM] == []
    # That is what the others do with ignored items, which has to be said.
    overwriting = {each.contender for each in results.differences if "'ignored' became 'wanted'" in each.what}
    assert overwriting == {each.name for each in contenders(benched.kind)} - {RAW, STOREROOM}

    assert len({(each.workload, each.rows) for each in results.growth}) == 3 * len(SMALLEST.growth)
    assert any(each.name.startswith("open at head with 6 plugins") for each in results.figures)
    json.dumps(results.as_json())
    assert all(line in body(results) for line in ("### Growth", f"### {benched.kind}"))
    assert [*measured(results), *closing_lines(results)]


def test_a_contender_that_leaves_other_rows_is_noticed(
    benched: Databases, raw: type[Contender], results: Results
) -> None:
    with opened(benched, [raw, StoreroomContender, Planted]) as running:
        for workload in workloads(SMALLEST):
            if workload.verb in ("upsert_many", "add_many", "summary"):
                measure(workload, running, results)
    assert {each.contender for each in results.differences} == {"planted"}
    upserted, added, answered = (each.what for each in results.differences)
    assert "1 rows have another title" in upserted
    assert "1 rows are missing" in added
    assert "where the raw driver answers" in answered


@pytest.mark.dear
def test_jobs_that_nobody_claimed_are_noticed(benched: Databases, raw: type[Contender], results: Results) -> None:
    with opened(benched, [raw, Greedy]) as running:
        measure_claims(running, replace(SMALLEST, claims=8), results)
    assert [(each.contender, each.what) for each in results.differences] == [
        ("greedy", "of 8 jobs 4 were claimed, 4 of them once")
    ]


def test_a_ratio_is_the_median_of_the_rounds_ratios() -> None:
    raw = Measurement("w", SQLITE, RAW, "item", 10, [1.0, 2.0, 4.0])
    ours = Measurement("w", SQLITE, STOREROOM, "item", 10, [2.0, 3.0, 4.0], goal=1.5)
    assert ours.ratio(raw) == 1.5
    assert ours.meets(1.5)
    assert not ours.meets(1.51)
    rate = replace(ours, is_rate=True, goal=0.7)
    assert rate.ratio(raw) == pytest.approx(1 / 1.5)
    assert not rate.meets(rate.ratio(raw))


def test_the_page_has_the_markers_between_which_it_is_written() -> None:
    text = (ROOT / "docs" / "performance.md").read_text()
    assert text.count(BEGIN) == text.count(END) == 1
    assert text.index(BEGIN) < text.index(END)


def pins(name: str) -> Iterator[str]:
    for line in (ROOT / name).read_text().splitlines():
        if line and not line.startswith("#"):
            yield line.partition("==")[0].lower()


def test_what_only_the_benchmarks_need_is_pinned_there_and_only_there() -> None:
    own = set(pins("benchmarks/constraints.txt"))
    assert set(pins("benchmarks/requirements.txt")) <= own
    assert own & set(pins("constraints.txt")) == set()


def test_without_advanced_alchemy_the_others_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "find_spec", lambda _name: None)
    assert [each.name for each in contenders(SQLITE)] == [RAW, STOREROOM, "SQLAlchemy ORM"]
