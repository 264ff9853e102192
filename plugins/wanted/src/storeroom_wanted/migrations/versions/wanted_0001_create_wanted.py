"""Create wanted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from storeroom.sql import ascending

revision = "wanted_0001_create_wanted"
down_revision = None
requires = ()


def upgrade() -> None:
    op.create_table(
        "wanted",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_type", sa.String(), nullable=False),
        sa.Column("series_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("episode_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("movie_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("standalone_series_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("standalone_movie_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("instance_name", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=600), nullable=False),
        sa.Column("season_episode", sa.String(), nullable=False),
        sa.Column("file_path", sa.String(), nullable=False),
        sa.Column("language", sa.String(length=100), nullable=False),
        sa.Column("subtitle_type", sa.String(), nullable=False),
        sa.Column("existing_sub", sa.String(length=100), nullable=False),
        sa.Column("missing_languages", sa.Text().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("upgrade_candidate", sa.Boolean(), nullable=False),
        sa.Column("current_score", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("search_count", sa.Integer(), nullable=False),
        sa.Column("last_search_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retry_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="1", nullable=False),
        sa.CheckConstraint("file_path <> ''", name=op.f("ck_wanted_file_path")),
        sa.CheckConstraint("item_type IN ('episode', 'movie')", name=op.f("ck_wanted_item_type")),
        sa.CheckConstraint("search_count >= 0", name=op.f("ck_wanted_search_count")),
        sa.CheckConstraint(
            "status IN ('wanted', 'searching', 'found', 'failed', 'ignored')", name=op.f("ck_wanted_status")
        ),
        sa.CheckConstraint("subtitle_type IN ('full', 'forced')", name=op.f("ck_wanted_subtitle_type")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wanted")),
        sa.UniqueConstraint(
            "file_path", "language", "subtitle_type", name=op.f("uq_wanted_file_path_language_subtitle_type")
        ),
    )
    op.create_index("ix_wanted_added_at_id", "wanted", ["added_at", "id"])
    op.create_index("ix_wanted_current_score_id", "wanted", ["current_score", "id"])
    op.create_index("ix_wanted_search_count_id", "wanted", ["search_count", "id"])
    op.create_index("ix_wanted_status_added_at_id", "wanted", ["status", "added_at", "id"])
    op.create_index("ix_wanted_title_id", "wanted", ["title", "id"])
    # On PostgreSQL with NULLS FIRST.
    op.create_index("ix_wanted_last_search_at_id", "wanted", [ascending(sa.Column("last_search_at")), "id"])
    op.create_index(
        "ix_wanted_due",
        "wanted",
        [ascending(sa.Column("last_search_at")), "id", "retry_after"],
        sqlite_where=sa.text(
            "CASE status WHEN 'wanted' THEN true WHEN 'failed' THEN retry_after IS NOT NULL ELSE false END"
        ),
        postgresql_where=sa.text(
            "CASE status WHEN 'wanted' THEN true WHEN 'failed' THEN retry_after IS NOT NULL ELSE false END"
        ),
    )
    op.create_index(
        "ix_wanted_missing",
        "wanted",
        ["status", "existing_sub", "series_id", "instance_name"],
        sqlite_where=sa.text("status = 'wanted' AND existing_sub = '' AND series_id IS NOT NULL"),
        postgresql_where=sa.text("status = 'wanted' AND existing_sub = '' AND series_id IS NOT NULL"),
    )
    op.create_index(
        "ix_wanted_summary",
        "wanted",
        ["status", "item_type", "subtitle_type", "existing_sub", "upgrade_candidate"],
    )
    op.create_index(
        "ix_wanted_episode_id",
        "wanted",
        ["episode_id"],
        sqlite_where=sa.text("episode_id IS NOT NULL"),
        postgresql_where=sa.text("episode_id IS NOT NULL"),
    )
    op.create_index(
        "ix_wanted_movie_id",
        "wanted",
        ["movie_id"],
        sqlite_where=sa.text("movie_id IS NOT NULL"),
        postgresql_where=sa.text("movie_id IS NOT NULL"),
    )
    op.create_index(
        "ix_wanted_series_id",
        "wanted",
        ["series_id"],
        sqlite_where=sa.text("series_id IS NOT NULL"),
        postgresql_where=sa.text("series_id IS NOT NULL"),
    )
    op.create_index(
        "ix_wanted_standalone_movie_id",
        "wanted",
        ["standalone_movie_id"],
        sqlite_where=sa.text("standalone_movie_id IS NOT NULL"),
        postgresql_where=sa.text("standalone_movie_id IS NOT NULL"),
    )
    op.create_index(
        "ix_wanted_standalone_series_id",
        "wanted",
        ["standalone_series_id"],
        sqlite_where=sa.text("standalone_series_id IS NOT NULL"),
        postgresql_where=sa.text("standalone_series_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("wanted")
