"""No difference is invented: one schema, come to by different roads."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import MetaData

from storeroom.engine import Mode
from storeroom.schema import differences, models_schema, read_schema
from tests.schema.looking import brief, create, database, drift, execute, named_metadata, remake
from tests.schema.test_differences import models

# The tables of `models`, as people, ALTER TABLE and batch mode could have written them.
PARENTS = 'CREATE TABLE "parents" (id INTEGER PRIMARY KEY, code INTEGER CONSTRAINT uq_parents_code UNIQUE)'
OTHERWISE = [
    """create table NOTES(TITLE varchar ( 50 )not null default('x') -- a comment, with 'quotes"
    ,[n] integer constraint CK_NOTES_N check((("n">(0) and ([title])!='Y'))),
    id integer primary key, "body"text collate binary null,
    `parent_id` INTEGER CONSTRAINT fk_notes_parent_id_parents REFERENCES PARENTS /* its key */
      ON UPDATE NO ACTION ON DELETE CASCADE MATCH SIMPLE DEFERRABLE INITIALLY DEFERRED,
    total integer as ((n+1)) stored,
    constraint uq_notes_title_n unique("title" asc, 'n') on conflict abort)""",
    """CREATE TABLE notes (
    "parent_id" INTEGER, "total" INTEGER GENERATED ALWAYS AS ("n" + 1) STORED, "n" INTEGER, "body" TEXT,
    "id" INTEGER NOT NULL, "title" VARCHAR(50) DEFAULT "x" NOT NULL,
    CONSTRAINT ck_notes_n CHECK (notes.n > 0 AND "notes"."title" <> 'Y')
    CONSTRAINT fk_notes_parent_id_parents FOREIGN KEY ("parent_id") REFERENCES "parents" ("id")
      ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
    CONSTRAINT uq_notes_title_n UNIQUE ("title", "n"), PRIMARY KEY ("id"))""",
]
INDEXES = [
    'CREATE INDEX IF NOT EXISTS "IX_notes_lower" ON notes((LOWER( "title" )))',
    "CREATE INDEX main.[ix_notes_some] ON notes (`n` ASC) WHERE (((n) > 10)) -- some",
    "CREATE INDEX ix_notes_body_n ON NOTES ('body' COLLATE binary, n DESC)",
]


@pytest.mark.parametrize("text", OTHERWISE, ids=["by hand", "in quotes"])
def test_what_is_written_otherwise_is_the_same(sqlite_url: str, text: str) -> None:
    execute(sqlite_url, PARENTS, text, *INDEXES)
    assert drift(sqlite_url, models()) == []


@pytest.mark.parametrize(("text", "equal"), [('"Y"', True), ('"y"', False), ('"n"', False), ("[title]", False)])
def test_what_is_in_double_quotes_and_no_column_is_a_string(sqlite_url: str, text: str, equal: bool) -> None:
    create(sqlite_url, models())
    remake(sqlite_url, "notes", "title <> 'Y'", f"title <> {text}")
    assert brief(drift(sqlite_url, models())) == ([] if equal else ["check ck_notes_n"])


def test_columns_that_were_added_are_the_same(sqlite_url: str) -> None:
    reference = "CONSTRAINT fk_notes_parent_id_parents REFERENCES parents(id) ON DELETE CASCADE"
    execute(
        sqlite_url,
        PARENTS,
        "CREATE TABLE notes (id INTEGER NOT NULL, n INTEGER, total INTEGER GENERATED ALWAYS AS (n + 1) STORED, "
        "title VARCHAR(50) DEFAULT 'x' NOT NULL, CONSTRAINT pk_notes PRIMARY KEY (id), "
        "CONSTRAINT uq_notes_title_n UNIQUE (title, n), CONSTRAINT ck_notes_n CHECK (n > 0 AND title <> 'Y'))",
        "ALTER TABLE notes ADD COLUMN body TEXT",
        f"ALTER TABLE notes ADD COLUMN parent_id INTEGER {reference} DEFERRABLE INITIALLY DEFERRED",
        *INDEXES,
    )
    assert drift(sqlite_url, models()) == []


RENAMED_AND_BACK = [
    "ALTER TABLE notes RENAME TO other",
    "ALTER TABLE parents RENAME TO older",
    "ALTER TABLE other RENAME COLUMN n TO number",
    "ALTER TABLE older RENAME COLUMN id TO identity",
    "ALTER TABLE older RENAME COLUMN identity TO id",
    "ALTER TABLE other RENAME COLUMN number TO n",
    "ALTER TABLE older RENAME TO parents",
    "ALTER TABLE other RENAME TO notes",
]


def test_what_was_renamed_and_renamed_back_is_the_same(url: str) -> None:
    metadata = models()
    create(url, metadata)
    execute(url, *RENAMED_AND_BACK)
    assert drift(url, metadata) == []


def batch(url: str, *steps: Callable[[Operations], None]) -> None:
    with database(url) as made:
        transaction = made.begin(Mode.MIGRATE)
        context = MigrationContext.configure(transaction.expose(), opts={"transactional_ddl": True})
        with Operations.context(context) as op:
            for step in steps:
                step(op)
        transaction.commit()


def column(name: str, **there_and_back: tuple[Any, Any]) -> list[Callable[[Operations], None]]:
    """Alter a column in batch mode to the first values, then to the second ones."""

    def step(side: int) -> Callable[[Operations], None]:
        def alter(op: Operations) -> None:
            with op.batch_alter_table("docs") as changes:
                changes.alter_column(name, **{key: values[side] for key, values in there_and_back.items()})

        return alter

    return [step(0), step(1)]


def plain() -> MetaData:
    """What batch mode can keep: neither expressions in indexes nor descending order."""
    metadata = named_metadata()
    sa.Table("owners", metadata, sa.Column("id", sa.Integer, primary_key=True))
    docs = sa.Table(
        "docs",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("owner_id", sa.Integer, sa.ForeignKey("owners.id", ondelete="SET NULL"), index=True),
        sa.Column("title", sa.String(50), nullable=False, server_default="it's"),
        sa.Column("kind", sa.String(9), nullable=False),
        sa.Column("flag", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("count", sa.Integer, nullable=False, server_default="0"),
        sa.Column("size", sa.BigInteger, nullable=False, server_default="-1"),
        sa.Column("ratio", sa.Float, server_default=sa.text("1.5")),
        sa.Column("order", sa.Numeric(10, 2)),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.UniqueConstraint("title", "kind"),
        sa.CheckConstraint("kind IN ('a', 'b')", name="kind"),
        sa.CheckConstraint("count > -5 AND (size > 0 OR size = -1)", name="count"),
        sa.CheckConstraint("title <> '' AND title <> kind AND lower(title) <> 'x'", name="title"),
    )
    some = docs.c.kind.in_(["a", "b"])
    sa.Index("ix_docs_some", docs.c.title, sqlite_where=some, postgresql_where=some)
    return metadata


def add_and_drop(op: Operations) -> None:
    with op.batch_alter_table("docs") as changes:
        changes.add_column(sa.Column("extra", sa.String(), sa.CheckConstraint("extra <> ''", name="ck_docs_extra")))
        changes.create_index("ix_docs_extra", ["extra"])
    with op.batch_alter_table("docs") as changes:
        changes.drop_index("ix_docs_extra")
        changes.drop_constraint("ck_docs_extra", type_="check")
        changes.drop_column("extra")


def drop_and_add_constraints(op: Operations) -> None:
    with op.batch_alter_table("docs") as changes:
        changes.drop_constraint("uq_docs_title_kind", type_="unique")
        changes.drop_constraint("ck_docs_kind", type_="check")
        changes.drop_constraint("fk_docs_owner_id_owners", type_="foreignkey")
    with op.batch_alter_table("docs") as changes:
        changes.create_foreign_key("fk_docs_owner_id_owners", "owners", ["owner_id"], ["id"], ondelete="SET NULL")
        changes.create_check_constraint("ck_docs_kind", sa.text("kind IN ('a', 'b')"))
        changes.create_unique_constraint("uq_docs_title_kind", ["title", "kind"])


def rename_table_and_back(op: Operations) -> None:
    op.rename_table("docs", "files")
    op.rename_table("files", "docs")


ROADS: dict[str, list[Callable[[Operations], None]]] = {
    "text to text": column("title", type_=(sa.Text(), sa.String(50))),
    "longer and back": column("kind", type_=(sa.String(90), sa.String(9))),
    "to text and back": column("kind", type_=(sa.Text(), sa.String(9))),
    "integers": column("count", type_=(sa.BigInteger(), sa.Integer())),
    "smaller": column("size", type_=(sa.Integer(), sa.BigInteger())),
    "nullable": column("title", nullable=(True, False)),
    "default": column("title", server_default=("x", "it's")),
    "number's default": column("count", server_default=(None, sa.text("0"))),
    "no default": column("at", server_default=(None, sa.func.now())),
    "name": [column("flag", new_column_name=("sign", ""))[0], column("sign", new_column_name=("", "flag"))[1]],
    "column": [add_and_drop],
    "constraints": [drop_and_add_constraints],
    "table": [rename_table_and_back],
}


@pytest.mark.parametrize("road", ROADS)
def test_what_was_altered_and_altered_back_is_the_same(url: str, road: str) -> None:
    metadata = plain()
    create(url, metadata)
    first = ROADS[road][0]
    batch(url, first)
    if road not in ("column", "constraints", "table"):
        assert drift(url, metadata) != []
    batch(url, *ROADS[road][1:])
    assert drift(url, metadata) == []


EQUAL_DEFAULTS = [
    ("BOOLEAN", "1", ["'1'", "true", "(TRUE)", " 1 ", "+1", "0x1"]),
    ("INTEGER", "0", ["'0'", "(0)", "-0", "FALSE"]),
    ("VARCHAR(9)", "'1'", ["1", "('1')"]),
    ("VARCHAR", "'x'", ["x", '"x"', "( 'x' )"]),
    ("TEXT", "CURRENT_TIMESTAMP", ["current_timestamp", "(current_timestamp)"]),
    ("FLOAT", "1", ["1.0", "'1'", "1e0"]),
    ("JSON", "'{}'", ["('{}')"]),
    ("TEXT", "(lower('X' || 'y'))", ["(LOWER('X'||'y'))"]),
]
OTHER_DEFAULTS = [
    ("BOOLEAN", "1", ["0", "false", "NULL", "'true'", "''"]),
    ("TEXT", "'x'", ["'X'", "'x '", "lower", "(lower('x'))", "x''"]),
    ("TEXT", "'1'", ["1.0", "'01'"]),
    ("INTEGER", "0", ["'zero'", "'0x'", "0.5"]),
    ("BLOB", "'1'", ["1", "x'31'"]),
    ("BLOB", "1", ["1.0", "'1'"]),
    ("TEXT", "CURRENT_TIMESTAMP", ["'CURRENT_TIMESTAMP'", "CURRENT_DATE"]),
]


@pytest.mark.parametrize(
    ("kind", "default", "other", "equal"),
    [
        (kind, default, other, equal)
        for cases, equal in ((EQUAL_DEFAULTS, True), (OTHER_DEFAULTS, False))
        for kind, default, others in cases
        for other in others
    ],
)
def test_sqlite_decides_which_defaults_are_equal(
    sqlite_url: str, kind: str, default: str, other: str, equal: bool
) -> None:
    metadata = MetaData()

    class Declared(sa.types.UserDefinedType[object]):
        cache_ok = True

        def get_col_spec(self, **_options: object) -> str:
            return kind

    sa.Table("t", metadata, sa.Column("c", Declared(), server_default=sa.text(default)))
    execute(sqlite_url, f"CREATE TABLE t (c {kind} DEFAULT {other})")
    assert brief(drift(sqlite_url, metadata)) == ([] if equal else ["default c"])


def test_no_default_is_the_same_as_null(url: str) -> None:
    metadata = MetaData()
    sa.Table("t", metadata, sa.Column("c", sa.Text()))
    execute(url, "CREATE TABLE t (c TEXT DEFAULT NULL)")
    assert drift(url, metadata) == []


def test_on_postgresql_a_sequence_may_have_any_name(server_url: str) -> None:
    metadata = models()
    create(server_url, metadata)
    execute(server_url, "ALTER SEQUENCE notes_id_seq RENAME TO other_sequence")
    assert drift(server_url, metadata) == []


def test_on_postgresql_a_temporary_table_of_the_same_name_changes_nothing(server_url: str) -> None:
    metadata = models()
    create(server_url, metadata)
    with database(server_url) as made:
        transaction = made.begin(Mode.WRITE)
        transaction.runner.driver.execute("CREATE TEMP TABLE parents (id int)")
        transaction.commit()
        expected = models_schema(made, [metadata])
        with made.reading() as runner:
            rows = runner.driver.execute("SELECT 1 FROM pg_class WHERE relname = 'parents'").fetchall()
            assert len(rows) == 2
            assert differences(read_schema(runner.driver, ["notes", "parents"]), expected) == []


EQUAL_ON_POSTGRESQL = ["1", "'1'", "'1'::bigint", "('1')"]
OTHER_ON_POSTGRESQL = ["2", "-1", "'-1'", "(1 + 0)", "'1'::text::bigint"]


@pytest.mark.parametrize("default", [*EQUAL_ON_POSTGRESQL, *OTHER_ON_POSTGRESQL])
def test_a_number_is_a_default_however_it_is_written(server_url: str, default: str) -> None:
    metadata = MetaData()
    sa.Table("t", metadata, sa.Column("c", sa.BigInteger, server_default="1"))
    execute(server_url, f"CREATE TABLE t (c bigint DEFAULT {default})")
    assert brief(drift(server_url, metadata)) == ([] if default in EQUAL_ON_POSTGRESQL else ["default c"])


CASTS = [
    ("n / 2 > 0", "n / 2::numeric > 0"),
    ("n < m", "n::text < m::text"),
    ("code = 'x'", "code::text = 'x'"),
    ("name = 'x'", "name = 'x'::varchar(1)::bpchar"),
    ("name < 'x'", "name < 'x' COLLATE \"C\""),
]


@pytest.mark.parametrize(("written", "other"), CASTS)
def test_a_cast_that_says_something_is_a_difference(server_url: str, written: str, other: str) -> None:
    metadata = MetaData()
    numbers = sa.Column("n", sa.Integer), sa.Column("m", sa.Integer)
    texts = sa.Column("code", sa.CHAR(3)), sa.Column("name", sa.String())
    sa.Table("t", metadata, *numbers, *texts, sa.CheckConstraint(written, name="ck"))
    columns = "n integer, m integer, code character(3), name varchar"
    execute(server_url, f"CREATE TABLE t ({columns}, CONSTRAINT ck CHECK ({other}))")
    assert brief(drift(server_url, metadata)) == ["check ck"]
