"""The names that follow from what was asked for."""

import pytest

from storeroom.cli.new.fields import parse_fields
from storeroom.cli.new.plan import Plan


def plan(name: str, fields: str, model: str = "Book") -> Plan:
    return Plan(name, model, parse_fields(fields, name), "MIT", "Ada", 2026)


@pytest.mark.parametrize(
    ("fields", "filters"),
    [
        ("title:text read:boolean? more:json", "title=equals(title) read=equals(read)"),
        ("at:time!", "at=equals(at) at_from=at_least(at) at_until=below(at)"),
        ("value:number", "value_from=at_least(value) value_until=below(value)"),
        ("size:integer limit:text", "size_is=equals(size) limit_is=equals(limit)"),
        ("at:time at_from:text", "at_from=equals(at_from) at_until=below(at)"),
    ],
)
def test_filters_have_names_that_no_other_and_no_option_has(fields: str, filters: str) -> None:
    found = {each.name: f"{each.name}={each.function}({each.field.name})" for each in plan("shelf", fields).filters}
    assert sorted(found.values()) == sorted(filters.split())


@pytest.mark.parametrize(
    ("name", "revision"),
    [
        ("shelf", "shelf_0001_create_shelf"),
        ("bookshelfs", "bookshelfs_0001_create"),
        ("a" * 20, f"{'a' * 20}_0001_create"),
    ],
)
def test_a_revisions_id_has_the_name_where_there_is_room(name: str, revision: str) -> None:
    assert plan(name, "title:text").revision == revision
    assert len(revision) <= 32


@pytest.mark.parametrize(("model", "words"), [("Book", "book"), ("BookCopy", "book copy"), ("Mp3File", "mp3 file")])
def test_a_models_name_is_told_in_words(model: str, words: str) -> None:
    assert plan("shelf", "title:text", model).words == words
