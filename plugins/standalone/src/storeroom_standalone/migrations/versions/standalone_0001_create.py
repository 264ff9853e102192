"""Create standalone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "standalone_0001_create"
down_revision = None
requires = ()


def upgrade() -> None:
    op.create_table(
        "standalone_folders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("last_scan_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="1", nullable=False),
        sa.CheckConstraint("media_type IN ('auto', 'tv', 'movie')", name=op.f("ck_standalone_folders_media_type")),
        sa.CheckConstraint("path <> ''", name=op.f("ck_standalone_folders_path")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standalone_folders")),
        sa.UniqueConstraint("path", name=op.f("uq_standalone_folders_path")),
    )
    op.create_table(
        "standalone_series",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("folder_path", sa.String(), nullable=False),
        sa.Column("tvdb_id", sa.Integer(), nullable=True),
        sa.Column("anilist_id", sa.Integer(), nullable=True),
        sa.Column("is_anime", sa.Boolean(), nullable=False),
        sa.Column("episode_count", sa.Integer(), nullable=False),
        sa.Column("season_count", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("tmdb_id", sa.Integer(), nullable=True),
        sa.Column("imdb_id", sa.String(), nullable=False),
        sa.Column("poster_url", sa.String(), nullable=False),
        sa.Column("metadata_source", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="1", nullable=False),
        sa.CheckConstraint("folder_path <> ''", name=op.f("ck_standalone_series_folder_path")),
        sa.CheckConstraint("title <> ''", name=op.f("ck_standalone_series_title")),
        sa.CheckConstraint("year BETWEEN 1800 AND 9999", name=op.f("ck_standalone_series_year")),
        sa.CheckConstraint("tmdb_id > 0", name=op.f("ck_standalone_series_tmdb_id")),
        sa.CheckConstraint("tvdb_id > 0", name=op.f("ck_standalone_series_tvdb_id")),
        sa.CheckConstraint("anilist_id > 0", name=op.f("ck_standalone_series_anilist_id")),
        sa.CheckConstraint("episode_count >= 0", name=op.f("ck_standalone_series_episode_count")),
        sa.CheckConstraint("season_count >= 0", name=op.f("ck_standalone_series_season_count")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standalone_series")),
        sa.UniqueConstraint("folder_path", name=op.f("uq_standalone_series_folder_path")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_standalone_series_title_id", "standalone_series", ["title", "id"])
    op.create_index("ix_standalone_series_created_at_id", "standalone_series", ["created_at", "id"])
    op.create_index("ix_standalone_series_is_anime_title_id", "standalone_series", ["is_anime", "title", "id"])
    op.create_index("ix_standalone_series_tmdb_id", "standalone_series", ["tmdb_id"])
    op.create_index("ix_standalone_series_tvdb_id", "standalone_series", ["tvdb_id"])
    op.create_index("ix_standalone_series_anilist_id", "standalone_series", ["anilist_id"])
    op.create_table(
        "standalone_movies",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("file_path", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("tmdb_id", sa.Integer(), nullable=True),
        sa.Column("imdb_id", sa.String(), nullable=False),
        sa.Column("poster_url", sa.String(), nullable=False),
        sa.Column("metadata_source", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="1", nullable=False),
        sa.CheckConstraint("file_path <> ''", name=op.f("ck_standalone_movies_file_path")),
        sa.CheckConstraint("title <> ''", name=op.f("ck_standalone_movies_title")),
        sa.CheckConstraint("year BETWEEN 1800 AND 9999", name=op.f("ck_standalone_movies_year")),
        sa.CheckConstraint("tmdb_id > 0", name=op.f("ck_standalone_movies_tmdb_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standalone_movies")),
        sa.UniqueConstraint("file_path", name=op.f("uq_standalone_movies_file_path")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_standalone_movies_title_id", "standalone_movies", ["title", "id"])
    op.create_index("ix_standalone_movies_created_at_id", "standalone_movies", ["created_at", "id"])
    op.create_index("ix_standalone_movies_tmdb_id", "standalone_movies", ["tmdb_id"])
    op.create_table(
        "standalone_metadata",
        sa.Column("cache_key", sa.String(), nullable=False),
        sa.Column("provider", sa.String(length=100), nullable=False),
        sa.Column("response", sa.Text().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("cached_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="1", nullable=False),
        sa.CheckConstraint("cache_key <> ''", name=op.f("ck_standalone_metadata_cache_key")),
        sa.CheckConstraint("provider <> ''", name=op.f("ck_standalone_metadata_provider")),
        sa.PrimaryKeyConstraint("cache_key", name=op.f("pk_standalone_metadata")),
    )
    op.create_index("ix_standalone_metadata_expires_at_cache_key", "standalone_metadata", ["expires_at", "cache_key"])
    op.create_index("ix_standalone_metadata_provider_cache_key", "standalone_metadata", ["provider", "cache_key"])
    op.create_table(
        "standalone_anidb",
        # Not INTEGER, which SQLite numbers by itself where it is a primary key.
        sa.Column("tvdb_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("anidb_id", sa.Integer(), nullable=False),
        sa.Column("series_title", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="1", nullable=False),
        sa.CheckConstraint("tvdb_id > 0", name=op.f("ck_standalone_anidb_tvdb_id")),
        sa.CheckConstraint("anidb_id > 0", name=op.f("ck_standalone_anidb_anidb_id")),
        sa.PrimaryKeyConstraint("tvdb_id", name=op.f("pk_standalone_anidb")),
    )
    op.create_index("ix_standalone_anidb_anidb_id_tvdb_id", "standalone_anidb", ["anidb_id", "tvdb_id"])
    op.create_index("ix_standalone_anidb_last_used_at_tvdb_id", "standalone_anidb", ["last_used_at", "tvdb_id"])


def downgrade() -> None:
    op.drop_table("standalone_anidb")
    op.drop_table("standalone_metadata")
    op.drop_table("standalone_movies")
    op.drop_table("standalone_series")
    op.drop_table("standalone_folders")
