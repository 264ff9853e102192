"""Plugins made on the spot, with tables and revisions, as real distributions on disk."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent, indent

from tests.support.distributions import install


@dataclass(frozen=True)
class Rev:
    """A revision: the bodies of its functions, and what it declares. Without `down` it has no function downgrade."""

    body: str
    down: str | None = "pass"
    requires: Sequence[str] = ()
    transactional: bool = True
    message: str = "Change something."


def create_table(name: str, *columns: str) -> str:
    """The body that creates a table with an integer key and these columns, given as Python."""
    extra = "".join(f", {column}" for column in columns)
    return f'op.create_table("{name}", sa.Column("id", sa.Integer(), primary_key=True){extra})'


def table(name: str, *columns: str) -> Rev:
    """A revision that creates such a table, and drops it on the way back."""
    return Rev(create_table(name, *columns), down=f'op.drop_table("{name}")')


class PluginMaker:
    """Writes a distribution `storeroom-<name>` with the plugin `<name>` into a folder on sys.path.

    By default it has one table `<name>`, one revision `<name>_0001`, and a repository `<Name>Repository` with the
    verbs of BaseRepository only. Revision ids are `<name>_0001`, `<name>_0002`, … in the order given.
    """

    def __init__(self, site: Path) -> None:
        self.site = site

    def __call__(
        self,
        name: str,
        *,
        revisions: Sequence[Rev | str] | None = None,
        tables: Sequence[str] | None = None,
        requires: Sequence[str] = (),
        core: str = "",
        head: str | None = None,
        version: str = "1.0",
        distribution: str | None = None,
        plugin_code: str = "",
        model_code: str = "",
        manifest_code: str = "",
    ) -> Path:
        """Write it and return its package's folder. `head` replaces what HEAD says; "" leaves HEAD out.

        `plugin_code` and `model_code` are appended to plugin.py and models.py, `manifest_code` goes among the
        manifest's arguments.
        """
        package = f"sr_{name}"
        tables = [name] if tables is None else tables
        revisions = [create_table(each) for each in tables] if revisions is None else revisions
        revs = [rev if isinstance(rev, Rev) else Rev(rev) for rev in revisions]
        files = {
            f"{package}/__init__.py": "",
            f"{package}/models.py": self._models(name, tables) + dedent(model_code),
            f"{package}/plugin.py": self._plugin(name, package, requires, core, manifest_code) + dedent(plugin_code),
        }
        previous = None
        for number, rev in enumerate(revs, start=1):
            identity = f"{name}_{number:04d}"
            files[f"{package}/migrations/versions/{identity}.py"] = self._revision(identity, previous, rev)
            previous = identity
        last = head if head is not None else previous
        if last:
            files[f"{package}/migrations/HEAD"] = f"{last}\n"
        install(
            self.site,
            name,
            files,
            distribution=distribution,
            version=version,
            module=f"{package}.plugin",
        )
        return self.site / package

    @staticmethod
    def _models(name: str, tables: Sequence[str]) -> str:
        classes = "".join(
            f"\n\nclass Table{number}(Base):\n"
            f'    __tablename__ = "{table}"\n'
            f"    id: Mapped[int] = mapped_column(primary_key=True)\n"
            for number, table in enumerate(tables, start=1)
        )
        return (
            "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n"
            "from storeroom import plugin_registry\n\n\n"
            "class Base(DeclarativeBase):\n"
            f'    registry = plugin_registry("{name}")\n'
            f"{classes}"
        )

    @staticmethod
    def _plugin(name: str, package: str, requires: Sequence[str], core: str, extra: str) -> str:
        return dedent(
            f"""
            from storeroom import BaseRepository, Manifest, hookimpl

            from {package}.models import Base


            class {name.capitalize()}Repository(BaseRepository):
                name = "{name}"


            @hookimpl
            def storeroom_manifest():
                return Manifest(
                    models=Base,
                    migrations="{package}.migrations",
                    repositories=[{name.capitalize()}Repository],
                    requires={list(requires)!r},
                    core={core!r},
                    {extra}
                )
            """
        )

    @staticmethod
    def _revision(identity: str, previous: str | None, rev: Rev) -> str:
        return (
            f'"""{rev.message}"""\n\n'
            "import sqlalchemy as sa\n"
            "from alembic import op\n\n"
            f"revision = {identity!r}\n"
            f"down_revision = {previous!r}\n"
            f"requires = {tuple(rev.requires)!r}\n"
            f"transactional = {rev.transactional!r}\n\n\n"
            "def upgrade():\n"
            + indent(dedent(rev.body), "    ")
            + "\n"
            + ("" if rev.down is None else "\n\ndef downgrade():\n" + indent(dedent(rev.down), "    ") + "\n")
        )
