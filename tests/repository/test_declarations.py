"""A declaration that doesn't fit its table is a TypeError when the class is made, which says what would fit."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from storeroom import ModelRepository, Record, UnitOfWork, at_least, below, contains, equals
from tests.repository.declaring import Book, Loose, LooseRecord, Package, PackageRecord, declare
from tests.repository.tables import Base, Both, Pair, PairRecord


def rule(old: Any, new: Any) -> Any:
    return new.title


LACKS = "table 'made' lacks ['colour']; give a list of its columns"
NO_LIST = "'title' isn't a list; give a list of columns of table 'made', by name"
FILTER_LACKS = "table 'made' lacks ['colour']; give a list of its columns, by name"
NO_TEXT = "which isn't text; name text columns"
NO_ORDER = "which holds JSON; use another"
NOT_EDITABLE = "neither the primary key nor 'version' is editable; leave them out"
OPTIONS = ("after", "at_most", "limit", "number", "size", "sort")

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"sorts": ("title", "colour")}, f"sorts ['title', 'colour']: {LACKS}"),
    ({"sorts": ("-colour",)}, LACKS),
    ({"sorts": "title"}, f"sorts {NO_LIST}"),
    ({"sorts": ("body",)}, f"rows can't be sorted by column 'body', {NO_ORDER}"),
    ({"sorts": ("counters",)}, f"rows can't be sorted by column 'counters', {NO_ORDER}"),
    ({"default_sort": ("-colour",)}, f"default_sort ['colour']: {LACKS}"),
    ({"default_sort": "title"}, f"default_sort {NO_LIST}"),
    ({"default_sort": ("-body",)}, f"rows can't be sorted by column 'body', {NO_ORDER}"),
    ({"editable": ("title", "colour")}, f"editable ('title', 'colour'): {LACKS}"),
    ({"editable": "title"}, f"editable {NO_LIST}"),
    ({"editable": ("title", "id")}, NOT_EDITABLE),
    ({"editable": ["version"]}, NOT_EDITABLE),
    ({"filters": {"x": equals("colour")}}, FILTER_LACKS),
    ({"filters": {"x": contains("title", "colour")}}, FILTER_LACKS),
    ({"filters": {"x": contains()}}, "give one of storeroom's over a column, as equals('status')"),
    ({"filters": {"x": at_least("colour")}}, FILTER_LACKS),
    ({"filters": {"x": below("colour")}}, FILTER_LACKS),
    ({"filters": {"x": contains("place")}}, f"filter 'x': contains() can't search in column 'place', {NO_TEXT}"),
    ({"filters": {"x": contains("title", "body")}}, f"contains() can't search in column 'body', {NO_TEXT}"),
    ({"filters": {"x": contains("added_at")}}, f"contains() can't search in column 'added_at', {NO_TEXT}"),
    ({"filters": {"x": at_least("body")}}, "filter 'x': column 'body' holds JSON, which has no bounds; name another"),
    ({"filters": {"x": below("counters")}}, "column 'counters' holds JSON, which has no bounds; name another"),
    *(
        ({"filters": {name: equals("title")}}, f"a filter can't be named '{name}', as an option of the verbs is")
        for name in OPTIONS
    ),
    ({"conflict_key": ("colour",)}, f"conflict_key ('colour',): {LACKS}"),
    ({"conflict_key": ("title", "shelf")}, "columns ['shelf'] can be NULL, and NULL conflicts with nothing; make them"),
    ({"conflict_key": ("title",)}, "has no unique constraint over just these columns"),
    ({"conflict_key": ("title",)}, "add UniqueConstraint('title')"),
    ({"conflict_key": ("title", "language", "place")}, "add UniqueConstraint('title', 'language', 'place')"),
    (
        {"conflict_key": ("place",)},
        "(one that can be deferred, or an index with a condition or of expressions, doesn't",
    ),
    (
        {"conflict_key": ("title", "language"), "conflict_rules": {"colour": rule}},
        f"conflict_rules ['colour']: {LACKS}",
    ),
    (
        {"model": Loose, "record": LooseRecord, "conflict_key": ("code",)},
        "table 'made_loose' has no column 'version', which tells an insert from an update; make the model Versioned",
    ),
    ({"prune_by": "colour"}, f"prune_by ['colour']: {LACKS}"),
    ({"prune_by": "place"}, "prune_by 'place' isn't a time; name a Mapped[datetime] column"),
    ({"prune_by": "day"}, "prune_by 'day' isn't a time; name a Mapped[datetime] column"),
]
IDS = [f"{list(declared)[-1]}-{number}" for number, (declared, _message) in enumerate(REFUSED)]


@pytest.mark.parametrize(("declared", "message"), REFUSED, ids=IDS)
def test_what_doesnt_fit_the_table_is_refused_with_its_cure(declared: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=re.escape(message)):
        declare(**declared)


@pytest.mark.parametrize(
    "declared",
    [
        {},
        {"sorts": ("title", "language", "added_at", "day", "cover", "id", "version")},
        {"default_sort": ("-place", "title")},
        {"editable": ["title", "body"]},
        {"filters": {"id": equals("id"), "title": contains("title", "language", "shelf"), "body": equals("body")}},
        {"conflict_key": ("language", "title"), "conflict_rules": {"shelf": rule}},
        {"conflict_key": ("id",)},
        {"prune_by": "added_at"},
        {"model": Loose, "record": LooseRecord},
    ],
    ids=",".join,
)
def test_what_fits_the_table_is_taken(declared: dict[str, Any]) -> None:
    assert declare(**declared).name == "made"


# For arguments of other types than they are annotated with.
book: Any = Book

UNCHECKED: dict[str, dict[str, Any]] = {
    "filters that are no filters": {"filters": {"x": "title"}},
    "filters that have no names": {"filters": ["title"]},
    "filters over an attribute": {"filters": {"x": equals(book.title)}},
    "sorts by an attribute": {"sorts": (book.title,)},
    "an editable attribute": {"editable": (book.title,)},
    "a conflict key of attributes": {"conflict_key": (book.title,)},
    "a time that is an attribute": {"prune_by": book.added_at},
    "rules without a key": {"conflict_rules": {"title": rule}},
    "a rule for the key": {"conflict_key": ("title", "language"), "conflict_rules": {"title": rule}},
    "a rule that can't be called": {"conflict_key": ("title", "language"), "conflict_rules": {"shelf": "new"}},
    "a record that is none": {"record": dict},
    "a version that is no number": {"model": Package, "record": PackageRecord},
    "a filter that is called as prune's option": {"filters": {"before": below("added_at")}},
    "a filter that is called self": {"filters": {"self": equals("title")}},
    "a filter that is called as a limit is bound": {"filters": {"_limit": equals("place")}},
    "a filter that is called as a cursor is bound": {"filters": {"_after_0": equals("place")}},
}


@pytest.mark.parametrize("what", UNCHECKED)
def test_what_could_never_work_is_refused_too(what: str) -> None:
    with pytest.raises(TypeError, match=r"^Repo: "):
        declare(**UNCHECKED[what])


def test_sorting_by_what_is_only_in_the_default_is_allowed(small: UnitOfWork) -> None:
    class Repo(ModelRepository[Pair, PairRecord]):
        name = "stock.pairs"
        default_sort = ("-work",)

    repo = Repo(small)
    for key, work in (("a", "x"), ("b", None), ("c", "y")):
        repo.add(key=key, work=work)
    assert [pair.key for pair in repo.list()] == ["c", "a", "b"]


def test_verbs_that_need_a_declaration_ask_for_it(small: UnitOfWork) -> None:
    class Bare(ModelRepository[Pair, PairRecord]):
        name = "stock.bare"
        editable = ("work",)

    bare, before = Bare(small), small.statements
    verbs: list[tuple[Callable[[], object], str]] = [
        (lambda: bare.upsert(key="a"), "Bare declares no conflict_key; name the columns that make two rows the same"),
        (lambda: bare.prune(datetime.now(UTC)), "Bare declares no prune_by; name the column that tells a row's age"),
        (
            lambda: bare.update("a", version=1, work="b"),
            "Bare: table 'stock_pairs' has no version; make the model Versioned",
        ),
        (lambda: bare.update("a"), "update() takes the fields to set; name at least one"),
    ]
    for verb, message in verbs:
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            verb()
    assert small.statements == before


def test_a_record_with_a_field_that_is_no_column_is_refused() -> None:
    class Wrong(Record):
        key: str
        colour: str

    with pytest.raises(
        TypeError,
        match=r"Repo: record Wrong has fields \['colour'\] that table 'stock_pairs' lacks; name them as the columns",
    ):

        class Repo(ModelRepository[Pair, Wrong]):
            name = "stock.pairs"


def test_a_key_of_several_columns_is_refused() -> None:
    class Sides(Record):
        left: int

    with pytest.raises(TypeError, match="'stock_both' has a primary key of several columns; use BaseRepository"):

        class Repo(ModelRepository[Both, Sides]):
            name = "stock.both"


def test_a_model_without_a_table_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Repo: .*Base'> has no table; give a model that is mapped to one"):

        class Repo(ModelRepository[Base, PairRecord]):
            name = "stock"
