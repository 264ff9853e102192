"""What else people and databases hold on to: commands, settings, hooks, and the layout of the ledger."""

from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest
import typer
from annotated_types import Ge
from sqlalchemy import CheckConstraint, Column, Table, make_url
from sqlalchemy.schema import UniqueConstraint

from storeroom import Settings, hookspecs
from storeroom.cli import options
from storeroom.cli.app import app
from storeroom.migrations import ledger as migrations
from storeroom.migrations.ledger.models import LedgerBase
from storeroom.reference.signatures import shown_signature
from storeroom.settings import ENV_PREFIX
from storeroom.testing import fixtures

_POSTGRESQL = make_url("postgresql+psycopg://").get_dialect()()


def commands() -> Iterator[str]:
    """Yield a line for each command, each of its arguments and options, and each exit code."""
    group: Any = typer.main.get_command(app)
    yield from (_parameter("storeroom", each) for each in group.params)
    for name, command in sorted(group.commands.items()):
        yield f"command storeroom {name}"
        yield from (_parameter(f"storeroom {name}", each) for each in command.params)
    for code, meaning in ((0, "OK"), (options.ATTENTION, "ATTENTION"), (options.WRONG_USAGE, "WRONG_USAGE")):
        yield f"exit code {code} {meaning}"


def settings() -> Iterator[str]:
    """Yield a line for each setting: its variable, and its default."""
    for name, field in sorted(Settings.model_fields.items()):
        least = "".join(f", {rule.ge} or more" for rule in field.metadata if isinstance(rule, Ge))
        yield f"setting {name}, {ENV_PREFIX}{name.upper()} = {field.default!r}{least}"


def hooks() -> Iterator[str]:
    """Yield a line for each hook that core specifies."""
    specified = {name: each for name, each in vars(hookspecs).items() if hasattr(each, "storeroom_spec")}
    yield from (f"hook {name}{shown_signature(each)}" for name, each in sorted(specified.items()))


def test_options() -> Iterator[str]:
    """Yield a line for each option of pytest that `storeroom.testing` brings."""
    parser = pytest.Parser(_ispytest=True)
    fixtures.pytest_addoption(parser)
    for group in parser._groups:  # the only way to them
        yield from (f"pytest option {' '.join(option.names())}" for option in group.options)


def ledger() -> Iterator[str]:
    """Yield a line for each table of the ledger, each of its columns, constraints and indexes, and the revision."""
    yield f"revision {(resources.files(migrations) / 'HEAD').read_text(encoding='utf-8').strip()}"
    for table in sorted(LedgerBase.metadata.tables.values(), key=lambda each: each.name):
        yield f"table {table.name}"
        yield from (_column(table, column) for column in table.columns)
        yield from sorted([*_constraints(table), *_indexes(table)])


def _parameter(path: str, each: Any) -> str:
    """Describe an argument or an option of a command."""
    is_option = each.opts[0].startswith("-")
    shown = " ".join([*each.opts, *each.secondary_opts]) if is_option else each.name
    takes = ["a value"] if is_option and not each.is_flag else []
    marks = [*takes, *(["required"] if each.required else []), *(["repeatable"] if _is_repeatable(each) else [])]
    told = f" ({', '.join(marks)})" if marks else ""
    return f"{'option' if is_option else 'argument'} {path} {shown}{told}"


def _is_repeatable(each: Any) -> bool:
    return bool(each.multiple) or each.nargs == -1


def _column(table: Table, column: Column[Any]) -> str:
    kind = column.type.compile(dialect=_POSTGRESQL)
    null = "NULL" if column.nullable else "NOT NULL"
    return f"column {table.name}.{column.name} {kind} {null}"


def _constraints(table: Table) -> Iterator[str]:
    key = ", ".join(column.name for column in table.primary_key.columns)
    yield f"constraint {table.name} {table.primary_key.name} PRIMARY KEY ({key})"
    for each in table.foreign_key_constraints:
        there = ", ".join(element.column.name for element in each.elements)
        here = f"({', '.join(each.column_keys)})"
        yield (
            f"constraint {table.name} {each.name} FOREIGN KEY {here} REFERENCES {each.referred_table.name} ({there}) "
            f"ON DELETE {each.ondelete}"
        )
    for rule in table.constraints:
        if isinstance(rule, CheckConstraint):
            yield f"constraint {table.name} {rule.name} CHECK ({rule.sqltext})"
        elif isinstance(rule, UniqueConstraint):
            yield f"constraint {table.name} {rule.name} UNIQUE ({', '.join(rule.columns.keys())})"


def _indexes(table: Table) -> Iterator[str]:
    for each in table.indexes:
        columns = ", ".join(column.name for column in each.columns)
        yield f"index {table.name} {each.name}{' UNIQUE' if each.unique else ''} ({columns})"
