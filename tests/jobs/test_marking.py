"""What becomes of a result that cannot be written: it keeps nobody waiting, and no stop from coming to its end.

The database itself refuses here, by an index that a test adds: no two messages may share what the index holds.
"""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text
from sqlmodel import Session

from bot.demo.clock import DemoClock
from handlers.kit.chat import Context
from handlers.kit.messages import Outbound
from jobs.channel import ChannelError, Pace, Recipient, Reports
from jobs.delivery import Delivery
from jobs.endings import Endings
from jobs.outcomes import take_report
from models.database import Database, in_session
from models.dispatches import Reference
from models.messages import Outcome, Priority, outbox
from models.outbox import Outgoing, queue
from models.programme import Programme
from models.statements import milliseconds
from tests.builders import a_contact, id_of

NOON = DemoClock(datetime(2025, 10, 13, 5, 0, tzinfo=UTC))


class Platform:
    """A channel that takes everything, and calls each message by the name that a test gives."""

    name = "telegram"
    pace = Pace(per_second=10_000, per_chat_second=10_000, chat_burst=1_000)
    reports: Reports | None = None

    def __init__(self, called: Callable[[int], str]) -> None:
        self.called, self.taken = called, list[str]()

    async def send(self, to: Recipient, message: Outbound, attached: bytes | None) -> str:  # noqa: ARG002
        self.taken.append(message.text)
        return self.called(len(self.taken))


def put(database: Database, *words: str) -> None:
    """Queue each message in a chat of its own."""
    now = NOON.now()
    until = milliseconds(now) + 3_600_000

    def work(session: Session) -> list[int]:
        found = [a_contact(session, database.keys, address=one) for one in words]
        for contact in found:
            contact.free_until_ms = until
        session.add_all(found)
        return [id_of(contact) for contact in found]

    ids = database.submit(in_session(work)).result()
    rows = [
        Outgoing(
            "telegram", id_, Priority.NOTICE, database.keys.seal(json.dumps({"text": one}).encode()), now
        )
        for id_, one in zip(ids, words, strict=True)
    ]
    database.submit(lambda c: queue(c, now, rows)).result()


def outcomes(database: Database) -> dict[str, int]:
    """How each message stands, by the number of its row."""
    query = select(outbox.c.id, outbox.c.outcome)
    return {str(row[0]): row[1] for row in database.submit(lambda c: c.execute(query).all()).result()}


async def deliver(delivery: Delivery, until: Callable[[], bool]) -> None:
    """Send until something holds, then stop as SIGTERM does."""
    task = asyncio.create_task(delivery.run())
    try:
        async with asyncio.timeout(15):
            while not await asyncio.to_thread(until):  # noqa: ASYNC110 - a database has no event
                await asyncio.sleep(0.02)
    finally:
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=15)
    assert done, "it does not come to its end"


def refuse(database: Database, index: str) -> None:
    database.submit(lambda c: c.execute(text(f"CREATE UNIQUE INDEX refused ON outbox {index}"))).result()


@pytest.mark.parametrize("called", ["same", "each its own"])
def test_one_result_that_cannot_be_written_keeps_no_other_waiting(
    database: Database, programme: Programme, called: str
) -> None:
    context = Context(programme, database.keys, NOON)
    refuse(database, "(provider_id)")
    put(database, "satu", "dua", "tiga")

    async def main() -> None:
        channel = Platform(lambda count: "same" if called == "same" else str(count))
        await deliver(
            Delivery(database, channel, context), lambda: Outcome.WAITING not in outcomes(database).values()
        )
        assert sorted(channel.taken) == ["dua", "satu", "tiga"]

    asyncio.run(main())
    ended = sorted(outcomes(database).values())
    expected = [Outcome.SENT] + [Outcome.FAILED] * 2 if called == "same" else [Outcome.SENT] * 3
    assert ended == expected


def test_what_can_be_marked_in_no_way_is_left_to_its_lease_and_a_stop_ends(
    database: Database, programme: Programme
) -> None:
    context = Context(programme, database.keys, NOON)
    refuse(database, "(channel) WHERE outcome IN (1, 2)")
    put(database, "satu", "dua")

    async def main() -> None:
        channel = Platform(str)
        await deliver(Delivery(database, channel, context), lambda: len(channel.taken) == 2)

    asyncio.run(main())
    assert sorted(outcomes(database).values()) == [Outcome.WAITING, Outcome.SENT]


def test_a_stop_comes_to_its_end_though_the_database_is_away(
    database: Database, programme: Programme
) -> None:
    class Last(Platform):
        """Takes a message, and with that the database is gone."""

        async def send(self, to: Recipient, message: Outbound, attached: bytes | None) -> str:
            name = await super().send(to, message, attached)
            await asyncio.to_thread(database.close)
            return name

    put(database, "satu")

    async def main() -> None:
        channel = Last(str)
        delivery = Delivery(database, channel, Context(programme, database.keys, NOON))
        await deliver(delivery, lambda: bool(channel.taken))

    asyncio.run(main())


def test_a_failure_that_is_reported_before_its_message_is_marked_counts(
    database: Database, programme: Programme
) -> None:
    context = Context(programme, database.keys, NOON)
    reports = Reports(0, 100, lambda code: ChannelError(str(code), permanent=True))
    endings = Endings(NOON, database.keys, "telegram", reports, lambda _: None)

    class Hasty(Platform):
        """Reports what became of a message before it has answered the call."""

        async def send(self, to: Recipient, message: Outbound, attached: bytes | None) -> str:
            name = await super().send(to, message, attached)
            reference, failure = Reference(to.outbox_id), (131_000, reports.meaning(131_000))
            report = database.submit(lambda c: take_report(c, endings, name, reference, None, failure))
            await asyncio.wrap_future(report)
            return name

    put(database, "satu")

    async def main() -> None:
        channel = Hasty(str)
        channel.reports = reports
        await deliver(
            Delivery(database, channel, context), lambda: outcomes(database)["1"] != Outcome.WAITING
        )
        assert channel.taken == ["satu"]

    asyncio.run(main())
    assert outcomes(database) == {"1": Outcome.FAILED}
