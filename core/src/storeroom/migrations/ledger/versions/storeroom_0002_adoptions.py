"""Remember which rows of other systems were adopted."""

import sqlalchemy as sa
from alembic import op

revision = "storeroom_0002_adoptions"
down_revision = "storeroom_0001_ledger"
requires = ()


def upgrade() -> None:
    op.create_table(
        "storeroom_adoptions",
        sa.Column("system", sa.String(128), nullable=False),
        sa.Column("source_table", sa.String(128), nullable=False),
        sa.Column("target_table", sa.String(128), nullable=False),
        sa.Column("identity", sa.String(64), nullable=False),
        sa.Column("source_key", sa.String(), nullable=False),
        sa.Column("target_key", sa.String(), nullable=False),
        sa.Column("plugin", sa.String(128), nullable=False),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("system", "source_table", "target_table", "identity", name="pk_storeroom_adoptions"),
        sa.ForeignKeyConstraint(
            ["plugin"],
            ["storeroom_plugins.name"],
            name="fk_storeroom_adoptions_plugin_storeroom_plugins",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_storeroom_adoptions_plugin", "storeroom_adoptions", ["plugin"])


def downgrade() -> None:
    raise NotImplementedError("the ledger can't be downgraded: without it, nobody knows what the database holds")
