"""Create hooks."""

import sqlalchemy as sa
from alembic import op

revision = "hooks_0001_create_hooks"
down_revision = None
requires = ()


def upgrade() -> None:
    op.create_table(
        "hooks_scripts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("event", sa.String(length=200), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("script_path", sa.String(), nullable=False),
        sa.Column("timeout_seconds", sa.Integer(), nullable=False),
        sa.Column("last_triggered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_status", sa.String(), nullable=True),
        sa.Column("trigger_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="1", nullable=False),
        sa.CheckConstraint("event <> ''", name=op.f("ck_hooks_scripts_event")),
        sa.CheckConstraint("last_status IN ('success', 'failed')", name=op.f("ck_hooks_scripts_last_status")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_hooks_scripts_name")),
        sa.CheckConstraint("timeout_seconds >= 1", name=op.f("ck_hooks_scripts_timeout_seconds")),
        sa.CheckConstraint("trigger_count >= 0", name=op.f("ck_hooks_scripts_trigger_count")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hooks_scripts")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hooks_scripts_event_id", "hooks_scripts", ["event", "id"])
    op.create_index("ix_hooks_scripts_name_id", "hooks_scripts", ["name", "id"])
    op.create_index(
        "ix_hooks_scripts_failed",
        "hooks_scripts",
        ["id"],
        sqlite_where=sa.text("enabled AND last_status = 'failed'"),
        postgresql_where=sa.text("enabled AND last_status = 'failed'"),
    )
    op.create_index(
        "ix_hooks_scripts_without_script",
        "hooks_scripts",
        ["id"],
        sqlite_where=sa.text("enabled AND script_path = ''"),
        postgresql_where=sa.text("enabled AND script_path = ''"),
    )
    op.create_table(
        "hooks_webhooks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("event", sa.String(length=200), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("retry_count", sa.Integer(), nullable=False),
        sa.Column("timeout_seconds", sa.Integer(), nullable=False),
        sa.Column("last_triggered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_status_code", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=False),
        sa.Column("consecutive_failures", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("trigger_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="1", nullable=False),
        sa.CheckConstraint("event <> ''", name=op.f("ck_hooks_webhooks_event")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_hooks_webhooks_name")),
        sa.CheckConstraint("url <> ''", name=op.f("ck_hooks_webhooks_url")),
        sa.CheckConstraint("consecutive_failures >= 0", name=op.f("ck_hooks_webhooks_consecutive_failures")),
        sa.CheckConstraint("retry_count >= 0", name=op.f("ck_hooks_webhooks_retry_count")),
        sa.CheckConstraint("timeout_seconds >= 1", name=op.f("ck_hooks_webhooks_timeout_seconds")),
        sa.CheckConstraint("trigger_count >= 0", name=op.f("ck_hooks_webhooks_trigger_count")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hooks_webhooks")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hooks_webhooks_event_id", "hooks_webhooks", ["event", "id"])
    op.create_index("ix_hooks_webhooks_name_id", "hooks_webhooks", ["name", "id"])
    op.create_index(
        "ix_hooks_webhooks_failing",
        "hooks_webhooks",
        ["id"],
        sqlite_where=sa.text("enabled AND consecutive_failures >= 3"),
        postgresql_where=sa.text("enabled AND consecutive_failures >= 3"),
    )
    op.create_table(
        "hooks_log",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("script_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("webhook_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("event", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("success", sa.Boolean(), nullable=False),
        sa.Column("exit_code", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("stdout", sa.String(), nullable=False),
        sa.Column("stderr", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("duration_ms", sa.Float(), nullable=False),
        sa.Column("triggered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("event <> ''", name=op.f("ck_hooks_log_event")),
        sa.CheckConstraint("kind IN ('script', 'webhook')", name=op.f("ck_hooks_log_kind")),
        sa.CheckConstraint("script_id IS NULL OR kind = 'script'", name=op.f("ck_hooks_log_script_id")),
        sa.CheckConstraint("webhook_id IS NULL OR kind = 'webhook'", name=op.f("ck_hooks_log_webhook_id")),
        sa.CheckConstraint("duration_ms >= 0", name=op.f("ck_hooks_log_duration_ms")),
        sa.ForeignKeyConstraint(
            ["script_id"], ["hooks_scripts.id"], name=op.f("fk_hooks_log_script_id_hooks_scripts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["webhook_id"],
            ["hooks_webhooks.id"],
            name=op.f("fk_hooks_log_webhook_id_hooks_webhooks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hooks_log")),
    )
    op.create_index("ix_hooks_log_script_id_triggered_at_id", "hooks_log", ["script_id", "triggered_at", "id"])
    op.create_index("ix_hooks_log_success_triggered_at_id", "hooks_log", ["success", "triggered_at", "id"])
    op.create_index("ix_hooks_log_triggered_at_id", "hooks_log", ["triggered_at", "id"])
    op.create_index("ix_hooks_log_webhook_id_triggered_at_id", "hooks_log", ["webhook_id", "triggered_at", "id"])


def downgrade() -> None:
    op.drop_table("hooks_log")
    op.drop_table("hooks_webhooks")
    op.drop_table("hooks_scripts")
