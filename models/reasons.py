"""Why a reminder is sent: for each kind one SELECT of whom it concerns, used to plan it and to ask, in the moment of
sending, whether its reason still stands.

Each reason gives (subject id, person id). Children whose family or death asks for silence (K6) are in none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Exists,
    Select,
    SQLColumnExpression,
    bindparam,
    func,
    literal,
    select,
)
from sqlalchemy.orm import aliased
from sqlmodel import SQLModel, and_, col, exists, not_, or_

from models.checkins import CheckIn
from models.children import ON_LIST, Child, Guardian
from models.columns import Instant
from models.families import can_be_asked
from models.grants import Grant, in_force
from models.months import Month
from models.payouts import Payout, PayoutState
from models.people import FosterParent, Person, Standing
from models.pledges import Pledge, PledgeState, counts_in
from models.reminders import ReminderKind
from models.visits import Visit

CONFIRM_AFTER = timedelta(days=3)
"""A family that has not said whether a reported transfer came is asked once more after so long."""

CONFIRM_WITHIN = timedelta(days=30)

NUDGE_AFTER = timedelta(days=14)
"""Whoever has signed up and chosen no child is told of those who wait, once a month, after so long."""

_CONFIRM_UNTIL = bindparam("confirm_until", type_=Instant)
_CONFIRM_SINCE = bindparam("confirm_since", type_=Instant)
_NUDGE_UNTIL = bindparam("nudge_until", type_=Instant)


@dataclass(frozen=True, slots=True)
class Reason:
    """Whom a kind of reminder concerns: `query` selects (subject, person), which those columns name.

    `candidates`: a cheap condition on the subject's own table that each of them fulfils, where few rows do.
    It is asked at a moment: execute it with the values of `at(now)`.
    """

    subject: SQLColumnExpression[Any]
    person: SQLColumnExpression[Any]
    query: Select[Any, Any]
    candidates: ColumnElement[bool] | None = None


Now = BindParameter[datetime]


@lru_cache(maxsize=200)
def reason(kind: ReminderKind, period: str) -> Reason:
    """Return the reason of a kind in a period (`2026-01`; weeks do not matter to those who are told weekly).

    Kept, because building the query costs several times what the database needs to answer it.
    """
    return _REASONS[kind](period, bindparam("now", type_=Instant))


def at(now: datetime) -> dict[str, datetime]:
    """Return the values with which any reason is asked at a moment."""
    return {
        "now": now,
        "confirm_until": now - CONFIRM_AFTER,
        "confirm_since": now - CONFIRM_WITHIN,
        "nudge_until": now - NUDGE_AFTER,
    }


def _payout_due(period: str, _: Now) -> Reason:
    """The foster parent of each payout that is owed and not reported."""
    query = (
        select(col(Payout.pledge_id), col(Pledge.foster_parent_id))
        .join_from(Payout, Pledge, col(Payout.pledge_id) == col(Pledge.id))
        .join(Child, col(Pledge.child_id) == col(Child.id))
        .where(col(Payout.month) == Month.parse(period), col(Payout.state) == PayoutState.DUE, _spoken_of())
    )
    return Reason(col(Payout.pledge_id), col(Pledge.foster_parent_id), query)


def _family_notice(period: str, _: Now) -> Reason:
    """The family of each child to whom something of the month is still to come."""
    owed = _for_each(
        Payout,
        col(Payout.pledge_id) == col(Pledge.id),
        col(Payout.month) == Month.parse(period),
        col(Payout.state) == PayoutState.DUE,
    )
    coming = _for_each(Pledge, col(Pledge.child_id) == col(Child.id), owed.correlate(Pledge))
    return _families(coming.correlate(Child))


def _family_confirm(period: str, _: Now) -> Reason:
    """The family of each payout that was reported some days ago, and of which it has said nothing."""
    query = (
        select(col(Payout.id), col(Guardian.person_id))
        .join_from(Payout, Pledge, col(Payout.pledge_id) == col(Pledge.id))
        .join(Child, col(Pledge.child_id) == col(Child.id))
        .join(Guardian, col(Child.guardian_id) == col(Guardian.id))
        .where(col(Payout.month) == Month.parse(period), col(Payout.state) == PayoutState.REPORTED)
        .where(col(Payout.reported_at) <= _CONFIRM_UNTIL, col(Payout.reported_at) > _CONFIRM_SINCE)
        .where(can_be_asked())
    )
    candidates = and_(col(Payout.month) == Month.parse(period), col(Payout.state) == PayoutState.REPORTED)
    return Reason(col(Payout.id), col(Guardian.person_id), query, candidates)


def _check_in(period: str, _: Now) -> Reason:
    """The family of each child on the list that has not answered this month."""
    answered = select(col(CheckIn.id)).where(
        col(CheckIn.child_id) == col(Child.id), col(CheckIn.month) == Month.parse(period)
    )
    return _families(~answered.correlate(Child).exists())


def _families(*conditions: ColumnElement[bool]) -> Reason:
    query = (
        select(col(Child.id), col(Guardian.person_id))
        .join_from(Child, Guardian, col(Child.guardian_id) == col(Guardian.id))
        .where(col(Child.status).in_(ON_LIST), can_be_asked(), *conditions)
    )
    return Reason(col(Child.id), col(Guardian.person_id), query)


def _renewal(period: str, _: Now) -> Reason:
    """The foster parent of each pledge that ends in that month, unless another follows or they said that it ends."""
    last = Month.parse(period)
    next_one = aliased(Pledge)
    follows = exists().where(
        col(next_one.child_id) == col(Pledge.child_id),
        col(next_one.foster_parent_id) == col(Pledge.foster_parent_id),
        col(next_one.first_month) > last,
        col(next_one.state).in_([PledgeState.PENDING, PledgeState.ACTIVE]),
    )
    query = (
        select(col(Pledge.id), col(Pledge.foster_parent_id))
        .join_from(Pledge, Child, col(Pledge.child_id) == col(Child.id))
        .where(col(Pledge.state) == PledgeState.ACTIVE, col(Pledge.last_month) == last)
        .where(col(Pledge.ending) == "", not_(follows), col(Child.status).in_(ON_LIST), _spoken_of())
    )
    return Reason(col(Pledge.id), col(Pledge.foster_parent_id), query, col(Pledge.last_month) == last)


def _visit(period: str, _: Now) -> Reason:
    """Who visits under each pledge of the month, while neither they nor anybody under it has been with the child."""
    month = Month.parse(period)
    visitor = func.coalesce(col(Pledge.visitor_id), col(Pledge.foster_parent_id))
    visited = exists().where(
        col(Visit.child_id) == col(Pledge.child_id),
        col(Visit.visited_on).between(month.first_day, month.last_day),
        or_(col(Visit.pledge_id) == col(Pledge.id), col(Visit.visitor_id) == visitor),
    )
    query = (
        select(col(Pledge.id), visitor)
        .join_from(Pledge, Child, col(Pledge.child_id) == col(Child.id))
        .where(col(Pledge.state) == PledgeState.ACTIVE, counts_in(month), not_(visited))
        .where(col(Child.status).in_(ON_LIST), _spoken_of())
    )
    return Reason(col(Pledge.id), visitor, query)


def _coordinating(_: str, now: Now) -> Reason:
    """Everybody who coordinates something."""
    query = select(col(Grant.person_id), col(Grant.person_id)).where(in_force(now)).distinct()
    holders = select(col(Grant.person_id))
    return Reason(col(Grant.person_id), col(Grant.person_id), query, col(Person.id).in_(holders))


def _coordinating_the_district(_: str, now: Now) -> Reason:
    """Everybody who coordinates the whole district: the report is theirs to pass on."""
    everywhere = _coordinating(_, now)
    query = everywhere.query.where(col(Grant.area).is_(None))
    return Reason(everywhere.subject, everywhere.person, query, everywhere.candidates)


def _nudge(period: str, _: Now) -> Reason:
    """Each verified foster parent who has signed up some time ago and promises nothing in the month."""
    month = Month.parse(period)
    promises = _for_each(
        Pledge,
        col(Pledge.foster_parent_id) == col(FosterParent.person_id),
        col(Pledge.state).in_([PledgeState.PENDING, PledgeState.ACTIVE]),
        col(Pledge.last_month).is_(None) | (col(Pledge.last_month) >= month),
    ).correlate(FosterParent)
    query = select(col(FosterParent.person_id), col(FosterParent.person_id)).where(
        col(FosterParent.standing) == Standing.VERIFIED,
        col(FosterParent.registered_at) <= _NUDGE_UNTIL,
        ~promises,
    )
    return Reason(col(FosterParent.person_id), col(FosterParent.person_id), query, ~promises)


def _for_each(table: type[SQLModel], *conditions: ColumnElement[bool]) -> Exists:
    """Return an EXISTS that is looked up for each row of what surrounds it (docs/decisions.md).

    Left to choose, both databases would begin with the whole month's payouts for each few children that are planned:
    SQLite with a join, PostgreSQL also with an EXISTS, unless an OFFSET stands in it.
    """
    return select(literal(1)).select_from(table).where(*conditions).offset(0).exists()


def _spoken_of() -> ColumnElement[bool]:
    return col(Child.silent_since).is_(None)


_REASONS: dict[ReminderKind, Callable[[str, Now], Reason]] = {
    ReminderKind.PAYOUT_SOON: _payout_due,
    ReminderKind.PAYOUT_DUE: _payout_due,
    ReminderKind.PAYOUT_LATE: _payout_due,
    ReminderKind.PAYOUT_OVERDUE: _payout_due,
    ReminderKind.FAMILY_NOTICE: _family_notice,
    ReminderKind.FAMILY_CONFIRM: _family_confirm,
    ReminderKind.CHECK_IN: _check_in,
    ReminderKind.CHECK_IN_AGAIN: _check_in,
    ReminderKind.VISIT: _visit,
    ReminderKind.RENEWAL: _renewal,
    ReminderKind.RENEWAL_LAST: _renewal,
    ReminderKind.DIGEST: _coordinating,
    ReminderKind.MONTH_START: _coordinating,
    ReminderKind.REPORT: _coordinating_the_district,
    ReminderKind.NUDGE: _nudge,
}
