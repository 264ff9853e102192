"""What each filter asks for, on every database."""

from collections.abc import Mapping
from datetime import date, timedelta, timezone
from typing import Any

import pytest

from tests.repository.tables import NOON, ItemRepository, Mood, codes

TOKYO = timezone(timedelta(hours=9))
HOUR = timedelta(hours=1)
DAY = date(2026, 7, 1)

# By their codes, which are what a search looks in as well.
ROWS: Mapping[str, Mapping[str, Any]] = {
    "plain": {"language": None, "size": 1, "mood": Mood.SUNNY, "at": NOON, "big": 2**40, "body": {"a": [1], "b": 2}},
    "Percent 100%": {"language": "", "title": "50%_\\x", "size": 2, "mood": "grim", "at": NOON.astimezone(TOKYO)},
    "under_score": {"language": "de", "title": "C:\\TEMP", "size": 2, "mood": Mood.ODD, "at": NOON + HOUR},
    "back\\slash": {"language": "en", "title": "plain", "size": None, "ready": True, "weight": -0.0},
    "ÄÖ": {"language": "de", "title": "", "size": -3, "ready": False, "day": DAY, "weight": 0.5},
}


@pytest.fixture
def filled(stock: ItemRepository) -> ItemRepository:
    for code, row in ROWS.items():
        stock.add(code=code, **row)
    return stock


ALL = list(ROWS)
PLAIN, PERCENT, UNDER, BACK, UMLAUTS = ALL

EQUALS: list[tuple[dict[str, Any], list[str]]] = [
    ({"size_is": 2}, [PERCENT, UNDER]),
    ({"size_is": None}, [BACK]),
    ({"size_is": [2]}, [PERCENT, UNDER]),
    ({"size_is": (1, -3)}, [PLAIN, UMLAUTS]),
    ({"size_is": {1, None}}, [PLAIN, BACK]),
    ({"size_is": frozenset([None])}, [BACK]),
    ({"size_is": [None, None, 2, 2]}, [PERCENT, UNDER, BACK]),
    ({"size_is": range(1, 3)}, [PLAIN, PERCENT, UNDER]),
    ({"size_is": dict.fromkeys([1, 9]).keys()}, [PLAIN]),
    ({"size_is": []}, []),
    ({"size_is": set()}, []),
    ({"size_is": 99}, []),
    ({"rank": 0}, ALL),
    ({"rank": None}, []),
    ({"rank": [None, 0]}, ALL),
    ({"language": "de"}, [UNDER, UMLAUTS]),
    ({"language": None}, [PLAIN, PERCENT]),
    ({"language": ""}, [PLAIN, PERCENT]),
    ({"language": ["de", None]}, [PLAIN, PERCENT, UNDER, UMLAUTS]),
    ({"language": {"en", ""}}, [PLAIN, PERCENT, BACK]),
    ({"language": [None]}, [PLAIN, PERCENT]),
    ({"language": []}, []),
    ({"title": "plain"}, [BACK]),
    ({"title": ""}, [UMLAUTS]),
    ({"title": None}, [PLAIN]),
    ({"title": ["", None]}, [PLAIN, UMLAUTS]),
    ({"title": "%"}, []),
    ({"mood": Mood.GRIM}, [PERCENT]),
    ({"mood": "grim"}, [PERCENT]),
    ({"mood": [Mood.SUNNY, "50%_\\odd"]}, [PLAIN, UNDER]),
    ({"mood": set(Mood)}, [PLAIN, PERCENT, UNDER]),
    ({"mood": None}, [BACK, UMLAUTS]),
    ({"mood": ["grim", None]}, [PERCENT, BACK, UMLAUTS]),
    ({"at": NOON}, [PLAIN, PERCENT]),
    ({"at": NOON.astimezone(TOKYO)}, [PLAIN, PERCENT]),
    ({"at": [NOON.astimezone(TOKYO), NOON + HOUR]}, [PLAIN, PERCENT, UNDER]),
    ({"at": None}, [BACK, UMLAUTS]),
    ({"day": DAY}, [UMLAUTS]),
    ({"ready": True}, [BACK]),
    ({"ready": [True, False]}, [BACK, UMLAUTS]),
    ({"ready": [False, None]}, [PLAIN, PERCENT, UNDER, UMLAUTS]),
    ({"big": 2**40}, [PLAIN]),
    ({"weight": 0.0}, [BACK]),
    ({"weight": [0, 0.5]}, [BACK, UMLAUTS]),
    ({"body": {"b": 2.0, "a": [1]}}, [PLAIN]),
    ({"body": {"a": [1]}}, []),
    ({"body": [{"b": 2, "a": (1.0,)}, {}]}, [PLAIN]),
    ({"body": [{}, None]}, [PERCENT, UNDER, BACK, UMLAUTS]),
    ({"counters": None}, ALL),
]
CONTAINS: list[tuple[dict[str, Any], list[str]]] = [
    ({"text": "%"}, [PERCENT]),
    ({"text": "_"}, [PERCENT, UNDER]),
    ({"text": "\\"}, [PERCENT, UNDER, BACK]),
    ({"text": "%_\\"}, [PERCENT]),
    ({"text": "0%"}, [PERCENT]),
    ({"text": "0_"}, []),
    ({"text": "r_s"}, [UNDER]),
    ({"text": "r%s"}, []),
    ({"text": "k\\s"}, [BACK]),
    ({"text": "\\\\"}, []),
    ({"text": "PLAIN"}, [PLAIN, BACK]),
    ({"text": "pLaIn"}, [PLAIN, BACK]),
    ({"text": "temp"}, [UNDER]),
    ({"text": "Ä"}, [UMLAUTS]),
    ({"text": ""}, ALL),
    ({"text": " "}, [PERCENT]),
    ({"text": "plain2"}, []),
    ({"text": "x" * 10_000}, []),
    ({"text": "%" * 10_000}, []),
    ({"text": "\U0001f600" * 10_000}, []),
    ({"text": Mood.GRIM}, []),
    ({"some_language": "E"}, [UNDER, BACK, UMLAUTS]),
    ({"some_language": ""}, ALL),
    ({"some_mood": "_\\o"}, [UNDER]),
    ({"some_mood": "R"}, [PERCENT]),
    ({"some_mood": "happy"}, []),
]
RANGES: list[tuple[dict[str, Any], list[str]]] = [
    ({"least": 2}, [PERCENT, UNDER]),
    ({"most": 2}, [PLAIN, UMLAUTS]),
    ({"least": 1, "most": 2}, [PLAIN]),
    ({"least": 3}, []),
    ({"since": NOON}, [PLAIN, PERCENT, UNDER]),
    ({"since": (NOON + timedelta(microseconds=1)).astimezone(TOKYO)}, [UNDER]),
    ({"until": NOON.astimezone(TOKYO)}, []),
    ({"until": NOON + timedelta(microseconds=1)}, [PLAIN, PERCENT]),
    ({"since": NOON, "until": NOON + HOUR}, [PLAIN, PERCENT]),
    ({"from_mood": Mood.GRIM}, [PLAIN, PERCENT]),
    ({"from_title": "plain"}, [BACK]),
]
TOGETHER: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ALL),
    ({"size_is": 2, "language": "de"}, [UNDER]),
    ({"size_is": 2, "language": "de", "text": "%"}, []),
    ({"size_is": [2, None], "title": "plain", "ready": True, "at": None}, [BACK]),
]


CASES = [
    # Not by their values: the order of a set is another in each process.
    pytest.param(asked, expected, id=f"{number}-{','.join(asked)}")
    for number, (asked, expected) in enumerate([*EQUALS, *CONTAINS, *RANGES, *TOGETHER])
]


@pytest.mark.parametrize(("asked", "expected"), CASES)
def test_a_filter_finds_its_rows(filled: ItemRepository, asked: dict[str, Any], expected: list[str]) -> None:
    assert codes(filled.list(**asked)) == expected
