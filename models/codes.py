"""One-time codes that tie a chat to somebody: who has it may act as told, once, for a while.

A *link* code is shown in one chat of a person and typed in another: both then are this person's. A *staff* code is
handed to an ASN by their office and proves which line of the staff list they are, where no identity number may be
asked. Only the blind index is stored, so a code cannot be read back.
"""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Field, Session, SQLModel

from models.columns import Instant, words
from models.keys import KeyRing

CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0/O, 1/I/L: codes are read from paper."""

LINK_LASTS = timedelta(minutes=30)
STAFF_LASTS = timedelta(days=14)


class CodePurpose(StrEnum):
    """What a code is good for."""

    LINK = "link"
    STAFF = "staff"


class OneTimeCode(SQLModel, table=True):
    """A code that waits to be used. `person_id` is whose chats are linked, `nip_index` the staff list's line."""

    __tablename__ = "one_time_code"

    code_index: str = Field(primary_key=True, max_length=32)
    purpose: CodePurpose = Field(sa_type=words(CodePurpose))
    person_id: int | None = Field(default=None, foreign_key="person.id")
    nip_index: str | None = Field(default=None, max_length=32)
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)


def new_code() -> str:
    """Make a code, like `7KQM-X2RA`: 39 bits."""
    code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(8))
    return f"{code[:4]}-{code[4:]}"


def code_index(keys: KeyRing, code: str) -> str:
    """Return the blind index of a code as somebody typed it."""
    return keys.index(code.upper().replace("-", "").replace(" ", ""))


def link_code(session: Session, keys: KeyRing, now: datetime, person_id: int) -> str:
    """Make a code that ties whichever chat it is typed in to this person."""
    return _kept(session, keys, now, CodePurpose.LINK, LINK_LASTS, person_id=person_id)


def staff_code(session: Session, keys: KeyRing, now: datetime, nip_index: str) -> str:
    """Make a code that proves one line of the staff list."""
    return _kept(session, keys, now, CodePurpose.STAFF, STAFF_LASTS, nip_index=nip_index)


def open_code(
    session: Session, keys: KeyRing, now: datetime, code: str, purpose: CodePurpose
) -> OneTimeCode | None:
    """Return a code that may be used now, its row locked; None whatever is wrong with it."""
    found = session.get(OneTimeCode, code_index(keys, code), with_for_update=True, populate_existing=True)
    if found is None or found.purpose is not purpose or found.used_at is not None or found.expires_at <= now:
        return None
    return found


def use(session: Session, now: datetime, code: OneTimeCode) -> None:
    """Spend a code."""
    code.used_at = now
    session.add(code)


def _kept(
    session: Session,
    keys: KeyRing,
    now: datetime,
    purpose: CodePurpose,
    lasts: timedelta,
    *,
    person_id: int | None = None,
    nip_index: str | None = None,
) -> str:
    code = new_code()
    session.add(
        OneTimeCode(
            code_index=code_index(keys, code),
            purpose=purpose,
            person_id=person_id,
            nip_index=nip_index,
            created_at=now,
            expires_at=now + lasts,
        )
    )
    return code
