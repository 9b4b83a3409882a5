"""Pledges for several children at once, which a leader agrees to; codes for leaders and visitors."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "joint_pledge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("first_month", sa.String(7), nullable=False),
        sa.Column("last_month", sa.String(7), nullable=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leader_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["leader_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_joint_pledge_contact_id", "joint_pledge", ["contact_id"])
    op.create_index("ix_joint_pledge_organisation_id", "joint_pledge", ["organisation_id"])

    with op.batch_alter_table("invitation") as batch_op:
        batch_op.add_column(sa.Column("joint_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("pledge_id", sa.Integer(), nullable=True))
        batch_op.create_index("ix_invitation_joint_id", ["joint_id"], unique=False)
        batch_op.create_index("ix_invitation_pledge_id", ["pledge_id"], unique=False)

    with op.batch_alter_table("pledge") as batch_op:
        batch_op.add_column(sa.Column("joint_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("awaits_leader", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.create_foreign_key("fk_pledge_joint_id", "joint_pledge", ["joint_id"], ["id"])
        batch_op.create_index("ix_pledge_joint_id", ["joint_id"], unique=False)
        batch_op.create_index("ix_pledge_visitor_id", ["visitor_id"], unique=False)
    with op.batch_alter_table("pledge") as batch_op:
        batch_op.alter_column("awaits_leader", server_default=None)
