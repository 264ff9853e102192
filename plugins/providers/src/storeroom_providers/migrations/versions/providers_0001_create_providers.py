"""Create providers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "providers_0001_create_providers"
down_revision = None
requires = ()


def upgrade() -> None:
    op.create_table(
        "providers_cache",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("provider", sa.String(length=200), nullable=False),
        sa.Column("query_hash", sa.String(length=200), nullable=False),
        sa.Column("results", sa.Text().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("cached_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="1", nullable=False),
        sa.CheckConstraint("provider <> '' AND query_hash <> ''", name=op.f("ck_providers_cache_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_providers_cache")),
        sa.UniqueConstraint("provider", "query_hash", name=op.f("uq_providers_cache_provider_query_hash")),
    )
    op.create_index("ix_providers_cache_expires_at_id", "providers_cache", ["expires_at", "id"])
    op.create_index("ix_providers_cache_provider_expires_at", "providers_cache", ["provider", "expires_at"])
    op.create_table(
        "providers_downloads",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("provider", sa.String(length=200), nullable=False),
        sa.Column("subtitle_id", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("format", sa.String(length=200), nullable=False),
        sa.Column("file_path", sa.String(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("subtitle_type", sa.String(), nullable=False),
        sa.Column("downloaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("file_path <> ''", name=op.f("ck_providers_downloads_file_path")),
        sa.CheckConstraint("provider <> ''", name=op.f("ck_providers_downloads_provider")),
        sa.CheckConstraint("score >= 0", name=op.f("ck_providers_downloads_score")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_providers_downloads")),
    )
    op.create_index("ix_providers_downloads_downloaded_at_id", "providers_downloads", ["downloaded_at", "id"])
    op.create_index("ix_providers_downloads_file_path", "providers_downloads", ["file_path"], postgresql_using="hash")
    op.create_index(
        "ix_providers_downloads_provider_downloaded_at_id", "providers_downloads", ["provider", "downloaded_at", "id"]
    )
    op.create_index("ix_providers_downloads_provider_format", "providers_downloads", ["provider", "format"])
    op.create_table(
        "providers_stats",
        sa.Column("provider", sa.String(length=200), nullable=False),
        sa.Column("searches", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("search_failures", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("timed_searches", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("average_response_ms", sa.Float(), nullable=True),
        sa.Column("last_response_ms", sa.Float(), nullable=True),
        sa.Column("successful_downloads", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("failed_downloads", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scored_downloads", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("average_score", sa.Float(), nullable=True),
        sa.Column("consecutive_failures", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_success_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_failure_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("disabled_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="1", nullable=False),
        sa.CheckConstraint("provider <> ''", name=op.f("ck_providers_stats_provider")),
        sa.CheckConstraint("(scored_downloads = 0) = (average_score IS NULL)", name=op.f("ck_providers_stats_scored")),
        sa.CheckConstraint(
            "(timed_searches = 0) = (average_response_ms IS NULL)", name=op.f("ck_providers_stats_timed")
        ),
        sa.CheckConstraint(
            "average_response_ms >= 0 AND last_response_ms >= 0", name=op.f("ck_providers_stats_response_ms")
        ),
        sa.CheckConstraint("average_score >= 0", name=op.f("ck_providers_stats_score")),
        sa.CheckConstraint("consecutive_failures >= 0", name=op.f("ck_providers_stats_consecutive_failures")),
        sa.CheckConstraint("disabled OR disabled_until IS NULL", name=op.f("ck_providers_stats_disabled_until")),
        sa.CheckConstraint(
            "failed_downloads >= 0 AND scored_downloads BETWEEN 0 AND successful_downloads",
            name=op.f("ck_providers_stats_downloads"),
        ),
        sa.CheckConstraint(
            "search_failures BETWEEN 0 AND searches AND timed_searches BETWEEN 0 AND searches",
            name=op.f("ck_providers_stats_searches"),
        ),
        sa.PrimaryKeyConstraint("provider", name=op.f("pk_providers_stats")),
    )


def downgrade() -> None:
    op.drop_table("providers_stats")
    op.drop_table("providers_downloads")
    op.drop_table("providers_cache")
