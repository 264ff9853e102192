"""Only the tables that are asked for are read, and only where new ones would be created."""

from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table

from storeroom.engine import Mode
from storeroom.schema import read_schema
from storeroom.testing import requires
from tests.schema.looking import brief, database, drift, execute, schema

NEIGHBOURS = ["CREATE TABLE a (id INTEGER)", "CREATE TABLE a_b (id INTEGER)", "CREATE TABLE b (id INTEGER)"]


def test_neighbours_and_strangers_are_left_alone(url: str) -> None:
    execute(url, *NEIGHBOURS, "CREATE INDEX ix ON a_b (id)", "CREATE VIEW c AS SELECT id FROM b")
    assert schema(url, "a", "missing", "c").keys() == {"a"}
    assert schema(url) == {}
    assert schema(url, "a%", "a'b", "A_").keys() == set()


def test_what_is_no_table_is_missing(url: str) -> None:
    execute(url, *NEIGHBOURS, "CREATE VIEW c AS SELECT id FROM b")
    metadata = MetaData()
    Table("c", metadata, Column("id", Integer, primary_key=True))
    assert brief(drift(url, metadata)) == ["table c"]


def test_sqlite_reads_the_main_database_alone(sqlite_url: str, tmp_path: Path) -> None:
    execute(sqlite_url, "CREATE TABLE b (id INTEGER)")
    with database(sqlite_url) as made:
        driver = made.engine.raw_connection()
        driver.cursor().execute(f"ATTACH '{tmp_path}/other.db' AS other")
        for statement in ("CREATE TABLE other.a (x)", "CREATE TEMP TABLE b (y)", "CREATE TEMP TABLE a (y)"):
            driver.cursor().execute(statement)
        found = read_schema(driver.driver_connection, ["a", "b"])
        driver.invalidate()
    assert found.keys() == {"b"}
    assert found["b"].columns.keys() == {"id"}


def test_postgresql_reads_the_current_schema_alone(server_url: str) -> None:
    execute(server_url, "CREATE TABLE b (id int)", 'CREATE SCHEMA "Other"', 'CREATE TABLE "Other".a (x int)')
    with database(server_url) as made:
        transaction = made.begin(Mode.WRITE)
        driver = transaction.runner.driver
        driver.execute("CREATE TEMP TABLE b (y int)")
        driver.execute("""SET LOCAL search_path = public, "Other" """)
        assert {name: set(table.columns) for name, table in read_schema(driver, ["a", "b"]).items()} == {"b": {"id"}}
        driver.execute("""SET LOCAL search_path = "Other", public""")
        assert {name: set(table.columns) for name, table in read_schema(driver, ["a", "b"]).items()} == {"a": {"x"}}
        transaction.rollback()


def test_a_foreign_key_into_another_schema_is_another_one(server_url: str) -> None:
    tables = ["CREATE TABLE b (id int PRIMARY KEY)", "CREATE TABLE a (id int REFERENCES b)"]
    execute(server_url, *tables, "CREATE SCHEMA two", "SET LOCAL search_path = two, public", tables[1])
    with database(server_url) as made, made.reading() as runner:
        inside = read_schema(runner.driver, ["a"])
        runner.driver.execute("SET LOCAL search_path = two, public")
        across = read_schema(runner.driver, ["a"])
    assert [part.definition for part in inside["a"].parts] == ["FOREIGN KEY (id) REFERENCES b(id)"]
    assert [part.definition for part in across["a"].parts] == ["FOREIGN KEY (id) REFERENCES b of schema public(id)"]


TABLE = "Select 'all'"


def test_names_of_all_kinds_are_read(url: str) -> None:
    execute(
        url,
        f'CREATE TABLE "{TABLE}" ("order" INTEGER PRIMARY KEY, "a b" INTEGER CONSTRAINT "my check" CHECK ("a b" > 0), '
        f'"ünïcode" INTEGER CONSTRAINT "the key" REFERENCES "{TABLE}" ("order"), '
        """"on" TEXT DEFAULT 'it''s (', "q""q" INTEGER)""",
        f'CREATE UNIQUE INDEX "a USING ""b" ON "{TABLE}" ("a b", "ünïcode" DESC) '
        """WHERE "on" <> ') WHERE' AND "q""q" > 1""",
    )
    table = schema(url, TABLE)[TABLE]
    in_file = requires.database_file.met_by(url)
    assert table.columns.keys() == {"order", "a b", "ünïcode", "on", 'q"q'}
    assert table.columns["on"].default == "'it''s ('"
    assert table.columns["on"].collation is None
    parts = {(part.kind, part.name): part.definition for part in table.parts}
    index = "index", 'a using "b' if in_file else 'a USING "b'
    key = "primary key", None if in_file else f"{TABLE}_pkey"
    assert parts.keys() == {key, ("check", "my check"), ("foreign key", "the key"), index}
    assert parts["check", "my check"].lower() == 'check ("a b" > 0)'
    assert parts[index] == (
        """unique ("a b", "ünïcode" desc) where on <> ') WHERE' and "q""q" > 1"""
        if in_file
        else """UNIQUE btree ("a b", "ünïcode" DESC) WHERE (("on" <> ') WHERE') AND ("q""q" > 1))"""
    )


def test_sqlite_reads_tables_of_other_kinds(sqlite_url: str) -> None:
    execute(
        sqlite_url,
        "CREATE VIRTUAL TABLE words USING fts5(body, tokenize = 'porter')",
        "CREATE TABLE pairs (a TEXT, b ANY, PRIMARY KEY (a, b DESC)) STRICT, WITHOUT ROWID",
        "CREATE TABLE made AS SELECT 1 AS n, 'x' AS t",
    )
    found = schema(sqlite_url, "words", "pairs", "made", "words_content")
    assert found["words"].options == "using fts5(body, tokenize = 'porter')"
    assert found["pairs"].options == "strict, without rowid"
    assert [part.definition for part in found["pairs"].parts] == ["primary key (a, b desc)"]
    assert found["made"].columns.keys() == {"n", "t"}


def test_postgresql_reads_partitioned_tables(server_url: str) -> None:
    execute(
        server_url,
        "CREATE TABLE days (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)",
        "CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')",
        "CREATE INDEX ix_days ON days (day)",
        "CREATE TABLE marks (id int, day date, CONSTRAINT fk FOREIGN KEY (id, day) REFERENCES days)",
        "CREATE TYPE mood AS ENUM ('a', 'b')",
        "CREATE TABLE moods (m mood)",
    )
    found = schema(server_url, "days", "days_1", "marks", "moods")
    assert found["days"].options == "PARTITION BY RANGE (day)"
    assert {part.name: part.definition for part in found["days"].parts}["ix_days"] == "btree (day)"
    assert "FOR VALUES" in found["days_1"].options
    assert [part.name for part in found["marks"].parts] == ["fk"]
    assert found["moods"].columns["m"].type == "mood of 'a', 'b'"


def test_an_index_that_is_dropped_while_it_is_read_is_left_out(server_url: str) -> None:
    execute(server_url, "CREATE TABLE a (id int PRIMARY KEY, n int)", "CREATE INDEX ix ON a (n)")
    with database(server_url) as made, made.reading() as runner:
        runner.driver.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        runner.driver.execute("SELECT 1")
        execute(server_url, "DROP INDEX ix")
        assert [part.kind for part in read_schema(runner.driver, ["a"])["a"].parts] == ["primary key"]


def test_a_null_that_is_refused_to_new_rows_only_is_told(server_url: str) -> None:
    execute(server_url, "CREATE TABLE a (id int PRIMARY KEY, n int)")
    with database(server_url) as made, made.reading() as runner:
        if runner.driver.info.server_version < 180000:
            pytest.skip("from PostgreSQL 18 on")
    execute(server_url, "ALTER TABLE a ADD CONSTRAINT c NOT NULL n NOT VALID")
    columns = schema(server_url, "a")["a"].columns
    assert [columns[name].nullability for name in ("id", "n")] == ["NOT NULL", "NOT NULL NOT VALID"]
