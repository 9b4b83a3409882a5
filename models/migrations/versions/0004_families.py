"""Families: replies found by the message they answer, and check-ins that a danger sign cuts short."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("check_in") as batch_op:
        batch_op.add_column(sa.Column("exclusive_breastfeeding", sa.Boolean(), nullable=True))
        batch_op.alter_column("food_groups", existing_type=sa.String(120), nullable=True)

    with op.batch_alter_table("outbox") as batch_op:
        batch_op.create_index(
            "outbox_answered",
            ["contact_id", "provider_id"],
            unique=False,
            sqlite_where=sa.text("about IS NOT NULL"),
            postgresql_where=sa.text("about IS NOT NULL"),
        )
