"""A child's way onto the list, corrected on it, and off it: enrolled, graduated, moved away.

Deaths, and families that ask for silence, go the careful way of their own (K6), not this one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from models.alerts import close_alerts_about
from models.audit import record
from models.children import ON_LIST, Child, ChildStatus, Guardian, Severity, Sex, child_with_code, next_code
from models.errors import AlreadyDecided, AlreadyRegistered, BadInput, NotEntitled
from models.grants import Scope
from models.importing.duplicates import Lookalikes
from models.keys import KeyRing
from models.months import local_day
from models.pledges import Pledge
from models.programme import Programme
from models.terms import Ending, end_pledges_of


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What is known of a child that comes onto the list."""

    name: str
    sex: Sex
    born_on: date
    area: str
    village: str
    status: ChildStatus
    severity: Severity
    nik: str | None = None
    gestation_weeks: int | None = None
    address: str | None = None
    guardian: str | None = None
    relation: str = "mother"
    phone: str | None = None


def lookalike(session: Session, new: Enrolment) -> Child | None:
    """Return a child that may be the same: born that day in that desa, with a name that sounds alike."""
    same = select(Child).where(
        Child.born_on == new.born_on, Child.area == new.area, Child.village == new.village
    )
    known = {child.code: child for child in session.exec(same)}
    names = Lookalikes()
    for code, child in known.items():
        names.add(child.born_on, child.area, child.village, child.name, code)
    found = names.find(new.born_on, new.area, new.village, new.name)
    return known[found] if found else None


def enrol(
    session: Session,
    programme: Programme,
    keys: KeyRing,
    now: datetime,
    new: Enrolment,
    *,
    by: int,
    scope: Scope,
) -> Child:
    """Put a child on the list from today, with the next code.

    Raises NotEntitled outside the coordinator's areas, AlreadyRegistered when the NIK is known.
    """
    if not scope.covers(new.area):
        raise NotEntitled
    nik_index = keys.index(new.nik) if new.nik else None
    if nik_index and session.exec(select(Child.id).where(Child.nik_index == nik_index)).first():
        raise AlreadyRegistered
    guardian_id = None
    if new.guardian:
        guardian = Guardian(
            name=new.guardian,
            relation=new.relation,
            phone=new.phone,
            phone_index=keys.index(new.phone) if new.phone else None,
        )
        session.add(guardian)
        session.flush()
        guardian_id = guardian.id
    child = Child(
        code=next_code(session, programme.district.code_prefix),
        name=new.name,
        nik=new.nik,
        nik_index=nik_index,
        sex=new.sex,
        born_on=new.born_on,
        area=new.area,
        village=new.village,
        address=new.address,
        status=new.status,
        severity=new.severity,
        gestation_weeks=new.gestation_weeks,
        listed_on=local_day(now, programme.zone),
        guardian_id=guardian_id,
        created_at=now,
    )
    session.add(child)
    session.flush()
    record(session, now, by, "enrolled", f"child:{child.id}")
    return child


class Correctable(StrEnum):
    """What a coordinator may correct."""

    NAME = "name"
    BORN_ON = "born_on"
    SEX = "sex"
    PLACE = "place"
    ADDRESS = "address"
    SEVERITY = "severity"
    GESTATION = "gestation_weeks"
    PHONE = "phone"


def correct(
    session: Session, keys: KeyRing, now: datetime, child: Child, field: Correctable, value: Any, *, by: int
) -> None:
    """Change one thing about a child on the list; `value` is of the field's kind ((area, village) for a place).

    A phone is the guardian's. Raises AlreadyDecided when the child is not on the list any more, BadInput('guardian')
    for a phone of nobody.
    """
    if child.status not in ON_LIST:
        raise AlreadyDecided
    if field is Correctable.PLACE:
        child.area, child.village = value
    elif field is Correctable.PHONE:
        guardian = session.get(Guardian, child.guardian_id) if child.guardian_id else None
        if guardian is None:
            raise BadInput("guardian")
        guardian.phone, guardian.phone_index = value, keys.index(value)
        session.add(guardian)
    else:
        setattr(child, field.value, value)
    if field is Correctable.SEVERITY:  # they go together, as in an import
        child.status = ChildStatus.AT_RISK if value is Severity.NONE else ChildStatus.STUNTED
    session.add(child)
    record(session, now, by, "corrected", f"child:{child.id}", field.value)
    session.flush()


LEAVING = {Ending.GRADUATED: ChildStatus.GRADUATED, Ending.MOVED: ChildStatus.MOVED}


def leave_list(
    session: Session, programme: Programme, now: datetime, child: Child, why: Ending, *, by: int
) -> Sequence[Pledge]:
    """Take a child off the list, because it graduated or moved away; its pledges end. Returns those.

    Raises AlreadyDecided when it is not on the list any more.
    """
    locked = session.get(Child, child.id, with_for_update=True, populate_existing=True)
    if locked is None or locked.status not in ON_LIST:
        raise AlreadyDecided
    ended = end_pledges_of(session, programme, now, locked, by=by, why=why)
    locked.status = LEAVING[why]
    locked.left_on = local_day(now, programme.zone)
    session.add(locked)
    close_alerts_about(session, now, f"child:{locked.id}")
    record(session, now, by, why.value, f"child:{locked.id}")
    session.flush()
    return ended


def children_in(session: Session, scope: Scope, area: str | None = None) -> Sequence[Child]:
    """Return the children on the list in scope (of one area), by code."""
    query = select(Child).where(col(Child.status).in_(ON_LIST), scope.children()).order_by(Child.code)
    return session.exec(query if area is None else query.where(Child.area == area)).all()


def child_in_scope(session: Session, scope: Scope, code: str) -> Child | None:
    """Return a child by its code, whatever has become of it, if it is in scope.

    A foreign one answers as an unknown one does.
    """
    found = child_with_code(session, code)
    return found if found is not None and scope.covers(found.area) else None


def listed_child_in_scope(session: Session, scope: Scope, code: str) -> Child | None:
    """Return a child that is on the list by its code, if it is in scope."""
    found = child_in_scope(session, scope, code)
    return found if found is not None and found.status in ON_LIST else None
