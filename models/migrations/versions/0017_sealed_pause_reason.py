"""Why a pledge rests may be typed, too: sealed. What was tapped until now was kept as a code: it becomes its words."""

import sqlalchemy as sa
from alembic import op

from models.migrations.sealing import seal_column

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

CODES = {"money": "Keuangan sedang berat", "away": "Sedang bertugas/bepergian", "other": "Alasan lain"}


def upgrade() -> None:
    pause = sa.table("pause", sa.column("reason"))
    for code, words in CODES.items():
        op.get_bind().execute(sa.update(pause).where(pause.c.reason == code).values(reason=words))
    seal_column("pause", "reason")
