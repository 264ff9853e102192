"""A plugin that conforms, as the files of its project; a fault is one change of them.

`NAME` stands for the plugin's name, `Name` for the same in a class's name (the metadata's own word is `name`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from storeroom.testing import Capability, requires

PYPROJECT = """
[build-system]
requires = ["hatchling>=1.26"]
build-backend = "hatchling.build"

[project]
name = "storeroom-NAME"
version = "1.0"
dependencies = ["storeroom>=0.1,<1", "storeroom-notes"]

[project.entry-points.storeroom]
NAME = "sr_NAME.plugin"

[tool.hatch.build.targets.wheel]
packages = ["src/sr_NAME"]
"""
METADATA = """
Metadata-Version: 2.1
name: storeroom-NAME
Version: 1.0
Requires-Dist: storeroom<1,>=0.1
Requires-Dist: storeroom-notes
"""
MODELS = """
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from storeroom import plugin_registry
from storeroom_notes import Note


class Base(DeclarativeBase):
    registry = plugin_registry("NAME")


class Book(Base):
    __tablename__ = "NAME"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(unique=True)
    opened: Mapped[int] = mapped_column(default=0, server_default="0")
    pages: Mapped[list["Page"]] = relationship(back_populates="book")


class Page(Base):
    __tablename__ = "NAME_pages"

    id: Mapped[int] = mapped_column(primary_key=True)
    book_id: Mapped[int] = mapped_column(ForeignKey(Book.id, ondelete="CASCADE"))
    note_id: Mapped[int | None] = mapped_column(ForeignKey(Note.id, ondelete="SET NULL"))
    book: Mapped[Book] = relationship(back_populates="pages")
"""
REPOSITORY = '''
from sqlalchemy import bindparam, select, update

from storeroom import ModelRepository, Record, Statement
from sr_NAME.models import Book, Page

table = Book.__table__
READ = Statement(select(table.c.opened).where(table.c.id == bindparam("key")))
OPEN = Statement(update(table).where(table.c.id == bindparam("key")).values(opened=table.c.opened + 1))
WRITE = Statement(update(table).where(table.c.id == bindparam("key")).values(opened=bindparam("value")))


class BookRecord(Record):
    id: int
    title: str
    opened: int


class PageRecord(Record):
    id: int
    book_id: int


class NameRepository(ModelRepository[Book, BookRecord]):
    """Books."""

    name = "NAME"
    editable = ("title",)

    def open(self, key: int) -> int:
        """Count an opening."""
        return OPEN.affected(self.uow, key=key)


class PageRepository(ModelRepository[Page, PageRecord]):
    """Pages of books."""

    name = "NAME.pages"
'''
PLUGIN = """
from storeroom import Manifest, hookimpl
from sr_NAME.models import Base
from sr_NAME.repository import NameRepository, PageRepository


@hookimpl
def storeroom_manifest():
    return Manifest(
        models=Base,
        migrations="sr_NAME.migrations",
        repositories=[NameRepository, PageRepository],
        requires=["notes"],
        core=">=0.1,<1",
    )


@hookimpl
def storeroom_health(uow):
    return []
"""
FIRST = """
import sqlalchemy as sa
from alembic import op

revision = "NAME_0001"
down_revision = None


def upgrade():
    op.create_table(
        "NAME",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_NAME"),
        sa.UniqueConstraint("title", name="uq_NAME_title"),
    )


def downgrade():
    op.drop_table("NAME")
"""
SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "NAME_0002"
down_revision = "NAME_0001"
requires = ("notes:notes_0001_create_notes",)


def upgrade():
    op.create_table(
        "NAME_pages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("note_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_NAME_pages"),
        sa.ForeignKeyConstraint(["book_id"], ["NAME.id"], name="fk_NAME_pages_book_id_NAME", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["note_id"], ["notes.id"], name="fk_NAME_pages_note_id_notes", ondelete="SET NULL"),
    )


def downgrade():
    op.drop_table("NAME_pages")
"""
THIRD = """
import sqlalchemy as sa
from alembic import op

revision = "NAME_0003"
down_revision = "NAME_0002"


def upgrade():
    op.add_column("NAME", sa.Column("opened", sa.Integer(), server_default="0", nullable=False))


def downgrade():
    with op.batch_alter_table("NAME") as batch:
        batch.drop_column("opened")
"""
SUITE = """
from storeroom.testing import Conformance, Race
from sr_NAME.repository import NameRepository, PageRepository


class TestName(Conformance):
    plugin = "NAME"
    races = (
        Race(
            "openings are counted",
            prepare=lambda uow: uow[NameRepository].add(title="raced").id,
            act=lambda uow, key: uow[NameRepository].open(key),
            total=lambda uow, key: uow[NameRepository].get(key).opened,
        ),
    )

    def sample(self, uow):
        book = uow[NameRepository].add(title="A")
        uow[PageRepository].add(book_id=book.id)
"""
INFO = "src/storeroom_NAME-1.0.dist-info"
MODELS_FILE = "src/sr_NAME/models.py"
REPOSITORY_FILE = "src/sr_NAME/repository.py"
PLUGIN_FILE = "src/sr_NAME/plugin.py"
HEAD_FILE = "src/sr_NAME/migrations/HEAD"
FIRST_FILE, SECOND_FILE, THIRD_FILE = (f"src/sr_NAME/migrations/versions/NAME_000{number}.py" for number in (1, 2, 3))
SUITE_FILE = "tests/test_NAME.py"
FILES: Mapping[str, str] = {
    "pyproject.toml": PYPROJECT,
    f"{INFO}/METADATA": METADATA,
    f"{INFO}/entry_points.txt": "[storeroom]\nNAME = sr_NAME.plugin\n",
    "src/sr_NAME/__init__.py": "",
    "src/sr_NAME/py.typed": "",
    MODELS_FILE: MODELS,
    REPOSITORY_FILE: REPOSITORY,
    PLUGIN_FILE: PLUGIN,
    HEAD_FILE: "NAME_0003\n",
    FIRST_FILE: FIRST,
    SECOND_FILE: SECOND,
    THIRD_FILE: THIRD,
    SUITE_FILE: SUITE,
}


@dataclass(frozen=True)
class Change:
    """In a file, one text for another; where there is no old one, the new one is put at the end, or is a new file."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Fault:
    """What is wrong with a plugin, by changes to one that conforms.

    `check` is the one that fails, and `says` is in its message: what is wrong, and what to do. `also` are those that
    fail for the same reason; no other may. `need` is what it shows on.
    """

    what: str
    changes: Sequence[Change]
    check: str
    says: Sequence[str]
    also: Sequence[str] = ()
    need: Capability = requires.database_file


def write(folder: Path, name: str, changes: Iterable[Change] = ()) -> Path:
    """Write the project of a plugin of this name, with changes, and return its folder."""
    files = {file: text.lstrip("\n") for file, text in FILES.items()}
    for change in changes:
        text = files.get(change.file, "")
        assert change.old in text, f"{change.file} has no {change.old!r}"
        files[change.file] = text.replace(change.old, change.new, 1) if change.old else text + change.new
    for file, text in files.items():
        path = folder / _named(file, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_named(text, name), encoding="utf-8")
    return folder


def _named(text: str, name: str) -> str:
    return text.replace("NAME", name).replace("Name", name.capitalize())
