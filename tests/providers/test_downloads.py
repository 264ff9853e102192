"""The history of downloads: what is in it, how it is counted, and how it is read."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from storeroom.errors import FieldUnknown, ValueRefused
from storeroom_providers import DownloadCount, DownloadRecord, DownloadRepository, ProviderRepository
from tests.providers.helpers import HOUR, log_ago

FILE = "/media/Show/S01E01.mkv"


@pytest.fixture
def downloads(providers: ProviderRepository) -> DownloadRepository:
    return providers.downloads


def test_a_download_is_logged_with_all_that_is_known(downloads: DownloadRepository) -> None:
    found = downloads.log(
        "jimaku", file_path=FILE, subtitle_id="7", language="de", format="ass", score=248, subtitle_type="forced"
    )
    assert found == DownloadRecord(
        id=found.id,
        provider="jimaku",
        subtitle_id="7",
        language="de",
        format="ass",
        file_path=FILE,
        score=248.0,
        subtitle_type="forced",
        downloaded_at=found.downloaded_at,
    )
    assert abs(found.downloaded_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert downloads.get(found.id) == found


def test_what_isnt_known_is_none(downloads: DownloadRepository) -> None:
    found = downloads.log("jimaku", file_path=FILE)
    assert (found.subtitle_id, found.language, found.format, found.score) == (None, None, None, None)
    assert found.subtitle_type == "full"


def test_a_path_may_be_longer_than_an_index_takes(downloads: DownloadRepository) -> None:
    path = "/".join(f"{number:x}-字幕" for number in range(4000))
    assert downloads.list(file_path=path) == []
    assert downloads.log("a", file_path=path) == downloads.list(file_path=path)[0]


def test_the_statistics_dont_count_the_history(providers: ProviderRepository, downloads: DownloadRepository) -> None:
    downloads.log("a", file_path=FILE, score=1)
    assert providers.all() == ()
    providers.record_download("b", score=1)
    assert downloads.count() == 1


def test_downloads_are_counted_by_provider_and_format(downloads: DownloadRepository) -> None:
    assert downloads.counts() == ()
    for provider, kind in [("b", "srt"), ("a", "ass"), ("b", "ass"), ("b", "srt"), ("a", None)]:
        downloads.log(provider, file_path=FILE, format=kind)
    assert downloads.counts() == (
        DownloadCount(provider="a", total=2, by_format={None: 1, "ass": 1}),
        DownloadCount(provider="b", total=3, by_format={"ass": 1, "srt": 2}),
    )


def test_lists_and_pages_are_newest_first(providers: ProviderRepository, downloads: DownloadRepository) -> None:
    for path, hours in (("/3", 3), ("/1", 1), ("/2", 2)):
        log_ago(providers, "a", path, hours * HOUR)
    log_ago(providers, "b", "/1", 4 * HOUR)
    assert [each.file_path for each in downloads.list(provider="a")] == ["/1", "/2", "/3"]
    assert [each.provider for each in downloads.list(file_path="/1")] == ["a", "b"]
    ago = datetime.now(UTC) - 2.5 * HOUR
    assert [each.file_path for each in downloads.list(since=ago)] == ["/1", "/2"]
    assert [each.file_path for each in downloads.list(until=ago)] == ["/3", "/1"]
    first = downloads.page(size=3)
    second = downloads.page(size=3, after=first.next)
    assert [each.file_path for each in (*first.items, *second.items)] == ["/1", "/2", "/3", "/1"]
    assert second.next is None


def test_the_history_isnt_edited(downloads: DownloadRepository) -> None:
    made = downloads.log("a", file_path=FILE)
    with pytest.raises(FieldUnknown):
        downloads.update(made.id, score=9)
    assert downloads.get(made.id) == made


BAD: list[tuple[str, object, Callable[[DownloadRepository], object]]] = [
    ("provider", "", lambda each: each.log("", file_path=FILE)),
    ("provider", "x" * 201, lambda each: each.log("x" * 201, file_path=FILE)),
    ("file_path", "", lambda each: each.log("a", file_path="")),
    ("file_path", "/\0", lambda each: each.log("a", file_path="/\0")),
    ("score", -1, lambda each: each.log("a", file_path=FILE, score=-1)),
    ("score", float("inf"), lambda each: each.log("a", file_path=FILE, score=float("inf"))),
    ("subtitle_type", "", lambda each: each.log("a", file_path=FILE, subtitle_type="")),
    ("format", "x" * 201, lambda each: each.log("a", file_path=FILE, format="x" * 201)),
    (
        "subtitle_id",
        7,
        lambda each: each.log("a", file_path=FILE, subtitle_id=7),  # type: ignore[arg-type]  # refused
    ),
    ("language", "\ud800", lambda each: each.log("a", file_path=FILE, language="\ud800")),
]


@pytest.mark.parametrize(("field", "value", "log"), BAD)
def test_what_means_nothing_is_refused_by_field_and_value_and_leaves_nothing(
    downloads: DownloadRepository, field: str, value: object, log: Callable[[DownloadRepository], object]
) -> None:
    with pytest.raises(ValueRefused) as refusal:
        log(downloads)
    assert (refusal.value.field, refusal.value.value) == (field, value)
    assert downloads.count() == 0
