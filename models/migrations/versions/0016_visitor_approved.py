"""A visitor whom the programme does not know sees a family when a coordinator has approved it: when that was."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pledge", sa.Column("visitor_approved_at", sa.DateTime(timezone=True), nullable=True))
