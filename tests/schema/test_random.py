"""Models made at random: equal to themselves after batch mode made their tables anew; a mutation is seen."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, MetaData

from storeroom.drift import Difference
from storeroom.schema import TableSchema, differences, read_schema, scratch
from storeroom.testing import requires
from tests.schema.looking import database, named_metadata

TYPES: list[sa.types.TypeEngine[Any]] = [
    sa.Integer(), sa.BigInteger(), sa.String(), sa.String(20), sa.Text(), sa.Boolean(), sa.Float(), sa.Numeric(8, 3),
    sa.Date(), sa.DateTime(timezone=True),
]  # fmt: skip
NUMBERS = (sa.Integer, sa.BigInteger, sa.Float, sa.Numeric)
NAMES = ["a", "b", "kind", "order", "Mixed", "with space"]


@dataclass(frozen=True)
class Field:
    """A column and what hangs on it alone."""

    name: str
    type: int
    nullable: bool
    default: int | None
    check: int | None

    def column(self) -> sa.Column[Any]:
        return sa.Column(self.name, TYPES[self.type], nullable=self.nullable, server_default=self._default())

    def _default(self) -> Any:
        kind = TYPES[self.type]
        if self.default is None:
            return None
        if isinstance(kind, sa.Boolean):
            return [sa.true(), sa.false()][self.default % 2]
        if isinstance(kind, NUMBERS):
            return [str(self.default), sa.text(str(-self.default))][self.default % 2]
        if isinstance(kind, sa.String):
            return ["", "it's", "(x)", "CURRENT_DATE", '"'][self.default % 5]
        return sa.func.now()

    def condition(self) -> str:
        name = f'"{self.name}"'
        if isinstance(TYPES[self.type], NUMBERS):
            return [f"{name} > {self.check}", f"{name} IN ({self.check}, -7)"][(self.check or 0) % 2]
        if isinstance(TYPES[self.type], sa.String):
            return [
                f"{name} <> '{self.check}'",
                f"{name} IN ('{self.check}', 'B')",
                f"lower({name}) = 'x{self.check}'",
            ][(self.check or 0) % 3]
        return f"{name} IS NOT NULL OR {self.check} = 1"


@dataclass(frozen=True)
class Model:
    """A table: its columns, and by the numbers of columns its unique constraint, index and foreign key."""

    fields: tuple[Field, ...]
    unique: tuple[int, ...]
    index: tuple[int, ...]
    is_unique_index: bool
    deletion: str

    def metadata(self) -> MetaData:
        metadata = named_metadata()
        sa.Table("parents", metadata, sa.Column("id", sa.Integer, primary_key=True))
        reference = sa.ForeignKey("parents.id", ondelete=self.deletion)
        table = sa.Table(
            "things",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            *(field.column() for field in self.fields),
            sa.Column("parent", sa.Integer, reference),
            *(
                sa.CheckConstraint(sa.text(field.condition()), name=f"c{number}")
                for number, field in enumerate(self.fields)
                if field.check is not None
            ),
        )
        if self.unique:
            table.append_constraint(sa.UniqueConstraint(*(self.fields[number].name for number in self.unique)))
        if self.index:
            sa.Index("ix", *(table.c[self.fields[number].name] for number in self.index), unique=self.is_unique_index)
        return metadata


@st.composite
def models(draw: st.DrawFn) -> Model:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    few = st.none() | st.integers(0, 9)
    fields = tuple(
        Field(name, draw(st.integers(0, len(TYPES) - 1)), draw(st.booleans()), draw(few), draw(few)) for name in names
    )
    some = st.lists(st.integers(0, len(names) - 1), max_size=3, unique=True).map(tuple)
    return Model(fields, draw(some), draw(some), draw(st.booleans()), draw(st.sampled_from(["CASCADE", "SET NULL"])))


def read(connection: Connection) -> dict[str, TableSchema]:
    return dict(read_schema(connection.connection.driver_connection, ["parents", "things"]))


def rebuild(connection: Connection, model: Model) -> None:
    """Make the table anew where that is how changes are made; elsewhere change it and change it back."""
    context = MigrationContext.configure(connection)
    kind = TYPES[model.fields[0].type]
    name = model.fields[0].name
    with Operations.context(context) as op:
        if not requires.altering_in_place.met_by(connection):
            with op.batch_alter_table("things", recreate="always"):
                pass
            with op.batch_alter_table("things") as changes:
                changes.alter_column(name, nullable=not model.fields[0].nullable)
            with op.batch_alter_table("things") as changes:
                changes.alter_column(name, nullable=model.fields[0].nullable)
        elif isinstance(kind, sa.String):
            op.alter_column("things", name, type_=sa.String(99))
            op.alter_column("things", name, type_=kind)


@pytest.mark.dear
@settings(max_examples=60)
@given(model=models())
def test_a_table_that_was_made_anew_is_the_same(shared_url: str, model: Model) -> None:
    with database(shared_url) as made, scratch(made) as connection:
        model.metadata().create_all(connection, checkfirst=False)
        before = read(connection)
        rebuild(connection, model)
        assert differences(read(connection), before) == []


def mutations(model: Model) -> list[tuple[str, Model]]:
    """All models that are one step away, each with the kind of the difference."""
    first, *rest = model.fields
    changed = [
        ("nullability", replace(first, nullable=not first.nullable)),
        ("type", replace(first, type=(first.type + 1) % len(TYPES), default=None, check=None)),
    ]
    if not isinstance(TYPES[first.type], sa.Date | sa.DateTime) or first.default is None:
        other = None if isinstance(TYPES[first.type], sa.Date | sa.DateTime) else (first.default or 0) + 1
        if other is not None:
            changed.append(("default", replace(first, default=other)))
    changed.append(("check", replace(first, check=None if first.check is not None else 3)))
    found = [(kind, replace(model, fields=(each, *rest))) for kind, each in changed]
    all_columns = tuple(range(len(model.fields)))
    found += [
        ("unique", replace(model, unique=() if model.unique else all_columns)),
        ("index", replace(model, index=() if model.index else all_columns)),
        ("foreign key", replace(model, deletion={"CASCADE": "SET NULL", "SET NULL": "CASCADE"}[model.deletion])),
    ]
    if model.index:
        found.append(("index", replace(model, is_unique_index=not model.is_unique_index)))
    return found


@pytest.mark.dear
@settings(max_examples=40)
@given(model=models(), data=st.data())
def test_a_mutation_is_seen(shared_url: str, model: Model, data: st.DataObject) -> None:
    kind, mutant = data.draw(st.sampled_from(mutations(model)))
    schemas = []
    with database(shared_url) as made:
        for each in (model, mutant):
            with scratch(made) as connection:
                each.metadata().create_all(connection, checkfirst=False)
                schemas.append(read(connection))
    found: list[Difference] = list(differences(*schemas))
    seen = {each.kind for each in found}
    assert kind in seen
    assert seen <= ({"type", "default", "check"} if kind == "type" else {kind})
    assert len(differences(*reversed(schemas))) == len(found)
