"""Pledges: a promised monthly amount for a child over a term, whole or a share.

The rule that matters (invariant 1): in no month do the pending and active pledges on a child exceed what the
programme gives that month. Whoever changes that sum first takes the child's row (`FOR UPDATE`; on SQLite the
transaction is the only writer), so of two people wanting the last share exactly one gets it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ColumnElement, ForeignKey, Integer
from sqlmodel import Field, Session, SQLModel, and_, col, not_, or_, select, update

from models.alerts import Alert, AlertKind, close_alert, open_alert, raise_alert
from models.audit import record
from models.children import ON_LIST, Child
from models.columns import Instant, MonthColumn, Sealed, words
from models.errors import AlreadyDecided, AlreadyPledged, BadInput, FullySupported, NotAdoptable, NotEntitled
from models.joint_pledges import leads
from models.months import Month, local_day
from models.pauses import Pause, rests_in
from models.people import FosterParent, Person, Standing
from models.programme import Programme

PENDING_LASTS = timedelta(days=7)
"""A pledge that nobody approves in a week frees its share."""


class PledgeState(StrEnum):
    """Where a pledge stands. `lapsed`: nobody approved it in time, or it was withdrawn before it began."""

    PENDING = "pending"
    ACTIVE = "active"
    ENDED = "ended"
    REJECTED = "rejected"
    LAPSED = "lapsed"


class Pledge(SQLModel, table=True):
    """A promise. `last_month` None: until the child graduates. `visitor_id`: who visits, if not who pays."""

    __table_args__ = (CheckConstraint("monthly_idr > 0", name="pledge_amount_positive"),)

    id: int | None = Field(default=None, primary_key=True)
    child_id: int = Field(foreign_key="child.id", index=True)
    foster_parent_id: int = Field(foreign_key="foster_parent.person_id", index=True)
    visitor_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    joint_id: int | None = Field(
        default=None,
        sa_column=Column(Integer, ForeignKey("joint_pledge.id", name="fk_pledge_joint_id"), index=True),
    )
    awaits_leader: bool = Field(default=False, description="its joint pledge has still to be agreed to")
    monthly_idr: int
    first_month: Month = Field(sa_type=MonthColumn)
    last_month: Month | None = Field(default=None, sa_type=MonthColumn)
    round_name: str | None = Field(default=None, max_length=20)
    state: PledgeState = Field(sa_type=words(PledgeState), index=True)
    pledged_at: datetime = Field(sa_type=Instant)
    expires_at: datetime | None = Field(default=None, sa_type=Instant, description="while pending")
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    decided_by: int | None = Field(default=None, foreign_key="person.id")
    note: str = Field(
        default="", sa_type=Sealed, description="why it was refused, or what its giver said at its end"
    )
    ending: str = Field(default="", max_length=20, description="why it ends, once somebody has said so")
    visitor_approved_at: datetime | None = Field(default=None, sa_type=Instant)

    @property
    def subject(self) -> str:
        """How audit and consents name this pledge."""
        return f"pledge:{self.id}"


@dataclass(frozen=True, slots=True)
class Term:
    """The months of a promise; `last` None is until graduation. Raises BadInput('term') when reversed."""

    first: Month
    last: Month | None

    def __post_init__(self) -> None:
        if self.last is not None and self.last < self.first:
            raise BadInput("term")


def counts_in(month: Month) -> ColumnElement[bool]:
    """Condition: the pledge gives (or gave) in that month."""
    return and_(
        col(Pledge.state).in_([PledgeState.ACTIVE, PledgeState.ENDED]),
        col(Pledge.first_month) <= month,
        or_(col(Pledge.last_month).is_(None), col(Pledge.last_month) >= month),
        not_(rests_in(col(Pledge.id), month)),
    )


def takes_room(now: datetime) -> ColumnElement[bool]:
    """Condition: the pledge occupies its share now or will (pending and not too old, or active)."""
    return or_(
        col(Pledge.state) == PledgeState.ACTIVE,
        and_(col(Pledge.state) == PledgeState.PENDING, col(Pledge.expires_at) > now),
    )


def still_needed(session: Session, programme: Programme, now: datetime, child_id: int, term: Term) -> int:
    """Return how many rupiah a month could still be pledged in *every* month of the term (0 when none)."""
    pledges = session.exec(select(Pledge).where(Pledge.child_id == child_id, takes_room(now))).all()
    return room(programme, pledges, term, rests_of(session, pledges))


def rests_of(session: Session, pledges: Sequence[Pledge]) -> list[Pause]:
    """Return the pauses of some pledges."""
    return list(session.exec(select(Pause).where(col(Pause.pledge_id).in_([p.id for p in pledges]))))


def room(programme: Programme, pledges: Sequence[Pledge], term: Term, pauses: Sequence[Pause] = ()) -> int:
    """Return the least room that any month of the term has beside these pledges and their pauses.

    Room shrinks only where a pledge begins or comes back, or the programme's amount changes: only those months
    are looked at, so a term without an end costs no more.
    """
    turns = {term.first}
    turns.update(p.first_month for p in pledges)
    turns.update(pause.last_month.plus(1) for pause in pauses)
    turns.update(a.first_month for a in programme.aid.amounts)
    within = [m for m in turns if term.first <= m and (term.last is None or m <= term.last)]
    return max(0, min(programme.monthly_idr(month) - _given_in(pledges, pauses, month) for month in within))


def _given_in(pledges: Sequence[Pledge], pauses: Sequence[Pause], month: Month) -> int:
    resting = {pause.pledge_id for pause in pauses if pause.covers(month)}
    return sum(
        p.monthly_idr
        for p in pledges
        if p.first_month <= month and (p.last_month is None or month <= p.last_month) and p.id not in resting
    )


def pledge(
    session: Session,
    programme: Programme,
    now: datetime,
    *,
    foster_parent_id: int,
    child_id: int,
    monthly_idr: int,
    term: Term,
) -> Pledge:
    """Promise a monthly amount; it waits for a coordinator and holds its share for seven days.

    Raises NotEntitled (not verified), NotAdoptable, AlreadyPledged, FullySupported (with what is still
    needed) and BadInput('share') for an amount that is not positive or a term that starts in the past.
    """
    today = local_day(now, programme.zone)
    child = locked_child(session, child_id)
    if child is None or not _on_list(child, today):
        raise NotAdoptable
    foster_parent = session.get(FosterParent, foster_parent_id)
    if foster_parent is None or foster_parent.standing is not Standing.VERIFIED:
        raise NotEntitled
    if monthly_idr <= 0 or term.first < Month.of(today):
        raise BadInput("share")
    standing = session.exec(select(Pledge).where(Pledge.child_id == child_id, takes_room(now))).all()
    mine = [p for p in standing if p.foster_parent_id == foster_parent_id]
    if any(_overlap(p, term) for p in mine):
        raise AlreadyPledged
    available = room(programme, standing, term, rests_of(session, standing))
    if monthly_idr > available:
        raise FullySupported(available)
    promised = Pledge(
        child_id=child_id,
        foster_parent_id=foster_parent_id,
        monthly_idr=monthly_idr,
        first_month=term.first,
        last_month=term.last,
        round_name=_round_name(programme, term),
        state=PledgeState.PENDING,
        pledged_at=now,
        expires_at=now + PENDING_LASTS,
    )
    session.add(promised)
    session.flush()
    record(session, now, foster_parent_id, "pledged", promised.subject, str(monthly_idr))
    return promised


def locked_child(session: Session, child_id: int) -> Child | None:
    """Take the child's row: what any change to the sum of its pledges begins with."""
    return session.get(Child, child_id, with_for_update=True, populate_existing=True)


def _on_list(child: Child, today: date) -> bool:
    listed = child.listed_on <= today and (child.left_on is None or child.left_on > today)
    return listed and child.status in ON_LIST and child.silent_since is None


def _overlap(standing: Pledge, term: Term) -> bool:
    starts_before_end = term.last is None or standing.first_month <= term.last
    ends_after_start = standing.last_month is None or term.first <= standing.last_month
    return starts_before_end and ends_after_start


def _round_name(programme: Programme, term: Term) -> str | None:
    round_ = programme.round_of(term.first)
    return round_.name if round_ and round_.last_month == term.last else None


def decide_pledge(
    session: Session, now: datetime, pledge_id: int, *, by: int, approved: bool, note: str = ""
) -> Pledge:
    """Approve or reject a waiting pledge of somebody else.

    Raises NotEntitled for one's own, or one agreed to as its leader; AlreadyDecided when it does not wait (any more).
    """
    found = waiting_pledge(session, now, pledge_id)
    if found is None:
        raise AlreadyDecided
    if found.foster_parent_id == by or leads(session, found.joint_id, by):
        raise NotEntitled
    if approved and (found.awaits_leader or share_given_away(session, found)):
        raise AlreadyDecided
    found.state = PledgeState.ACTIVE if approved else PledgeState.REJECTED
    found.decided_at, found.decided_by, found.expires_at, found.note = now, by, None, note
    session.add(found)
    record(session, now, by, "approved" if approved else "rejected", found.subject)
    session.flush()
    if approved:
        support_found(session, now, found)
    return found


def support_lost(session: Session, now: datetime, ending: Pledge) -> None:
    """Raise the alert that a child loses support, or add to the rupiah a month that it holds as lost.

    The child's row is taken, here and below, so that no sum is lost.
    """
    alert = open_alert(session, AlertKind.LOSING_SUPPORT, f"child:{ending.child_id}", locked=True)
    if alert is not None:
        _still_lost(session, alert, int(alert.details or 0) + ending.monthly_idr)
        return
    child = session.get_one(Child, ending.child_id)
    lost = str(ending.monthly_idr)
    raise_alert(session, now, AlertKind.LOSING_SUPPORT, f"child:{child.id}", child=child, details=lost)


def support_found(session: Session, now: datetime, found: Pledge) -> None:
    """Take what a child did not have before from what it has lost; close the alert when nothing of that is left."""
    alert = open_alert(session, AlertKind.LOSING_SUPPORT, f"child:{found.child_id}", locked=True)
    if alert is None:
        return
    lost = int(alert.details or 0) - found.monthly_idr
    if lost > 0:
        _still_lost(session, alert, lost)
    else:
        close_alert(session, now, alert, by=None)


def _still_lost(session: Session, alert: Alert, idr: int) -> None:
    alert.details = str(idr)
    session.add(alert)
    session.flush()


def waiting_pledge(session: Session, now: datetime, pledge_id: int) -> Pledge | None:
    """Take the child's row and the pledge's; None when it does not wait (any more)."""
    child_id = session.exec(select(Pledge.child_id).where(Pledge.id == pledge_id)).first()
    if child_id is not None:
        locked_child(session, child_id)
    found = session.get(Pledge, pledge_id, with_for_update=True, populate_existing=True)
    if found is None or found.state is not PledgeState.PENDING or (found.expires_at or now) <= now:
        return None
    return found


def share_given_away(session: Session, waiting: Pledge) -> bool:
    """Whether somebody whose clock stood past this pledge's week has pledged on the child in the meantime.

    Their transaction counted the share as free, though `now` of the deciding one lies (a little) earlier.
    """
    query = select(Pledge.id).where(
        Pledge.child_id == waiting.child_id, col(Pledge.pledged_at) >= waiting.expires_at
    )
    return session.exec(query).first() is not None


def lapse_pledges(session: Session, now: datetime) -> list[Pledge]:
    """Free the shares of pledges that nobody approved in time; return them."""
    query = select(Pledge).where(Pledge.state == PledgeState.PENDING, col(Pledge.expires_at) <= now)
    lapsed = list(session.exec(query.with_for_update()))
    for old in lapsed:
        old.state, old.expires_at = PledgeState.LAPSED, None
        session.add(old)
        record(session, now, None, "lapsed", old.subject)
    return lapsed


def end_terms(session: Session, now: datetime, this_month: Month) -> int:
    """End the active pledges whose last month has passed; return how many."""
    result = session.exec(
        update(Pledge)
        .where(col(Pledge.state) == PledgeState.ACTIVE, col(Pledge.last_month) < this_month)
        .values(state=PledgeState.ENDED, decided_at=now)
    )
    return result.rowcount


@dataclass(frozen=True, slots=True)
class WaitingPledge:
    """A pledge that waits for a coordinator, with whom and what it concerns."""

    pledge: Pledge
    child: Child
    giver: Person
    foster_parent: FosterParent


def pledges_waiting(session: Session, scope: ColumnElement[bool], now: datetime) -> list[WaitingPledge]:
    """Return the pending pledges on children in scope (`Scope.children()`), oldest first."""
    query = (
        select(Pledge, Child, Person, FosterParent)
        .join(Child, col(Pledge.child_id) == Child.id)
        .join(Person, col(Pledge.foster_parent_id) == Person.id)
        .join(FosterParent, col(Pledge.foster_parent_id) == FosterParent.person_id)
        .where(Pledge.state == PledgeState.PENDING, col(Pledge.expires_at) > now, scope)
        .where(col(Pledge.awaits_leader).is_(False))
        .order_by(col(Pledge.pledged_at), col(Pledge.id))
    )
    return [WaitingPledge(*row) for row in session.exec(query)]


def pledges_of(session: Session, foster_parent_id: int, now: datetime) -> list[tuple[Pledge, Child]]:
    """Return a foster parent's pledges that are pending or active (resting ones too), oldest first.

    None on a child of whom nothing is said any more (K6).
    """
    query = (
        select(Pledge, Child)
        .join(Child, col(Pledge.child_id) == Child.id)
        .where(Pledge.foster_parent_id == foster_parent_id)
        .where(takes_room(now), col(Child.silent_since).is_(None))
        .order_by(col(Pledge.pledged_at), col(Pledge.id))
    )
    return list(session.exec(query))


def givers_of(session: Session, child_id: int, month: Month) -> Sequence[Person]:
    """Return who gives to a child in a month."""
    query = (
        select(Person)
        .join(Pledge, col(Pledge.foster_parent_id) == Person.id)
        .where(Pledge.child_id == child_id, Pledge.state == PledgeState.ACTIVE, counts_in(month))
        .order_by(col(Person.id))
    )
    return session.exec(query).unique().all()
