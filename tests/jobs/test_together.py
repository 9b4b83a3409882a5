"""Somebody who gives for several children is reminded once, of those whose reason still stands."""

import json
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, select
from sqlmodel import Session, col

from handlers.kit.chat import Context
from handlers.kit.messages import Outbound
from handlers.reminder_lists import _LISTS, SHOWN
from jobs.channel import ChannelError
from jobs.claiming import claim_written
from jobs.endings import Endings
from jobs.outcomes import take_report
from jobs.schedule import run_through
from models.bounces import give_up_chat
from models.children import Child
from models.database import Database, in_session
from models.dispatches import Rank, Reference
from models.held import HELD_FOR, give_up_held, release_held
from models.messages import Outcome, outbox
from models.outbox import (
    WINDOW,
    Failed,
    Held,
    OutboxMessage,
    Postponed,
    Result,
    Sent,
    backlog,
    mark,
    release_leases,
)
from models.payouts import Payout, report_transfer
from models.people import Person
from models.programme import Programme
from models.reminders import TOLD_TOGETHER
from models.silence import SilenceReason, silence
from tests.builders import a_child, a_contact, a_coordinator, a_family, a_foster_parent, a_pledge, id_of
from tests.clock import FixedClock

DUE_DAY = datetime(2025, 11, 10, 3, tzinfo=UTC)
"""10 November 2025, 10.00 in Belitung."""


class Partner:
    """A company's contact who gives for many children."""

    def __init__(self, database: Database, programme: Programme, children: int) -> None:
        self.database, self.clock = database, FixedClock(DUE_DAY)
        self.context = Context(programme, database.keys, self.clock)

        def work(session: Session) -> None:
            giver = a_foster_parent(session, database.keys)
            person = session.get_one(Person, giver.person_id)
            self.person_id = id_of(person)
            self.contact_id = id_of(a_contact(session, database.keys, address="1", person=person))
            for _ in range(children):
                a_pledge(session, child=a_child(session), foster_parent=giver)
            self.coordinator = id_of(a_coordinator(session, database.keys))

        database.submit(in_session(work)).result()
        self.plan()
        self.reported: set[int] = set()

    def plan(self) -> None:
        self.database.submit(lambda c: run_through(c, self.context)).result()

    def claim(self, most: int = 4, *, in_flight: Collection[OutboxMessage] = ()) -> list[OutboxMessage]:
        def work(connection: Connection) -> list[OutboxMessage]:
            return claim_written(connection, self.context, "telegram", most, in_flight=in_flight)[1]

        return self.database.submit(work).result()

    def mark(self, *results: Result) -> None:
        self.database.submit(lambda c: mark(c, self.clock.now(), results)).result()

    def report(self, pledge_id: int) -> None:
        """The transfer of November is reported."""

        def work(session: Session) -> None:
            payouts = select(col(Payout.id)).where(
                col(Payout.pledge_id) == pledge_id, col(Payout.month) == "2025-11"
            )
            payout_id = session.execute(payouts).scalar_one()
            report_transfer(session, self.clock.now(), payout_id, by=self.person_id, amount_idr=1_000)

        self.database.submit(in_session(work)).result()

    def outcomes(self) -> dict[Outcome, int]:
        def work(connection: Connection) -> list[int]:
            mine = outbox.c.contact_id == self.contact_id
            return list(connection.execute(select(outbox.c.outcome).where(mine)).scalars())

        found = self.database.submit(work).result()
        return {outcome: found.count(outcome) for outcome in Outcome if outcome in found}


def said(message: OutboxMessage) -> Outbound:
    return Outbound.load(json.loads(message.body))


def codes(message: OutboxMessage) -> list[str]:
    """The children that a message names."""
    return [word.strip("*:") for word in said(message).text.split() if word.startswith("*BLT-")]


def buttons(message: OutboxMessage) -> list[str]:
    return [button.data for row in said(message).rows for button in row]


def test_every_kind_that_may_be_told_together_has_a_list() -> None:
    assert _LISTS.keys() == TOLD_TOGETHER


def test_twenty_children_are_one_message_with_one_button_and_twenty_reminders_that_were_sent(
    database: Database, programme: Programme
) -> None:
    partner = Partner(database, programme, children=20)
    (message,) = partner.claim()
    assert codes(message) == [f"BLT-{n:03d}" for n in range(1, 21)]
    assert "Rp9.000.000" in said(message).text
    assert buttons(message) == ["/setor"]
    partner.mark(Sent(message.id, "platform 1"))
    assert partner.outcomes() == {Outcome.SENT: 20}
    assert partner.claim() == []
    partner.plan()
    assert partner.claim() == []


def test_one_child_is_a_message_about_that_child(database: Database, programme: Programme) -> None:
    (message,) = Partner(database, programme, children=1).claim()
    assert buttons(message) == ["/setor BLT-001 2025-11"]


def test_a_company_of_two_hundred_children_gets_a_message_that_fits(
    database: Database, programme: Programme
) -> None:
    (message,) = Partner(database, programme, children=200).claim()
    assert len(codes(message)) == SHOWN
    assert "160 anak lagi" in said(message).text
    assert len(said(message).text) < 3_500


def test_only_children_whose_reason_still_stands_are_named(database: Database, programme: Programme) -> None:
    partner = Partner(database, programme, children=4)
    partner.report(1)
    partner.report(3)
    claimed = partner.claim()
    assert [codes(message) for message in claimed] == [["BLT-002", "BLT-004"]]
    partner.mark(Sent(claimed[0].id, "platform 1"))
    assert partner.outcomes() == {Outcome.SENT: 2, Outcome.WITHDRAWN: 2}


def test_after_a_crash_it_is_written_anew_with_those_who_still_stand(
    database: Database, programme: Programme
) -> None:
    partner = Partner(database, programme, children=4)
    assert [len(codes(message)) for message in partner.claim()] == [4]
    partner.report(2)
    database.submit(lambda c: release_leases(c, "telegram")).result()  # the sender died before it marked
    (message,) = partner.claim()
    assert codes(message) == ["BLT-001", "BLT-003", "BLT-004"]
    partner.mark(Sent(message.id, "platform 1"))
    assert partner.outcomes() == {Outcome.SENT: 3, Outcome.WITHDRAWN: 1}


def test_told_to_wait_it_comes_again_as_one_even_if_the_child_it_was_first_about_is_paid(
    database: Database, programme: Programme
) -> None:
    partner = Partner(database, programme, children=3)
    (message,) = partner.claim()
    partner.mark(Postponed(message.id, DUE_DAY + timedelta(minutes=5), "429"))
    partner.clock.advance(timedelta(minutes=4))
    assert partner.claim() == [], "not before the platform allows"
    partner.clock.advance(timedelta(minutes=2))
    partner.report(1)
    claimed = [*partner.claim(), *partner.claim()]
    assert [codes(message) for message in claimed] == [["BLT-002", "BLT-003"]]


def test_a_chat_that_is_gone_passes_all_of_them_on_to_the_other_one(
    database: Database, programme: Programme
) -> None:
    partner = Partner(database, programme, children=5)
    (message,) = partner.claim()

    def other_chat(session: Session) -> None:
        a_contact(session, database.keys, address="2", person=session.get_one(Person, partner.person_id))

    database.submit(in_session(other_chat)).result()
    partner.mark(Failed(message.id, "blocked"))
    database.submit(lambda c: give_up_chat(c, partner.clock.now(), partner.contact_id, "blocked")).result()
    assert partner.outcomes() == {Outcome.FAILED: 5}
    partner.plan()
    (again,) = partner.claim()
    assert (again.address, len(codes(again))) == ("2", 5)


def test_what_is_being_sent_stays_with_its_sender_when_the_clock_is_moved(
    database: Database, programme: Programme
) -> None:
    partner = Partner(database, programme, children=2)
    claimed = partner.claim()
    partner.clock.advance(timedelta(hours=2))
    assert partner.claim(in_flight=claimed) == []
    assert partner.claim() == []  # its lease is good again
    partner.clock.advance(timedelta(hours=2))
    assert [message.id for message in partner.claim()] == [
        message.id for message in claimed
    ]  # its sender is gone


def other_chat(partner: Partner) -> None:
    def work(session: Session) -> None:
        person = session.get_one(Person, partner.person_id)
        a_contact(session, partner.database.keys, address="2", person=person)

    partner.database.submit(in_session(work)).result()


def endings(partner: Partner) -> Endings:
    return Endings(partner.clock, partner.database.keys, "telegram", None, lambda _: None)


def test_a_failure_that_is_reported_later_brings_all_of_them_again(
    database: Database, programme: Programme
) -> None:
    partner = Partner(database, programme, children=3)
    (message,) = partner.claim()
    partner.mark(Sent(message.id, "platform 1"))
    failure = 131_047, ChannelError("131047", closed=True)
    partner.report(2)
    database.submit(
        lambda c: take_report(c, endings(partner), "id 1", Reference(message.id), Rank.ACCEPTED, failure)
    ).result()
    claimed = [*partner.claim(), *partner.claim()]
    assert [codes(one) for one in claimed] == [["BLT-001", "BLT-003"]]
    partner.mark(Sent(claimed[0].id, "platform 2"))
    assert partner.outcomes() == {Outcome.SENT: 2, Outcome.WITHDRAWN: 1}


def test_what_a_chat_does_not_take_goes_to_the_other_one_for_all_of_them(
    database: Database, programme: Programme
) -> None:
    partner = Partner(database, programme, children=5)
    (message,) = partner.claim()
    other_chat(partner)
    ending, also = endings(partner).of(message, said(message), ChannelError("no", permanent=True))
    assert also is not None
    partner.mark(ending)
    database.submit(also).result()
    assert partner.outcomes() == {Outcome.FAILED: 5}
    claimed = [*partner.claim(), *partner.claim()]
    assert [(one.address, len(codes(one))) for one in claimed] == [("2", 5)]


def test_a_chat_that_is_gone_while_they_wait_tells_the_other_one_once(
    database: Database, programme: Programme
) -> None:
    partner = Partner(database, programme, children=3)
    other_chat(partner)
    database.submit(lambda c: give_up_chat(c, partner.clock.now(), partner.contact_id, "blocked")).result()
    partner.plan()
    claimed = [*partner.claim(), *partner.claim()]
    assert [(one.address, len(codes(one))) for one in claimed] == [("2", 3)]
    (message,) = claimed
    partner.mark(Sent(message.id, "platform 1"))
    assert partner.claim() == []
    assert said(message).text.count("BLT-001") == 1


def test_held_together_they_wait_as_no_backlog_and_are_told_together_or_given_up_together(
    database: Database, programme: Programme
) -> None:
    partner = Partner(database, programme, children=3)
    (message,) = partner.claim()
    partner.mark(Held(message.id, WINDOW))
    assert partner.outcomes() == {Outcome.HELD: 3}
    now = partner.clock.now()
    standing = database.submit(lambda c: backlog(c, now, now - timedelta(hours=1))).result()
    coordinators = 1
    assert standing.waiting <= coordinators
    database.submit(lambda c: release_held(c, now, partner.contact_id)).result()
    (again,) = partner.claim()
    assert len(codes(again)) == 3
    partner.mark(Held(again.id, WINDOW))
    partner.clock.advance(HELD_FOR + timedelta(hours=1))
    database.submit(lambda c: give_up_held(c, partner.clock.now())).result()
    assert partner.outcomes() == {Outcome.FAILED: 3}
    assert partner.claim() == []


@pytest.mark.parametrize("silent", ["BLT-001", "BLT-003"])
@pytest.mark.parametrize("in_flight", [False, True], ids=["waiting", "in flight"])
def test_silence_about_one_child_leaves_the_others_their_reminder(
    database: Database, programme: Programme, silent: str, in_flight: bool
) -> None:
    partner = Partner(database, programme, children=3)
    (message,) = partner.claim()
    if not in_flight:
        partner.mark(Postponed(message.id, DUE_DAY, "429"))

    def work(session: Session) -> None:
        child = session.execute(select(col(Child.id)).where(col(Child.code) == silent)).scalar_one()
        now, by = partner.clock.now(), partner.coordinator
        silence(session, programme, now, child, SilenceReason.MOVED, by=by)

    database.submit(in_session(work)).result()
    others = sorted({"BLT-001", "BLT-002", "BLT-003"} - {silent})
    if in_flight:  # it may still arrive, and names them all
        assert partner.claim() == []
        partner.mark(Sent(message.id, "platform 1"))
        partner.clock.advance(timedelta(minutes=2))
        assert partner.claim() == []
    else:
        partner.clock.advance(timedelta(minutes=2))
        claimed = [*partner.claim(), *partner.claim()]
        assert [codes(message) for message in claimed] == [others]


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (DUE_DAY, "diperkirakan datang sekitar 10 November 2025"),
        (DUE_DAY + timedelta(days=2), "belum dilaporkan terkirim (semestinya sekitar 10 November 2025)"),
    ],
    ids=["on the day", "caught up after it"],
)
def test_a_family_of_several_is_never_told_that_something_is_coming_on_a_day_that_is_over(
    database: Database, programme: Programme, now: datetime, says: str
) -> None:
    def work(session: Session) -> None:
        mother = a_family(session, database.keys, address="mother")
        for _ in range(2):
            a_pledge(
                session,
                child=a_child(session, guardian=mother),
                foster_parent=a_foster_parent(session, database.keys),
            )

    database.submit(in_session(work)).result()
    context = Context(programme, database.keys, FixedClock(now))
    database.submit(lambda c: run_through(c, context)).result()
    _, leaving = database.submit(lambda c: claim_written(c, context, "telegram", 100)).result()
    (told,) = [said(message).text for message in leaving if message.address == "mother"]
    assert says in told
    assert "2 anak, seluruhnya Rp900.000" in told
