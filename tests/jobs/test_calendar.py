"""Five years of days, every due day, nights, downtimes: each reminder whose reason stands goes out once.

Dates are checked for every due day on every day; then the whole path (plan, queue, write, claim) is played on a real
database by a server that sleeps at random for up to forty days, starts again at random hours, and has a twin.
"""

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Connection, select
from sqlmodel import Session, col

from handlers.kit.chat import Context
from jobs.claiming import claim_written
from jobs.planning import Stage, stages, steps, take_step
from jobs.reminding import remind
from models.checkins import CheckIn, month_answered
from models.consents import ConsentKind
from models.database import Database
from models.messages import outbox
from models.months import Month, local_day
from models.outbox import Sent, mark
from models.payouts import Payout, PayoutState, report_transfer
from models.people import Person
from models.pledges import Pledge
from models.programme import Programme
from models.reminders import TOLD_TOGETHER, Reminder, ReminderKind
from tests.builders import (
    a_child,
    a_consent,
    a_contact,
    a_coordinator,
    a_foster_parent,
    a_guardian,
    a_person,
    a_pledge,
    a_visit,
    id_of,
)
from tests.clock import FixedClock
from tests.depth import depth

FIRST, LAST = date(2026, 1, 1), date(2030, 12, 31)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
MONTHS = Month.of(FIRST).until(Month.of(LAST))
PAYOUT_STAGES = (
    ReminderKind.PAYOUT_SOON,
    ReminderKind.PAYOUT_DUE,
    ReminderKind.PAYOUT_LATE,
    ReminderKind.PAYOUT_OVERDUE,
)


def with_days(programme: Programme, day: int) -> Programme:
    """Return the programme with all its events on one day of the month."""
    schedule = programme.schedule.model_copy(update={"payout_day": day, "checkin_day": day, "visit_day": day})
    return programme.model_copy(update={"schedule": schedule})


def last_day_of(year: int, month: int) -> int:
    """By counting, not by the calendar that is tested."""
    return max(n for n in range(28, 32) if (date(year, month, 1) + timedelta(days=n - 1)).month == month)


@pytest.mark.parametrize("day", range(1, 32))
def test_every_event_has_each_of_its_stages_once_a_month_without_a_gap(
    programme: Programme, day: int
) -> None:
    moved = with_days(programme, day)
    found: defaultdict[tuple[ReminderKind, str], list[date]] = defaultdict(list)
    for today in DAYS:
        for stage in stages(moved, today):
            found[stage.kind, stage.period].append(today)
            assert stage.ends_on > today
    for days in found.values():
        assert days == [days[0] + timedelta(days=n) for n in range(len(days))], "in one piece"
    for month, following in pairwise(MONTHS[1:-1]):
        due = date(month.year, month.month, min(day, last_day_of(month.year, month.month)))
        assert found[ReminderKind.PAYOUT_DUE, str(month)][0] == due
        assert found[ReminderKind.CHECK_IN, str(month)][0] == due
        spoken = [today for kind in PAYOUT_STAGES for today in found[kind, str(month)]]
        assert spoken == sorted(set(spoken)), "one at a time, in rising urgency"
        assert spoken[0] == due - timedelta(days=3)
        next_due = found[ReminderKind.PAYOUT_DUE, str(following)][0]
        assert spoken[-1] == next_due - timedelta(days=4), "until the next month's first word"
        assert found[ReminderKind.VISIT, str(month)][0] == due
        assert Month.of(found[ReminderKind.VISIT, str(month)][-1]) == month, (
            "no visit of a month that is over"
        )
        asked = [*found[ReminderKind.CHECK_IN, str(month)], *found[ReminderKind.CHECK_IN_AGAIN, str(month)]]
        assert asked == sorted(set(asked))
        assert all(month_answered(moved, today, month) == month for today in asked), (
            "what is asked is answered"
        )
        assert found[ReminderKind.MONTH_START, str(month)][0].day == 1
        renewed = [*found[ReminderKind.RENEWAL, str(month)], *found[ReminderKind.RENEWAL_LAST, str(month)]]
        assert renewed == sorted(set(renewed))
        assert (renewed[-1] + timedelta(days=1)).day == 1
    mondays = [d for d in DAYS[7:-7] if d.weekday() == 0]
    weeks = {days[0] for (kind, _), days in found.items() if kind is ReminderKind.DIGEST}
    assert set(mondays) <= weeks


# --- on a database ---------------------------------------------------------------------------------------------------

Key = tuple[ReminderKind, int, str]


@dataclass
class Town:
    """What the programme's rows say, remembered in plain Python."""

    open_pledge: int = 0
    second_pledge: int = 0
    """By the same giver, on another child: both are said in one message."""
    ending_pledge: int = 0
    ends: Month = field(default_factory=lambda: Month(2028, 6))
    child: int = 0
    coordinator: int = 0
    leaver: int = 0
    """Who gives no more once the ending pledge has ended."""
    reported: dict[tuple[int, Month], tuple[int, datetime]] = field(default_factory=dict)
    answered: set[Month] = field(default_factory=set)
    visited: set[tuple[int, Month]] = field(default_factory=set)
    heard: list[Key] = field(default_factory=list)

    @property
    def pledges(self) -> list[int]:
        return [self.open_pledge, self.second_pledge, self.ending_pledge]

    def giving(self, pledge: int, month: Month) -> bool:
        return Month.of(FIRST) <= month and (pledge != self.ending_pledge or month <= self.ends)

    def owing(self, pledge: int, month: Month) -> bool:
        return self.giving(pledge, month) and (pledge, month) not in self.reported

    def concerns(self, kind: ReminderKind, pledge: int, month: Month) -> bool:
        """Whether a reminder about pledges concerns this one."""
        if kind is ReminderKind.VISIT:
            return self.giving(pledge, month) and (pledge, month) not in self.visited
        if kind in {ReminderKind.RENEWAL, ReminderKind.RENEWAL_LAST}:
            return pledge == self.ending_pledge and month == self.ends
        return kind in PAYOUT_STAGES and self.owing(pledge, month)

    def subjects(self, stage: Stage, now: datetime) -> Iterator[int]:
        """Yield whom a stage concerns, by the words of the product and not by the code's queries."""
        kind = stage.kind
        if kind in {ReminderKind.DIGEST, ReminderKind.MONTH_START, ReminderKind.REPORT}:
            yield self.coordinator
            return
        month = Month.parse(stage.period)
        yield from (p for p in self.pledges if self.concerns(kind, p, month))
        if kind is ReminderKind.FAMILY_NOTICE:
            if self.owing(self.open_pledge, month) or self.owing(self.ending_pledge, month):
                yield self.child
        elif kind is ReminderKind.FAMILY_CONFIRM:
            for (pledge, when), (payout, at) in self.reported.items():
                if (
                    when == month
                    and pledge != self.second_pledge
                    and timedelta(days=3) <= now - at < timedelta(days=30)
                ):
                    yield payout
        elif kind in {ReminderKind.CHECK_IN, ReminderKind.CHECK_IN_AGAIN} and month not in self.answered:
            yield self.child
        elif kind is ReminderKind.NUDGE and month > self.ends:
            yield self.leaver


def settle(session: Session, database: Database) -> Town:
    """One child whose family has joined, two who give for it (one for another child too), one coordinator."""
    keys = database.keys
    town = Town()
    mother = a_person(session, keys)
    a_consent(session, person=mother, kind=ConsentKind.PARENTAL)
    guardian = a_guardian(session, keys, person=mother)
    child = a_child(session, guardian=guardian)
    coordinator = a_coordinator(session, keys, expires_at=datetime(2032, 1, 1, tzinfo=UTC))
    town.child, town.coordinator = id_of(child), id_of(coordinator)
    people = [mother, coordinator]
    for last in (None, town.ends):
        giver = a_foster_parent(session, keys)
        people.append(session.get_one(Person, giver.person_id))
        promised = a_pledge(
            session,
            child=child,
            foster_parent=giver,
            monthly_idr=200_000,
            first_month=Month.of(FIRST),
            last_month=last,
        )
        if last is None:
            town.open_pledge = id_of(promised)
            other = a_child(session, guardian=a_guardian(session, keys))
            also = a_pledge(
                session, child=other, foster_parent=giver, first_month=Month.of(FIRST), last_month=None
            )
            town.second_pledge = id_of(also)
        else:
            town.ending_pledge, town.leaver = id_of(promised), giver.person_id
    for number, person in enumerate(people):
        a_contact(session, keys, address=str(800_000 + number), person=person)
    return town


def moments(rnd: random.Random, last: date) -> Iterator[datetime]:
    """Yield when the server is awake: mostly every few hours, at night too, with sleeps of up to forty days."""
    now = datetime.combine(FIRST, time(0, 30), UTC)
    while now.date() <= last:
        yield now
        if rnd.random() < 0.02:
            now += timedelta(days=rnd.randint(2, 40), hours=rnd.randint(0, 23))
        else:
            now += timedelta(hours=rnd.choice([5, 11, 19, 24]), minutes=rnd.randint(0, 59))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("database_url", "day", "last"),
    depth(
        [("sqlite", 31, LAST), ("postgresql", 10, date(2027, 6, 30))],
        thorough=[(kind, day, LAST) for kind in ("sqlite", "postgresql") for day in (1, 10, 29, 31)],
    ),
    indirect=["database_url"],
)
def test_a_server_that_sleeps_and_has_a_twin_says_everything_once(
    database: Database, programme: Programme, day: int, last: date
) -> None:
    moved, clock = with_days(programme, day), FixedClock(datetime.combine(FIRST, time(0), UTC))
    context = Context(moved, database.keys, clock)
    rnd = random.Random(f"calendar {day}")
    expected: set[Key] = set()
    with database.engine.connect() as connection, connection.begin() as transaction:
        with Session(
            bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        ) as session:
            town = settle(session, database)
            session.commit()
            for now in moments(rnd, last):
                clock.set(now)
                plan_twice(connection, context, rnd)
                if moved.is_awake(now) and now.astimezone(moved.zone).time() >= moved.schedule.remind_at:
                    if rnd.random() < 0.03:
                        continue  # the process dies between queueing and sending
                    for stage in stages(moved, local_day(now, moved.zone)):
                        expected |= {(stage.kind, s, stage.period) for s in town.subjects(stage, now)}
                    send(connection, context, town)
                live(session, town, rnd, now)
        sent = sent_keys(connection)
        transaction.rollback()
    assert len(sent) == len(set(sent)), "nothing twice"
    missing, beyond = expected - set(sent), set(sent) - expected
    assert not beyond, f"said without a reason: {sorted(beyond)[:5]}"
    assert not missing, f"never said: {sorted(missing)[:5]}"
    assert len(expected) > 60 * (last.year - FIRST.year)
    assert len(town.heard) < len(sent), "some said together"


def plan_twice(connection: Connection, context: Context, rnd: random.Random) -> None:
    """Two planners at once: each piece is taken by both, in either order."""
    today = local_day(context.clock.now(), context.programme.zone)
    opened = (
        connection.execute(select(col(Payout.month)).order_by(col(Payout.month).desc())).scalars().first()
    )
    twins = [list(steps(context.programme, today, opened)) for _ in range(rnd.choice([1, 2]))]
    while any(twins):
        mine = rnd.choice([twin for twin in twins if twin])
        rest = take_step(connection, context.programme, context.clock.now(), mine.pop(0))
        if rest is not None:
            mine.insert(0, rest)
    for _ in twins:
        remind(connection, context)


def send(connection: Connection, context: Context, town: Town) -> None:
    """What delivery does, with the platform's yes."""
    now = context.clock.now()
    assert context.programme.is_awake(now)
    found = 1
    while found:
        found, leaving = claim_written(connection, context, "telegram", 50)
        for message in leaving:
            assert json.loads(message.body)["text"]
            lead = select(col(Reminder.kind), col(Reminder.period)).where(
                col(Reminder.id) == message.reminder_id
            )
            kind, period = connection.execute(lead).one()
            said = (kind, message.contact_id, period)
            assert kind not in TOLD_TOGETHER or said not in town.heard, "one message of a kind"
            town.heard.append(said)
        mark(connection, now, [Sent(message.id, "1") for message in leaving])


def live(session: Session, town: Town, rnd: random.Random, now: datetime) -> None:
    """People report and answer, sometimes."""
    if rnd.random() < 0.15:
        due = (
            session.exec(
                select(Payout).where(col(Payout.state) == PayoutState.DUE)  # type: ignore[call-overload]
            )
            .scalars()
            .all()
        )
        if due:
            payout = rnd.choice(due)
            report_transfer(session, now, payout.id or 0, by=town.coordinator, amount_idr=payout.amount_idr)
            town.reported[payout.pledge_id, payout.month] = (payout.id or 0, now)
    month = Month.of(local_day(now))
    if rnd.random() < 0.05 and month not in town.answered:
        town.answered.add(month)
        session.add(CheckIn(child_id=town.child, month=month, answered_at=now))
    if rnd.random() < 0.08:
        pledge = session.get_one(Pledge, rnd.choice(town.pledges))
        if town.giving(id_of(pledge), month):
            town.visited.add((id_of(pledge), month))
            a_visit(session, pledge=pledge, visited_on=local_day(now))
    session.flush()
    session.commit()


def sent_keys(connection: Connection) -> list[Key]:
    query = (
        select(col(Reminder.kind), col(Reminder.subject_id), col(Reminder.period))
        .join_from(outbox, Reminder, outbox.c.reminder_id == col(Reminder.id))
        .where(outbox.c.outcome == 1)
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(query)]
