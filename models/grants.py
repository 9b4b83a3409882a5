"""Roles: a coordinator over the whole district or over some areas, until a date.

A role is given by a one-time code that the operator hands over (`genting grant`), never by what a person
types about themselves. The code itself is not stored, only its blind index.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, true
from sqlmodel import Field, Session, SQLModel, col, or_, select

from models.audit import AuditEntry, record
from models.children import Child
from models.codes import code_index, new_code
from models.columns import Instant
from models.errors import CodeRefused
from models.keys import KeyRing

CODE_LIFETIME = timedelta(days=3)
FAMILY_CODE_LIFETIME = timedelta(days=14)
PARTNER_CODE_LIFETIME = timedelta(days=7)
GUESSES_PER_HOUR = 5


class Grant(SQLModel, table=True):
    """A coordinator's role from `granted_at` until `expires_at`. `area` None is the whole district."""

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    area: str | None = Field(default=None, max_length=60)
    granted_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)


class Invitation(SQLModel, table=True):
    """A one-time code: whoever redeems it first is a coordinator.

    Or, with `guardian_id`, that guardian; with `joint_id`, the leader who decides on it; with `pledge_id`, who
    visits under it.
    """

    code_index: str = Field(primary_key=True, max_length=32)
    area: str | None = Field(default=None, max_length=60)
    role_expires_at: datetime = Field(sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    redeemed_by: int | None = Field(default=None, foreign_key="person.id")
    guardian_id: int | None = Field(default=None, index=True)
    joint_id: int | None = Field(default=None, index=True)
    pledge_id: int | None = Field(default=None, index=True)

    @property
    def gives_role(self) -> bool:
        """Whether it makes somebody a coordinator."""
        return self.guardian_id is None and self.joint_id is None and self.pledge_id is None


@dataclass(frozen=True, slots=True)
class Scope:
    """Which children somebody coordinates: all (`areas` None), some areas, or none (empty)."""

    areas: frozenset[str] | None

    @property
    def anything(self) -> bool:
        """Whether there is a role at all."""
        return self.areas is None or bool(self.areas)

    @property
    def whole_district(self) -> bool:
        """Whether the scope is every area."""
        return self.areas is None

    def covers(self, area: str) -> bool:
        """Whether an area lies inside."""
        return self.areas is None or area in self.areas

    def named(self, district: str) -> str:
        """Name what it is: the district, or the areas."""
        return district if self.areas is None else ", ".join(sorted(self.areas))

    def children(self) -> ColumnElement[bool]:
        """Condition on `Child`: lies inside."""
        return true() if self.areas is None else col(Child.area).in_(sorted(self.areas))


def is_everything(children: ColumnElement[bool]) -> bool:
    """Tell whether a condition of `Scope.children` leaves out nobody."""
    return children is true()


WHOLE_DISTRICT = Scope(None)
NOTHING = Scope(frozenset())


def scope_of(session: Session, person_id: int | None, now: datetime) -> Scope:
    """Return what a person coordinates at this moment."""
    if person_id is None:
        return NOTHING
    areas = session.exec(
        select(Grant.area).where(
            Grant.person_id == person_id, col(Grant.granted_at) <= now, col(Grant.expires_at) > now
        )
    ).all()
    return WHOLE_DISTRICT if None in areas else Scope(frozenset(area for area in areas if area))


def coordinators_of(session: Session, area: str | None, now: datetime) -> list[int]:
    """Return the ids of the people who coordinate an area (None: those of the whole district)."""
    fits = col(Grant.area).is_(None) if area is None else or_(col(Grant.area).is_(None), Grant.area == area)
    query = select(Grant.person_id).where(fits, col(Grant.granted_at) <= now, col(Grant.expires_at) > now)
    return sorted(set(session.exec(query)))


def invite(session: Session, keys: KeyRing, now: datetime, *, area: str | None, role_lasts: timedelta) -> str:
    """Make a one-time code, like `7KQM-X2RA`, that lives three days."""
    code = new_code()
    session.add(
        Invitation(
            code_index=code_index(keys, code),
            area=area,
            role_expires_at=now + role_lasts,
            created_at=now,
            expires_at=now + CODE_LIFETIME,
        )
    )
    record(session, now, None, "invited", f"area:{area or '*'}")
    return code


def invite_guardian(session: Session, keys: KeyRing, now: datetime, guardian_id: int, *, by: int) -> str:
    """Make a one-time code by which a family joins; it lives fourteen days, and takes the place of earlier ones."""
    return _invite_to(session, keys, now, "guardian", guardian_id, by=by, lifetime=FAMILY_CODE_LIFETIME)


def invite_leader(session: Session, keys: KeyRing, now: datetime, joint_id: int, *, by: int) -> str:
    """Make a one-time code by which a leader decides on a joint pledge; it lives as long as the pledges wait."""
    return _invite_to(session, keys, now, "joint", joint_id, by=by, lifetime=PARTNER_CODE_LIFETIME)


def invite_visitor(session: Session, keys: KeyRing, now: datetime, pledge_id: int, *, by: int) -> str:
    """Make a one-time code by which a colleague becomes the visitor under a pledge."""
    return _invite_to(session, keys, now, "pledge", pledge_id, by=by, lifetime=PARTNER_CODE_LIFETIME)


def _invite_to(
    session: Session, keys: KeyRing, now: datetime, what: str, row_id: int, *, by: int, lifetime: timedelta
) -> str:
    """Make a code to a row, in the place of earlier ones to it. `what`: the row's table, as the column begins."""
    column = f"{what}_id"
    earlier = select(Invitation).where(
        getattr(Invitation, column) == row_id, col(Invitation.redeemed_by).is_(None)
    )
    for invitation in session.exec(earlier):
        session.delete(invitation)
    code = new_code()
    invited = Invitation(
        code_index=code_index(keys, code),
        role_expires_at=now + lifetime,
        created_at=now,
        expires_at=now + lifetime,
    )
    setattr(invited, column, row_id)
    session.add(invited)
    record(
        session, now, by, "family_invited" if what == "guardian" else f"{what}_invited", f"{what}:{row_id}"
    )
    session.flush()
    return code


def open_invitation(session: Session, keys: KeyRing, now: datetime, code: str) -> Invitation | None:
    """Return the invitation of a code that would be taken now, its row locked; None whatever is wrong with it."""
    index = code_index(keys, code)
    invitation = session.get(Invitation, index, with_for_update=True, populate_existing=True)
    if invitation is None or invitation.redeemed_by is not None or invitation.expires_at <= now:
        return None
    return invitation


def redeem(session: Session, keys: KeyRing, now: datetime, person_id: int, code: str) -> Grant:
    """Turn a code into a role for this person. Raises CodeRefused, always the same, whatever was wrong."""
    invitation = open_invitation(session, keys, now, code)
    if invitation is None or not invitation.gives_role:
        raise CodeRefused
    invitation.redeemed_by = person_id
    grant = Grant(
        person_id=person_id, area=invitation.area, granted_at=now, expires_at=invitation.role_expires_at
    )
    session.add_all([invitation, grant])
    record(session, now, person_id, "granted", f"person:{person_id}", f"area:{invitation.area or '*'}")
    session.flush()
    return grant


def spend_invitation(session: Session, keys: KeyRing, now: datetime, code: str) -> Invitation:
    """Return an invitation that gives no role to whoever redeems it first, who must be entered in it.

    Raises CodeRefused.
    """
    invitation = open_invitation(session, keys, now, code)
    if invitation is None or invitation.gives_role:
        raise CodeRefused
    return invitation


def note_wrong_code(session: Session, now: datetime, contact_id: int) -> None:
    """Remember a wrong guess of this contact."""
    record(session, now, None, "code_refused", f"contact:{contact_id}")


def may_guess(session: Session, now: datetime, contact_id: int) -> bool:
    """Tell whether a contact has guesses left this hour (a code has 39 bits: guessing stays hopeless)."""
    query = select(func.count()).where(
        AuditEntry.act == "code_refused",
        AuditEntry.subject == f"contact:{contact_id}",
        col(AuditEntry.at) > now - timedelta(hours=1),
    )
    return session.exec(query).one() < GUESSES_PER_HOUR
