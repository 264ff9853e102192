"""A partial index has its condition on both databases, in the words that statements repeat."""

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, make_url
from sqlalchemy.schema import CreateIndex

from storeroom.sql import partial_index


@pytest.mark.parametrize("url", ["sqlite://", "postgresql+psycopg://"])
@pytest.mark.parametrize(("unique", "kind"), [(False, "INDEX"), (True, "UNIQUE INDEX")])
def test_a_partial_index_is_the_same_on_both_databases(url: str, unique: bool, kind: str) -> None:
    table = Table("t", MetaData(), Column("a", Integer), Column("b", Integer))
    index = partial_index("ix", table.c.a.desc(), table.c.b, where="b IN (1, 2) AND a > 0", unique=unique)
    assert index.unique == unique
    assert list(table.indexes) == [index]
    text = str(CreateIndex(index).compile(dialect=make_url(url).get_dialect()()))
    assert text == f"CREATE {kind} ix ON t (a DESC, b) WHERE b IN (1, 2) AND a > 0"
