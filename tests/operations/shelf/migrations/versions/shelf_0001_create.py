"""Create."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "shelf_0001_create"
down_revision = None
requires = ()


def upgrade() -> None:
    op.create_table(
        "shelf_authors",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelf_authors")),
        sa.UniqueConstraint("name", name=op.f("uq_shelf_authors_name")),
    )
    op.create_table(
        "shelf_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reads", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kinds", sa.Text().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_shelf_days")),
    )
    op.create_table(
        "shelf_loans",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("book_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("lent", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelf_loans")),
    )
    op.create_table(
        "shelf_books",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("editor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("details", sa.Text().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="1", nullable=False),
        sa.CheckConstraint("state IN ('wanted', 'owned', 'ignored')", name=op.f("ck_shelf_books_state")),
        sa.CheckConstraint("pages >= 0", name=op.f("ck_shelf_books_pages")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["shelf_authors.id"], name=op.f("fk_shelf_books_author_id_shelf_authors"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["editor_id"],
            ["shelf_authors.id"],
            name=op.f("fk_shelf_books_editor_id_shelf_authors"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelf_books")),
        sa.UniqueConstraint("title", "language", name=op.f("uq_shelf_books_title_language")),
    )


def downgrade() -> None:
    op.drop_table("shelf_books")
    op.drop_table("shelf_loans")
    op.drop_table("shelf_days")
    op.drop_table("shelf_authors")
