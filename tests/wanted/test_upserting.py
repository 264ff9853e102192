"""Upserts, one and many: what is the same item, what becomes of it, and what is refused."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storeroom.errors import ConstraintViolated, FieldUnknown, NullRefused, StaleVersion, ValueRefused
from storeroom.sql import Outcome
from storeroom_wanted import ItemType, ScanItem, SubtitleType, WantedRecord, WantedRepository, WantedStatus
from tests.wanted.helpers import DAY, NEW_YEAR, item, move, put

FULL: ScanItem = {
    "item_type": "episode",
    "series_id": 1000,
    "episode_id": 1 << 40,
    "movie_id": None,
    "standalone_series_id": 7,
    "standalone_movie_id": None,
    "instance_name": "anime",
    "title": "Kimi ga Nozomu Eien",
    "season_episode": "S01E01",
    "file_path": "/media/a.mkv",
    "language": "de",
    "subtitle_type": "forced",
    "existing_sub": "srt",
    "missing_languages": ["de", "fr"],
    "upgrade_candidate": True,
    "current_score": 262,
}

# Each way to upsert one item, as an outcome.
WAYS: dict[str, Callable[[WantedRepository, dict[str, Any]], Outcome]] = {
    "upsert": lambda wanted, given: wanted.upsert(**given).outcome,
    "upsert_many": lambda wanted, given: wanted.upsert_many([given])[0],
    "upsert_many of more than one statement": lambda wanted, given: wanted.upsert_many(
        [given, *({**given, "file_path": f"/other/{number}"} for number in range(1001))]
    )[0],
}


@pytest.fixture(params=WAYS)
def upsert(request: pytest.FixtureRequest, wanted: WantedRepository) -> Callable[[dict[str, Any]], Outcome]:
    way = WAYS[request.param]
    return lambda given: way(wanted, given)


def test_a_new_item_is_wanted_and_has_all_that_the_scan_said(wanted: WantedRepository) -> None:
    upserted = wanted.upsert(**FULL)
    record = upserted.record
    assert upserted.outcome is Outcome.INSERTED
    assert record == WantedRecord(
        id=record.id,
        item_type=ItemType.EPISODE,
        series_id=1000,
        episode_id=1 << 40,
        movie_id=None,
        standalone_series_id=7,
        standalone_movie_id=None,
        instance_name="anime",
        title="Kimi ga Nozomu Eien",
        season_episode="S01E01",
        file_path="/media/a.mkv",
        language="de",
        subtitle_type=SubtitleType.FORCED,
        existing_sub="srt",
        missing_languages=("de", "fr"),
        upgrade_candidate=True,
        current_score=262,
        status=WantedStatus.WANTED,
        error=None,
        search_count=0,
        last_search_at=None,
        retry_after=None,
        added_at=record.added_at,
        updated_at=record.added_at,
        version=1,
    )
    assert abs(record.added_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert wanted.get(record.id) == record


def test_what_the_scan_doesnt_say_is_none(wanted: WantedRepository) -> None:
    record = put(wanted)
    assert (record.title, record.season_episode, record.existing_sub, record.instance_name) == (None,) * 4
    assert (record.missing_languages, record.upgrade_candidate, record.current_score) == ((), False, 0)


def test_path_language_and_type_make_an_item_and_no_language_is_one(wanted: WantedRepository) -> None:
    keys = [("/a", "de", "full"), ("/a", "de", "forced"), ("/a", None, "full"), ("/b", "de", "full")]
    assert list(wanted.upsert_many(item(*key) for key in keys)) == [Outcome.INSERTED] * 4
    assert wanted.upsert(**item("/a", "")).outcome is Outcome.UNCHANGED
    assert list(wanted.upsert_many([item("/a", ""), item("/a", None)])) == [Outcome.UNCHANGED] * 2
    assert wanted.count() == 4


def test_an_existing_item_takes_all_fields_and_keeps_what_is_known_of_its_searches(
    wanted: WantedRepository, upsert: Callable[[dict[str, Any]], Outcome]
) -> None:
    old = put(wanted, "/media/a.mkv", title="Old", current_score=1, subtitle_type="forced")
    wanted.mark_searched(old.id)
    wanted.set_retry_after(old.id, DAY)
    failed = wanted.set_status(old.id, "failed", error="timeout")
    move(wanted, old, updated_at=NEW_YEAR)
    assert upsert(dict(FULL)) is Outcome.UPDATED
    record = wanted.get(old.id)
    given = {**FULL, "missing_languages": ("de", "fr")}
    assert {name: getattr(record, name) for name in given} == given
    kept = ("added_at", "search_count", "last_search_at", "retry_after", "error")
    assert [getattr(record, name) for name in kept] == [getattr(failed, name) for name in kept]
    assert (record.status, record.version) == (WantedStatus.WANTED, failed.version + 1)
    assert record.updated_at > NEW_YEAR


@pytest.mark.parametrize("status", [each for each in WantedStatus if each is not WantedStatus.WANTED])
def test_an_existing_item_is_wanted_again_but_an_ignored_one_stays_ignored(
    wanted: WantedRepository, upsert: Callable[[dict[str, Any]], Outcome], status: WantedStatus
) -> None:
    old = put(wanted, title="Old")
    wanted.set_status(old.id, status)
    assert upsert(item(title="New")) is Outcome.UPDATED
    expected = WantedStatus.IGNORED if status is WantedStatus.IGNORED else WantedStatus.WANTED
    assert (wanted.get(old.id).status, wanted.get(old.id).title) == (expected, "New")


def test_becoming_wanted_again_is_a_change_and_staying_ignored_is_none(
    wanted: WantedRepository, upsert: Callable[[dict[str, Any]], Outcome]
) -> None:
    old = put(wanted)
    wanted.set_status(old.id, "found")
    assert upsert(item()) is Outcome.UPDATED
    wanted.set_status(old.id, "ignored")
    assert upsert(item()) is Outcome.UNCHANGED
    assert wanted.get(old.id).status is WantedStatus.IGNORED


def test_where_nothing_changes_nothing_is_written(
    wanted: WantedRepository, upsert: Callable[[dict[str, Any]], Outcome]
) -> None:
    old = wanted.upsert(**FULL).record
    move(wanted, old, updated_at=NEW_YEAR)
    assert upsert(dict(FULL)) is Outcome.UNCHANGED
    assert wanted.get(old.id) == old.model_copy(update={"updated_at": NEW_YEAR})


def test_fields_that_a_scan_doesnt_name_stay(wanted: WantedRepository) -> None:
    old = wanted.upsert(**FULL).record
    short = {name: FULL[name] for name in ("item_type", "file_path", "language", "subtitle_type")}
    assert wanted.upsert(**short).outcome is Outcome.UNCHANGED
    assert wanted.upsert(**short, title=None).record == wanted.get(old.id)
    assert wanted.get(old.id).title is None
    assert wanted.get(old.id).current_score == 262


def test_a_whole_scan_tells_what_became_of_each_item(wanted: WantedRepository) -> None:
    wanted.upsert_many(item(f"/{number}", title="Old") for number in range(600))
    changed = (item(f"/{number}", title="Old" if number % 2 else "New") for number in range(700))
    outcomes = wanted.upsert_many(changed)
    assert [outcomes[place] for place in (0, 1, 600)] == [Outcome.UPDATED, Outcome.UNCHANGED, Outcome.INSERTED]
    assert [outcomes.count(each) for each in (Outcome.INSERTED, Outcome.UPDATED, Outcome.UNCHANGED)] == [100, 300, 300]
    assert wanted.upsert_many([]).count(Outcome.INSERTED) == 0


def test_an_item_that_is_edited_changes_its_version(wanted: WantedRepository) -> None:
    record = put(wanted)
    better = wanted.update(record.id, version=1, existing_sub="ass", current_score=300, missing_languages=["fr"])
    assert (better.existing_sub, better.current_score, better.missing_languages) == ("ass", 300, ("fr",))
    assert better.version == 2
    with pytest.raises(StaleVersion):
        wanted.update(record.id, version=1, upgrade_candidate=True)
    assert wanted.set_status(record.id, "found").version == 3
    assert wanted.mark_searched(record.id).version == 4
    assert wanted.set_retry_after(record.id, DAY).version == 5


SCANS: dict[str, Callable[[WantedRepository, dict[str, Any]], object]] = {
    "upsert": lambda wanted, given: wanted.upsert(**given),
    "upsert_many": lambda wanted, given: wanted.upsert_many([given]),
    "the second of upsert_many": lambda wanted, given: wanted.upsert_many([good(given), given]),
}


def good(given: dict[str, Any]) -> dict[str, Any]:
    """Another item of the same fields, with nothing to refuse in it."""
    values = FULL | item("/b")
    return {name: values[name] for name in given}


@pytest.mark.parametrize("field", ["status", "search_count", "error", "id", "version", "added_at", "colour"])
@pytest.mark.parametrize("way", ["upsert", "upsert_many"])
def test_a_scan_sets_what_scans_know_and_nothing_else(wanted: WantedRepository, way: str, field: str) -> None:
    with pytest.raises(FieldUnknown) as refusal:
        SCANS[way](wanted, item(**{field: "wanted"}))
    assert (refusal.value.repository, refusal.value.field) == ("wanted", field)
    assert f"{way}()" in str(refusal.value)
    assert wanted.count() == 0


@pytest.mark.parametrize("field", ["item_type", "file_path", "language", "subtitle_type"])
@pytest.mark.parametrize("way", ["upsert", "upsert_many"])
def test_what_makes_an_item_must_be_given(wanted: WantedRepository, way: str, field: str) -> None:
    given = item()
    del given[field]
    with pytest.raises(ValueRefused) as refusal:
        SCANS[way](wanted, given)
    assert refusal.value.field == field
    assert wanted.count() == 0


BAD: list[tuple[str, Any]] = [
    ("file_path", ""),
    ("file_path", "a\0b"),
    ("file_path", 7),
    ("language", "\ud800"),
    ("item_type", "series"),
    ("subtitle_type", "Full"),
    ("series_id", "1000"),
    ("series_id", True),
    ("movie_id", 1 << 63),
    ("missing_languages", "de"),
    ("missing_languages", ["de", ""]),
    ("missing_languages", ["de", 1]),
    ("missing_languages", {"de": 1}),
    ("upgrade_candidate", 1),
    ("current_score", 1.5),
    ("title", b"a"),
]


@pytest.mark.parametrize(("field", "value"), BAD)
@pytest.mark.parametrize("way", SCANS)
def test_what_cant_be_stored_is_refused_by_field_and_value_and_leaves_nothing(
    wanted: WantedRepository, way: str, field: str, value: Any
) -> None:
    with pytest.raises(ValueRefused) as refusal, wanted.uow.savepoint():
        SCANS[way](wanted, item(**{field: value}))
    assert (refusal.value.field, refusal.value.value) == (field, value)
    assert refusal.value.position == {"upsert": None, "upsert_many": 0}.get(way, 1)
    assert wanted.count() == 0


@pytest.mark.parametrize("way", ["upsert", "upsert_many"])
def test_none_is_refused_where_there_must_be_a_value(wanted: WantedRepository, way: str) -> None:
    for field in ("item_type", "file_path", "missing_languages"):
        with pytest.raises(NullRefused), wanted.uow.savepoint():
            SCANS[way](wanted, {**item(), field: None})
    assert wanted.count() == 0


def test_adding_is_for_new_items_only(wanted: WantedRepository) -> None:
    assert wanted.add(**item(), status="ignored").status is WantedStatus.IGNORED
    with pytest.raises(ConstraintViolated), wanted.uow.savepoint():
        wanted.add(**item())
    assert wanted.count() == 1
