"""Whom a broadcast is for: a kind of people, where, of which office, in which situation,
on which channel; never outside a scope."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlmodel import Session, col

from models.checkins import CheckIn
from models.children import ON_LIST, Child, Guardian
from models.contacts import Contact
from models.families import can_be_asked
from models.grants import Grant, Scope, in_force
from models.growth_watch import supported_since
from models.months import Month, local_day
from models.payouts import Payout, PayoutState
from models.people import FosterParent, Person, Standing
from models.pledges import Pledge, PledgeState, counts_in
from models.programme import Programme
from models.statements import milliseconds
from models.told import told_in
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
    """An audience. `areas` None is the whole district, givers without a pledge included.

    `channel`: only those who are told things there; None is everywhere. `knock`: where free text has its time and that
    is over, a template goes first and the words follow when it is answered; False leaves these people out.
    """

    group: Group
    areas: frozenset[str] | None = None
    organisation_id: int | None = None
    situation: Situation = Situation.ALL
    channel: str | None = None
    knock: bool = True

    def dump(self) -> str:
        """Return it as it is kept: codes and names of areas only."""
        areas = None if self.areas is None else sorted(self.areas)
        parts = [self.group, areas, self.organisation_id, self.situation, self.channel, self.knock]
        return json.dumps(parts)[:200]


@dataclass(frozen=True, slots=True)
class OnChannel:
    """How many people are told things on a channel.

    `charged`: of these, where each message costs; `closed`: where free text may not be sent now.
    """

    people: int
    charged: int = 0
    closed: int = 0

    def open(self) -> "OnChannel":
        """Return it without those to whom nothing but a template may go now."""
        return OnChannel(self.people - self.closed, self.charged - self.closed)


@dataclass(frozen=True, slots=True)
class Headcount:
    """How many people an aim has (on whatever channel), and how many of them can be told, by channel."""

    aim: Aim
    people: int
    everywhere: Mapping[str, OnChannel]

    def aimed(self, **changes: Any) -> "Headcount":
        """Return the count of the same people, with the aim's channel or knock changed."""
        return replace(self, aim=replace(self.aim, **changes))

    @property
    def channels(self) -> dict[str, OnChannel]:
        """The channels that the aim uses, without those whom it leaves out there."""
        return {
            name: found if self.aim.knock else found.open()
            for name, found in sorted(self.everywhere.items())
            if self.aim.channel in {None, name}
        }

    @property
    def told(self) -> int:
        """To how many a message goes."""
        return sum(found.people for found in self.channels.values())

    @property
    def closed(self) -> int:
        """To how many nothing but a template may go now, whether the aim leaves them out or not."""
        return sum(n.closed for name, n in self.everywhere.items() if self.aim.channel in {None, name})

    @property
    def knocked(self) -> int:
        """To how many a template goes first; the words follow when they answer."""
        return self.closed if self.aim.knock else 0

    @property
    def passed_over(self) -> int:
        """How many are left out because only a template could reach them now."""
        return self.closed - self.knocked

    @property
    def charged(self) -> int:
        """To how many of those who are told each message costs."""
        return sum(n.charged for n in self.channels.values())

    @property
    def elsewhere(self) -> int:
        """How many are told things on a channel that was not chosen."""
        return sum(n.people for n in self.everywhere.values()) - self.told - self.passed_over

    @property
    def left_out(self) -> int:
        """Those without a chat, who blocked the bot, or want to be told nothing."""
        return self.people - sum(n.people for n in self.everywhere.values())


def headcount(session: Session, programme: Programme, now: datetime, aim: Aim) -> Headcount:
    """Count an audience."""
    people = people_of(programme, now, aim).subquery()
    total = session.execute(select(func.count()).select_from(people)).scalar_one()
    rows = session.execute(
        select(
            col(Contact.channel),
            func.count(),
            func.count(col(Contact.free_until_ms)),
            func.count().filter(_closed(now)),
        )
        .where(col(Contact.id).in_(_all_chats(programme, now, aim)))
        .group_by(col(Contact.channel))
    ).all()
    return Headcount(aim, total, {row[0]: OnChannel(*row[1:]) for row in rows})


def chats_of(programme: Programme, now: datetime, aim: Aim) -> Select[Any]:
    """Select one chat (its id) for each person who is told: the chosen one, else the one used longest."""
    query = select(col(Contact.id)).where(col(Contact.id).in_(_all_chats(programme, now, aim)))
    if aim.channel is not None:
        query = query.where(col(Contact.channel) == aim.channel)
    return query if aim.knock else query.where(or_(col(Contact.free_until_ms).is_(None), ~_closed(now)))


def _closed(now: datetime) -> ColumnElement[bool]:
    """Condition: free text has its time in this chat, and that is over."""
    return col(Contact.free_until_ms) <= milliseconds(now)


def _all_chats(programme: Programme, now: datetime, aim: Aim) -> Select[Any]:
    """Select the chats in which the people of an aim are told things, on whatever channel."""
    chat = told_in(col(Person.id))
    return select(chat.label("contact_id")).where(
        col(Person.id).in_(people_of(programme, now, aim)),
        col(Person.messages_off_at).is_(None),
        chat.is_not(None),
    )


def people_of(programme: Programme, now: datetime, aim: Aim) -> Select[Any]:
    """Select the people (their ids) of an aim, each once."""
    today = local_day(now, programme.zone)
    month = Month.of(today)
    since = today - WITHOUT_VISIT
    visited = select(col(Visit.id)).where(col(Visit.child_id) == col(Child.id), col(Visit.visited_on) > since)
    unvisited = and_(~visited.correlate(Child).exists(), supported_since(since, month))
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
