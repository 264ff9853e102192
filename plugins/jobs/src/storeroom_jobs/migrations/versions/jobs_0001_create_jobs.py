"""Create jobs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "jobs_0001_create_jobs"
down_revision = None
requires = ()


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("file_path", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("force", sa.Boolean(), nullable=False),
        sa.Column("context", sa.Text().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("source_format", sa.String(), nullable=False),
        sa.Column("output_path", sa.String(), nullable=False),
        sa.Column("stats", sa.Text().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("config_hash", sa.String(length=600), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("unique_key", sa.String(length=600), nullable=True),
        sa.Column("worker", sa.String(), nullable=False),
        sa.Column("lease_token", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lease_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_jobs_attempts")),
        sa.CheckConstraint("file_path <> ''", name=op.f("ck_jobs_file_path")),
        sa.CheckConstraint("id <> ''", name=op.f("ck_jobs_id")),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'completed', 'failed', 'dead')", name=op.f("ck_jobs_status")
        ),
        sa.CheckConstraint("max_attempts >= 1", name=op.f("ck_jobs_max_attempts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index("ix_jobs_created_at_id", "jobs", ["created_at", "id"])
    op.create_index("ix_jobs_file_path", "jobs", ["file_path"], postgresql_using="hash")
    op.create_index("ix_jobs_status_created_at_id", "jobs", ["status", "created_at", "id"])
    op.create_index(
        "ix_jobs_claimable",
        "jobs",
        [sa.literal_column("priority DESC"), "run_at", "id"],
        sqlite_where=sa.text("CASE status WHEN 'queued' THEN true ELSE false END"),
        postgresql_where=sa.text("CASE status WHEN 'queued' THEN true ELSE false END"),
    )
    op.create_index(
        "ix_jobs_comparable",
        "jobs",
        ["status", "config_hash"],
        sqlite_where=sa.text("status = 'completed' AND config_hash > ''"),
        postgresql_where=sa.text("status = 'completed' AND config_hash > ''"),
    )
    op.create_index(
        "ix_jobs_leased",
        "jobs",
        ["lease_expires_at"],
        sqlite_where=sa.text("CASE status WHEN 'running' THEN true ELSE false END"),
        postgresql_where=sa.text("CASE status WHEN 'running' THEN true ELSE false END"),
    )
    op.create_index(
        "uq_jobs_unique_key_pending",
        "jobs",
        ["unique_key"],
        unique=True,
        sqlite_where=sa.text("status IN ('queued', 'running')"),
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )
    op.create_table(
        "jobs_daily",
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("translated", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("skipped", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("failed", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("by_format", sa.Text().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("by_source", sa.Text().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("date", name=op.f("pk_jobs_daily")),
    )


def downgrade() -> None:
    op.drop_table("jobs_daily")
    op.drop_table("jobs")
