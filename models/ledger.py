"""Questions to the ledger of payouts: what is owed, late, disputed, and how a month stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, not_, or_, select

from models.children import Child, Guardian
from models.families import can_be_asked
from models.grants import is_everything
from models.months import Month
from models.payouts import GIVEN, OPEN, Payout, PayoutMove, PayoutState
from models.pledges import Pledge
from models.programme import Programme

UNANSWERED = timedelta(days=30)
"""A family that says nothing about a transfer for so long is not asked again: a coordinator finds out."""


@dataclass(frozen=True, slots=True)
class PayoutOf:
    """A payout with the pledge and child that it belongs to."""

    payout: Payout
    pledge: Pledge
    child: Child


def payout_with(session: Session, payout_id: int) -> PayoutOf | None:
    """Return a payout with its pledge and child."""
    return next(iter(_with_child(session, col(Payout.id) == payout_id)), None)


def payouts_to_report(session: Session, foster_parent_id: int) -> list[PayoutOf]:
    """Return what a foster parent may report a transfer for: first what is due, oldest first."""
    found = _with_child(
        session,
        col(Pledge.foster_parent_id) == foster_parent_id,
        col(Payout.state).in_(OPEN),
        col(Child.silent_since).is_(None),
    )
    return sorted(found, key=lambda one: (one.payout.state is not PayoutState.DUE, one.payout.month))


def open_payouts_of_children(session: Session, child_ids: Sequence[int]) -> list[PayoutOf]:
    """Return what a family may say something about: what was reported first, then what is due, oldest first."""
    found = _with_child(
        session,
        col(Child.id).in_(child_ids),
        col(Payout.state).in_(OPEN),
    )
    return sorted(found, key=lambda one: (one.payout.state is PayoutState.DUE, one.payout.month))


def payouts_between(session: Session, foster_parent_id: int, child_id: int) -> list[Payout]:
    """Return what a foster parent owes and has given for a child, over all their pledges on it, oldest month first."""
    query = (
        select(Payout)
        .join(Pledge, col(Payout.pledge_id) == Pledge.id)
        .where(Pledge.foster_parent_id == foster_parent_id, Pledge.child_id == child_id)
        .order_by(col(Payout.month), col(Payout.id))
    )
    return list(session.exec(query))


def payouts_of_child(session: Session, child_id: int, month: Month) -> list[PayoutOf]:
    """Return a child's payouts of a month, one for each pledge."""
    return _with_child(session, col(Child.id) == child_id, col(Payout.month) == month)


def disputed_payouts(session: Session, scope: ColumnElement[bool]) -> list[PayoutOf]:
    """Return the payouts in scope on which the two sides differ, oldest first."""
    differ = col(Payout.state).in_([PayoutState.SHORT, PayoutState.DISPUTED])
    return _with_child(session, differ, scope)


def reported_unasked(session: Session, now: datetime, scope: ColumnElement[bool]) -> list[PayoutOf]:
    """Return the reported payouts in scope of which no family may be asked, or has said nothing for a month."""
    asked = (
        select(Guardian.id).where(Guardian.id == Child.guardian_id, can_be_asked()).correlate(Child).exists()
    )
    unanswered = or_(not_(asked), col(Payout.reported_at) < now - UNANSWERED)
    return _with_child(session, col(Payout.state) == PayoutState.REPORTED, unanswered, scope)


def late_payouts(
    session: Session, programme: Programme, today: date, scope: ColumnElement[bool]
) -> list[PayoutOf]:
    """Return the payouts in scope that are due after their month's due day, oldest first."""
    this = Month.of(today)
    latest = this if today > programme.due_on(this) else this.plus(-1)
    return _with_child(session, col(Payout.state) == PayoutState.DUE, col(Payout.month) <= latest, scope)


def moves_of(session: Session, payout_id: int) -> Sequence[PayoutMove]:
    """Return a payout's moves, oldest first."""
    query = select(PayoutMove).where(PayoutMove.payout_id == payout_id).order_by(col(PayoutMove.id))
    return session.exec(query).all()


def _with_child(session: Session, *conditions: ColumnElement[bool]) -> list[PayoutOf]:
    query = (
        select(Payout, Pledge, Child)
        .join(Pledge, col(Payout.pledge_id) == Pledge.id)
        .join(Child, col(Pledge.child_id) == Child.id)
        .where(*conditions)
        .order_by(col(Payout.month), col(Payout.id))
    )
    return [PayoutOf(*row) for row in session.exec(query)]


@dataclass(frozen=True, slots=True)
class Ledger:
    """A month's payouts in scope: how many in each state, and their rupiah. Waived ones are not owed."""

    month: Month
    counts: dict[PayoutState, int]
    owed_idr: int
    reported_idr: int
    received_idr: int
    late: int

    @property
    def owed(self) -> int:
        """How many payouts are owed: all but the waived."""
        return sum(count for state, count in self.counts.items() if state is not PayoutState.WAIVED)

    @property
    def given(self) -> int:
        """How many have been reported, whatever the family says."""
        return sum(self.counts[state] for state in GIVEN)

    @property
    def confirmed(self) -> int:
        """How many have come, as the family or its coordinator says."""
        return self.counts[PayoutState.CONFIRMED]

    @property
    def doubted(self) -> int:
        """How many are short or have not come, and wait for a coordinator."""
        return self.counts[PayoutState.SHORT] + self.counts[PayoutState.DISPUTED]


def ledger(
    session: Session, programme: Programme, month: Month, today: date, scope: ColumnElement[bool]
) -> Ledger:
    """Add a month's payouts up."""
    query = (
        rows_of(
            col(Payout.state),
            func.count(),
            func.sum(col(Payout.amount_idr)),
            func.sum(col(Payout.reported_idr)),
            func.sum(func.coalesce(col(Payout.received_idr), 0)),
        )
        .select_from(Payout)
        .where(col(Payout.month) == month)
        .group_by(col(Payout.state))
    )
    if not is_everything(scope):  # or a million pledges and children are looked up to leave out none
        query = query.join(Pledge, col(Payout.pledge_id) == Pledge.id)
        query = query.join(Child, col(Pledge.child_id) == Child.id).where(scope)
    rows = {row[0]: tuple(int(n) for n in row[1:]) for row in session.execute(query)}
    counts = {state: rows.get(state, (0,))[0] for state in PayoutState}
    owed = {state: row for state, row in rows.items() if state is not PayoutState.WAIVED}
    return Ledger(
        month=month,
        counts=counts,
        owed_idr=sum(row[1] for row in owed.values()),
        reported_idr=sum(row[2] for row in owed.values()),
        received_idr=sum(row[3] for row in owed.values()),
        late=counts[PayoutState.DUE] if today > programme.due_on(month) else 0,
    )
