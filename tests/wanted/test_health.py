"""What the plugin reports of its data, and that it says nothing where all is well."""

from datetime import UTC, datetime, timedelta

from storeroom import Storeroom
from storeroom_wanted import WantedRepository
from storeroom_wanted.health import findings
from tests.wanted.helpers import DAY, NEW_YEAR, move, put


def test_where_all_is_well_nothing_is_reported(room: Storeroom) -> None:
    with room.write() as uow:
        wanted = uow[WantedRepository]
        for path, status in {"/a": "wanted", "/b": "searching", "/c": "failed", "/d": "ignored", "/e": "found"}.items():
            record = put(wanted, path)
            wanted.set_status(record.id, status)
            wanted.set_retry_after(record.id, 89 * DAY)
        for path, status in {"/f": "wanted", "/g": "ignored"}.items():
            record = put(wanted, path)
            wanted.set_status(record.id, status)
            move(wanted, record, search_count=99, updated_at=NEW_YEAR)
        far = put(wanted, "/h")
        wanted.set_status(far.id, "ignored")
        wanted.set_retry_after(far.id, 400 * DAY)
    health = room.health()
    assert (health.results, health.errors) == ({"wanted": ()}, [])


def test_searches_that_never_ended_are_named(room: Storeroom) -> None:
    with room.write() as uow:
        wanted = uow[WantedRepository]
        made = [put(wanted, f"/{number}") for number in range(20)]
        for number, record in enumerate(made):
            wanted.set_status(record.id, "searching")
            move(wanted, record, updated_at=NEW_YEAR + number * timedelta(minutes=1))
    (finding,) = room.health().results["wanted"]
    assert finding.problem.startswith("items that are being searched since more than 24 hours")
    assert f": 20 ({made[0].id} ('/0', since 2026-01-01 00:00 UTC)" in finding.problem
    assert finding.problem.endswith(" and 17 more)")
    assert "set their status to wanted" in finding.cure


def test_what_fails_again_and_again_is_named(room: Storeroom) -> None:
    with room.write() as uow:
        wanted = uow[WantedRepository]
        for path, count in {"/nine": 9, "/ten": 10, "/more": 30}.items():
            record = put(wanted, path)
            wanted.set_status(record.id, "failed")
            move(wanted, record, search_count=count)
    (finding,) = room.health().results["wanted"]
    assert finding.problem.startswith("items that have failed, after 10 searches or more: 2 (")
    assert finding.problem.index("'/more', 30 searches") < finding.problem.index("'/ten', 10 searches")
    assert "more: " in finding.problem
    assert " and " not in finding.problem.partition(": ")[2]
    assert "ignore" in finding.cure


def test_pauses_without_end_are_named(room: Storeroom) -> None:
    with room.write() as uow:
        wanted = uow[WantedRepository]
        wanted.set_retry_after(put(wanted).id, datetime(2999, 1, 1, tzinfo=UTC))
    (finding,) = room.health().results["wanted"]
    assert "aren't due for more than 90 days" in finding.problem
    assert "('/a', not before 2999-01-01)" in finding.problem
    assert "set_retry_after(id, None)" in finding.cure


def test_health_is_three_statements(room: Storeroom) -> None:
    with room.read() as uow:
        before = uow.statements
        assert findings(uow) == []
        assert uow.statements - before == 3
