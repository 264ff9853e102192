"""A program that keeps tables of its own in the same database, and migrates them with an Alembic of its own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config

from tests.support.distributions import forget_modules

_ENV = """
from alembic import context
from program_models import Base
from sqlalchemy import create_engine

from storeroom.alembic import include_name
from storeroom.engine import parse_url

attributes = context.config.attributes
engine = create_engine(parse_url(attributes["url"]))
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=include_name(connection),
        render_as_batch=True,
        **attributes["options"],
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
"""
_MODELS = """
from sqlalchemy import ForeignKey, Integer
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storeroom_notes import Note


class Base(DeclarativeBase):
    pass
"""


class Program:
    """Its models, its migrations, and one database."""

    def __init__(self, site: Path, url: str) -> None:
        self._site = site
        folder = site / "program_migrations"
        file = str(site / "alembic.ini")
        command.init(Config(file), str(folder))
        (folder / "env.py").write_text(_ENV)
        self._config = Config(file)
        self._config.attributes.update(url=url, options={})

    def set_models(self, models: Mapping[str, str]) -> None:
        """Write its models: tables by name, each with lines for its class."""
        text = _MODELS
        for number, (table, lines) in enumerate(models.items()):
            text += f'\n\nclass Table{number}(Base):\n    __tablename__ = "{table}"\n'
            text += f"    id: Mapped[int] = mapped_column(primary_key=True)\n    {lines}\n"
        (self._site / "program_models.py").write_text(text)

    def autogenerate(self, message: str, **options: Any) -> str:
        """Write a revision with `alembic revision --autogenerate`; returns the body of its upgrade function."""
        forget_modules(self._site)
        self._config.attributes["options"] = options
        script: Any = command.revision(self._config, message, autogenerate=True)
        text = Path(script.path).read_text()
        return text.partition("def upgrade() -> None:")[2].partition("def downgrade() -> None:")[0]

    def upgrade(self) -> None:
        forget_modules(self._site)
        command.upgrade(self._config, "head")

    def check(self) -> None:
        """Raise when its models and its tables differ."""
        forget_modules(self._site)
        command.check(self._config)
