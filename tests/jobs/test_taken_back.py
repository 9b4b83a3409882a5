"""What was taken back stays so, though its message was on its way: told to wait, failed later, moved, or held."""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select
from sqlmodel import Session

from handlers.catalogue import all_conversations
from handlers.inbox import handle
from handlers.kit.chat import Context
from handlers.kit.messages import NEWS, Inbound, Outbound
from jobs.channel import ChannelError
from jobs.claiming import claim_written
from jobs.endings import Endings
from jobs.outcomes import take_report
from models.audience import Aim, Group
from models.broadcasts import Broadcast, send_broadcast, stop_broadcast
from models.database import Database, in_session
from models.dispatches import Rank, Reference
from models.held import release_held, reroute
from models.messages import Outcome, Priority, outbox
from models.outbox import WINDOW, Held, OutboxMessage, Outgoing, Postponed, Result, Sent, mark, queue
from models.people import Person
from models.programme import Programme
from models.quiet import start_messages, stop_messages
from models.silence import SilenceReason, silence
from models.statements import milliseconds
from tests.builders import a_child, a_contact, a_coordinator, a_foster_parent, a_pledge, id_of
from tests.clock import FixedClock

PHONE = "628120000001"


class Giver:
    """A foster parent with a chat on WhatsApp, a child and a coordinator."""

    def __init__(self, database: Database, programme: Programme, clock: FixedClock) -> None:
        all_conversations()
        self.database, self.programme, self.clock = database, programme, clock
        self.context = Context(programme, database.keys, clock)
        self.endings = Endings(clock, database.keys, "whatsapp", None, lambda _: None)

        def work(session: Session) -> None:
            giver = a_foster_parent(session, database.keys)
            person = session.get_one(Person, giver.person_id)
            child = a_child(session)
            self.person_id, self.child_id = id_of(person), id_of(child)
            self.chat = id_of(
                a_contact(session, database.keys, channel="whatsapp", address=PHONE, person=person)
            )
            a_pledge(session, child=child, foster_parent=giver)
            coordinator = a_coordinator(session, database.keys)
            self.coordinator = id_of(coordinator)
            self.desk = id_of(a_contact(session, database.keys, address="desk", person=coordinator))

        database.submit(in_session(work)).result()

    def tell(self, words: str, *, about: str | None = None, priority: Priority = Priority.NOTICE) -> None:
        body = self.database.keys.seal(json.dumps(Outbound(words, template=(NEWS, ["x"])).dump()).encode())
        row = Outgoing("whatsapp", self.chat, priority, body, self.clock.now(), about)
        self.do(lambda c: queue(c, self.clock.now(), [row]))

    def do(self, work: Callable[[Connection], object]) -> None:
        self.clock.advance(timedelta(seconds=1))
        self.database.submit(work).result()

    def change(self, work: Callable[[Session], object]) -> None:
        self.do(in_session(work))

    def stop(self) -> None:
        self.change(lambda s: stop_messages(s, self.clock.now(), self.person_id))

    def claim(self) -> list[OutboxMessage]:
        self.clock.advance(timedelta(minutes=2))
        return self.database.submit(lambda c: claim_written(c, self.context, "whatsapp", 9)[1]).result()

    def mark(self, result: Result) -> None:
        self.do(lambda c: mark(c, self.clock.now(), [result]))

    def report(self, message: OutboxMessage, error: ChannelError) -> None:
        """The platform says that a message failed which it had taken."""
        reference, code = Reference(message.id), (131_000, error)
        self.do(lambda c: take_report(c, self.endings, f"id {message.id}", reference, Rank.ACCEPTED, code))

    def outcomes(self) -> Sequence[int]:
        query = select(outbox.c.outcome).order_by(outbox.c.id)
        return self.database.submit(lambda c: c.execute(query).scalars().all()).result()


@pytest.fixture
def giver(database: Database, programme: Programme, clock: FixedClock) -> Giver:
    return Giver(database, programme, clock)


def said(claimed: Sequence[OutboxMessage]) -> list[str]:
    return [json.loads(message.body)["text"] for message in claimed]


@pytest.mark.parametrize("how", ["told to wait", "held", "reported"])
def test_what_is_on_its_way_when_somebody_opts_out_does_not_come_back(giver: Giver, how: str) -> None:
    giver.tell("kabar")
    (message,) = giver.claim()
    if how == "reported":
        giver.mark(Sent(message.id, "id"))
    giver.stop()
    match how:
        case "told to wait":
            giver.mark(Postponed(message.id, giver.clock.now(), "429"))
        case "held":
            giver.mark(Held(message.id, WINDOW))
            giver.do(lambda c: release_held(c, giver.clock.now(), giver.chat))
        case "reported":
            giver.report(message, ChannelError("131000"))
    assert said(giver.claim()) == []
    assert giver.outcomes() == [Outcome.WITHDRAWN]
    giver.change(lambda s: start_messages(s, giver.clock.now(), giver.person_id))
    assert said(giver.claim()) == []


def test_what_has_arrived_although_it_was_taken_back_counts_as_sent(giver: Giver) -> None:
    giver.tell("kabar")
    (message,) = giver.claim()
    giver.stop()
    giver.mark(Sent(message.id, "id"))
    assert giver.outcomes() == [Outcome.SENT]


def test_what_is_answered_after_an_opt_out_leaves(giver: Giver) -> None:
    giver.stop()
    giver.do(lambda _: None)
    giver.tell("jawaban petugas", about="alert:1")
    assert said(giver.claim()) == ["jawaban petugas"]


@pytest.mark.parametrize("how", ["told to wait", "reported"])
def test_what_is_on_its_way_about_a_child_that_falls_silent_does_not_come_back(
    giver: Giver, how: str
) -> None:
    giver.tell("kabar anak", about=f"child:{giver.child_id}")
    (message,) = giver.claim()
    if how == "reported":
        giver.mark(Sent(message.id, "id"))
    giver.change(
        lambda s: silence(
            s, giver.programme, giver.clock.now(), giver.child_id, SilenceReason.DIED, by=giver.coordinator
        )
    )
    if how == "reported":
        giver.report(message, ChannelError("131000"))
    else:
        giver.mark(Postponed(message.id, giver.clock.now(), "429"))
    assert said(giver.claim()) == []
    assert giver.outcomes() == [Outcome.WITHDRAWN]


def test_what_was_approved_about_a_silent_child_leaves_however_often_it_is_tried(giver: Giver) -> None:
    def now_silent(session: Session) -> None:
        by, now = giver.coordinator, giver.clock.now()
        silence(session, giver.programme, now, giver.child_id, SilenceReason.DIED, by=by)

    giver.change(now_silent)
    giver.tell("kata-kata yang disetujui", about=f"child:{giver.child_id}")
    (message,) = giver.claim()
    giver.mark(Postponed(message.id, giver.clock.now(), "429"))
    assert said(giver.claim()) == ["kata-kata yang disetujui"]


def test_what_a_stopped_broadcast_was_sending_arrives_or_stays_away(giver: Giver, clock: FixedClock) -> None:
    def begin(session: Session) -> None:
        body = giver.database.keys.seal(json.dumps(Outbound("siaran").dump()).encode())
        send_broadcast(
            session,
            giver.programme,
            clock.now(),
            Aim(Group.GIVERS),
            words="siaran",
            bodies={"id": body},
            by=giver.coordinator,
            contact_id=giver.desk,
        )

    def end(session: Session) -> None:
        found = session.execute(select(Broadcast)).scalar_one()
        stop_broadcast(session, clock.now(), found, by=giver.coordinator)

    giver.change(begin)
    (message,) = giver.claim()
    giver.change(end)
    giver.mark(Postponed(message.id, clock.now(), "429"))
    assert said(giver.claim()) == []
    assert giver.outcomes() == [Outcome.WITHDRAWN]


def test_what_was_taken_back_on_its_way_does_not_move_to_another_chat(giver: Giver) -> None:
    def other(session: Session) -> None:
        a_contact(session, giver.database.keys, address="2", person=session.get_one(Person, giver.person_id))

    giver.change(other)
    giver.tell("kabar")
    (message,) = giver.claim()
    giver.stop()
    ending, also = giver.endings.of(message, Outbound("kabar"), ChannelError("no", permanent=True))
    giver.mark(ending)
    assert also is not None
    giver.do(also)
    assert giver.outcomes() == [Outcome.WITHDRAWN]
    assert not giver.database.submit(lambda c: reroute(c, giver.clock.now(), message.id)).result()


def test_stop_as_the_first_word_takes_back_what_had_waited_for_a_word(giver: Giver) -> None:
    giver.tell("kabar yang ditahan")
    (message,) = giver.claim()
    giver.mark(Held(message.id, WINDOW))
    until = milliseconds(giver.clock.now() + timedelta(hours=24))
    word = Inbound("whatsapp", PHONE, "1", text="STOP", free_until_ms=until)
    giver.do(lambda c: handle(c, giver.context, word))
    claimed = giver.claim()
    assert len(claimed) == 1, "the answer"
    assert "kabar yang ditahan" not in said(claimed)
    assert giver.outcomes()[0] == Outcome.WITHDRAWN


def test_any_other_first_word_brings_what_was_held_at_any_hour(giver: Giver) -> None:
    giver.tell("kabar yang ditahan")
    (message,) = giver.claim()
    giver.mark(Held(message.id, WINDOW))
    giver.clock.advance(timedelta(hours=12))
    until = milliseconds(giver.clock.now() + timedelta(hours=24))
    word = Inbound("whatsapp", PHONE, "1", text="halo", free_until_ms=until)
    giver.do(lambda c: handle(c, giver.context, word))

    def at_night(connection: Connection) -> list[OutboxMessage]:
        return claim_written(connection, giver.context, "whatsapp", 9, self_started=0)[1]

    assert "kabar yang ditahan" in said(giver.database.submit(at_night).result())
