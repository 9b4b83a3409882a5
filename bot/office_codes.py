"""`genting whatsapp codes`: one-time codes for the ASN of an office, to be handed out by the office."""

import csv
import os
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from models.codes import staff_code
from models.database import Database, in_session
from models.errors import ConfigurationError
from models.keys import KeyRing
from models.people import staff_not_signed_up


def write_codes(database: Database, now: datetime, office: str, file: Path) -> int:
    """Write name and code of each ASN of the office who has not signed up; return how many.

    Raises ConfigurationError when the staff list knows no such office, or nobody is left there.
    """

    def make(session: Session) -> list[tuple[str, str]]:
        return _codes(session, database.keys, now, office)

    made = database.submit(in_session(make)).result()
    if not made:
        raise ConfigurationError(f"the staff list has nobody of {office!r} who has not signed up yet")
    # Readable by its owner only: who has a code is taken for the person beside it.
    with os.fdopen(
        os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as opened:
        csv.writer(opened).writerows([("nama", "kode"), *made])
    return len(made)


def _codes(session: Session, keys: KeyRing, now: datetime, office: str) -> list[tuple[str, str]]:
    entries = staff_not_signed_up(session, office)
    return [(_harmless(entry.name), staff_code(session, keys, now, entry.nip_index)) for entry in entries]


def _harmless(name: str) -> str:
    """Return a name that no spreadsheet takes for a formula."""
    return f"'{name}" if name[:1] in "=+-@\t\r" else name
