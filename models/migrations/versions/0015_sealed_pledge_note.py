"""Why a pledge was refused is what somebody typed about somebody: sealed, like every other such text.

The ring is the one that the engine's sealed columns use; it comes with the connection's dialect.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pledge", sa.Column("sealed", sa.LargeBinary(), nullable=True))
    _seal(op.get_bind())
    with op.batch_alter_table("pledge") as batch_op:
        batch_op.drop_column("note")
    with op.batch_alter_table("pledge") as batch_op:
        batch_op.alter_column("sealed", new_column_name="note", existing_type=sa.LargeBinary())
    with op.batch_alter_table("pledge") as batch_op:  # under its name: PostgreSQL calls the rule by it
        batch_op.alter_column("note", existing_type=sa.LargeBinary(), nullable=False)


def _seal(connection: sa.Connection) -> None:
    ring = connection.dialect.genting_keys  # type: ignore[attr-defined]
    pledge = sa.table("pledge", sa.column("id"), sa.column("note"), sa.column("sealed"))
    # Nearly all are empty: one sealed nothing serves them all.
    connection.execute(sa.update(pledge).values(sealed=ring.seal(b"")))
    for id_, note in connection.execute(
        sa.select(pledge.c.id, pledge.c.note).where(pledge.c.note != "")
    ).all():
        connection.execute(
            sa.update(pledge).where(pledge.c.id == id_).values(sealed=ring.seal(note.encode()))
        )
