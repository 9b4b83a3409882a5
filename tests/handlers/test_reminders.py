"""Reminders as people meet them: their buttons lead somewhere, and they are not sent when their reason has gone."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlmodel import Session, select

from handlers.kit.messages import Outbound
from handlers.texts import plain, render, t
from jobs.claiming import claim_written
from jobs.schedule import run_through
from models.checkins import CheckIn
from models.database import in_session
from models.grants import Grant
from models.months import Month
from models.pledges import Pledge
from tests.builders import a_visit
from tests.handlers.village import Village


def reminded(village: Village, now: datetime) -> Iterator[tuple[str, Outbound]]:
    """Let a moment come; yield what leaves then, and to whom."""
    village.clock.set(now)
    village.database.submit(lambda c: run_through(c, village.context)).result()
    _, leaving = village.database.submit(
        lambda c: claim_written(c, village.context, "telegram", 100)
    ).result()
    for message in leaving:
        yield message.address, Outbound.load(json.loads(message.body))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2025, 10, 20, 3, tzinfo=UTC), {"/setor", "/jeda", "/berhenti", "/pantau"}),
        (datetime(2025, 10, 15, 3, tzinfo=UTC), {"/setor", "/jeda", "/kunjungan"}),
        (datetime(2025, 11, 10, 3, tzinfo=UTC), {"/setor", "/tanya"}),
        (datetime(2025, 12, 15, 3, tzinfo=UTC), {"/lanjutkan", "/berhenti"}),
    ],
    ids=["check-in", "visit", "due day", "renewal"],
)
def test_every_button_of_a_reminder_opens_its_conversation(
    village: Village, now: datetime, expected: set[str]
) -> None:
    refusals = [
        plain(render(words, "id"))
        for words in (t.checkin.not_yours(), t.transfer.nothing_owed(), t.receipt.settled(), t.pledge.none())
    ]
    opened = set()
    for address, message in reminded(village, now):
        for button in (button for row in message.rows for button in row):
            if address not in {"mother", "giver"}:
                continue
            answer = plain(getattr(village, address).say(button.data))
            assert not any(refusal in answer for refusal in refusals), (button.data, answer)
            opened.add(button.data.partition(" ")[0])
    assert expected <= opened


def texts_to(village: Village, address: str, now: datetime) -> list[str]:
    return [plain(message.text) for to, message in reminded(village, now) if to == address]


@pytest.mark.parametrize("visited_on", [date(2025, 10, 1), date(2025, 10, 15), date(2025, 9, 30)])
def test_who_has_visited_this_month_is_not_reminded_of_it(village: Village, visited_on: date) -> None:
    def visited(session: Session) -> None:
        a_visit(session, pledge=session.exec(select(Pledge)).one(), visited_on=visited_on)

    village.clock.set(
        datetime(2025, 10, 14, 18, tzinfo=UTC)
    )  # 15 October, 01.00: planned, and nobody is awake
    village.database.submit(lambda c: run_through(c, village.context)).result()
    village.database.submit(in_session(visited)).result()
    said = texts_to(village, "giver", datetime(2025, 10, 15, 3, tzinfo=UTC))
    assert any("belum ada kunjungan untuk BLT-001" in text for text in said) == (visited_on.month == 9)


def test_who_is_the_visitor_no_more_when_the_reminder_leaves_is_told_nothing(village: Village) -> None:
    def somebody_else_visits(session: Session) -> None:
        pledge = session.exec(select(Pledge)).one()
        pledge.visitor_id = session.exec(select(Grant.person_id).where(Grant.area == "Badau")).one()
        session.add(pledge)

    village.clock.set(datetime(2025, 10, 14, 18, tzinfo=UTC))  # 15 October, 01.00: planned for the giver
    village.database.submit(lambda c: run_through(c, village.context)).result()
    village.database.submit(in_session(somebody_else_visits)).result()
    said = texts_to(village, "giver", datetime(2025, 10, 15, 3, tzinfo=UTC))
    assert not any("belum ada kunjungan" in text for text in said)


def test_of_those_who_share_a_pledge_the_visitor_is_reminded(village: Village) -> None:
    def somebody_else_visits(session: Session) -> None:
        pledge = session.exec(select(Pledge)).one()
        pledge.visitor_id = session.exec(select(Grant.person_id).where(Grant.area == "Badau")).one()
        session.add(pledge)

    village.database.submit(in_session(somebody_else_visits)).result()
    leaving = list(reminded(village, datetime(2025, 10, 15, 3, tzinfo=UTC)))
    assert [to for to, message in leaving if "/kunjungan BLT-001" in str(message.rows)] == ["badau"]


@pytest.mark.parametrize(
    ("tapped", "checkin_day", "belongs_to"),
    [
        (datetime(2025, 10, 31, 3, tzinfo=UTC), 25, Month(2025, 10)),
        (datetime(2025, 11, 7, 3, tzinfo=UTC), 25, Month(2025, 10)),
        (datetime(2025, 11, 7, 20, tzinfo=UTC), 25, Month(2025, 11)),  # 8 November in Belitung
        (datetime(2025, 11, 2, 3, tzinfo=UTC), 3, Month(2025, 10)),
        (datetime(2025, 11, 3, 3, tzinfo=UTC), 3, Month(2025, 11)),
    ],
    ids=["same month", "first week", "after it", "before the next question", "the next question is open"],
)
def test_an_answer_belongs_to_the_month_that_was_asked_about_for_a_week_more(
    village: Village, tapped: datetime, checkin_day: int, belongs_to: Month
) -> None:
    programme = village.context.programme
    schedule = programme.schedule.model_copy(update={"checkin_day": checkin_day})
    village.mother.context = replace(
        village.context, programme=programme.model_copy(update={"schedule": schedule})
    )
    village.clock.set(tapped)
    village.mother.say("/pantau BLT-001 2025-10")
    for label in ("✓ Sehat", "☐ Nasi, bubur, mi, ubi, singkong", "✓ Selesai", "Belum", "Belum ada"):
        village.mother.tap(label)
    months = village.database.submit(
        in_session(lambda s: [row.month for row in s.exec(select(CheckIn))])
    ).result()
    assert months == [belongs_to]


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (datetime(2025, 11, 10, 3, tzinfo=UTC), "diperkirakan datang sekitar 10 November 2025"),
        (
            datetime(2025, 11, 12, 3, tzinfo=UTC),
            "belum dilaporkan terkirim (semestinya sekitar 10 November 2025)",
        ),
    ],
    ids=["on the day", "caught up after it"],
)
def test_a_family_is_never_told_that_something_is_coming_on_a_day_that_is_over(
    village: Village, now: datetime, says: str
) -> None:
    told = [plain(message.text) for address, message in reminded(village, now) if address == "mother"]
    assert [text for text in told if says in text]
    assert len([text for text in told if "November 2025" in text and "Bantuan" in text]) == 1
