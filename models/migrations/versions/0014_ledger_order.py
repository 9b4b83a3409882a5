"""A month's payouts stand in the order of their pledges: a piece of the ledger no longer reads the whole month."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("payout_of_month", table_name="payout")
    op.create_index("payout_of_month", "payout", ["month", "pledge_id", "state"], unique=False)
