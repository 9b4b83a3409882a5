"""Reminders that leave in one message name the row that speaks for them; indexes by which a month is planned anew."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.add_column(sa.Column("with_id", number, nullable=True))
        batch_op.create_index(
            "outbox_with",
            ["with_id"],
            unique=False,
            sqlite_where=sa.text("with_id IS NOT NULL"),
            postgresql_where=sa.text("with_id IS NOT NULL"),
        )

    with op.batch_alter_table("payout") as batch_op:
        batch_op.drop_index("ix_payout_month")
        batch_op.create_index("payout_of_month", ["month", "state", "pledge_id"], unique=False)
