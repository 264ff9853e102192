"""Create the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "storeroom_0001_ledger"
down_revision = None
requires = ()


def upgrade() -> None:
    op.create_table(
        "storeroom_plugins",
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("head", sa.String(32), nullable=False),
        sa.Column("distribution", sa.String(128)),
        sa.Column("version", sa.String(128)),
        sa.Column("installed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("upgraded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_storeroom_plugins"),
    )
    op.create_table(
        "storeroom_revisions",
        sa.Column("plugin", sa.String(128), nullable=False),
        sa.Column("revision", sa.String(32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("plugin", "revision", name="pk_storeroom_revisions"),
        sa.ForeignKeyConstraint(
            ["plugin"],
            ["storeroom_plugins.name"],
            name="fk_storeroom_revisions_plugin_storeroom_plugins",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "storeroom_requirements",
        sa.Column("plugin", sa.String(128), nullable=False),
        sa.Column("revision", sa.String(32), nullable=False),
        sa.Column("required_plugin", sa.String(128), nullable=False),
        sa.Column("required_revision", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint(
            "plugin", "revision", "required_plugin", "required_revision", name="pk_storeroom_requirements"
        ),
        sa.ForeignKeyConstraint(
            ["plugin", "revision"],
            ["storeroom_revisions.plugin", "storeroom_revisions.revision"],
            name="fk_storeroom_requirements_plugin_revision_storeroom_revisions",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "storeroom_objects",
        sa.Column("kind", sa.String(5), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("plugin", sa.String(128), nullable=False),
        sa.Column("table_name", sa.String(128), nullable=False),
        sa.Column("drop_position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", name="pk_storeroom_objects"),
        sa.ForeignKeyConstraint(
            ["plugin"],
            ["storeroom_plugins.name"],
            name="fk_storeroom_objects_plugin_storeroom_plugins",
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("kind IN ('table', 'index')", name=op.f("ck_storeroom_objects_kind")),
    )
    op.create_index("ix_storeroom_objects_plugin", "storeroom_objects", ["plugin"])


def downgrade() -> None:
    raise NotImplementedError("the ledger can't be downgraded: without it, nobody knows what the database holds")
