"""A second channel: its reports, its window, its two names for a person, and codes that link chats."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dispatch",
        sa.Column("platform_id", sa.String(64), nullable=False),
        sa.Column("outbox_id", sa.BigInteger(), nullable=True),
        sa.Column("part", sa.SmallInteger(), nullable=False),
        sa.Column("parts", sa.SmallInteger(), nullable=False),
        sa.Column("templated", sa.SmallInteger(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("failed_code", sa.Integer(), nullable=True),
        sa.Column("category", sa.String(40), nullable=True),
        sa.Column("billable", sa.SmallInteger(), nullable=True),
        sa.Column("first_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("platform_id"),
    )
    op.create_index("dispatch_first_ms", "dispatch", ["first_ms"], unique=False)
    op.create_index("dispatch_outbox_id", "dispatch", ["outbox_id"], unique=False)
    op.create_table(
        "template_halt",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("halted_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "one_time_code",
        sa.Column("code_index", sa.String(32), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("nip_index", sa.String(32), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("code_index"),
    )
    op.add_column("contact", sa.Column("alias", sa.LargeBinary(), nullable=True))
    op.add_column("contact", sa.Column("alias_index", sa.String(32), nullable=True))
    op.add_column("contact", sa.Column("free_until_ms", sa.BigInteger(), nullable=True))
    op.add_column("contact", sa.Column("preferred_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("contact_alias", "contact", ["channel", "alias_index"], unique=False)
    op.add_column("outbox", sa.Column("rerouted_from", sa.BigInteger(), nullable=True))
    op.create_index(
        "outbox_held",
        "outbox",
        ["contact_id", "id"],
        unique=False,
        sqlite_where=sa.text("outcome = 4"),
        postgresql_where=sa.text("outcome = 4"),
    )
