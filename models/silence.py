"""Silence about a child (K6): it has died or moved, or its family asks for it.

From that moment nothing about the child goes to its family or its foster parents but what a person has approved: its
pledges end, what is due is waived, waiting messages are taken back, and `is_hushed` keeps new ones from being told.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from models.alerts import Alert, AlertKind, close_alert, locked_alerts
from models.audit import record
from models.children import Child, ChildStatus
from models.errors import AlreadyDecided
from models.months import local_day
from models.payouts import Payout, PayoutState
from models.pledges import Pledge, PledgeState, locked_child
from models.programme import Programme
from models.quiet import withdraw_about
from models.terms import Ending, end_pledges_of


class SilenceReason(StrEnum):
    """Why nothing is to be said any more."""

    DIED = "died"
    MOVED = "moved"
    ASKED = "asked"


ENDINGS = {
    SilenceReason.DIED: Ending.DIED,
    SilenceReason.MOVED: Ending.MOVED,
    SilenceReason.ASKED: Ending.SILENCE,
}
STATUSES = {SilenceReason.DIED: ChildStatus.DIED, SilenceReason.MOVED: ChildStatus.MOVED}
"""What becomes of the child's status; who asks for silence stays on the list, and is offered to nobody."""

STILL_URGENT = frozenset({AlertKind.CONSENT_WITHDRAWN, AlertKind.AID_MISSING, AlertKind.AID_SHORT})
"""Alerts that a coordinator still has to look after, whatever the reason."""


@dataclass(frozen=True, slots=True)
class Stops:
    """What silence would stop: pledges that run or wait, the payouts still due, and whose they are."""

    pledges: int
    payouts: int
    supporters: tuple[int, ...]


def what_stops(session: Session, child: Child) -> Stops:
    """Return what silence about a child would stop."""
    living = select(Pledge).where(
        Pledge.child_id == child.id, col(Pledge.state).in_([PledgeState.ACTIVE, PledgeState.PENDING])
    )
    pledges = session.exec(living).all()
    ids = [pledge.id for pledge in pledges]
    due = select(Payout.id).where(col(Payout.pledge_id).in_(ids), Payout.state == PayoutState.DUE)
    people = {pledge.foster_parent_id for pledge in pledges}
    people |= {pledge.visitor_id for pledge in pledges if pledge.visitor_id}
    return Stops(len(pledges), len(session.exec(due).all()), tuple(sorted(people)))


def silence(
    session: Session, programme: Programme, now: datetime, child_id: int, why: SilenceReason, *, by: int
) -> Stops:
    """Say nothing about a child any more; return what was stopped. Raises AlreadyDecided when it is silent."""
    child = locked_child(session, child_id)
    if child is None or child.silent_since is not None:
        raise AlreadyDecided
    stopped = what_stops(session, child)
    child.silent_since = now
    if why in STATUSES:
        child.status = STATUSES[why]
        child.left_on = child.left_on or local_day(now, programme.zone)
    session.add(child)
    session.flush()
    end_pledges_of(session, programme, now, child, by=by, why=ENDINGS[why])
    _close_alerts(session, now, child, why, by)
    withdraw_about(session, now, child, "silence")
    record(session, now, by, "silenced", f"child:{child.id}", why)
    session.flush()
    return stopped


def _close_alerts(session: Session, now: datetime, child: Child, why: SilenceReason, by: int) -> None:
    """Close what is moot. A danger sign stays open when the child lives here: somebody must look."""
    keep = STILL_URGENT | ({AlertKind.DANGER_SIGN} if why is SilenceReason.ASKED else set())
    query = select(Alert).where(Alert.child_id == child.id, col(Alert.closed_at).is_(None))
    for alert in locked_alerts(session, query):
        if alert.kind not in keep:
            close_alert(session, now, alert, by=by)
