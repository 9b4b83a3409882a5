"""Who has asked to be erased, and when it happens: after a day in which it can be taken back.

UU PDP 27/2022, Art. 8: whoever asks is erased; Art. 40 gives 3 x 24 hours. The erasure itself: `models.erasing`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Field, Session, SQLModel, col, select

from models.audit import record
from models.children import Child
from models.columns import Instant
from models.erasure import Subject, SubjectKind
from models.families import children_of, guardians_of
from models.pledges import Pledge, takes_room

CAN_BE_TAKEN_BACK = timedelta(hours=24)
"""A tap by mistake, or by a child that plays with the phone, must not end the aid."""


class ErasureRequest(SQLModel, table=True):
    """Somebody's wish to be erased at `due_at`."""

    __tablename__ = "erasure_request"

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    asked_at: datetime = Field(sa_type=Instant)
    due_at: datetime = Field(sa_type=Instant)


def erasure_asked(session: Session, person_id: int) -> ErasureRequest | None:
    """Return what somebody has asked for."""
    return session.get(ErasureRequest, person_id)


def ask_erasure(session: Session, now: datetime, person_id: int) -> ErasureRequest:
    """Enter the wish; asked again, it stays as it is."""
    asked = erasure_asked(session, person_id)
    if asked is None:
        asked = ErasureRequest(person_id=person_id, asked_at=now, due_at=now + CAN_BE_TAKEN_BACK)
        session.add(asked)
        record(session, now, person_id, "erasure_asked", f"person:{person_id}")
        session.flush()
    return asked


def take_back_erasure(session: Session, now: datetime, person_id: int) -> bool:
    """Forget the wish; False when there was none."""
    asked = erasure_asked(session, person_id)
    if asked is None:
        return False
    session.delete(asked)
    record(session, now, person_id, "erasure_taken_back", f"person:{person_id}")
    session.flush()
    return True


def next_erasure(session: Session, now: datetime) -> list[Subject]:
    """Return whom the oldest wish means whose time has come: a family's children, and the person. Empty: nobody's."""
    due = (
        select(ErasureRequest.person_id)
        .where(col(ErasureRequest.due_at) <= now)
        .order_by(col(ErasureRequest.due_at), col(ErasureRequest.person_id))
    )
    person_id = session.exec(due).first()
    if person_id is None:
        return []
    children = children_of(session, guardians_of(session, person_id))
    return [
        *(Subject(SubjectKind.CHILD, child.id or 0) for child in children),
        Subject(SubjectKind.PERSON, person_id),
    ]


def givers_left(session: Session, now: datetime, subjects: Sequence[Subject]) -> list[tuple[int, str]]:
    """Return who has promised something for the children among those to be erased, and for which (its code)."""
    children = [subject.id for subject in subjects if subject.kind is SubjectKind.CHILD]
    erased = {subject.id for subject in subjects if subject.kind is SubjectKind.PERSON}
    query = (
        select(Pledge.foster_parent_id, Child.code)
        .join(Child, col(Child.id) == col(Pledge.child_id))
        .where(col(Pledge.child_id).in_(children), takes_room(now))
        .distinct()
        .order_by(Child.code, col(Pledge.foster_parent_id))
    )
    return [(giver, code) for giver, code in session.exec(query) if giver not in erased]
