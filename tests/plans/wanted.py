"""Wanted items: two languages for each file; most are wanted, one in a thousand is being searched."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from storeroom import UnitOfWork
from storeroom_wanted import WantedRepository
from storeroom_wanted.health import findings
from tests.plans.asking import MANY, Asked, Domain, Words
from tests.wanted.helpers import item

# Beyond those that the database gives.
FIRST_ID = 10_000_000
# As long as paths are.
FOLDER = "/media/anime/A title of the usual length/Season 01/[Group] A title of the usual length - "
START = datetime(2024, 1, 1, tzinfo=UTC)


def fill(words: Words) -> Sequence[str]:
    return [
        f"""
INSERT INTO wanted (id, item_type, series_id, episode_id, movie_id, standalone_series_id, standalone_movie_id,
    instance_name, title, season_episode, file_path, language, subtitle_type, existing_sub, missing_languages,
    upgrade_candidate, current_score, status, error, search_count, last_search_at, retry_after, added_at, updated_at,
    version)
{words.numbers}, made AS (
    SELECT n, n % 100 AS percent, {words.after_start("n")} AS added, {words.from_now("n + 60")} AS coming FROM numbers)
SELECT {FIRST_ID} + n, CASE WHEN percent < 95 THEN 'episode' ELSE 'movie' END,
    CASE WHEN percent < 95 THEN n / 20 END, CASE WHEN percent < 95 THEN n / 2 END,
    CASE WHEN percent >= 95 THEN n END, CASE WHEN percent = 3 THEN n / 20 END, CASE WHEN percent = 96 THEN n END,
    CASE WHEN n % 4 < 2 THEN '' ELSE 'second' END, 'A title of the usual length ' || (n % 3000), '',
    '{FOLDER}' || (n / 2) || '.mkv', CASE WHEN n % 2 = 0 THEN 'de' ELSE 'fr' END,
    CASE WHEN n % 40 < 2 THEN 'forced' ELSE 'full' END,
    CASE WHEN n % 3 = 0 THEN 'srt' ELSE '' END, '["de"]', n % 50 = 0, n % 400,
    CASE WHEN n % 1000 = 999 THEN 'searching' WHEN percent < 80 THEN 'wanted'
        WHEN percent < 90 THEN 'found' WHEN percent < 95 THEN 'failed'
        ELSE 'ignored' END,
    '', n % 12, CASE WHEN percent > 50 THEN added END, CASE WHEN percent IN (0, 91) THEN coming END, added, added, 1
FROM made
"""
    ]


def index(*columns: str) -> list[str]:
    return [f"ix_wanted_{'_'.join(columns)}"]


def of(uow: UnitOfWork) -> WantedRepository:
    return uow[WantedRepository]


def path(number: int) -> str:
    return f"{FOLDER}{number}.mkv"


def searching(ask: Callable[[WantedRepository], object], *, hot: bool = False) -> Asked:
    return Asked(lambda uow: ask(of(uow)), hot=hot)


def last_page(uow: UnitOfWork) -> object:
    """In a table of 200,000 it is the last."""
    after = of(uow).page(file_path=path(26), size=1).next
    assert after is not None
    found = of(uow).page(after=after, size=50).items
    assert found[-1].id == FIRST_ID + 3
    return len(found) == 50


def seen_but_one(uow: UnitOfWork) -> object:
    """Finish a scan of movies that saw all but one file."""
    seen = [(path(n // 2), "fr" if n % 2 else "de", "full") for n in range(MANY) if n % 100 >= 95 and n != 95]
    return of(uow).remove_unseen(seen, before=datetime.now(UTC), item_type="movie", ignored=True)


SOME = "a share of all items has it, so that an index would be read for as many rows as the table"

WANTED = Domain(
    fill=fill,
    keys={"wanted": FIRST_ID + 7},
    values={
        "wanted": {
            "item_type": "movie",
            "status": "searching",
            "series_id": 7,
            "episode_id": 7,
            "movie_id": 99,
            "standalone_series_id": 5,
            "standalone_movie_id": 96,
            "instance_name": "second",
            "file_path": path(7),
            "language": "de",
            "subtitle_type": "forced",
            "existing_sub": "srt",
            "upgrade_candidate": True,
            "text": "length 7",
        }
    },
    verbs={
        "wanted.page 4,000": Asked(last_page, hot=True),
        "wanted.list by path and language": searching(lambda wanted: wanted.list(file_path=path(7), language="de")),
        "wanted.list by key": searching(
            lambda wanted: wanted.list(file_path=path(7), language="de", subtitle_type="full")
        ),
        "wanted.list by episode and language": searching(lambda wanted: wanted.list(episode_id=7, language="de")),
        "wanted.list by several series": searching(lambda wanted: wanted.list(series_id=[7, 8])),
        "wanted.upsert": searching(lambda wanted: wanted.upsert(**item(path(7))), hot=True),
        "wanted.update": searching(lambda wanted: wanted.update(FIRST_ID, version=1, title="b")),
        "wanted.set_status": searching(lambda wanted: wanted.set_status(FIRST_ID, "found"), hot=True),
        "wanted.mark_searched": searching(lambda wanted: wanted.mark_searched(FIRST_ID), hot=True),
        "wanted.set_retry_after": searching(lambda wanted: wanted.set_retry_after(FIRST_ID, START)),
        "wanted.set_retry_after a while": searching(lambda wanted: wanted.set_retry_after(FIRST_ID, timedelta(1))),
        "wanted.delete_path": searching(lambda wanted: wanted.delete_path(path(9))),
        "wanted.history": searching(lambda wanted: wanted.history(path(7)).events),
        "wanted.due": Asked(lambda uow: of(uow).due(limit=20), index("due"), hot=True),
        "wanted.summary": Asked(lambda uow: of(uow).summary(), index("summary")),
        "wanted.missing_by_series": Asked(lambda uow: of(uow).missing_by_series(), index("missing")),
        "wanted.missing_by_series of one": Asked(
            lambda uow: of(uow).missing_by_series(instance_name=None), index("missing")
        ),
        "wanted.remove_unseen": Asked(seen_but_one),
        "wanted.paths": Asked(lambda uow: of(uow).paths()),
        "wanted.stream_keys": Asked(lambda uow: list(of(uow).stream_keys())),
        "health": Asked(
            findings,
            [*index("status", "added_at", "id"), *index("due"), *index("summary"), *index("search_count", "id")],
        ),
    },
    unasked={
        "wanted.now": "it asks no table",
        "wanted.upsert_many": "it finds its rows as upsert does, by the key",
    },
    unindexed={
        "wanted": {
            "item_type": SOME,
            "instance_name": SOME,
            "language": SOME,
            "subtitle_type": SOME,
            "existing_sub": SOME,
            "upgrade_candidate": SOME,
            "text": "a text anywhere in another is found by reading",
        }
    },
    accepted={
        **{
            f"wanted.page of status by {sort}{direction}": "by the order, until there are enough of the status"
            for sort in WantedRepository.sorts
            for direction in ("", ", last first")
            if sort != "added_at"
        },
        "wanted.summary": "it counts all, in one scan",
        "wanted.missing_by_series": "it counts all that are missing",
        "wanted.missing_by_series of one": "it counts all that are missing",
        "wanted.remove_unseen": "it reads what a scan may have seen, in the order of upserts",
        "wanted.paths": "it returns all",
        "wanted.stream_keys": "it returns all",
        "health": "a report, which is asked for once in a while",
    },
)
