"""At 50,000 items, each query finds its rows by an index, on both databases, and so does each change."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, text

from storeroom import Storeroom, UnitOfWork
from storeroom_wanted import Wanted, WantedRepository
from storeroom_wanted.health import findings
from tests.support.dialects import spelled
from tests.support.plans import filled_room, indexes, plans, scans
from tests.wanted.helpers import item

pytestmark = pytest.mark.dear

ITEMS = 50_000
# Beyond those that the database gives.
FIRST_ID = 10_000_000
# As long as paths are.
FOLDER = "/media/anime/A title of the usual length/Season 01/[Group] A title of the usual length - "
FILL = """
INSERT INTO wanted (id, item_type, series_id, episode_id, movie_id, instance_name, title, season_episode, file_path,
    language, subtitle_type, existing_sub, missing_languages, upgrade_candidate, current_score, status, error,
    search_count, last_search_at, retry_after, added_at, updated_at, version)
WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < :last),
made AS (SELECT n, n % 100 AS percent, {added} AS added, {coming} AS coming FROM numbers)
SELECT {first} + n, CASE WHEN percent < 95 THEN 'episode' ELSE 'movie' END, CASE WHEN percent < 95 THEN n % 3000 END,
    CASE WHEN percent < 95 THEN n / 2 END, CASE WHEN percent >= 95 THEN n END, '',
    'A title of the usual length ' || (n % 3000), '', '{folder}' || (n / 2) || '.mkv',
    CASE WHEN n % 2 = 0 THEN 'de' ELSE 'fr' END, 'full',
    CASE WHEN n % 3 = 0 THEN 'srt' ELSE '' END, '["de"]', n % 50 = 0, n % 400,
    CASE WHEN percent < 80 THEN 'wanted' WHEN percent < 90 THEN 'found' WHEN percent < 95 THEN 'failed'
        WHEN percent < 99 THEN 'ignored' ELSE 'searching' END,
    '', n % 12, CASE WHEN percent > 50 THEN added END, CASE WHEN percent IN (0, 91) THEN coming END, added, added, 1
FROM made
"""
TIMES: dict[str, dict[str, object]] = {
    "sqlite": {
        "added": "strftime('%Y-%m-%d %H:%M:%f000', '2026-01-01', printf('+%d seconds', n))",
        "coming": "strftime('%Y-%m-%d %H:%M:%f000', 'now', printf('+%d seconds', n))",
    },
    "postgresql": {
        "added": "timestamptz '2026-01-01 00:00+00' + make_interval(secs => n)",
        "coming": "now() + make_interval(secs => n)",
    },
}

BY_ID = {"pk_wanted", "INTEGER PRIMARY KEY"}
BY_KEY = {"uq_wanted_file_path_language_subtitle_type", "sqlite_autoindex_wanted_1"}
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def index(*columns: str) -> set[str]:
    return {f"ix_wanted_{'_'.join(columns)}"}


ADDED, STATUS = index("added_at", "id"), index("status", "added_at", "id")
Query = Callable[[WantedRepository], object]


def path(number: int) -> str:
    return f"{FOLDER}{number}.mkv"


def second_page(wanted: WantedRepository, **options: Any) -> object:
    return wanted.page(after=wanted.page(**options).next, **options)


def seen_but_one(wanted: WantedRepository) -> object:
    """Finish a scan that saw all but one file."""
    seen = {each.key for each in wanted.stream_keys() if each.key.file_path != path(99)}
    return wanted.remove_unseen(seen, before=datetime.now(UTC))


QUERIES: dict[str, tuple[Query, set[str]]] = {
    "page": (second_page, ADDED),
    "page by status": (lambda wanted: second_page(wanted, status="wanted"), STATUS | ADDED),
    "page by a rare status": (lambda wanted: second_page(wanted, status="searching"), STATUS),
    "page by type": (lambda wanted: second_page(wanted, item_type="movie"), ADDED),
    "page of a text": (lambda wanted: second_page(wanted, text="length 7"), ADDED),
    "page by title": (lambda wanted: second_page(wanted, sort="title"), index("title", "id")),
    "page by last search": (
        lambda wanted: second_page(wanted, sort="last_search_at"),
        index("last_search_at", "id"),
    ),
    "page by last search, latest first": (
        lambda wanted: second_page(wanted, sort="-last_search_at"),
        index("last_search_at", "id"),
    ),
    "page by score": (lambda wanted: second_page(wanted, sort="-current_score"), index("current_score", "id")),
    "page by count": (lambda wanted: second_page(wanted, sort="-search_count"), index("search_count", "id")),
    "by path": (lambda wanted: wanted.list(file_path=path(7)), BY_KEY),
    "by path and language": (lambda wanted: wanted.list(file_path=path(7), language="de"), BY_KEY),
    "by key": (lambda wanted: wanted.list(file_path=path(7), language="de", subtitle_type="full"), BY_KEY),
    "by episode": (lambda wanted: wanted.list(episode_id=7), index("episode_id")),
    "by episode and language": (lambda wanted: wanted.list(episode_id=7, language="de"), index("episode_id")),
    "by series": (lambda wanted: wanted.list(series_id=7), index("series_id")),
    "by several series": (lambda wanted: wanted.list(series_id=[7, 8]), index("series_id")),
    "by movie": (lambda wanted: wanted.list(movie_id=99), index("movie_id")),
    "by a folder's series": (lambda wanted: [*wanted.list(standalone_series_id=7), 1], index("standalone_series_id")),
    "by a folder's movie": (lambda wanted: [*wanted.list(standalone_movie_id=7), 1], index("standalone_movie_id")),
    "due": (lambda wanted: wanted.due(), index("due")),
    "missing_by_series": (lambda wanted: wanted.missing_by_series(), index("missing")),
    "missing_by_series of one": (lambda wanted: wanted.missing_by_series(instance_name=None), index("missing")),
    "set_status": (lambda wanted: wanted.set_status(FIRST_ID, "found"), BY_ID),
    "mark_searched": (lambda wanted: wanted.mark_searched(FIRST_ID), BY_ID),
    "set_retry_after": (lambda wanted: wanted.set_retry_after(FIRST_ID, NEW_YEAR), BY_ID),
    "upsert": (lambda wanted: wanted.upsert(**item(path(7))), BY_KEY),
    "delete_path": (lambda wanted: wanted.delete_path(path(9)), BY_KEY),
    "history": (lambda wanted: wanted.history(path(7)).events, BY_KEY),
    "health": (
        lambda wanted: findings(wanted.uow),
        STATUS | index("due") | index("summary") | index("search_count", "id"),
    ),
}


def fill(connection: Connection) -> None:
    given = spelled(connection, **TIMES) | {"first": FIRST_ID, "folder": FOLDER}
    connection.execute(text(FILL.format(**given)), {"last": ITEMS - 1})


@pytest.fixture(scope="module")
def full_room(open_room: Storeroom, wanted_url: str) -> Iterator[Storeroom]:
    """The room with 50,000 items in it."""
    # A user's SQLite hasn't been told of its rows either.
    with filled_room(wanted_url, "wanted", Wanted.metadata, fill) as room:
        yield room


def plans_of(uow: UnitOfWork, query: Query) -> Sequence[str]:
    return plans(uow, Wanted.metadata, lambda: query(uow[WantedRepository]))


@pytest.mark.parametrize("what", QUERIES)
def test_a_query_uses_an_index(full_room: Storeroom, what: str) -> None:
    query, fitting = QUERIES[what]
    with full_room.write() as uow:
        found = plans_of(uow, query)
    for plan in found:
        assert not scans(plan, Wanted.metadata.tables), plan
    used = indexes(found)
    assert used, found
    assert used <= fitting, found


def test_the_summary_reads_nothing_but_an_index(full_room: Storeroom) -> None:
    with full_room.write() as uow:
        (plan,) = plans_of(uow, lambda wanted: wanted.summary())
    assert "COVERING INDEX ix_wanted_summary" in plan or "Index Only Scan using ix_wanted_summary" in plan, plan


def test_a_finished_scan_deletes_by_an_index(full_room: Storeroom) -> None:
    """What it reads before that is all keys, in whichever way."""
    with full_room.write() as uow:
        *_, last = plans_of(uow, seen_but_one)
    assert indexes([last]) & BY_ID, last
