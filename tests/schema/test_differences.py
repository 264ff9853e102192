"""Every kind of difference is seen, alone, and told in one line."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    desc,
    func,
)

from storeroom.drift import Difference
from tests.schema.looking import brief, create, drift, execute, named_metadata, remake


def models() -> MetaData:
    metadata = named_metadata()
    Table("parents", metadata, Column("id", Integer, primary_key=True), Column("code", Integer, unique=True))
    reference = ForeignKey("parents.id", ondelete="CASCADE", deferrable=True, initially="DEFERRED")
    notes = Table(
        "notes",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("title", String(50), nullable=False, server_default="x"),
        Column("body", Text),
        Column("n", Integer),
        Column("total", Integer, Computed("n + 1", persisted=True)),
        Column("parent_id", Integer, reference),
        UniqueConstraint("title", "n"),
        CheckConstraint("n > 0 AND title <> 'Y'", name="n"),
    )
    Index("ix_notes_body_n", notes.c.body, desc(notes.c.n))
    Index("ix_notes_lower", func.lower(notes.c.title))
    some = notes.c.n > 10
    Index("ix_notes_some", notes.c.n, sqlite_where=some, postgresql_where=some)
    return metadata


@dataclass(frozen=True)
class Case:
    """A change of the table `notes`, and the differences that it makes.

    On SQLite it is parts of the table's text, each with what stands there instead, or statements.
    """

    name: str
    expected: Sequence[str]
    sqlite: tuple[str, ...] | list[str] | None = None
    postgresql: Sequence[str] | None = None


def both(name: str, expected: Sequence[str], *statements: str) -> Case:
    return Case(name, expected, list(statements), list(statements))


FOREIGN_KEY = "fk_notes_parent_id_parents"
ON_DELETE = "ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED"


# The last one, on a line of its own.
PARENTHESIS = "\n)"


def other_key(clauses: str, target: str = "parents (id)") -> list[str]:
    return [
        f"ALTER TABLE notes DROP CONSTRAINT {FOREIGN_KEY}, "
        f"ADD CONSTRAINT {FOREIGN_KEY} FOREIGN KEY (parent_id) REFERENCES {target} {clauses}"
    ]


def other_index(name: str, text: str) -> list[str]:
    return [f"DROP INDEX {name}", text]


CASES = [
    both("table", ["table notes"], "DROP TABLE notes"),
    both("column missing", ["column body", "index ix_notes_body_n"], "DROP INDEX ix_notes_body_n",
         "ALTER TABLE notes DROP COLUMN body"),
    both("column extra", ["column extra"], "ALTER TABLE notes ADD COLUMN extra INTEGER"),
    Case("type", ["type title"], ("VARCHAR(50)", "VARCHAR(60)"), ["ALTER TABLE notes ALTER title TYPE varchar(60)"]),
    Case("null allowed", ["nullability title"], ("DEFAULT 'x' NOT NULL", "DEFAULT 'x'"),
         ["ALTER TABLE notes ALTER title DROP NOT NULL"]),
    Case("null refused", ["nullability n"], ("n INTEGER", "n INTEGER NOT NULL"),
         ["ALTER TABLE notes ALTER n SET NOT NULL"]),
    Case("conflict", ["nullability title"], ("DEFAULT 'x' NOT NULL", "DEFAULT 'x' NOT NULL ON CONFLICT IGNORE")),
    Case("default", ["default title"], ("DEFAULT 'x'", "DEFAULT 'X'"),
         ["ALTER TABLE notes ALTER title SET DEFAULT 'X'"]),
    Case("default missing", ["default title"], ("DEFAULT 'x'", ""), ["ALTER TABLE notes ALTER title DROP DEFAULT"]),
    Case("default extra", ["default n"], ("n INTEGER", "n INTEGER DEFAULT 7"),
         ["ALTER TABLE notes ALTER n SET DEFAULT 7"]),
    Case("default formula", ["default title"], ("DEFAULT 'x'", "DEFAULT (lower('X'))"),
         ["ALTER TABLE notes ALTER title SET DEFAULT lower('X')"]),
    Case("collation", ["collation body"], ("body TEXT", "body TEXT COLLATE NOCASE"),
         ['ALTER TABLE notes ALTER body TYPE text COLLATE "C"']),
    Case("generated otherwise", ["generated total"], ("n + 1", "n + 2"),
         ["ALTER TABLE notes DROP COLUMN total, ADD COLUMN total integer GENERATED ALWAYS AS (n + 2) STORED"]),
    Case("not generated", ["generated total"], ("GENERATED ALWAYS AS (n + 1) STORED", ""),
         ["ALTER TABLE notes ALTER total DROP EXPRESSION"]),
    Case("generated when read", ["generated total"], ("STORED", "VIRTUAL")),
    Case("identity", ["default id", "identity id"], None,
         ["ALTER TABLE notes ALTER id DROP DEFAULT, ALTER id ADD GENERATED ALWAYS AS IDENTITY"]),
    Case("sequence of somebody else's", ["default id"], None, ["ALTER SEQUENCE notes_id_seq OWNED BY NONE"]),
    Case("primary key", ["nullability n", "primary key pk_notes"], None,
         ["ALTER TABLE notes DROP CONSTRAINT pk_notes, ADD CONSTRAINT pk_notes PRIMARY KEY (id, n)"]),
    Case("primary key missing", ["primary key pk_notes"], None, ["ALTER TABLE notes DROP CONSTRAINT pk_notes"]),
    Case("primary key's name", ["primary key pk_notes"], None, ["ALTER TABLE notes RENAME CONSTRAINT pk_notes TO pk"]),
    Case("primary key of two", ["primary key None"],
         ("CONSTRAINT pk_notes PRIMARY KEY (id)", "PRIMARY KEY (id, title)")),
    Case("autoincrement", ["primary key None"],
         ("id INTEGER NOT NULL", "id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL",
          "CONSTRAINT pk_notes PRIMARY KEY (id), ", "")),
    Case("unique missing", ["unique uq_notes_title_n"], ("CONSTRAINT uq_notes_title_n UNIQUE (title, n), ", ""),
         ["ALTER TABLE notes DROP CONSTRAINT uq_notes_title_n"]),
    Case("unique in another order", ["unique uq_notes_title_n"], ("UNIQUE (title, n)", "UNIQUE (n, title)"),
         ["ALTER TABLE notes DROP CONSTRAINT uq_notes_title_n, ADD CONSTRAINT uq_notes_title_n UNIQUE (n, title)"]),
    Case("unique's name", ["unique uq_notes_title_n"], ("uq_notes_title_n", "uq_other"),
         ["ALTER TABLE notes RENAME CONSTRAINT uq_notes_title_n TO uq_other"]),
    Case("unique without a name", ["unique uq_notes_title_n"], ("CONSTRAINT uq_notes_title_n UNIQUE", "UNIQUE")),
    Case("unique deferrable", ["unique uq_notes_title_n"], None,
         ["ALTER TABLE notes DROP CONSTRAINT uq_notes_title_n, "
          "ADD CONSTRAINT uq_notes_title_n UNIQUE (title, n) DEFERRABLE"]),
    Case("unique index in place of a constraint", ["index uq_notes_title_n", "unique uq_notes_title_n"], None,
         ["ALTER TABLE notes DROP CONSTRAINT uq_notes_title_n",
          "CREATE UNIQUE INDEX uq_notes_title_n ON notes (title, n)"]),
    both("unique extra", ["index ux"], "CREATE UNIQUE INDEX ux ON notes (n)"),
    Case("foreign key's action", [f"foreign key {FOREIGN_KEY}"], ("ON DELETE CASCADE", "ON DELETE SET NULL"),
         other_key("ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED")),
    Case("foreign key's update", [f"foreign key {FOREIGN_KEY}"],
         ("ON DELETE CASCADE", "ON DELETE CASCADE ON UPDATE CASCADE"),
         other_key("ON DELETE CASCADE ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED")),
    Case("foreign key deferrable", [f"foreign key {FOREIGN_KEY}"], (" INITIALLY DEFERRED", ""),
         other_key("ON DELETE CASCADE DEFERRABLE")),
    Case("foreign key not deferrable", [f"foreign key {FOREIGN_KEY}"], (" DEFERRABLE INITIALLY DEFERRED", ""),
         other_key("ON DELETE CASCADE")),
    Case("foreign key's target", [f"foreign key {FOREIGN_KEY}"], ("parents (id)", "parents (code)"),
         other_key(ON_DELETE, "parents (code)")),
    Case("foreign key elsewhere", [f"foreign key {FOREIGN_KEY}"], ("parents (id)", "notes (id)"),
         other_key(ON_DELETE, "notes (id)")),
    Case("foreign key not validated", [f"foreign key {FOREIGN_KEY}"], None, other_key(f"{ON_DELETE} NOT VALID")),
    Case("foreign key's name", [f"foreign key {FOREIGN_KEY}"], (FOREIGN_KEY, "fk_other"),
         [f"ALTER TABLE notes RENAME CONSTRAINT {FOREIGN_KEY} TO fk_other"]),
    Case("foreign key missing", [f"foreign key {FOREIGN_KEY}"],
         (f", CONSTRAINT {FOREIGN_KEY} FOREIGN KEY(parent_id) REFERENCES parents (id) {ON_DELETE}", ""),
         [f"ALTER TABLE notes DROP CONSTRAINT {FOREIGN_KEY}"]),
    Case("check", ["check ck_notes_n"], ("n > 0", "n >= 0"),
         ["ALTER TABLE notes DROP CONSTRAINT ck_notes_n, "
          "ADD CONSTRAINT ck_notes_n CHECK (n >= 0 AND title <> 'Y')"]),
    Case("check of other text", ["check ck_notes_n"], ("'Y'", "'y'"),
         ["ALTER TABLE notes DROP CONSTRAINT ck_notes_n, "
          "ADD CONSTRAINT ck_notes_n CHECK (n > 0 AND title <> 'y')"]),
    Case("check's name", ["check ck_notes_n"], ("ck_notes_n", "ck_other"),
         ["ALTER TABLE notes RENAME CONSTRAINT ck_notes_n TO ck_other"]),
    Case("check missing", ["check ck_notes_n"], ("CONSTRAINT ck_notes_n CHECK (n > 0 AND title <> 'Y'), ", ""),
         ["ALTER TABLE notes DROP CONSTRAINT ck_notes_n"]),
    Case("check extra", ["check more"], ("n INTEGER", "n INTEGER CONSTRAINT more CHECK (n < 9)"),
         ["ALTER TABLE notes ADD CONSTRAINT more CHECK (n < 9)"]),
    both("index missing", ["index ix_notes_some"], "DROP INDEX ix_notes_some"),
    both("index extra", ["index ix_more"], "CREATE INDEX ix_more ON notes (n)"),
    both("index order", ["index ix_notes_body_n"],
         *other_index("ix_notes_body_n", "CREATE INDEX ix_notes_body_n ON notes (body, n)")),
    both("index columns", ["index ix_notes_body_n"],
         *other_index("ix_notes_body_n", "CREATE INDEX ix_notes_body_n ON notes (n DESC, body)")),
    both("index unique", ["index ix_notes_body_n"],
         *other_index("ix_notes_body_n", "CREATE UNIQUE INDEX ix_notes_body_n ON notes (body, n DESC)")),
    both("index expression", ["index ix_notes_lower"],
         *other_index("ix_notes_lower", "CREATE INDEX ix_notes_lower ON notes (upper(title))")),
    both("index predicate", ["index ix_notes_some"],
         *other_index("ix_notes_some", "CREATE INDEX ix_notes_some ON notes (n) WHERE n > 11")),
    both("index without predicate", ["index ix_notes_some"],
         *other_index("ix_notes_some", "CREATE INDEX ix_notes_some ON notes (n)")),
    both("index's name", ["index ix_notes_some"],
         *other_index("ix_notes_some", "CREATE INDEX ix_other ON notes (n) WHERE n > 10")),
    Case("index collation", ["index ix_notes_body_n"],
         other_index("ix_notes_body_n", "CREATE INDEX ix_notes_body_n ON notes (body COLLATE NOCASE, n DESC)"),
         other_index("ix_notes_body_n", 'CREATE INDEX ix_notes_body_n ON notes (body COLLATE "C", n DESC)')),
    Case("index method", ["index ix_notes_lower"], None,
         other_index("ix_notes_lower", "CREATE INDEX ix_notes_lower ON notes USING hash (lower(title))")),
    Case("index nulls", ["index ix_notes_body_n"], None,
         other_index("ix_notes_body_n", "CREATE INDEX ix_notes_body_n ON notes (body, n DESC NULLS LAST)")),
    Case("index class", ["index ix_notes_body_n"], None,
         other_index("ix_notes_body_n", "CREATE INDEX ix_notes_body_n ON notes (body text_pattern_ops, n DESC)")),
    Case("index invalid", ["index ix_notes_some"], None,
         ["UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_notes_some'::regclass"]),
    Case("exclusion", ["exclusion no_two"], None,
         ["ALTER TABLE notes ADD CONSTRAINT no_two EXCLUDE USING btree (body WITH =)"]),
    Case("strict", ["type title", "options None"], ("VARCHAR(50)", "TEXT", PARENTHESIS, ") STRICT")),
    Case("without rowid", ["options None"], (PARENTHESIS, ") WITHOUT ROWID")),
    Case("unlogged", ["options None"], None, ["ALTER TABLE notes SET UNLOGGED"]),
]  # fmt: skip


def test_models_without_a_change_have_no_difference(url: str) -> None:
    metadata = models()
    create(url, metadata)
    assert drift(url, metadata) == []


@pytest.mark.parametrize("case", [case for case in CASES if case.sqlite is not None], ids=lambda case: case.name)
def test_a_change_is_seen_on_sqlite(sqlite_url: str, case: Case) -> None:
    metadata = models()
    create(sqlite_url, metadata)
    if isinstance(case.sqlite, tuple):
        remake(sqlite_url, "notes", *case.sqlite)
    else:
        execute(sqlite_url, *(case.sqlite or ()))
    seen(sqlite_url, metadata, case)


@pytest.mark.parametrize("case", [case for case in CASES if case.postgresql is not None], ids=lambda case: case.name)
def test_a_change_is_seen_on_postgresql(server_url: str, case: Case) -> None:
    metadata = models()
    create(server_url, metadata)
    execute(server_url, *(case.postgresql or ()))
    seen(server_url, metadata, case)


def seen(url: str, metadata: MetaData, case: Case) -> None:
    found = drift(url, metadata)
    assert brief(found) == list(case.expected)
    for each in found:
        assert each.table == "notes"
        assert "'notes'" in str(each)
        assert "\n" not in each.text


@pytest.mark.parametrize(
    ("difference", "text"),
    [
        (Difference("a", "table", "a", None, "a"), "table 'a' is missing"),
        (Difference("a", "table", "a", "a", None), "table 'a' is not in the models"),
        (Difference("a", "column", "x", "TEXT", None), "column 'x' of 'a' is not in the models"),
        (Difference("a", "type", "x", "TEXT", "BLOB"), "type of column 'x' of 'a' is TEXT, the models say BLOB"),
        (Difference("a", "default", "x", None, "7"), "default of column 'x' of 'a' is missing, the models say 7"),
        (Difference("a", "index", "i", "(x)", "(y)"), "index 'i' of 'a' is (x), the models say (y)"),
        (Difference("a", "index", "i", "(x)", None), "index 'i' of 'a' is (x), which is not in the models"),
        (
            Difference("a", "unique", None, "unique (x)", None),
            "a unique constraint of 'a' is unique (x), which is not in the models",
        ),
        (Difference("a", "index", "j", "i", "j", True), "an index of 'a' is called 'i', the models call it 'j'"),
        (
            Difference("a", "check", "j", None, "j", True),
            "a check constraint of 'a' has no name, the models call it 'j'",
        ),
        (Difference("a", "options", None, "strict", "none"), "options of 'a' is strict, the models say none"),
        (Difference("a", "primary key", None, None, "(x)"), "primary key of 'a' is missing, the models say (x)"),
    ],
)
def test_a_difference_is_told_in_one_line(difference: Difference, text: str) -> None:
    assert difference.text == text
