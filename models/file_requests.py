"""A file with names that a coordinator asks for: it leaves once, when a second factor says that it may.

The factor is a code sent to the person's chat on another channel and typed in the one that asked; for who has one
channel only, another coordinator who is entitled to as much approves. The code is not stored, only its blind index.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Field, Session, SQLModel, col, func, select

from models.audit import record
from models.codes import code_index, new_code
from models.columns import Instant, words
from models.errors import AlreadyDecided, NotEntitled
from models.grants import Scope, scope_of
from models.keys import KeyRing
from models.people import Person

CODE_LASTS = timedelta(minutes=10)
APPROVAL_LASTS = timedelta(days=1)
TRIES = 5
ASKED_PER_HOUR = 5


class FileState(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    GIVEN = "given"


class FileRequest(SQLModel, table=True):
    """One file for one person in one chat. `what` names it, like `list:children` or `report:2025-10`.

    `code_index` is None when a colleague decides (`decided_by`).
    """

    __tablename__ = "file_request"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    what: str = Field(max_length=60)
    asked_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    code_index: str | None = Field(default=None, max_length=32)
    tries: int = Field(default=0)
    state: FileState = Field(sa_type=words(FileState))
    decided_by: int | None = Field(default=None, foreign_key="person.id")

    @property
    def subject(self) -> str:
        """How audit names it."""
        return f"file:{self.id}"


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A request that waits for a colleague: who asks, and for what places."""

    request: FileRequest
    person: Person
    scope: Scope


def may_ask(session: Session, now: datetime, person_id: int) -> bool:
    """Tell whether a person has requests left this hour: each is a message to a second chat, or to colleagues."""
    query = select(func.count()).where(
        FileRequest.person_id == person_id, col(FileRequest.asked_at) > now - timedelta(hours=1)
    )
    return session.exec(query).one() < ASKED_PER_HOUR


def ask_with_code(
    session: Session, keys: KeyRing, now: datetime, person_id: int, contact_id: int, what: str
) -> tuple[FileRequest, str]:
    """Ask for a file; return the request and the code that must go to the second chat. Earlier codes lapse."""
    earlier = select(FileRequest).where(
        FileRequest.person_id == person_id,
        FileRequest.state == FileState.ASKED,
        col(FileRequest.code_index).is_not(None),
    )
    for old in session.exec(earlier.with_for_update()):
        old.state = FileState.REFUSED
        session.add(old)
    code = new_code()
    request = _asked(session, now, person_id, contact_id, what, CODE_LASTS, code_index(keys, code))
    return request, code


def ask_for_approval(
    session: Session, now: datetime, person_id: int, contact_id: int, what: str
) -> FileRequest:
    """Ask for a file that another coordinator has to approve."""
    return _asked(session, now, person_id, contact_id, what, APPROVAL_LASTS, None)


def _asked(
    session: Session,
    now: datetime,
    person_id: int,
    contact_id: int,
    what: str,
    lasts: timedelta,
    index: str | None,
) -> FileRequest:
    request = FileRequest(
        person_id=person_id,
        contact_id=contact_id,
        what=what,
        asked_at=now,
        expires_at=now + lasts,
        code_index=index,
        state=FileState.ASKED,
    )
    session.add(request)
    session.flush()
    record(
        session,
        now,
        person_id,
        "file_asked",
        request.subject,
        f"{what} by {'code' if index else 'colleague'}",
    )
    return request


def prove(
    session: Session,
    keys: KeyRing,
    now: datetime,
    request_id: int,
    code: str,
    *,
    person_id: int,
    contact_id: int,
) -> FileRequest | None:
    """Spend a request by its code; None, always alike, whatever is wrong: code, person, chat, age, tries, use.

    A wrong code is counted, so it must be kept.
    """
    request = _own(session, request_id, person_id, contact_id)
    usable = (
        request is not None
        and request.state is FileState.ASKED
        and request.expires_at > now
        and request.tries < TRIES
    )
    if request is not None and usable and request.code_index == code_index(keys, code):
        return _given(session, now, request, "file_proven")
    record(session, now, person_id, "file_code_refused", f"file:{request_id}", f"contact:{contact_id}")
    if request is not None and usable:
        request.tries += 1
        session.add(request)
    session.flush()
    return None


def fetch(
    session: Session, now: datetime, request_id: int, *, person_id: int, contact_id: int
) -> FileRequest | None:
    """Spend a request that a colleague has approved; None when it is not to be had here (any more)."""
    request = _own(session, request_id, person_id, contact_id)
    if request is None or request.state is not FileState.APPROVED or request.expires_at <= now:
        return None
    return _given(session, now, request, "file_fetched")


def waits_for_colleague(session: Session, now: datetime, request_id: int, person_id: int) -> bool:
    """Tell whether a person's own request waits for another coordinator."""
    request = session.get(FileRequest, request_id)
    return (
        request is not None
        and request.person_id == person_id
        and request.code_index is None
        and request.state is FileState.ASKED
        and request.expires_at > now
    )


def newest_open(session: Session, now: datetime, person_id: int, contact_id: int) -> FileRequest | None:
    """Return the newest request of this chat that may still lead to a file."""
    query = (
        select(FileRequest)
        .where(FileRequest.person_id == person_id, FileRequest.contact_id == contact_id)
        .where(col(FileRequest.state).in_([FileState.ASKED, FileState.APPROVED]))
        .where(col(FileRequest.expires_at) > now)
        .order_by(col(FileRequest.id).desc())
    )
    return session.exec(query).first()


def requests_waiting(session: Session, now: datetime, by: int, scope: Scope) -> list[WaitingFile]:
    """Return the requests that this coordinator may decide on, oldest first."""
    query = (
        select(FileRequest, Person)
        .join(Person, col(FileRequest.person_id) == Person.id)
        .where(FileRequest.state == FileState.ASKED, col(FileRequest.code_index).is_(None))
        .where(col(FileRequest.expires_at) > now, FileRequest.person_id != by)
        .order_by(col(FileRequest.id))
    )
    found = [WaitingFile(*row, scope_of(session, row[1].id, now)) for row in session.exec(query)]
    return [one for one in found if one.scope.anything and scope.includes(one.scope)]


def decide_request(
    session: Session, now: datetime, request_id: int, *, by: int, scope: Scope, approved: bool
) -> FileRequest:
    """Approve or refuse what a colleague asks for; approved, it may be fetched for another day.

    Raises NotEntitled for one's own and for places outside the own scope, AlreadyDecided when it does not wait.
    """
    request = session.get(FileRequest, request_id, with_for_update=True, populate_existing=True)
    if request is None or request.state is not FileState.ASKED or request.expires_at <= now:
        raise AlreadyDecided
    theirs = scope_of(session, request.person_id, now)
    if request.code_index is not None or request.person_id == by or not scope.includes(theirs):
        raise NotEntitled
    request.state = FileState.APPROVED if approved else FileState.REFUSED
    request.decided_by, request.expires_at = by, now + APPROVAL_LASTS
    session.add(request)
    record(session, now, by, "file_approved" if approved else "file_refused", request.subject, request.what)
    session.flush()
    return request


def _own(session: Session, request_id: int, person_id: int, contact_id: int) -> FileRequest | None:
    request = session.get(FileRequest, request_id, with_for_update=True, populate_existing=True)
    mine = request is not None and (request.person_id, request.contact_id) == (person_id, contact_id)
    return request if mine else None


def _given(session: Session, now: datetime, request: FileRequest, act: str) -> FileRequest:
    request.state = FileState.GIVEN
    session.add(request)
    record(session, now, request.person_id, act, request.subject, request.what)
    session.flush()
    return request
