"""The outbox on its way to a strict WhatsApp: windows, templates, other chats, and what its reports lead to."""

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, select

from bot.app import whatsapp_of
from bot.channels.telegram import Telegram
from bot.channels.whatsapp.reading import fingerprint
from bot.channels.whatsapp.templates import templates
from bot.settings import Settings
from bot.simulator.pacing import Pace
from bot.simulator.people import Person
from bot.simulator.server import RunningSimulator, running_simulator
from bot.simulator.whatsapp.account import user_id
from bot.whatsapp_intake import WhatsAppIntake
from handlers.catalogue import all_conversations
from handlers.kit.chat import Context
from handlers.kit.messages import NEWS, Outbound
from handlers.texts import LANGUAGES
from jobs.delivery import Delivery
from jobs.outcomes import HALTED_FOR
from models.clock import SystemClock
from models.contacts import Contact, open_window
from models.database import Database, in_session
from models.dispatches import Rank, Reference, dispatch, halted_templates, note, volume
from models.held import release_held
from models.messages import Outcome, Priority, outbox
from models.outbox import Outgoing, queue
from models.programme import Programme
from models.statements import milliseconds
from tests.builders import a_contact, a_person, id_of
from tests.running import settings_for, whatsapp_settings

RINA, BUDI, TELEGRAM_RINA = 7_000_000_001, 7_000_000_002, 7_000_000_003
PHONES = {RINA: "628120000001", BUDI: "628120000002"}
NEWS_TEMPLATE = (NEWS, ["Kabupaten Belitung"])
WAIT = 30


class Place:
    """The simulator, one sender a channel, and the intake for WhatsApp's reports, in a loop that a test runs."""

    def __init__(
        self, simulator: RunningSimulator, database: Database, settings: Settings, programme: Programme
    ) -> None:
        self.simulator, self.database, self.settings = simulator, database, settings
        self.context = Context(programme, database.keys, SystemClock())

    def contact(
        self, who: int, *, free: bool = True, person_id: int | None = None, channel: str = "whatsapp"
    ) -> int:
        """Know somebody's chat; `free`: they have just written."""
        until = milliseconds(self.context.clock.now() + timedelta(hours=23)) if free else 0

        def work(connection: Connection) -> int:
            def add(session: Any) -> int:
                address = PHONES[who] if channel == "whatsapp" else str(who)
                row = a_contact(session, self.database.keys, channel=channel, address=address)
                row.free_until_ms, row.person_id = until, person_id
                session.add(row)
                session.flush()
                return id_of(row)

            return in_session(add)(connection)

        return self.database.submit(work).result()

    def person(self) -> int:
        return self.database.submit(in_session(lambda s: id_of(a_person(s, self.database.keys)))).result()

    def put(
        self,
        contact_id: int,
        *messages: Outbound,
        priority: Priority = Priority.NOTICE,
        channel: str = "whatsapp",
    ) -> None:
        now = self.context.clock.now()
        rows = [
            Outgoing(
                channel, contact_id, priority, self.database.keys.seal(json.dumps(m.dump()).encode()), now
            )
            for m in messages
        ]
        self.database.submit(lambda c: queue(c, now, rows)).result()

    def rows(self) -> list[Any]:
        query = select(outbox).order_by(outbox.c.id)
        return self.database.submit(lambda c: list(c.execute(query))).result()

    def outcomes(self) -> list[int]:
        return [row.outcome for row in self.rows()]

    def said(self, who: int) -> list[str]:
        return [m.text for m in self.simulator.driver.phone(who).messages if m.from_bot]

    def run(self, until: Callable[[], bool], *, reports: bool = True) -> None:
        """Send (and take reports) until something holds."""
        asyncio.run(self._run(until, reports=reports))

    async def _run(self, until: Callable[[], bool], *, reports: bool) -> None:
        whatsapp = whatsapp_of(self.settings)
        assert whatsapp is not None
        telegram = Telegram(self.simulator.token, f"{self.simulator.url}/telegram")
        await telegram.start()
        deliveries = [Delivery(self.database, channel, self.context) for channel in (whatsapp, telegram)]
        self.sender = deliveries[0]
        intake = WhatsAppIntake(self.database, self.context, whatsapp, self.sender.wake, self.sender.halt)
        tasks = [asyncio.create_task(delivery.run()) for delivery in deliveries]
        if reports:
            tasks.append(asyncio.create_task(self._pass_reports_on(intake)))
        try:
            async with asyncio.timeout(WAIT):
                while not await asyncio.to_thread(until):  # noqa: ASYNC110 - a database has no event
                    await asyncio.sleep(0.05)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await whatsapp.stop()
            await telegram.stop()

    async def _pass_reports_on(self, intake: WhatsAppIntake) -> None:
        """Bring what WhatsApp has to say, without a web server between."""
        taken = 0
        async with httpx.AsyncClient(base_url=self.simulator.url, trust_env=False) as client:
            while True:
                events = (await client.get("/control/whatsapp/past")).json()
                for change in [change for change in events[taken:] if "messages" not in change["value"]]:
                    entry = {"id": "1", "changes": [change]}
                    assert await intake.take({"object": "whatsapp_business_account", "entry": [entry]})
                taken = len(events)
                await asyncio.sleep(0.05)


@pytest.fixture
def place(database: Database, keys_text: str, never_night: Programme) -> Iterator[Place]:
    all_conversations()
    people = [
        Person(RINA, "Rina", phone=PHONES[RINA], channel="whatsapp", started=True),
        Person(BUDI, "Budi", phone=PHONES[BUDI], channel="whatsapp", started=True),
        Person(TELEGRAM_RINA, "Rina", started=True),
    ]
    with running_simulator(pace=Pace.off(), people=people) as simulator:
        settings = settings_for(simulator, "sqlite:///", keys_text, **whatsapp_settings(simulator))
        asyncio.run(_register(settings))
        yield Place(simulator, database, settings, never_night)
        assert simulator.driver.whatsapp()["invalid"] == []


async def _register(settings: Settings) -> None:
    channel = whatsapp_of(settings)
    assert channel is not None
    for name in templates():
        for language in LANGUAGES:
            await channel.register(name, language)
    await channel.stop()


def done(place: Place) -> bool:
    return Outcome.WAITING not in place.outcomes()


def ranks(place: Place) -> list[tuple[int, int | None]]:
    query = select(dispatch.c.rank, dispatch.c.failed_code).order_by(dispatch.c.outbox_id, dispatch.c.part)
    return place.database.submit(lambda c: [(r[0], r[1]) for r in c.execute(query)]).result()


def test_words_leave_in_order_while_the_window_is_open_and_are_reported_read(place: Place) -> None:
    place.simulator.driver.phone(RINA).send("halo")
    place.put(place.contact(RINA), *[Outbound(f"nomor {n}") for n in range(5)], priority=Priority.REPLY)
    place.run(lambda: ranks(place) == [(Rank.READ, None)] * 5)
    assert place.said(RINA) == [f"nomor {n}" for n in range(5)]
    assert place.outcomes() == [Outcome.SENT] * 5


def test_outside_the_window_a_template_goes_and_the_words_wait(place: Place) -> None:
    contact = place.contact(RINA, free=False)
    place.put(contact, Outbound("Komitmen disetujui", template=NEWS_TEMPLATE))
    place.run(lambda: place.outcomes() == [Outcome.HELD])
    [said] = place.said(RINA)
    assert "Ada kabar" in said


def test_who_writes_while_a_template_is_on_its_way_is_told_the_words_without_writing_again(
    place: Place,
) -> None:
    contact, rina = place.contact(RINA, free=False), place.simulator.driver.phone(RINA)
    place.simulator.driver.fault("latency", seconds=2)
    place.put(contact, Outbound("Komitmen disetujui", template=NEWS_TEMPLATE))
    until_ms = milliseconds(place.context.clock.now() + timedelta(hours=23))
    written: list[int] = []

    def told() -> bool:
        if not written and place.rows()[0].attempts == 1:
            written.append(rina.send("halo"))
            place.database.submit(lambda c: open_window(c, contact, until_ms)).result()
            place.database.submit(lambda c: release_held(c, place.context.clock.now(), contact)).result()
        return place.outcomes() == [Outcome.SENT]

    place.run(told)
    assert ["Ada kabar" in said for said in place.said(RINA)] == [True, False]
    assert place.said(RINA)[-1] == "Komitmen disetujui"


def test_a_window_that_the_platform_holds_for_closed_leads_to_the_template(place: Place) -> None:
    # We believe that the person has just written; WhatsApp, which takes the words first, does not.
    place.put(place.contact(RINA), Outbound("Komitmen disetujui", template=NEWS_TEMPLATE))
    place.run(lambda: place.outcomes() == [Outcome.HELD])
    assert ["Ada kabar" in said for said in place.said(RINA)] == [True]


def test_without_a_template_the_other_chat_is_told(place: Place) -> None:
    person = place.person()
    place.contact(TELEGRAM_RINA, person_id=person, channel="telegram")
    place.put(place.contact(RINA, free=False, person_id=person), Outbound("Ada kabar"))
    place.run(lambda: done(place) and bool(place.said(TELEGRAM_RINA)))
    assert place.outcomes() == [Outcome.FAILED, Outcome.SENT]
    assert place.said(TELEGRAM_RINA) == ["Ada kabar"]
    assert place.said(RINA) == []


def test_without_a_template_and_another_chat_it_fails_and_says_why(place: Place) -> None:
    place.put(place.contact(RINA, free=False), Outbound("Ada kabar"))
    place.run(lambda: done(place))
    [row] = place.rows()
    assert row.outcome == Outcome.FAILED
    assert "no template" in row.error


def test_somebody_whom_nothing_reaches_is_marked_and_told_elsewhere(place: Place) -> None:
    place.simulator.driver.phone(RINA).block()
    person = place.person()
    whatsapp = place.contact(RINA, person_id=person)
    place.contact(TELEGRAM_RINA, person_id=person, channel="telegram")
    place.put(whatsapp, Outbound("satu", template=NEWS_TEMPLATE), Outbound("dua", template=NEWS_TEMPLATE))
    place.run(lambda: sorted(place.said(TELEGRAM_RINA)) == ["dua", "satu"])
    gone = place.database.submit(
        in_session(lambda s: s.get_one(Contact, whatsapp).unreachable_at is not None)
    ).result()
    assert gone


def test_a_message_moves_on_only_once(place: Place) -> None:
    person = place.person()
    first = place.contact(RINA, free=False, person_id=person)
    place.contact(BUDI, free=False, person_id=person)
    place.put(first, Outbound("Ada kabar"))
    place.run(lambda: len(place.rows()) > 1 and done(place))
    assert place.outcomes() == [Outcome.FAILED, Outcome.FAILED]


@pytest.mark.parametrize(("code", "kind"), [(132015, "refused"), (132016, "failed_later")])
def test_a_refused_template_is_halted_and_its_messages_wait(place: Place, code: int, kind: str) -> None:
    place.simulator.driver.fault(kind, code=code)
    place.put(place.contact(RINA, free=False), Outbound("satu", template=NEWS_TEMPLATE))
    place.run(lambda: list(place.database.submit(halted_templates).result()) == [NEWS])
    place.put(place.contact(BUDI, free=False), Outbound("dua", template=NEWS_TEMPLATE))
    place.run(lambda: place.outcomes() == [Outcome.HELD, Outcome.HELD], reports=False)
    assert place.said(BUDI) == []
    assert {row.error for row in place.rows()} == {"template news is halted"}


def test_a_template_that_is_allowed_again_lets_its_messages_go(place: Place) -> None:
    place.simulator.driver.fault("refused", code=132015)
    place.put(place.contact(RINA, free=False), Outbound("satu", template=NEWS_TEMPLATE))
    place.run(lambda: place.outcomes() == [Outcome.HELD])
    place.simulator.driver.change_template(NEWS, status="APPROVED")
    place.run(lambda: bool(place.said(RINA)))
    assert "Ada kabar" in place.said(RINA)[0]


def test_a_day_begins_with_only_so_many_people(place: Place) -> None:
    place.settings.whatsapp_new_chats_a_day = 1
    place.put(place.contact(RINA, free=False), Outbound("satu", template=NEWS_TEMPLATE))
    place.run(lambda: place.outcomes() == [Outcome.HELD])
    place.put(place.contact(BUDI, free=False), Outbound("dua", template=NEWS_TEMPLATE))
    place.run(lambda: "new chats" in (place.rows()[1].error or ""))
    assert place.said(BUDI) == []
    assert place.outcomes()[1] == Outcome.WAITING


def test_an_answer_that_got_lost_is_settled_by_the_reports(place: Place) -> None:
    place.simulator.driver.phone(RINA).send("halo")
    place.simulator.driver.fault("answer_lost")
    place.put(place.contact(RINA), Outbound("sekali saja"), priority=Priority.REPLY)
    place.run(lambda: place.outcomes() == [Outcome.SENT])
    assert place.said(RINA) == ["sekali saja"]


def test_after_a_crash_only_what_did_not_arrive_is_sent(place: Place) -> None:
    place.simulator.driver.phone(RINA).send("halo")
    contact = place.contact(RINA)
    place.put(contact, Outbound("sampai"), Outbound("belum"), priority=Priority.REPLY)
    now = place.context.clock.now()

    def crashed(connection: Connection) -> None:
        # Claimed by a sender that died; of one of the two WhatsApp has already reported that it came.
        connection.execute(
            outbox.update().values(leased_until_ms=milliseconds(now + timedelta(minutes=1)), attempts=1)
        )
        note(connection, now, fingerprint("wamid.1"), Reference(1), Rank.DELIVERED)

    place.database.submit(crashed).result()
    place.run(lambda: done(place))
    assert place.said(RINA) == ["belum"]


@pytest.mark.parametrize("code", [131049, 131050])
def test_what_is_held_back_for_a_day_waits_a_day(place: Place, code: int) -> None:
    place.simulator.driver.fault("refused", code=code)
    place.put(place.contact(RINA, free=False), Outbound("satu", template=NEWS_TEMPLATE))
    place.run(lambda: bool(place.rows()[0].error))
    wait = place.rows()[0].not_before_ms - milliseconds(place.context.clock.now())
    assert wait > timedelta(hours=23).total_seconds() * 1000


def test_a_refused_account_stops_all_sending_and_keeps_the_outbox(place: Place) -> None:
    place.simulator.driver.fault("refused", code=190, times=None)
    place.put(place.contact(RINA, free=False), Outbound("satu", template=NEWS_TEMPLATE))
    place.run(lambda: bool(place.rows()[0].error))
    assert place.outcomes() == [Outcome.WAITING]


def test_an_account_that_is_refused_by_report_stops_all_sending_and_keeps_the_outbox(place: Place) -> None:
    place.simulator.driver.fault("failed_later", code=131042, times=None)
    place.put(place.contact(RINA, free=False), Outbound("satu", template=NEWS_TEMPLATE))
    place.run(lambda: bool(place.sender.halted) and place.outcomes() == [Outcome.WAITING])
    assert place.sender.halted.startswith("131042")
    wait = place.rows()[0].not_before_ms - milliseconds(place.context.clock.now())
    assert wait < HALTED_FOR.total_seconds() * 1000


def test_somebody_without_a_number_is_written_to_by_their_id(place: Place) -> None:
    place.simulator.driver.change_person(RINA, hides_number=True)
    address = user_id(Person(RINA, "Rina"))

    def add(session: Any) -> int:
        row = a_contact(session, place.database.keys, channel="whatsapp", address=address)
        session.add(row)
        session.flush()
        return id_of(row)

    contact = place.database.submit(in_session(add)).result()
    place.put(contact, Outbound("satu", template=NEWS_TEMPLATE))
    place.run(lambda: bool(place.said(RINA)))
    [sent] = place.simulator.driver.ledger(method="sendWhatsApp")
    assert sent["params"]["recipient"] == address
    assert "to" not in sent["params"]


def test_messages_are_counted_as_the_platform_charges_them(place: Place) -> None:
    place.simulator.driver.phone(BUDI).send("halo")
    place.put(place.contact(BUDI), Outbound("jawaban"), priority=Priority.REPLY)
    place.put(place.contact(RINA, free=False), Outbound("satu", template=NEWS_TEMPLATE))
    place.run(lambda: len(ranks(place)) == 2 and all(rank == Rank.READ for rank, _ in ranks(place)))
    now = place.context.clock.now()
    found = place.database.submit(
        lambda c: volume(c, now - timedelta(days=1), now + timedelta(days=1))
    ).result()
    assert [(v.category, v.messages, v.billable, v.chats) for v in found] == [
        ("service", 1, 0, 1),
        ("utility", 1, 1, 1),
    ]
