"""Roles: a coordinator over the whole district or over some areas, until a date.

A role is given by a one-time code that the operator (`genting grant`) or a coordinator of the district (`/peran`) hands
over, never by what a person types about themselves, and counts when a second coordinator has approved it
(`models.roles`). The code itself is not stored, only its blind index.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Column, ColumnElement, ForeignKey, Integer, and_, func, true
from sqlmodel import Field, Session, SQLModel, col, or_, select

from models.audit import AuditEntry, record
from models.children import Child
from models.codes import code_index, new_code
from models.columns import Instant, words
from models.errors import CodeRefused
from models.keys import KeyRing

CODE_LIFETIME = timedelta(days=3)
FAMILY_CODE_LIFETIME = timedelta(days=14)
PARTNER_CODE_LIFETIME = timedelta(days=7)
GUESSES_PER_HOUR = 5


def _person(constraint: str) -> Column[int]:
    """Return a column that names somebody; its constraint has the name that the migration gave it."""
    return Column(Integer, ForeignKey("person.id", name=constraint))


class GrantState(StrEnum):
    """Where a role stands: it waits for a second coordinator, counts, or is over."""

    WAITING = "waiting"
    ACTIVE = "active"
    REFUSED = "refused"
    REVOKED = "revoked"
    EXPIRED = "expired"


class Grant(SQLModel, table=True):
    """A coordinator's role from `granted_at` until `expires_at`. `area` None is the whole district.

    `asked_by` made the code (None: the operator); `decided_by` approved, refused or revoked it (None: nobody had to).
    """

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    area: str | None = Field(default=None, max_length=60)
    granted_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    state: GrantState = Field(default=GrantState.WAITING, sa_type=words(GrantState))
    asked_by: int | None = Field(default=None, sa_column=_person("fk_grant_asked_by"))
    decided_by: int | None = Field(default=None, sa_column=_person("fk_grant_decided_by"))
    decided_at: datetime | None = Field(default=None, sa_type=Instant)

    @property
    def subject(self) -> str:
        """How audit names it."""
        return f"grant:{self.id}"


class Invitation(SQLModel, table=True):
    """A one-time code: whoever redeems it first is a coordinator.

    Or, with `guardian_id`, that guardian; with `joint_id`, the leader who decides on it; with `pledge_id`, who
    visits under it. `created_by` is the coordinator who made a role's code, None the operator.
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
    created_by: int | None = Field(default=None, sa_column=_person("fk_invitation_created_by"))

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

    def includes(self, other: "Scope") -> bool:
        """Whether all of another scope lies inside."""
        return self.areas is None or (other.areas is not None and other.areas <= self.areas)

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


def in_force(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Condition on `Grant`: it counts at this moment."""
    return and_(
        col(Grant.state) == GrantState.ACTIVE, col(Grant.granted_at) <= now, col(Grant.expires_at) > now
    )


def scope_of(session: Session, person_id: int | None, now: datetime) -> Scope:
    """Return what a person coordinates at this moment."""
    if person_id is None:
        return NOTHING
    areas = session.exec(select(Grant.area).where(Grant.person_id == person_id, in_force(now))).all()
    return WHOLE_DISTRICT if None in areas else Scope(frozenset(area for area in areas if area))


def coordinators_of(session: Session, area: str | None, now: datetime) -> list[int]:
    """Return the ids of the people who coordinate an area (None: those of the whole district)."""
    fits = col(Grant.area).is_(None) if area is None else or_(col(Grant.area).is_(None), Grant.area == area)
    return sorted(set(session.exec(select(Grant.person_id).where(fits, in_force(now)))))


def others_over(session: Session, scope: Scope, person_id: int, now: datetime) -> list[int]:
    """Return the ids of those who coordinate all of a scope, but for one person."""
    found = [
        set(coordinators_of(session, area, now)) for area in ([None] if scope.areas is None else scope.areas)
    ]
    return sorted(set.intersection(*found) - {person_id}) if found else []


def invite(
    session: Session,
    keys: KeyRing,
    now: datetime,
    *,
    area: str | None,
    role_lasts: timedelta,
    by: int | None = None,
) -> str:
    """Make a one-time code, like `7KQM-X2RA`, that lives three days. `by` is a coordinator, None the operator."""
    code = new_code()
    session.add(
        Invitation(
            code_index=code_index(keys, code),
            area=area,
            role_expires_at=now + role_lasts,
            created_at=now,
            expires_at=now + CODE_LIFETIME,
            created_by=by,
        )
    )
    record(session, now, by, "invited", f"area:{area or '*'}")
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
    """Turn a code into a role for this person, which waits for a second coordinator.

    Where the operator's code finds nobody who could approve, as the very first one does, it counts at once.
    Raises CodeRefused, always the same, whatever was wrong.
    """
    _lock_codes_of_operator(session)
    invitation = open_invitation(session, keys, now, code)
    if invitation is None or not invitation.gives_role:
        raise CodeRefused
    invitation.redeemed_by = person_id
    grant = Grant(
        person_id=person_id,
        area=invitation.area,
        granted_at=now,
        expires_at=invitation.role_expires_at,
        asked_by=invitation.created_by,
    )
    if grant.asked_by is None and not approvers_of(session, grant, now):
        grant.state, grant.decided_at = GrantState.ACTIVE, now
    session.add_all([invitation, grant])
    act = "granted" if grant.state is GrantState.ACTIVE else "role_asked"
    record(session, now, person_id, act, f"person:{person_id}", f"area:{invitation.area or '*'}")
    session.flush()
    return grant


def _lock_codes_of_operator(session: Session) -> None:
    """Let those who redeem the operator's codes pass one by one: of two very first, only one is the first."""
    open_codes = select(Invitation.code_index).where(
        col(Invitation.created_by).is_(None), col(Invitation.redeemed_by).is_(None)
    )
    session.exec(open_codes.order_by(col(Invitation.code_index)).with_for_update()).all()


def approvers_of(session: Session, grant: Grant, now: datetime) -> list[int]:
    """Return who may approve a role: the district's coordinators, but for whose it is and who made its code."""
    district = others_over(session, WHOLE_DISTRICT, grant.person_id, now)
    return [person_id for person_id in district if person_id != grant.asked_by]


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
