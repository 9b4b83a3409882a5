"""The life of a role: a second coordinator approves it, it ends by its date, or is taken back before.

Nobody approves what they have asked for or would get; whoever may approve a role (`grants.approvers_of`) may take
another's back, at once: to stop somebody needs no second one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, and_, col, select

from models.audit import record
from models.errors import AlreadyDecided, LastOne, NotEntitled
from models.grants import WHOLE_DISTRICT, Grant, GrantState, approvers_of, in_force, others_over
from models.people import Person

WAITING_LASTS = timedelta(days=7)
"""A role that nobody approves in a week is given up."""


@dataclass(frozen=True, slots=True)
class RoleOf:
    """A role and whose it is."""

    grant: Grant
    person: Person


def roles_waiting(session: Session, now: datetime, by: int) -> list[RoleOf]:
    """Return the roles that wait and that this coordinator of the district may decide on, oldest first."""
    query = (
        select(Grant, Person)
        .join(Person, col(Grant.person_id) == Person.id)
        .where(_waits(now))
        .order_by(col(Grant.granted_at), col(Grant.id))
    )
    return [RoleOf(*row) for row in session.exec(query) if by in approvers_of(session, row[0], now)]


def roles_now(session: Session, now: datetime) -> list[RoleOf]:
    """Return the roles that count or wait, by place and date."""
    query = (
        select(Grant, Person)
        .join(Person, col(Grant.person_id) == Person.id)
        .where(or_(in_force(now), _waits(now)))
        .order_by(col(Grant.area).nulls_first(), col(Grant.granted_at), col(Grant.id))
    )
    return [RoleOf(*row) for row in session.exec(query)]


def decide_role(session: Session, now: datetime, grant_id: int, *, by: int, approved: bool) -> Grant:
    """Approve or refuse a waiting role.

    Raises NotEntitled for whose it is, who asked for it or who does not coordinate the district, AlreadyDecided when
    it does not wait (any more).
    """
    grant = _locked(session, grant_id)
    if grant.state is not GrantState.WAITING or grant.granted_at <= now - WAITING_LASTS:
        raise AlreadyDecided
    if by not in approvers_of(session, grant, now):
        raise NotEntitled
    state = GrantState.ACTIVE if approved else GrantState.REFUSED
    _end(session, now, grant, state, by, "granted" if approved else "role_refused")
    if approved:
        grant.granted_at = now
    return grant


def revoke_role(session: Session, now: datetime, grant_id: int, *, by: int | None) -> Grant:
    """Take a role back, or lay the own one down. `by` None is the operator.

    Raises NotEntitled for a coordinator who coordinates no district, LastOne for the only one who does who would lay
    it down, AlreadyDecided when the role is over.
    """
    _lock_district(session, now)
    grant = _locked(session, grant_id)
    if grant.state not in {GrantState.WAITING, GrantState.ACTIVE} or grant.expires_at <= now:
        raise AlreadyDecided
    if by is not None:
        if by not in others_over(session, WHOLE_DISTRICT, 0, now):
            raise NotEntitled
        if by == grant.person_id and grant.area is None and not others_over(session, WHOLE_DISTRICT, by, now):
            raise LastOne
    _end(session, now, grant, GrantState.REVOKED, by, "role_revoked")
    return grant


def expire_roles(session: Session, now: datetime) -> list[Grant]:
    """Close the roles whose date has come, and those that nobody approved in a week; return them."""
    query = select(Grant).where(
        or_(
            and_(Grant.state == GrantState.ACTIVE, col(Grant.expires_at) <= now),
            and_(Grant.state == GrantState.WAITING, col(Grant.granted_at) <= now - WAITING_LASTS),
        )
    )
    over = list(session.exec(query.with_for_update()))
    for grant in over:
        _end(session, now, grant, GrantState.EXPIRED, None, "role_expired")
    return over


def _waits(now: datetime) -> ColumnElement[bool]:
    """Condition on `Grant`: it still waits to be approved."""
    return and_(Grant.state == GrantState.WAITING, col(Grant.granted_at) > now - WAITING_LASTS)


def _lock_district(session: Session, now: datetime) -> None:
    """Let those who take roles back pass one by one: the last two must not stop each other in the same moment."""
    district = select(Grant.id).where(col(Grant.area).is_(None), in_force(now))
    session.exec(district.order_by(col(Grant.id)).with_for_update()).all()


def _locked(session: Session, grant_id: int) -> Grant:
    grant = session.get(Grant, grant_id, with_for_update=True, populate_existing=True)
    if grant is None:
        raise AlreadyDecided
    return grant


def _end(session: Session, now: datetime, grant: Grant, state: GrantState, by: int | None, act: str) -> None:
    grant.state, grant.decided_at = state, now
    if by is not None:
        grant.decided_by = by
    session.add(grant)
    record(session, now, by, act, f"person:{grant.person_id}", f"area:{grant.area or '*'}")
    session.flush()
