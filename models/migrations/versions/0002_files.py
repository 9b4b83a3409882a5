"""Pictures that people send: receipts, visits. And an outbox in which a large batch costs a claim nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stored_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256_index", sa.String(32), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["uploaded_by"], ["contact.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_stored_file_sha256_index", "stored_file", ["sha256_index"], unique=False)
    op.create_index("ix_stored_file_uploaded_by", "stored_file", ["uploaded_by"], unique=False)
    op.drop_index("outbox_waiting", table_name="outbox")
    op.create_index(
        "outbox_waiting",
        "outbox",
        ["channel", "priority", "not_before_ms", "id"],
        unique=False,
        sqlite_where=sa.text("outcome = 0"),
        postgresql_where=sa.text("outcome = 0"),
    )
