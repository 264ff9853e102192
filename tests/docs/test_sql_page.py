"""The page on storeroom.sql: its program runs, and the SQL that it shows is what its statements are compiled to."""

import importlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

from sqlalchemy import Dialect, Engine, Index, event, make_url
from sqlalchemy.engine.interfaces import BindTyping
from sqlalchemy.orm import MappedColumn
from sqlalchemy.schema import CreateIndex
from sqlalchemy.types import TypeDecorator

from storeroom import Storeroom, sql
from storeroom.sql import Statement
from tests.docs.snippets import ROOT, blocks
from tests.migrations.authoring import write
from tests.support.distributions import install

PAGE = "docs/sql.md"
TEXT = (ROOT / PAGE).read_text(encoding="utf-8")
PLUGIN = """
from storeroom import Manifest, hookimpl

from feeds_page.models import Base


@hookimpl
def storeroom_manifest():
    return Manifest(models=Base, migrations="feeds_page.migrations")
"""

_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
# The first line of each SQL block.
_HEADING = re.compile(r"-- (\w+) on (SQLite|PostgreSQL|SQLite and PostgreSQL)\n")
# A text in quotes with all that is in it, a parameter, a word or number, or any other character.
_TOKEN = re.compile(r"'(?:[^']|'')*'|:\w+|\w+|\S")
# In the table of column types: the type, how it is declared, and its SQL.
_ROW = re.compile(r"^\| `([A-Z]\w+\(.*?\))` \| `(.+?)` \|.*\| ([A-Z0-9() ]+) \| ([A-Z0-9() ]+) \|$", re.MULTILINE)


def shown(database: str) -> Mapping[str, str]:
    """Return the page's SQL for a database, by the names that its program gives to what makes it."""
    found: dict[str, str] = {}
    for block in blocks(PAGE, "sql"):
        heading = _HEADING.match(block)
        assert heading is not None, block
        if _NAMES[database] in heading[2]:
            assert heading[1] not in found
            found[heading[1]] = block[heading.end() :]
    return found


@contextmanager
def watched() -> Iterator[Mapping[object, Sequence[str]]]:
    """Give the names of the parameters that each construct runs with: an insert has columns by them."""
    parameters: dict[object, Sequence[str]] = {}

    def see(_connection: object, construct: object, _many: object, given: dict[str, Any], _options: object) -> None:
        parameters[construct] = list(given)

    # A mark that SQLAlchemy never takes away again, and that would keep the whole process from the fast way.
    is_marked = Engine._has_events
    event.listen(Engine, "before_execute", see)
    try:
        yield parameters
    finally:
        event.remove(Engine, "before_execute", see)
        Engine._has_events = is_marked


def compiled(value: Statement | Index, dialect: Dialect, parameters: Mapping[object, Sequence[str]]) -> str:
    """Return the SQL of a statement that has run, or of an index, with parameters as the page shows them."""
    readable: Dialect = type(dialect)(paramstyle="named")  # type: ignore[call-arg]  # as each of SQLAlchemy's has it
    readable.bind_typing = BindTyping.NONE
    if isinstance(value, Index):
        return str(CreateIndex(value).compile(dialect=readable))
    construct: Any = value.construct  # whose type tells nothing of compiling
    return str(construct.compile(dialect=readable, column_keys=parameters[construct]))


def tokens(text: str) -> Sequence[str]:
    return _TOKEN.findall(text)


def test_the_page_runs_as_one_program_and_shows_the_sql_that_runs(url: str, site: Path) -> None:
    declared, *rest = blocks(PAGE, "python")
    files = {"feeds_page/__init__.py": "", "feeds_page/models.py": declared, "feeds_page/plugin.py": PLUGIN}
    install(site, "feeds", files, module="feeds_page.plugin")
    write(site, "feeds", "Create feeds")
    names = dict(vars(importlib.import_module("feeds_page.models")))
    with Storeroom.open(url, allow=["feeds"], upgrade=True) as room, watched() as parameters:
        names["room"] = room
        for block in rest:
            exec(compile(block, PAGE, "exec"), names)
        with room.read() as uow:
            dialect = uow.dialect
    for name, text in shown(dialect.name).items():
        assert (name, tokens(text)) == (name, tokens(compiled(names[name], dialect, parameters)))


def test_all_sql_is_shown_for_both_databases() -> None:
    assert len(shown("sqlite")) > 10
    assert list(shown("sqlite")) == list(shown("postgresql"))


def test_every_name_is_on_the_page() -> None:
    assert [name for name in sql.__all__ if not re.search(rf"`{name}\b[^`\n]*`", TEXT)] == []


def test_the_table_of_column_types_is_true() -> None:
    names: dict[str, Any] = dict(vars(sql))
    exec(blocks(PAGE, "python")[0], names)
    usual = names["Base"].registry.type_annotation_map
    dialects = [make_url(url).get_dialect()() for url in ("sqlite://", "postgresql+psycopg://")]
    rows = _ROW.findall(TEXT)
    for written, declaration, on_sqlite, on_postgresql in rows:
        declared = eval(declaration, names)
        kind = declared.column.type if isinstance(declared, MappedColumn) else usual[get_args(declared)[0]]
        assert type(kind) is type(eval(written, names))
        assert [kind.compile(dialect) for dialect in dialects] == [on_sqlite, on_postgresql], written
    public = {name: getattr(sql, name) for name in sql.__all__}
    types = [name for name, each in public.items() if isinstance(each, type) and issubclass(each, TypeDecorator)]
    assert sorted({written.partition("(")[0] for written, *_ in rows}) == types
