"""What the tests of schemas share: tables made from models, changed by hand, and compared."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import MetaData

from storeroom.drift import Difference
from storeroom.engine import Database, Mode, parse_url
from storeroom.orm import NAMING_CONVENTION
from storeroom.schema import TableSchema, differences, models_schema, read_schema
from storeroom.settings import Settings


@contextmanager
def database(url: str) -> Iterator[Database]:
    made = Database.from_url(parse_url(url), Settings())
    try:
        yield made
    finally:
        made.close()


def named_metadata() -> MetaData:
    return MetaData(naming_convention=NAMING_CONVENTION)


def create(url: str, metadata: MetaData) -> None:
    with database(url) as made:
        transaction = made.begin(Mode.MIGRATE)
        metadata.create_all(transaction.expose())
        transaction.commit()


def execute(url: str, *statements: str) -> None:
    """Run statements in one transaction, on SQLite with foreign keys off."""
    with database(url) as made:
        transaction = made.begin(Mode.MIGRATE)
        for statement in statements:
            transaction.runner.driver.execute(statement)
        transaction.commit()


def remake(url: str, table: str, *changes: str) -> None:
    """Make a table of SQLite's anew with its indexes; each change is a part of its text and what stands there then."""
    with database(url) as made, made.reading() as runner:
        query = "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type DESC, name"
        text, *indexes = [text for (text,) in runner.driver.execute(query, (table,))]
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        text, count = re.subn(re.escape(old).replace("\\ ", r"\s*"), new.replace("\\", r"\\"), text)
        assert count, text
    execute(url, f"DROP TABLE {table}", text, *indexes)


def schema(url: str, *tables: str) -> dict[str, TableSchema]:
    with database(url) as made, made.reading() as runner:
        return dict(read_schema(runner.driver, tables))


def drift(url: str, *metadatas: MetaData) -> Sequence[Difference]:
    """Compare a database with its models."""
    with database(url) as made:
        expected = models_schema(made, metadatas)
        with made.reading() as runner:
            return differences(read_schema(runner.driver, expected.keys()), expected)


def brief(found: Sequence[Difference]) -> list[str]:
    """Of each difference its kind and name."""
    return [f"{each.kind} {each.name}" for each in found]
