"""What each kind of foster parent and each partner has pledged, and what has come of it: pledged against given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlmodel import Session, col

from models.children import Child, on_list
from models.grants import Scope
from models.months import Month
from models.organisations import Organisation
from models.payouts import Payout, PayoutState
from models.people import FosterKind, FosterParent
from models.pledges import Pledge, counts_in


@dataclass(frozen=True, slots=True)
class Giving:
    """A month of one kind of foster parent, or of one partner (`name`).

    `children` are supported at least in part by the pledges that count in the month; `pledged_idr` is what these
    promise; `reported_idr` what foster parents say they have given and `received_idr` what families confirm, of
    the month's payouts that were not waived. Whole rupiah.
    """

    kind: FosterKind
    name: str | None
    foster_parents: int = 0
    children: int = 0
    pledged_idr: int = 0
    reported_idr: int = 0
    received_idr: int = 0


def giving_by_kind(session: Session, day: date, scope: Scope) -> list[Giving]:
    """Return a month's giving by kind of foster parent, in the order of `FosterKind`; kinds that give nothing too."""
    found = {row[0]: row for row in _giving(session, day, scope.children(), [col(FosterParent.kind)])}
    return [Giving(kind, None, *found.get(kind, (kind,))[1:]) for kind in FosterKind]


def giving_by_partner(session: Session, day: date, scope: Scope, *, most: int = 20) -> list[Giving]:
    """Return a month's giving by organisation, the largest pledge first."""
    inside = and_(scope.children(), col(FosterParent.organisation_id).is_not(None))
    return [Giving(*row) for row in _giving(session, day, inside, _PARTNER, most)]


def giving_of_partner(session: Session, day: date, organisation_id: int) -> Giving | None:
    """Return one organisation's giving in a month; None when it gives nothing."""
    rows = _giving(session, day, col(FosterParent.organisation_id) == organisation_id, _PARTNER, 1)
    return Giving(*rows[0]) if rows else None


_PARTNER = [col(FosterParent.kind), col(Organisation.name)]


def _giving(
    session: Session, day: date, inside: ColumnElement[bool], by: Sequence[Any], most: int | None = None
) -> list[tuple[Any, ...]]:
    """Ask for (each of `by`, foster parents, children, pledged, reported, received)."""
    month = Month.of(day)
    pledged = func.sum(col(Pledge.monthly_idr))
    query = (
        select(
            *by,
            func.count(col(Pledge.foster_parent_id).distinct()),
            func.count(col(Pledge.child_id).distinct()),
            pledged,
            func.coalesce(func.sum(col(Payout.reported_idr)), 0),
            func.coalesce(func.sum(col(Payout.received_idr)), 0),
        )
        .join_from(Pledge, Child, col(Child.id) == col(Pledge.child_id))
        .join(FosterParent, col(FosterParent.person_id) == col(Pledge.foster_parent_id))
        .outerjoin(Organisation, col(Organisation.id) == col(FosterParent.organisation_id))
        .outerjoin(
            Payout,
            (col(Payout.pledge_id) == col(Pledge.id))
            & (col(Payout.month) == month)
            & (col(Payout.state) != PayoutState.WAIVED),
        )
        .where(counts_in(month), on_list(day), inside)
        .group_by(*by)
        .order_by(pledged.desc(), *by)
    )
    return [
        (*row[: len(by) + 2], *(int(n) for n in row[len(by) + 2 :]))
        for row in session.execute(query.limit(most))
    ]
