"""A scratch has nothing in it, keeps nothing, and reaches no real table."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Connection, ForeignKey, Index, Integer, MetaData, Table, Text, inspect, make_url, text
from sqlalchemy.exc import DBAPIError

from storeroom.engine import Database, Mode
from storeroom.errors import MigrationError, StatementFailed
from storeroom.schema import differences, models_schema, read_schema, scratch
from storeroom.testing import requires
from tests.schema.looking import create, database, drift, execute, schema

REAL = ["CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT)", "CREATE INDEX ix_notes ON notes (body)"]


def query(url: str, statement: str) -> list[tuple[Any, ...]]:
    with database(url) as made, made.reading() as runner:
        return [tuple(row) for row in runner.driver.execute(statement).fetchall()]


def test_nothing_is_there_and_nothing_is_kept(url: str) -> None:
    execute(url, *REAL)
    before = schema(url, "notes")
    with database(url) as made:
        with scratch(made) as connection:
            assert inspect(connection).get_table_names() == []
            assert not inspect(connection).has_table("notes")
            connection.execute(text("CREATE TABLE notes (other INTEGER)"))
            connection.execute(text("INSERT INTO notes VALUES (7)"))
            assert connection.execute(text("SELECT other FROM notes")).scalars().all() == [7]
        with made.reading() as runner:
            assert runner.driver.execute("SELECT count(*) FROM notes").fetchone()[0] == 0
    assert schema(url, "notes") == before
    if requires.schemas.met_by(url):
        assert query(url, "SELECT 1 FROM pg_namespace WHERE nspname LIKE 'storeroom%'") == []


def fail(made: Database, work: Callable[[Connection], object]) -> None:
    with scratch(made) as connection:
        connection.execute(text("CREATE TABLE more (id INTEGER)"))
        work(connection)


def test_the_connection_is_as_it_was_after_an_error(url: str) -> None:
    execute(url, *REAL)
    with database(url) as made:
        for _ in range(2):
            with pytest.raises(DBAPIError):
                fail(made, lambda connection: connection.execute(text("SELECT * FROM missing")))
            with pytest.raises(ZeroDivisionError):
                fail(made, lambda _connection: 1 / 0)
        transaction = made.begin(Mode.WRITE)
        transaction.runner.driver.execute("INSERT INTO notes (id, body) VALUES (1, 'x')")
        transaction.commit()
    assert schema(url, "more") == {}
    assert query(url, "SELECT body FROM notes") == [("x",)]


def test_sqlite_leaves_no_file_behind(sqlite_url: str) -> None:
    with database(sqlite_url) as made:
        with scratch(made) as connection:
            (file,) = (Path(row[2]) for row in connection.exec_driver_sql("PRAGMA database_list"))
            assert file.exists()
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 0
        assert not file.parent.exists()


def test_a_database_in_memory_has_a_scratch_beside_it() -> None:
    metadata = MetaData()
    Table("notes", metadata, Column("id", Integer, primary_key=True))
    with database("sqlite://") as made:
        assert set(models_schema(made, [metadata])) == {"notes"}


@pytest.fixture
def tenant_url(server_url: str) -> Iterator[str]:
    """The database as a role sees it that may do nothing but connect."""
    role = f"Reader-{make_url(server_url).database}"
    execute(server_url, f'CREATE ROLE "{role}" LOGIN')
    yield make_url(server_url).set(username=role).render_as_string(hide_password=False)
    execute(server_url, f'DROP OWNED BY "{role}" CASCADE', f'DROP ROLE "{role}"')


def test_a_role_that_may_not_create_a_schema_is_told_what_to_grant(server_url: str, tenant_url: str) -> None:
    with database(tenant_url) as made, pytest.raises(MigrationError, match="GRANT CREATE") as caught, scratch(made):
        pytest.fail("it can't be entered")
    execute(server_url, str(caught.value).rpartition("; ")[2])
    with database(tenant_url) as made, scratch(made) as connection:
        connection.execute(text("CREATE TABLE notes (id INTEGER)"))


@pytest.fixture
def extended_url(server_url: str) -> str:
    """A database whose extension shares its schema with tables."""
    if not query(server_url, "SELECT 1 FROM pg_available_extensions WHERE name = 'citext'"):
        pytest.skip("this server has no extension citext")
    execute(server_url, "CREATE EXTENSION citext SCHEMA public", *REAL)
    return server_url


def test_types_of_extensions_are_found(extended_url: str) -> None:
    with database(extended_url) as made, scratch(made) as connection:
        connection.execute(text("CREATE TABLE more (name citext DEFAULT 'x')"))
        found = read_schema(connection.connection.driver_connection, ["more"])
        assert found["more"].columns["name"].type == "citext"
    execute(extended_url, "CREATE TABLE more (name citext DEFAULT 'x')")
    assert differences(schema(extended_url, "more"), found) == []


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM notes",
        "DROP TABLE notes",
        "DROP INDEX ix_notes",
        "ALTER TABLE notes ADD COLUMN n INTEGER",
        "CREATE TABLE more (id INTEGER REFERENCES notes (id))",
        "INSERT INTO notes VALUES (1, 'x')",
        "SELECT nextval('numbers')",
        "SELECT * FROM seen",
    ],
)
@pytest.mark.parametrize("extended", [False, True])
def test_no_real_table_is_reached_by_name(
    request: pytest.FixtureRequest, server_url: str, statement: str, extended: bool
) -> None:
    if extended:
        request.getfixturevalue("extended_url")
    else:
        execute(server_url, *REAL)
    execute(server_url, "CREATE SEQUENCE numbers", "CREATE VIEW seen AS SELECT * FROM notes")
    with database(server_url) as made:
        with scratch(made) as connection:
            assert not inspect(connection).has_table("notes")
            with pytest.raises(DBAPIError):
                connection.execute(text(statement))
        with scratch(made) as connection:
            for each in REAL:
                connection.execute(text(each))
            connection.execute(text("CREATE TABLE more (id INTEGER REFERENCES notes (id))"))
            connection.execute(text("DROP INDEX ix_notes"))
            locked = "SELECT l.mode FROM pg_locks AS l WHERE l.relation IN ('public.notes'::regclass, "
            locked += "'public.ix_notes'::regclass) AND l.pid = pg_backend_pid() AND l.mode <> 'AccessShareLock'"
            assert connection.execute(text(locked)).all() == []


def test_a_temporary_table_is_not_reached_either(server_url: str) -> None:
    with database(server_url) as made:
        transaction = made.begin(Mode.WRITE)
        transaction.runner.driver.execute("CREATE TEMP TABLE notes (id INTEGER)")
        transaction.commit()
        with scratch(made) as connection:
            connection.execute(text("CREATE TABLE notes (other INTEGER)"))
            connection.execute(text("INSERT INTO notes (other) VALUES (1)"))
            found = read_schema(connection.connection.driver_connection, ["notes"])
            assert list(found["notes"].columns) == ["other"]


def test_indexes_are_built_at_once(server_url: str) -> None:
    metadata = MetaData()
    notes = Table("notes", metadata, Column("id", Integer, primary_key=True), Column("body", Text))
    Index("ix_notes", notes.c.body, postgresql_concurrently=True)
    with database(server_url) as made:
        found = models_schema(made, [metadata])
    execute(server_url, *REAL)
    kinds = {each.kind for each in differences(schema(server_url, "notes"), found)}
    assert kinds <= {"nullability", "default", "primary key"}


def linked() -> tuple[MetaData, MetaData]:
    """Two MetaData, of which the second refers to the first; in the first, two tables refer to each other."""
    one, two = MetaData(), MetaData()
    number = Column("id", Integer, primary_key=True)
    eggs = Table("eggs", one, number, Column("hen", Integer, ForeignKey("hens.id", name="fk_hen")))
    Table(
        "hens", one, Column("id", Integer, primary_key=True), Column("egg", Integer, ForeignKey("eggs.id", name="fk"))
    )
    Table("farms", two, Column("id", Integer, ForeignKey(eggs.c.id, name="fk_egg"), primary_key=True))
    return one, two


def test_foreign_keys_may_lead_from_one_metadata_into_another_and_in_circles(url: str) -> None:
    one, two = linked()
    create(url, one)
    create(url, two)
    assert drift(url, one, two) == []
    assert drift(url, two, one) == []
    assert drift(url, two) == []
    with database(url) as made:
        assert models_schema(made, [two]).keys() == {"farms"}


def test_models_that_the_database_refuses_are_an_error_of_ours(url: str) -> None:
    metadata = MetaData()
    notes = Table("notes", metadata, Column("id", Integer, primary_key=True))
    Index("ix", text("missing(id)"), _table=notes)
    with database(url) as made, pytest.raises(StatementFailed, match="missing"):
        models_schema(made, [metadata])
