"""Let the index over the hashes of completed jobs be searched by their bounds, on both databases."""

import sqlalchemy as sa
from alembic import op

revision = "jobs_0002_index_compared_jobs"
down_revision = "jobs_0001_create_jobs"
requires = ()


def upgrade() -> None:
    op.drop_index("ix_jobs_comparable", table_name="jobs")
    op.create_index(
        "ix_jobs_compared",
        "jobs",
        ["config_hash", "created_at", "id", "status"],
        sqlite_where=sa.text("CASE status WHEN 'completed' THEN config_hash <> '' ELSE false END"),
        postgresql_where=sa.text("CASE status WHEN 'completed' THEN config_hash <> '' ELSE false END"),
    )


def downgrade() -> None:
    op.drop_index("ix_jobs_compared", table_name="jobs")
    op.create_index(
        "ix_jobs_comparable",
        "jobs",
        ["status", "config_hash"],
        sqlite_where=sa.text("status = 'completed' AND config_hash > ''"),
        postgresql_where=sa.text("status = 'completed' AND config_hash > ''"),
    )
