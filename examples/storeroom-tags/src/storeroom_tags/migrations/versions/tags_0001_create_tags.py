"""Create tags."""

import sqlalchemy as sa
from alembic import op

revision = "tags_0001_create_tags"
down_revision = None
requires = ("notes:notes_0001_create_notes",)


def upgrade() -> None:
    op.create_table(
        "tags",
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("note_id", "name", name="pk_tags"),
        sa.ForeignKeyConstraint(["note_id"], ["notes.id"], name="fk_tags_note_id_notes", ondelete="CASCADE"),
    )
    op.create_index("ix_tags_name", "tags", ["name"])


def downgrade() -> None:
    op.drop_table("tags")
