"""An author's work on a plugin: its models change, and a revision is written."""

from pathlib import Path

from storeroom.discovery import discover
from storeroom.engine import Database, parse_url
from storeroom.migrations.author import write_revision
from storeroom.settings import Settings
from tests.support.distributions import forget_modules
from tests.support.plugins import PluginMaker

IMPORTS = """
from datetime import datetime
from sqlalchemy import JSON, CheckConstraint, Computed, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy import false, func, text, true
from sqlalchemy.dialects.postgresql import JSONB
"""


def write(site: Path, name: str, message: str = "Change it", *, url: str | None = None, empty: bool = False) -> Path:
    """Write a revision as a command in a new process would: with the modules as they are on disk."""
    forget_modules(site)
    database = Database.from_url(parse_url(url), Settings()) if url else None
    try:
        return write_revision(discover(), name, message, settings=Settings(), database=database, empty=empty)
    finally:
        forget_modules(site)
        if database is not None:
            database.close()


def model(package: Path, *lines: str, table: str | None = None) -> None:
    """Add lines to the model of the plugin's first table, or a model of another table."""
    file = package / "models.py"
    text = file.read_text()
    if IMPORTS not in text:
        text = IMPORTS + text
    if table is not None:
        text += f'\n\nclass {table.title()}(Base):\n    __tablename__ = "{table}"\n'
        text += "    id: Mapped[int] = mapped_column(primary_key=True)\n"
    file.write_text(text + "".join(f"    {line}\n" for line in lines))


def without_migrations(make_plugin: PluginMaker, name: str) -> Path:
    package = make_plugin(name, revisions=["pass"], head="")
    (package / f"migrations/versions/{name}_0001.py").unlink()
    (package / "migrations/versions").rmdir()
    (package / "migrations").rmdir()
    return package


def head(package: Path) -> str:
    return (package / "migrations/HEAD").read_text()


def first_revision(make_plugin: PluginMaker, *lines: str) -> Path:
    """A plugin without revisions, whose table has these lines in its model."""
    package = without_migrations(make_plugin, "alpha")
    model(package, *lines)
    return package
