"""Sealing what a column held in the clear, with the ring that comes with the connection's dialect."""

import sqlalchemy as sa
from alembic import op


def seal_column(table: str, column: str) -> None:
    """Replace a text column (never NULL) by a sealed one of the same name, row by row of what is not empty."""
    op.add_column(table, sa.Column("sealed", sa.LargeBinary(), nullable=True))
    _seal(op.get_bind(), sa.table(table, sa.column("id"), sa.column(column), sa.column("sealed")), column)
    with op.batch_alter_table(table) as batch_op:
        batch_op.drop_column(column)
    with op.batch_alter_table(table) as batch_op:
        batch_op.alter_column("sealed", new_column_name=column, existing_type=sa.LargeBinary())
    with op.batch_alter_table(table) as batch_op:  # under its name: PostgreSQL calls the rule by it
        batch_op.alter_column(column, existing_type=sa.LargeBinary(), nullable=False)


def _seal(connection: sa.Connection, table: sa.TableClause, column: str) -> None:
    ring = connection.dialect.genting_keys  # type: ignore[attr-defined]
    # Nearly all are empty: one sealed nothing serves them all.
    connection.execute(sa.update(table).values(sealed=ring.seal(b"")))
    clear = sa.select(table.c.id, table.c[column]).where(table.c[column] != "")
    for id_, words in connection.execute(clear).all():
        connection.execute(sa.update(table).where(table.c.id == id_).values(sealed=ring.seal(words.encode())))
