"""Remember what was adopted for a plugin that is forgotten."""

from alembic import op

revision = "storeroom_0003_forgetting"
down_revision = "storeroom_0002_adoptions"
requires = ()


def upgrade() -> None:
    with op.batch_alter_table("storeroom_adoptions") as batch:
        batch.drop_constraint("fk_storeroom_adoptions_plugin_storeroom_plugins", type_="foreignkey")


def downgrade() -> None:
    raise NotImplementedError("the ledger can't be downgraded: without it, nobody knows what the database holds")
