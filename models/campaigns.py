"""How far a campaign of `programme.toml` is: children whom the kinds it speaks to have taken on in its months."""

from datetime import date

from sqlalchemy import func, select
from sqlmodel import Session, col

from models.children import Child, on_list
from models.grants import Scope
from models.months import Month
from models.people import FosterParent
from models.pledges import Pledge, PledgeState, counts_in
from models.programme import Campaign


def running(campaigns: tuple[Campaign, ...], month: Month) -> list[Campaign]:
    """Return the campaigns that have begun, those over longer than half a year left out."""
    return [one for one in campaigns if one.first_month <= month <= one.last_month.plus(6)]


def children_won(session: Session, campaign: Campaign, day: date, scope: Scope) -> int:
    """Count the children on the list whom the campaign's pledges support now, each once.

    A pledge is the campaign's when it began in the campaign's months and its foster parent is of its kinds.
    """
    query = (
        select(func.count(col(Pledge.child_id).distinct()))
        .join_from(Pledge, Child, col(Child.id) == col(Pledge.child_id))
        .join(FosterParent, col(FosterParent.person_id) == col(Pledge.foster_parent_id))
        .where(
            col(Pledge.state) == PledgeState.ACTIVE,
            col(FosterParent.kind).in_(campaign.kinds),
            col(Pledge.first_month) >= campaign.first_month,
            col(Pledge.first_month) <= campaign.last_month,
            counts_in(Month.of(day)),
            on_list(day),
            scope.children(),
        )
    )
    won: int = session.execute(query).scalar_one()
    return won
