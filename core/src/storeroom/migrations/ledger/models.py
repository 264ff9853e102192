"""Core's own tables, in which the database itself records which plugins, revisions and tables it holds."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storeroom.names import CORE_PLUGIN
from storeroom.orm import plugin_registry
from storeroom.sql import now

NAME_LENGTH = 128
REVISION_LENGTH = 32
DIGEST_LENGTH = 64


class LedgerBase(DeclarativeBase):
    """The base of the ledger's models."""

    registry = plugin_registry(CORE_PLUGIN)


class LedgerPlugin(LedgerBase):
    """A plugin whose tables this database holds.

    `name` and `head` are read before anything else is known of the ledger, so that they never change.
    """

    __tablename__ = "storeroom_plugins"

    name: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True)
    head: Mapped[str] = mapped_column(String(REVISION_LENGTH))
    distribution: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    version: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    installed_at: Mapped[datetime]
    upgraded_at: Mapped[datetime]


class LedgerRevision(LedgerBase):
    """A revision that was applied; `position` counts them within the plugin, from 1."""

    __tablename__ = "storeroom_revisions"

    plugin: Mapped[str] = mapped_column(
        String(NAME_LENGTH), ForeignKey(LedgerPlugin.name, ondelete="CASCADE"), primary_key=True
    )
    revision: Mapped[str] = mapped_column(String(REVISION_LENGTH), primary_key=True)
    position: Mapped[int]
    message: Mapped[str]
    applied_at: Mapped[datetime]


class LedgerRequirement(LedgerBase):
    """A revision that an applied revision requires: what stands against downgrading or purging its plugin.

    The required side is no foreign key: it outlives a plugin that is forgotten.
    """

    __tablename__ = "storeroom_requirements"
    __table_args__ = (
        ForeignKeyConstraint(
            ["plugin", "revision"], [LedgerRevision.plugin, LedgerRevision.revision], ondelete="CASCADE"
        ),
    )

    plugin: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True)
    revision: Mapped[str] = mapped_column(String(REVISION_LENGTH), primary_key=True)
    required_plugin: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True)
    required_revision: Mapped[str] = mapped_column(String(REVISION_LENGTH), primary_key=True)


class LedgerObject(LedgerBase):
    """A table or an index that a plugin owns; `drop_position` is its place, from 1, when the plugin's are dropped."""

    __tablename__ = "storeroom_objects"
    __table_args__ = (CheckConstraint("kind IN ('table', 'index')", name="kind"),)

    kind: Mapped[str] = mapped_column(String(5), primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True)
    plugin: Mapped[str] = mapped_column(
        String(NAME_LENGTH), ForeignKey(LedgerPlugin.name, ondelete="CASCADE"), index=True
    )
    table_name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    drop_position: Mapped[int]


class LedgerAdoption(LedgerBase):
    """A row of another system's database that was adopted, and what it is here.

    `identity` is a digest of what tells the row from any other; `source_key` and `target_key` are the primary keys that
    it has there and here, as JSON. `plugin` is no foreign key: what is remembered outlives a plugin that is forgotten,
    and serves it when its tables are claimed.
    """

    __tablename__ = "storeroom_adoptions"

    system: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True)
    source_table: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True)
    target_table: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True)
    identity: Mapped[str] = mapped_column(String(DIGEST_LENGTH), primary_key=True)
    source_key: Mapped[str]
    target_key: Mapped[str]
    plugin: Mapped[str] = mapped_column(String(NAME_LENGTH), index=True)
    adopted_at: Mapped[datetime] = mapped_column(default=now())
