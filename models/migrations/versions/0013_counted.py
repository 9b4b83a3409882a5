"""Coverage as it was last counted, for long lists; an index in which a kecamatan's children are counted."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "counted_month",
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("monthly_idr", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("month"),
    )
    op.create_table(
        "counted_area",
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("area", sa.String(60), nullable=False),
        sa.Column("children", sa.Integer(), nullable=False),
        sa.Column("fully_supported", sa.Integer(), nullable=False),
        sa.Column("partly_supported", sa.Integer(), nullable=False),
        sa.Column("pledged_idr", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["month"], ["counted_month.month"]),
        sa.PrimaryKeyConstraint("month", "area"),
    )
    op.drop_index("ix_child_area", table_name="child")
    op.create_index("child_of_area", "child", ["area", "listed_on", "left_on", "village", "id"], unique=False)
