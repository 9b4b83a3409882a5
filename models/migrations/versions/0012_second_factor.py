"""Files with names wait for a second factor; roles for a second coordinator (those given so far count)."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "file_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(60), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code_index", sa.String(32), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"]),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_file_request_contact_id", "file_request", ["contact_id"])
    op.create_index("ix_file_request_person_id", "file_request", ["person_id"])

    with op.batch_alter_table("grant") as batch_op:
        batch_op.add_column(sa.Column("state", sa.String(20), nullable=False, server_default="active"))
        batch_op.add_column(sa.Column("asked_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("decided_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key("fk_grant_asked_by", "person", ["asked_by"], ["id"])
        batch_op.create_foreign_key("fk_grant_decided_by", "person", ["decided_by"], ["id"])
    with op.batch_alter_table("grant") as batch_op:
        batch_op.alter_column("state", server_default=None)

    with op.batch_alter_table("invitation") as batch_op:
        batch_op.add_column(sa.Column("created_by", sa.Integer(), nullable=True))
        batch_op.create_foreign_key("fk_invitation_created_by", "person", ["created_by"], ["id"])
