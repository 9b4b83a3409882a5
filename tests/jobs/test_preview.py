"""What a month would send: what then is planned day by day, and nothing of it stays in the database."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, func, select
from sqlmodel import Session, col

from jobs.preview import FURTHEST, WHY, Line, preview
from jobs.schedule import run_through
from models.contacts import prefer
from models.database import Database, in_session
from models.errors import GentingError
from models.keys import KeyRing
from models.months import Month, local_day
from models.people import FosterParent, Person
from models.programme import Programme
from models.reminders import Reminder, ReminderKind
from models.tables import metadata
from tests.builders import a_contact, id_of
from tests.clock import FixedClock
from tests.handlers.village import Village, a_village

NOVEMBER = Month(2025, 11)
Planned = Counter[tuple[date, ReminderKind, str]]


@pytest.fixture
def village(database: Database, programme: Programme, keys: KeyRing, clock: FixedClock) -> Village:
    return a_village(database, programme, keys, clock)


def previewed(village: Village, month: Month) -> list[Line]:
    return village.database.submit(
        lambda c: preview(c, village.context.programme, village.clock.now(), month)
    ).result()


def as_counted(lines: list[Line]) -> Planned:
    return Counter({(line.day, line.kind, line.period): line.reminders for line in lines if line.reminders})


def rows(connection: Connection) -> dict[str, int]:
    counts = {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in metadata.sorted_tables
    }
    return {name: count for name, count in counts.items() if count}


def planned_after(connection: Connection, known: int) -> list[tuple[int, ReminderKind, str]]:
    new = select(col(Reminder.id), col(Reminder.kind), col(Reminder.period)).where(col(Reminder.id) > known)
    return [(number or 0, kind, period) for number, kind, period in connection.execute(new)]


def live_through(village: Village, month: Month) -> Planned:
    """Let the days come one by one; return what was planned on those of the month."""
    planned: Planned = Counter()
    known = 0
    while (day := local_day(village.clock.now())) <= month.last_day:
        village.database.submit(lambda c: run_through(c, village.context)).result()
        for number, kind, period in village.database.submit(partial(planned_after, known=known)).result():
            known = max(known, number)
            if Month.of(day) == month:
                planned[day, kind, period] += 1
        village.clock.advance(timedelta(days=1))
    return planned


def test_a_preview_is_what_then_is_planned_and_leaves_nothing_behind(village: Village) -> None:
    before = village.database.submit(rows).result()
    lines = previewed(village, NOVEMBER)
    assert village.database.submit(rows).result() == before
    village.clock.set(datetime(2025, 10, 13, 1, tzinfo=UTC))  # 08.00: so every day is planned at that hour
    assert as_counted(lines) == live_through(village, NOVEMBER)
    assert {line.kind for line in lines} >= {
        ReminderKind.PAYOUT_DUE,
        ReminderKind.CHECK_IN,
        ReminderKind.VISIT,
        ReminderKind.DIGEST,
    }


def test_days_that_are_over_show_what_was_planned_on_them(village: Village) -> None:
    expected = as_counted(previewed(village, NOVEMBER))
    live_through(village, Month(2025, 10))
    village.clock.set(datetime(2025, 11, 1, 1, tzinfo=UTC))
    while village.clock.now() < datetime(2025, 11, 16, tzinfo=UTC):
        village.database.submit(lambda c: run_through(c, village.context)).result()
        village.clock.advance(timedelta(days=1))
    lines = previewed(village, NOVEMBER)
    assert as_counted(lines) == expected
    assert {line.is_planned for line in lines if line.day < date(2025, 11, 16)} == {True}
    assert {line.is_planned for line in lines if line.day > date(2025, 11, 16)} == {False}


def test_who_cannot_be_told_is_counted(village: Village) -> None:
    village.giver.say("/stop")
    due = next(line for line in previewed(village, NOVEMBER) if line.kind is ReminderKind.PAYOUT_DUE)
    assert (due.reminders, due.messages, due.unreachable) == (0, 0, 1)
    assert due.to == "foster parent"
    assert due.why == "the aid is due and not reported"


def test_what_goes_to_a_chosen_chat_is_counted_on_its_channel(village: Village, keys: KeyRing) -> None:
    def choose(session: Session) -> None:
        giver = session.execute(select(col(FosterParent.person_id))).scalar_one()
        person = session.get_one(Person, giver)
        other = a_contact(session, keys, channel="whatsapp", address="+628005550001", person=person)
        prefer(session, village.clock.now(), id_of(other))

    def due() -> list[dict[str, int]]:
        lines = previewed(village, NOVEMBER)
        return [line.channels for line in lines if line.kind is ReminderKind.PAYOUT_DUE]

    assert due() == [{"telegram": 1}]
    village.database.submit(in_session(choose)).result()
    assert due() == [{"whatsapp": 1}]


def test_each_line_says_whose_role_it_concerns() -> None:
    def to(kind: ReminderKind) -> str:
        return Line(date(2025, 11, 1), kind, str(NOVEMBER), 1, 1, {}).to

    assert {to(ReminderKind.NUDGE), to(ReminderKind.PAYOUT_DUE), to(ReminderKind.VISIT)} == {"foster parent"}
    assert {to(ReminderKind.FAMILY_CONFIRM), to(ReminderKind.CHECK_IN)} == {"family"}
    assert {to(ReminderKind.DIGEST), to(ReminderKind.REPORT)} == {"coordinator"}


def test_every_kind_has_its_reason_in_words() -> None:
    assert WHY.keys() == set(ReminderKind)


def test_too_far_ahead_nothing_is_known(village: Village) -> None:
    with pytest.raises(GentingError, match="five years"):
        previewed(village, Month.of(local_day(village.clock.now())).plus(FURTHEST + 1))
