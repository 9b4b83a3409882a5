"""A reminder that is about to leave, and what it needs to find its words."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from handlers.kit.chat import Buttons, Context
from handlers.texts import Words
from models.children import Child
from models.errors import GentingError
from models.ledger import PayoutOf, payouts_of_child
from models.months import Month
from models.payouts import PayoutState, payout_of
from models.pledges import Pledge
from models.reminders import Reminder

Said = tuple[Words, Buttons]


class ReasonGone(GentingError):
    """What a reminder would speak of is not so (any more)."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """A reminder that is about to leave."""

    session: Session
    context: Context
    reminder: Reminder
    today: date

    @property
    def month(self) -> Month:
        """The month that it is about."""
        return Month.parse(self.reminder.period)


def owed(occasion: Occasion) -> PayoutOf:
    """Return what the pledge that a reminder is about still owes. Raises ReasonGone."""
    payout = payout_of(occasion.session, occasion.reminder.subject_id, occasion.month)
    if payout is None or payout.state is not PayoutState.DUE:
        raise ReasonGone
    pledge, child = promised(occasion)
    return PayoutOf(payout, pledge, child)


def promised(occasion: Occasion) -> tuple[Pledge, Child]:
    """Return the pledge that a reminder is about, with its child."""
    pledge = occasion.session.get_one(Pledge, occasion.reminder.subject_id)
    return pledge, occasion.session.get_one(Child, pledge.child_id)


def child_of(occasion: Occasion) -> Child:
    """Return the child that a family's reminder is about."""
    return occasion.session.get_one(Child, occasion.reminder.subject_id)


def coming(occasion: Occasion) -> int:
    """Return how many rupiah of the month are still to come to the child that a family's reminder is about."""
    payouts = payouts_of_child(occasion.session, occasion.reminder.subject_id, occasion.month)
    return sum(one.payout.amount_idr for one in payouts if one.payout.state is PayoutState.DUE)
