"""Random calls against a model of them in Python: what is ignored stays so, by single upserts and by many."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from storeroom import Storeroom
from storeroom.sql import Outcome
from storeroom_wanted import WantedRepository, WantedStatus
from tests.bulk.limits import ANY_LIMITS, Limits

# Few different items, so that they come again, with the same fields as well.
KEYS = st.tuples(st.sampled_from(["/a", "/A"]), st.sampled_from([None, "", "é"]), st.just("full"))
FIELDS = st.fixed_dictionaries(
    {
        "item_type": st.sampled_from(["episode", "movie"]),
        "title": st.sampled_from([None, "", "x"]),
        "missing_languages": st.sampled_from([(), ["de"], ("de",), ["de", "fr"]]),
        "existing_sub": st.sampled_from([None, "srt"]),
    }
)
ITEMS = st.builds(
    lambda key, fields: {"file_path": key[0], "language": key[1], "subtitle_type": key[2], **fields}, KEYS, FIELDS
)
STATUSES = st.tuples(KEYS, st.just(WantedStatus.IGNORED) | st.sampled_from(WantedStatus))
CALLS = st.lists(ITEMS | st.lists(ITEMS, min_size=1, max_size=12) | STATUSES, min_size=3, max_size=10)

Key = tuple[str, str | None, str]


class Model:
    """The items by key: their fields, their status, and their version."""

    def __init__(self) -> None:
        self.rows: dict[Key, tuple[Mapping[str, Any], str, int]] = {}

    def put(self, item: Mapping[str, Any]) -> Outcome:
        key = self.key((item["file_path"], item["language"], item["subtitle_type"]))
        fields = {
            "item_type": item["item_type"],
            "title": item["title"] or None,
            "missing_languages": tuple(item["missing_languages"]),
            "existing_sub": item["existing_sub"],
        }
        if key not in self.rows:
            self.rows[key] = (fields, "wanted", 1)
            return Outcome.INSERTED
        old, status, version = self.rows[key]
        becomes = "ignored" if status == "ignored" else "wanted"
        if (old, status) == (fields, becomes):
            return Outcome.UNCHANGED
        self.rows[key] = (fields, becomes, version + 1)
        return Outcome.UPDATED

    def set_status(self, key: Key, status: str) -> bool:
        if key in self.rows:
            fields, _, version = self.rows[key]
            self.rows[key] = (fields, status, version + 1)
        return key in self.rows

    @staticmethod
    def key(key: Sequence[Any]) -> Key:
        return key[0], key[1] or None, key[2]


@pytest.mark.dear
@settings(max_examples=40, deadline=None)  # a machine may be busy
@given(CALLS, ANY_LIMITS)
def test_upserts_and_statuses_are_as_in_the_model(open_room: Storeroom, calls: list[Any], limits: Limits) -> None:
    model = Model()
    with open_room.write() as uow, limits():
        uow.connection.execute(text("DELETE FROM wanted"))
        wanted = uow[WantedRepository]
        for call in calls:
            if isinstance(call, dict):
                assert wanted.upsert(**call).outcome is model.put(call)
            elif isinstance(call, list):
                assert list(wanted.upsert_many(iter(call))) == [model.put(item) for item in call]
            else:
                (path, language, kind), status = call
                if model.set_status(model.key((path, language, kind)), status):
                    (found,) = wanted.list(file_path=path, language=language, subtitle_type=kind)
                    wanted.set_status(found.id, status)
        rows = {
            (row.file_path, row.language, str(row.subtitle_type)): (
                {name: getattr(row, name) for name in ("item_type", "title", "missing_languages", "existing_sub")},
                row.status,
                row.version,
            )
            for row in wanted.list()
        }
        assert rows == model.rows
