"""Why a pledge was refused is what somebody typed about somebody: sealed, like every other such text."""

from models.migrations.sealing import seal_column

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    seal_column("pledge", "note")
