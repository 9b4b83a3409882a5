"""The children whom a foster parent has supported and supports no more: what they gave, by the child's code."""

from dataclasses import dataclass

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, exists, not_, or_, select

from models.children import Child
from models.months import Month
from models.payouts import GIVEN, Payout
from models.pledges import Pledge, PledgeState


@dataclass(frozen=True, slots=True)
class Before:
    """A child by its code, the months for which something was given, and what has come of it (whole rupiah)."""

    code: str
    months: int
    given_idr: int


def supported_before(session: Session, foster_parent_id: int, this: Month) -> list[Before]:
    """Return the children whom somebody has given to and does not support (any more), by code.

    None of whom nothing is said any more (K6). A month that the family calls short counts with what came.
    """
    running = aliased(Pledge)
    goes_on = exists().where(
        col(running.child_id) == col(Pledge.child_id),
        col(running.foster_parent_id) == foster_parent_id,
        col(running.state).in_([PledgeState.ACTIVE, PledgeState.PENDING]),
        or_(col(running.last_month).is_(None), col(running.last_month) >= this),
    )
    came = func.coalesce(Payout.received_idr, Payout.reported_idr)
    query = (
        select(Child.code, func.count(func.distinct(Payout.month)), func.sum(came))
        .select_from(Payout)
        .join(Pledge, col(Payout.pledge_id) == Pledge.id)
        .join(Child, col(Pledge.child_id) == Child.id)
        .where(Pledge.foster_parent_id == foster_parent_id, col(Payout.state).in_(GIVEN))
        .where(col(Child.silent_since).is_(None), not_(goes_on))
        .group_by(Child.code)
        .order_by(Child.code)
    )
    return [Before(code, months, int(total or 0)) for code, months, total in session.exec(query)]
