"""Create profiles."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "profiles_0001_create_profiles"
down_revision = None
requires = ()


def upgrade() -> None:
    length = "jsonb_array_length" if op.get_context().dialect.name == "postgresql" else "json_array_length"
    op.create_table(
        "profiles",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("source_language", sa.String(), nullable=False),
        sa.Column("source_language_name", sa.String(), nullable=False),
        sa.Column("target_languages", sa.Text().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("target_language_names", sa.Text().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("translation_backend", sa.String(), nullable=False),
        sa.Column("fallback_chain", sa.Text().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("forced_preference", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="1", nullable=False),
        sa.CheckConstraint(
            "forced_preference IN ('disabled', 'separate', 'auto')", name=op.f("ck_profiles_forced_preference")
        ),
        sa.CheckConstraint("name <> ''", name=op.f("ck_profiles_name")),
        sa.CheckConstraint("source_language <> ''", name=op.f("ck_profiles_source_language")),
        sa.CheckConstraint("source_language_name <> ''", name=op.f("ck_profiles_source_language_name")),
        sa.CheckConstraint("translation_backend <> ''", name=op.f("ck_profiles_translation_backend")),
        sa.CheckConstraint(f"{length}(target_languages) > 0", name=op.f("ck_profiles_target_languages")),
        sa.CheckConstraint(
            f"{length}(target_languages) = {length}(target_language_names)",
            name=op.f("ck_profiles_target_language_names"),
        ),
        sa.CheckConstraint(f"{length}(fallback_chain) > 0", name=op.f("ck_profiles_fallback_chain")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profiles")),
        sa.UniqueConstraint("name", name=op.f("uq_profiles_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "profiles_default",
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("profile_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("slot = 1", name=op.f("ck_profiles_default_slot")),
        sa.ForeignKeyConstraint(["profile_id"], ["profiles.id"], name=op.f("fk_profiles_default_profile_id_profiles")),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_profiles_default")),
    )
    op.create_table(
        "profiles_series",
        sa.Column(
            "series_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("profile_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id"], ["profiles.id"], name=op.f("fk_profiles_series_profile_id_profiles"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("series_id", name=op.f("pk_profiles_series")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_profiles_series_profile_id_series_id", "profiles_series", ["profile_id", "series_id"])
    op.create_table(
        "profiles_movies",
        sa.Column(
            "movie_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("profile_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id"], ["profiles.id"], name=op.f("fk_profiles_movies_profile_id_profiles"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("movie_id", name=op.f("pk_profiles_movies")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_profiles_movies_profile_id_movie_id", "profiles_movies", ["profile_id", "movie_id"])


def downgrade() -> None:
    op.drop_table("profiles_movies")
    op.drop_table("profiles_series")
    op.drop_table("profiles_default")
    op.drop_table("profiles")
