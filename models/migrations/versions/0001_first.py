"""The first release: people, children, pledges, and the engine's messages."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cursor",
        sa.Column("channel", sa.String(12), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("moved_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel"),
    )
    op.create_table(
        "inbox",
        sa.Column("channel", sa.String(12), nullable=False),
        sa.Column("update_id", sa.String(128), nullable=False),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.Column("parked_payload", sa.LargeBinary(), nullable=True),
        sa.Column("parked_error", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("channel", "update_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_inbox_received_ms", "inbox", ["received_ms"], unique=False)
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("staff_count", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.String(32), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_person_phone_index", "person", ["phone_index"], unique=False)
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(60), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_audit_actor_id", "audit", ["actor_id"], unique=False)
    op.create_index("ix_audit_at", "audit", ["at"], unique=False)
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("version", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(60), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_consent_person_id", "consent", ["person_id"], unique=False)
    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(12), nullable=False),
        sa.Column("address_index", sa.String(32), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unreachable_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel", "address_index"),
    )
    op.create_index("ix_contact_person_id", "contact", ["person_id"], unique=False)
    op.create_table(
        "foster_parent",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("nip", sa.LargeBinary(), nullable=True),
        sa.Column("nip_index", sa.String(32), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("standing", sa.String(20), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decision_note", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("person_id"),
        sa.UniqueConstraint("nip_index"),
    )
    op.create_index("ix_foster_parent_organisation_id", "foster_parent", ["organisation_id"], unique=False)
    op.create_index("ix_foster_parent_standing", "foster_parent", ["standing"], unique=False)
    op.create_table(
        "grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(60), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_grant_person_id", "grant", ["person_id"], unique=False)
    op.create_table(
        "guardian",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.String(32), nullable=True),
        sa.Column("relation", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_guardian_person_id", "guardian", ["person_id"], unique=False)
    op.create_index("ix_guardian_phone_index", "guardian", ["phone_index"], unique=False)
    op.create_table(
        "invitation",
        sa.Column("code_index", sa.String(32), nullable=False),
        sa.Column("area", sa.String(60), nullable=True),
        sa.Column("role_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("redeemed_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["redeemed_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("code_index"),
    )
    op.create_table(
        "roster",
        sa.Column("nip_index", sa.String(32), nullable=False),
        sa.Column("nip", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=False),
        sa.Column("phone_index", sa.String(32), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.PrimaryKeyConstraint("nip_index"),
    )
    op.create_index("ix_roster_organisation_id", "roster", ["organisation_id"], unique=False)
    op.create_index("ix_roster_phone_index", "roster", ["phone_index"], unique=False)
    op.create_table(
        "child",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("nik", sa.LargeBinary(), nullable=True),
        sa.Column("nik_index", sa.String(32), nullable=True),
        sa.Column("sex", sa.String(20), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=False),
        sa.Column("area", sa.String(60), nullable=False),
        sa.Column("village", sa.String(60), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("severity", sa.String(20), nullable=False),
        sa.Column("listed_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("guardian_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["guardian_id"],
            ["guardian.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
        sa.UniqueConstraint("nik_index"),
    )
    op.create_index("ix_child_area", "child", ["area"], unique=False)
    op.create_index("ix_child_guardian_id", "child", ["guardian_id"], unique=False)
    op.create_index("ix_child_status", "child", ["status"], unique=False)
    op.create_table(
        "conversation",
        sa.Column("contact_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("holding", sa.String(40), nullable=True),
        sa.Column("moved_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
        ),
        sa.PrimaryKeyConstraint("contact_id"),
    )
    op.create_index(
        "conversation_holding",
        "conversation",
        ["holding"],
        unique=False,
        sqlite_where=sa.text("holding IS NOT NULL"),
        postgresql_where=sa.text("holding IS NOT NULL"),
    )
    op.create_table(
        "outbox",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("channel", sa.String(12), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("queued_ms", sa.BigInteger(), nullable=False),
        sa.Column("not_before_ms", sa.BigInteger(), nullable=False),
        sa.Column("leased_until_ms", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("outcome", sa.SmallInteger(), nullable=False),
        sa.Column("done_ms", sa.BigInteger(), nullable=True),
        sa.Column("provider_id", sa.String(64), nullable=True),
        sa.Column("error", sa.String(200), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("outbox_done", "outbox", ["done_ms"], unique=False)
    op.create_index(
        "outbox_waiting",
        "outbox",
        ["channel", "priority", "id"],
        unique=False,
        sqlite_where=sa.text("outcome = 0"),
        postgresql_where=sa.text("outcome = 0"),
    )
    op.create_index(
        "outbox_waiting_of_contact",
        "outbox",
        ["contact_id", "id"],
        unique=False,
        sqlite_where=sa.text("outcome = 0"),
        postgresql_where=sa.text("outcome = 0"),
    )
    op.create_table(
        "pledge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("foster_parent_id", sa.Integer(), nullable=False),
        sa.Column("visitor_id", sa.Integer(), nullable=True),
        sa.Column("monthly_idr", sa.Integer(), nullable=False),
        sa.Column("first_month", sa.String(7), nullable=False),
        sa.Column("last_month", sa.String(7), nullable=True),
        sa.Column("round_name", sa.String(20), nullable=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("pledged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(200), nullable=False),
        sa.CheckConstraint("monthly_idr > 0", name="pledge_amount_positive"),
        sa.ForeignKeyConstraint(
            ["child_id"],
            ["child.id"],
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["foster_parent_id"],
            ["foster_parent.person_id"],
        ),
        sa.ForeignKeyConstraint(
            ["visitor_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_pledge_child_id", "pledge", ["child_id"], unique=False)
    op.create_index("ix_pledge_foster_parent_id", "pledge", ["foster_parent_id"], unique=False)
    op.create_index("ix_pledge_state", "pledge", ["state"], unique=False)
