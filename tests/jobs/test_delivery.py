"""The outbox on its way to a strict Telegram: order, retries, limits, and what ends for good."""

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, select, update

from bot.channels.telegram import Telegram
from bot.demo.clock import DemoClock
from bot.simulator.pacing import Pace as SimulatorPace
from bot.simulator.people import Person
from bot.simulator.server import RunningSimulator, running_simulator
from handlers.kit.chat import Context
from handlers.kit.messages import Button, Document, Outbound, stored_picture
from jobs.channel import Pace
from jobs.delivery import Delivery
from jobs.endings import ATTEMPTS
from jobs.pacing import Bucket
from models.clock import Clock
from models.contacts import Contact
from models.database import Database, in_session
from models.files import FileKind, store_file
from models.messages import Outcome, Priority, outbox
from models.outbox import Outgoing, claim, queue
from models.pictures import redrawn
from models.programme import Programme
from models.statements import milliseconds
from tests.builders import a_contact, id_of
from tests.clock import FixedClock
from tests.pictures import a_photo, size_of
from tests.running import ROOT

FAST = Pace(per_second=10_000, per_chat_second=10_000, chat_burst=1_000)
RINA, BUDI = 7_000_000_001, 7_000_000_002
NOON = DemoClock(datetime(2025, 10, 13, 5, 0, tzinfo=UTC))
"""Runs on from 12.00 WIB, whatever the hour at which the tests run."""


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    people = [Person(RINA, "Rina", started=True), Person(BUDI, "Budi", started=True)]
    with running_simulator(pace=SimulatorPace.off(), people=people) as running:
        yield running


@pytest.fixture
def contacts(database: Database) -> dict[int, int]:
    """Contact ids by Telegram id."""

    def work(connection: Connection) -> dict[int, int]:
        return in_session(
            lambda s: {who: id_of(a_contact(s, database.keys, address=str(who))) for who in (RINA, BUDI)}
        )(connection)

    return database.submit(work).result()


def put(database: Database, contact_id: int, *messages: Outbound, priority: Priority = Priority.REPLY,
        not_before: datetime | None = None) -> None:  # fmt: skip
    now = NOON.now()
    rows = [
        Outgoing(
            "telegram",
            contact_id,
            priority,
            database.keys.seal(json.dumps(m.dump()).encode()),
            not_before or now,
        )
        for m in messages
    ]
    database.submit(lambda c: queue(c, now, rows)).result()


def outcomes(database: Database) -> list[int]:
    query = select(outbox.c.outcome).order_by(outbox.c.id)
    return database.submit(lambda c: list(c.execute(query).scalars())).result()


def deliver(
    database: Database, simulator: RunningSimulator, until: Callable[[], bool], clock: Clock | None = None
) -> None:
    """Run the delivery until something holds; it is day unless a clock says otherwise."""
    context = Context(Programme.load(ROOT / "programme.toml"), database.keys, clock or NOON)

    async def main() -> None:
        channel = Telegram(simulator.token, f"{simulator.url}/telegram", FAST)
        await channel.start()
        delivery = Delivery(database, channel, context)
        task = asyncio.create_task(delivery.run())
        try:
            async with asyncio.timeout(20):
                while not await asyncio.to_thread(until):  # noqa: ASYNC110 - a database has no event
                    await asyncio.sleep(0.02)
        finally:
            task.cancel()
            await asyncio.wait([task])
            await channel.stop()

    asyncio.run(main())


def texts(simulator: RunningSimulator, who: int) -> list[str]:
    return [message.text for message in simulator.driver.phone(who).messages if message.from_bot]


def test_messages_of_one_chat_arrive_in_order(
    database: Database, simulator: RunningSimulator, contacts: dict[int, int]
) -> None:
    put(database, contacts[RINA], *[Outbound(f"nomor {n}") for n in range(30)])
    put(database, contacts[BUDI], Outbound("halo *Budi*"))
    deliver(database, simulator, lambda: set(outcomes(database)) == {Outcome.SENT})
    assert texts(simulator, RINA) == [f"nomor {n}" for n in range(30)]
    assert texts(simulator, BUDI) == ["halo Budi"]


def test_order_holds_when_the_platform_says_wait(
    database: Database, simulator: RunningSimulator, contacts: dict[int, int]
) -> None:
    simulator.driver.fault("too_many_requests", times=2, retry_after=1)
    put(database, contacts[RINA], *[Outbound(f"nomor {n}") for n in range(5)])
    deliver(database, simulator, lambda: set(outcomes(database)) == {Outcome.SENT})
    assert texts(simulator, RINA) == [f"nomor {n}" for n in range(5)]


def test_a_chat_that_blocked_the_bot_is_given_up_and_marked(
    database: Database, simulator: RunningSimulator, contacts: dict[int, int]
) -> None:
    simulator.driver.phone(RINA).block()
    put(database, contacts[RINA], Outbound("satu"), Outbound("dua"))
    put(database, contacts[BUDI], Outbound("tiga"))
    deliver(database, simulator, lambda: Outcome.WAITING not in outcomes(database))
    assert outcomes(database) == [Outcome.FAILED, Outcome.FAILED, Outcome.SENT]

    def gone(connection: Connection) -> bool:
        return in_session(lambda s: s.get_one(Contact, contacts[RINA]).unreachable_at is not None)(connection)

    assert database.submit(gone).result()


def test_a_message_that_no_platform_takes_fails_alone(
    database: Database, simulator: RunningSimulator, contacts: dict[int, int]
) -> None:
    put(database, contacts[RINA], Outbound("x" * 5000), Outbound("y"))
    deliver(database, simulator, lambda: Outcome.WAITING not in outcomes(database))
    assert outcomes(database) == [Outcome.FAILED, Outcome.SENT]


def test_a_picture_that_cannot_be_drawn_does_not_hold_its_words_back(
    database: Database, simulator: RunningSimulator, contacts: dict[int, int]
) -> None:
    put(database, contacts[RINA], Outbound("kata-kata", picture=("no such kind", {})))
    deliver(database, simulator, lambda: outcomes(database) == [Outcome.SENT])
    assert texts(simulator, RINA) == ["kata-kata"]


def test_a_kept_picture_is_shown_and_cannot_be_passed_on(
    database: Database, simulator: RunningSimulator, contacts: dict[int, int]
) -> None:
    receipt = redrawn(a_photo())
    now, budi, kind = NOON.now(), contacts[BUDI], FileKind.PHOTO
    file_id = database.submit(lambda c: store_file(c, database.keys, now, budi, kind, receipt)).result()
    put(database, contacts[RINA], Outbound("struk", picture=stored_picture(file_id)))
    put(database, contacts[RINA], Outbound("sudah dihapus", picture=stored_picture(file_id + 1)))
    deliver(database, simulator, lambda: set(outcomes(database)) == {Outcome.SENT})
    shown, without = (m for m in simulator.driver.phone(RINA).messages if m.from_bot)
    assert size_of(simulator.driver.phone(RINA).picture(shown)) == size_of(receipt)
    assert shown.payload["has_protected_content"] is True
    assert [shown.text, without.text, without.photo] == ["struk", "sudah dihapus", ""]


def test_a_page_turned_takes_the_place_of_the_message_and_a_lost_one_is_sent_anew(
    database: Database, simulator: RunningSimulator, contacts: dict[int, int]
) -> None:
    put(database, contacts[RINA], Outbound("halaman 1", [[Button("2", "q:n:!page:1")]]))
    deliver(database, simulator, lambda: outcomes(database) == [Outcome.SENT])
    first = simulator.driver.phone(RINA).last.id
    put(
        database, contacts[RINA], Outbound("halaman 2", replaces=str(first)), Outbound("lain", replaces="999")
    )
    deliver(database, simulator, lambda: set(outcomes(database)) == {Outcome.SENT})
    assert texts(simulator, RINA) == ["halaman 2", "lain"]


STAGES = {"drawing": "menggambar", "writing": "menulis", "sending": "mengirim", "done": "selesai"}


def a_file(kind: str = "workbook") -> Outbound:
    data = {"title": "t", "footer": "", "sheets": []}
    sheet = {"name": "Rekaan", "head": [], "columns": ["kode"], "rows": [["BLT-001"]], "money": []}
    document = Document(kind, data | {"sheets": [sheet]}, "rekaan.xlsx", "Maaf", STAGES)
    return Outbound("berkasnya", document=document)


def test_who_waits_for_a_file_sees_in_one_message_how_far_it_has_come(
    database: Database, simulator: RunningSimulator, contacts: dict[int, int]
) -> None:
    put(database, contacts[RINA], a_file())
    deliver(database, simulator, lambda: "selesai" in texts(simulator, RINA))
    assert texts(simulator, RINA) == ["selesai", "berkasnya"]
    calls = [call["method"] for call in simulator.driver.ledger(chat_id=RINA)]
    assert (calls.count("sendMessage"), calls.count("sendDocument")) == (1, 1)
    assert calls[-1] == "editMessageText"
    assert outcomes(database) == [Outcome.SENT]


def test_a_file_that_cannot_be_made_is_not_said_to_be_ready(
    database: Database, simulator: RunningSimulator, contacts: dict[int, int]
) -> None:
    put(database, contacts[RINA], a_file("rumour"))
    deliver(database, simulator, lambda: "Maaf" in texts(simulator, RINA))
    assert texts(simulator, RINA) == ["Maaf"]


def test_a_server_error_is_tried_again(
    database: Database, simulator: RunningSimulator, contacts: dict[int, int]
) -> None:
    simulator.driver.fault("server_error", times=1)
    put(database, contacts[RINA], Outbound("akhirnya"))
    deliver(database, simulator, lambda: outcomes(database) == [Outcome.SENT])
    assert texts(simulator, RINA) == ["akhirnya"]


def test_replies_overtake_notices_and_nothing_leaves_before_its_time(
    database: Database, contacts: dict[int, int]
) -> None:
    now = NOON.now()
    put(
        database,
        contacts[RINA],
        Outbound("besok"),
        priority=Priority.NOTICE,
        not_before=now + timedelta(hours=9),
    )
    put(database, contacts[RINA], Outbound("berita"), priority=Priority.NOTICE, not_before=now)
    put(database, contacts[RINA], Outbound("jawaban"))

    def work(connection: Connection) -> list[str]:
        claimed = claim(connection, database.keys, NOON.now(), "telegram", 10)
        return [json.loads(message.body)["text"] for message in claimed]

    assert database.submit(work).result() == ["jawaban"]  # the news waits behind tomorrow's, in order


@pytest.mark.parametrize(
    ("local", "leaves"),
    [
        ("06:59", "07:00"),
        ("07:00", "07:00"),
        ("19:59", "19:59"),
        ("20:00", "07:00"),
        ("23:30", "07:00"),
        ("00:10", "07:00"),
    ],
)
def test_news_waits_for_the_waking_hours(programme: Programme, local: str, leaves: str) -> None:
    now = datetime.fromisoformat(f"2025-12-31T{local}+07:00").astimezone(UTC)
    when = programme.next_waking_hour(now).astimezone(programme.zone)
    assert f"{when:%H:%M}" == leaves
    assert when >= now
    assert when - now < timedelta(hours=11, minutes=1)


@given(st.lists(st.floats(0, 0.5), min_size=2, max_size=200))
def test_a_bucket_never_lets_more_through_than_its_rate(steps: list[float]) -> None:
    bucket = Bucket(rate=30, size=3, now=0.0)
    now, leaves = 0.0, []
    for step in steps:
        now += step
        leaves.append(now + bucket.wait(now))
    for first in range(len(leaves)):
        within = [leave for leave in leaves[first:] if leave < leaves[first] + 1 - 1e-9]
        assert len(within) <= 33


def test_the_claim_is_a_lease_that_ends(
    database: Database, contacts: dict[int, int], clock: FixedClock
) -> None:
    now = clock.now()
    body = database.keys.seal(b'{"text":"x"}')
    database.submit(
        lambda c: queue(c, now, [Outgoing("telegram", contacts[RINA], Priority.REPLY, body, now)])
    ).result()

    def claims() -> int:
        return len(database.submit(lambda c: claim(c, database.keys, clock.now(), "telegram", 5)).result())

    assert (claims(), claims()) == (1, 0)
    clock.advance(timedelta(seconds=61))
    assert claims() == 1
    assert milliseconds(now) < milliseconds(clock.now())


def test_a_batch_that_reaches_into_the_night_goes_on_in_the_morning_while_replies_go_out(
    database: Database, simulator: RunningSimulator, contacts: dict[int, int]
) -> None:
    clock = DemoClock(datetime(2025, 10, 13, 13, 0, tzinfo=UTC))  # 20.00 WIB
    put(database, contacts[RINA], Outbound("pengingat"), priority=Priority.REMINDER, not_before=NOON.now())
    put(database, contacts[RINA], Outbound("kabar"), priority=Priority.NOTICE, not_before=NOON.now())
    put(database, contacts[RINA], Outbound("jawaban"))
    deliver(database, simulator, lambda: Outcome.SENT in outcomes(database), clock)
    assert outcomes(database) == [Outcome.WAITING, Outcome.WAITING, Outcome.SENT]
    clock.set(datetime(2025, 10, 14, 0, 0, tzinfo=UTC))  # 07.00 WIB
    deliver(database, simulator, lambda: Outcome.WAITING not in outcomes(database), clock)
    assert texts(simulator, RINA) == ["jawaban", "kabar", "pengingat"]


def test_being_told_to_wait_is_no_failure_however_often(
    database: Database, simulator: RunningSimulator, contacts: dict[int, int]
) -> None:
    put(database, contacts[RINA], Outbound("akhirnya"))
    tried = update(outbox).values(attempts=ATTEMPTS + 5)
    database.submit(lambda c: c.execute(tried)).result()
    simulator.driver.fault("too_many_requests", times=1, retry_after=1)
    deliver(database, simulator, lambda: Outcome.WAITING not in outcomes(database))
    assert outcomes(database) == [Outcome.SENT]


def test_moving_the_clock_sends_nothing_twice(
    database: Database, simulator: RunningSimulator, contacts: dict[int, int]
) -> None:
    clock = DemoClock(NOON.now())
    simulator.driver.fault("latency", times=1, seconds=0.6)
    put(database, contacts[RINA], Outbound("sekali"))
    put(database, contacts[BUDI], Outbound("juga"))

    def both() -> bool:
        if clock.now() < NOON.now() + timedelta(hours=1):
            clock.set(NOON.now() + timedelta(days=1))  # the first look: one of them is being sent
        return outcomes(database) == [Outcome.SENT] * 2

    deliver(database, simulator, both, clock)
    assert simulator.driver.summary()["delivered"] == 2
