"""Whom a broadcast is for: a kind of people, where, of which office, in which situation; never outside a scope."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlmodel import Session, col

from models.checkins import CheckIn
from models.children import ON_LIST, Child, Guardian
from models.contacts import PREFERRED_FIRST, Contact
from models.families import can_be_asked
from models.grants import Grant, Scope, in_force
from models.months import Month, local_day
from models.payouts import Payout, PayoutState
from models.people import FosterParent, Person, Standing
from models.pledges import Pledge, PledgeState, counts_in
from models.programme import Programme
from models.statements import milliseconds
from models.visits import Visit

WITHOUT_VISIT = timedelta(days=60)


class Group(StrEnum):
    """Who is addressed."""

    GIVERS = "givers"
    FAMILIES = "families"
    COORDINATORS = "coordinators"


class Situation(StrEnum):
    """Which of them: `late` with a transfer or the month's check-in, `unvisited` for two months, `idle` givers."""

    ALL = "all"
    LATE = "late"
    UNVISITED = "unvisited"
    IDLE = "idle"


SITUATIONS = {
    Group.GIVERS: tuple(Situation),
    Group.FAMILIES: (Situation.ALL, Situation.LATE, Situation.UNVISITED),
    Group.COORDINATORS: (Situation.ALL,),
}
"""What may be asked of whom."""


@dataclass(frozen=True, slots=True)
class Aim:
    """An audience. `areas` None is the whole district, givers without a pledge included."""

    group: Group
    areas: frozenset[str] | None = None
    organisation_id: int | None = None
    situation: Situation = Situation.ALL

    def dump(self) -> str:
        """Return it as it is kept: codes and names of areas only."""
        areas = None if self.areas is None else sorted(self.areas)
        return json.dumps([self.group, areas, self.organisation_id, self.situation])[:200]


@dataclass(frozen=True, slots=True)
class Headcount:
    """How many people an aim has, how many of them can be told, and by which channels.

    `knocked`: to how many a template goes first, because their platform takes free text only for a while after they
    wrote; the words follow when they answer.
    """

    people: int
    told: int
    channels: dict[str, int]
    knocked: int = 0

    @property
    def left_out(self) -> int:
        """Those without a chat, who blocked the bot, or want to be told nothing."""
        return self.people - self.told


def headcount(session: Session, programme: Programme, now: datetime, aim: Aim) -> Headcount:
    """Count an audience."""
    people = people_of(programme, now, aim).subquery()
    total = session.execute(select(func.count()).select_from(people)).scalar_one()
    chats = chats_of(programme, now, aim).subquery()
    closed = col(Contact.free_until_ms) <= milliseconds(now)
    rows = session.execute(
        select(col(Contact.channel), func.count(), func.count().filter(closed))
        .where(col(Contact.id).in_(select(chats.c[0])))
        .group_by(col(Contact.channel))
    ).all()
    channels = {row[0]: int(row[1]) for row in rows}
    return Headcount(total, sum(channels.values()), channels, sum(row[2] for row in rows))


def chats_of(programme: Programme, now: datetime, aim: Aim) -> Select[Any]:
    """Select one chat (its id) for each person who can be told: the chosen one, else the one used longest."""
    chat = (
        select(col(Contact.id))
        .where(col(Contact.person_id) == col(Person.id), col(Contact.unreachable_at).is_(None))
        .order_by(*PREFERRED_FIRST)
        .limit(1)
        .correlate(Person)
        .scalar_subquery()
    )
    return select(chat.label("contact_id")).where(
        col(Person.id).in_(people_of(programme, now, aim)),
        col(Person.messages_off_at).is_(None),
        chat.is_not(None),
    )


def people_of(programme: Programme, now: datetime, aim: Aim) -> Select[Any]:
    """Select the people (their ids) of an aim, each once."""
    today = local_day(now, programme.zone)
    month = Month.of(today)
    unvisited = ~(
        select(col(Visit.id))
        .where(col(Visit.child_id) == col(Child.id), col(Visit.visited_on) > today - WITHOUT_VISIT)
        .correlate(Child)
        .exists()
    )
    match aim.group:
        case Group.GIVERS:
            latest = month if today > programme.due_on(month) else month.plus(-1)
            return _givers(month, latest, unvisited, aim)
        case Group.FAMILIES:
            return _families(month, unvisited, aim)
        case Group.COORDINATORS:
            return _coordinators(now, aim)


def _givers(month: Month, latest: Month, unvisited: ColumnElement[bool], aim: Aim) -> Select[Any]:
    """Verified foster parents; where and how they give is asked of their pledges for children who are spoken of."""
    pledged = (
        select(col(Pledge.id))
        .join_from(Pledge, Child, col(Pledge.child_id) == col(Child.id))
        .where(col(Pledge.foster_parent_id) == col(FosterParent.person_id), _inside(aim))
        .where(col(Child.silent_since).is_(None))
    )
    giving = pledged.where(counts_in(month))
    query = select(col(FosterParent.person_id)).where(col(FosterParent.standing) == Standing.VERIFIED)
    if aim.organisation_id is not None:
        query = query.where(col(FosterParent.organisation_id) == aim.organisation_id)
    match aim.situation:
        case Situation.LATE:
            owing = pledged.join(Payout, col(Payout.pledge_id) == col(Pledge.id)).where(
                col(Payout.state) == PayoutState.DUE, col(Payout.month) <= latest
            )
            return query.where(owing.correlate(FosterParent).exists())
        case Situation.UNVISITED:
            return query.where(giving.where(unvisited).correlate(FosterParent).exists())
        case Situation.IDLE:
            promised = select(col(Pledge.id)).where(
                col(Pledge.foster_parent_id) == col(FosterParent.person_id),
                col(Pledge.state).in_([PledgeState.PENDING, PledgeState.ACTIVE]),
            )
            query = query.where(~promised.correlate(FosterParent).exists())
            return query if aim.areas is None else query.where(pledged.correlate(FosterParent).exists())
        case Situation.ALL:
            return query if aim.areas is None else query.where(giving.correlate(FosterParent).exists())


def _families(month: Month, unvisited: ColumnElement[bool], aim: Aim) -> Select[Any]:
    """Guardians who have joined and consent, of children on the list who are spoken of."""
    query = (
        select(col(Guardian.person_id))
        .join_from(Child, Guardian, col(Child.guardian_id) == col(Guardian.id))
        .where(col(Child.status).in_(ON_LIST))
        .where(can_be_asked(), _inside(aim))
        .distinct()
    )
    if aim.situation is Situation.UNVISITED:
        return query.where(unvisited)
    if aim.situation is Situation.LATE:
        answered = select(col(CheckIn.id)).where(
            col(CheckIn.child_id) == col(Child.id), col(CheckIn.month) == month
        )
        return query.where(~answered.correlate(Child).exists())
    return query


def _coordinators(now: datetime, aim: Aim) -> Select[Any]:
    query = select(col(Grant.person_id)).where(in_force(now))
    if aim.areas is not None:
        query = query.where(or_(col(Grant.area).in_(sorted(aim.areas)), col(Grant.area).is_(None)))
    return query.distinct()


def _inside(aim: Aim) -> ColumnElement[bool]:
    return Scope(aim.areas).children()
