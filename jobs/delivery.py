"""The outbox on its way out: claim, send at the platform's pace, mark.

One sender at a time per channel account. What is claimed but unmarked when the process dies may go twice; so a
place among the `IN_FLIGHT` sends is given back only when its mark is committed.

A month's batch takes minutes at the platform's pace, and people go on talking: replies are claimed before everything
else, some places are kept for them, and what is self-started is not claimed in the quiet hours however long it waits.
"""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, TypeAlias

from sqlalchemy import Connection

from handlers.kit.chat import Context
from handlers.kit.messages import STORED, Outbound
from handlers.late import read_late, write_late
from jobs import charts, documents
from jobs.channel import Channel, ChannelError, Recipient, Reports
from jobs.claiming import claim_written
from jobs.endings import Also, Endings
from jobs.landing import Landing
from jobs.making import Making
from jobs.outcomes import fail_if_reported
from jobs.pacing import Pacer
from jobs.reported import note_parts, parts_arrived, template_refused
from models.crashpoints import reach
from models.database import Database, in_session
from models.files import content_of
from models.held import release_opened
from models.outbox import (
    WINDOW,
    Failed,
    Held,
    OutboxMessage,
    Postponed,
    Result,
    Sent,
    keep_lease,
    mark,
    release_leases,
)
from models.statements import milliseconds

log = logging.getLogger("genting.delivery")

IN_FLIGHT = 16
"""Sends at the same time: the most that can go twice after a crash."""

FOR_REPLIES = 4
"""Places that only replies may take: so a reply waits for the pace at most behind the others, never for a place."""

TOGETHER = 4
"""Self-started messages are claimed so many at a time: a claim is a commit, and the others keep the pace meanwhile."""

MARKING_TRIES = 3
"""So often a result is written again alone: what two transactions wanted at once passes by itself."""

LOOKS_EVERY = 1.0
"""Seconds between looks at the outbox when nobody wakes the sender (messages whose time has come)."""


NO_TEMPLATE = "the platform takes no free text now, and there is no template"

Mark: TypeAlias = tuple[Result, Also | None]
"""How a message ended, and what else is to be written with it."""


class Delivery:
    """Sends what waits for one channel, as long as it holds the channel's sending office."""

    def __init__(self, database: Database, channel: Channel, context: Context) -> None:
        self.database, self.channel, self.context = database, channel, context
        self.clock = context.clock
        self.halted = ""
        self._endings = Endings(self.clock, database.keys, channel.name, channel.reports, self.halt)
        self._pacer = Pacer(channel.pace)
        self._landing = Landing()
        self._awake = asyncio.Event()
        self._in_flight: dict[int, OutboxMessage] = {}
        self._place = asyncio.Event()
        self._marks: asyncio.Queue[Mark] = asyncio.Queue()
        self._sending: set[asyncio.Task[None]] = set()
        self._stopping = False

    def wake(self) -> None:
        """Something may have been queued. Called in the event loop's thread."""
        self._awake.set()

    def halt(self, why: str) -> None:
        """Send no more until the next start, and keep the outbox. May be called in any thread."""
        self.halted = why

    async def run(self) -> None:
        """Send until cancelled; what is in flight is finished and marked."""
        self._stopping = False
        reports = self.channel.reports
        settled = self.clock.now() + timedelta(seconds=reports.settle_seconds) if reports else None
        await self._do(lambda connection: release_leases(connection, self.channel.name, settled))
        marker = asyncio.create_task(self._mark_forever())
        try:
            while True:
                if self.halted or not await self._send_some():
                    await self._sleep()
        finally:
            if self._sending:
                await asyncio.wait(self._sending)
            self._stopping = True
            await self._marks.join()
            marker.cancel()

    async def _sleep(self) -> None:
        # Not `wait_for`: on Python 3.11 it loses a cancellation that comes just after the event.
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOKS_EVERY):
                await self._awake.wait()
        self._awake.clear()

    async def _send_some(self) -> bool:
        """Claim as many messages as there are free places and start sending them; False when none waits."""
        while len(self._in_flight) == IN_FLIGHT:
            self._place.clear()
            await self._place.wait()
        most, few = IN_FLIGHT - len(self._in_flight), self._self_started(self.clock.now())
        in_flight = list(self._in_flight.values())
        found, claimed = await self._do(
            lambda c: claim_written(
                c, self.context, self.channel.name, most, self_started=few, in_flight=in_flight
            )
        )
        self._in_flight |= {message.id: message for message in claimed}
        for chat in _by_chat(claimed):
            task = asyncio.create_task(self._send_in_order(chat))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        return bool(found)

    def _self_started(self, now: datetime) -> int:
        """Return how many self-started messages are worth a claim now: none for one place that has become free."""
        if not self.context.programme.is_awake(now):
            return 0
        taken = sum(not message.priority.asked_for for message in self._in_flight.values())
        free = IN_FLIGHT - FOR_REPLIES - taken
        return free if free >= TOGETHER else 0

    async def _send_in_order(self, messages: list[OutboxMessage]) -> None:
        """Send one chat's messages; when one must wait, those behind it wait too."""
        for position, message in enumerate(messages):
            result, also = await self._attempt(message)
            await self._marks.put((result, also))
            if isinstance(result, Postponed):
                for behind in messages[position + 1 :]:
                    await self._marks.put((Postponed(behind.id, result.until, "behind another"), None))
                return

    async def _attempt(self, message: OutboxMessage) -> Mark:
        """Send one message at the platform's pace; return how it ended and what else is to be written."""
        outbound = Outbound.load(json.loads(message.body))
        try:
            if self.channel.reports is not None:
                return await self._attempt_reported(self.channel.reports, message, outbound)
            provider_id = await self._send(Recipient(message.address, message.language), message, outbound)
        except ChannelError as error:
            return self._failed(message, outbound, error)
        except (TypeError, ValueError, LookupError) as error:  # it cannot be made, now or later
            log.exception("message_unsendable", extra={"outbox_id": message.id})
            return self._failed(message, outbound, ChannelError(type(error).__name__, permanent=True))
        except Exception as error:  # whatever else failed, the others must go on
            log.exception("send_failed", extra={"outbox_id": message.id})
            return self._failed(message, outbound, ChannelError(type(error).__name__))
        return Sent(message.id, provider_id), None

    async def _attempt_reported(self, reports: Reports, message: OutboxMessage, outbound: Outbound) -> Mark:
        """Send where free text has its time and the platform tells what arrived. Raises ChannelError."""
        now, name = self.clock.now(), outbound.template[0] if outbound.template else ""
        templated = message.free_until_ms <= milliseconds(now)
        if templated:
            if not name:
                raise ChannelError(NO_TEMPLATE, closed=True)
            refused = await self._do(lambda c: template_refused(c, now, message.contact_id, name, reports))
            if isinstance(refused, str):
                return Held(message.id, refused), None
            if refused is not None:
                raise refused
        taken: frozenset[int] | None = frozenset()
        if message.attempts > 1:
            taken = await self._do(lambda c: parts_arrived(c, message, templated=templated))
        if taken is None:
            return _left(message, outbound, "", templated=templated), None
        to = Recipient(message.address, message.language, message.id, taken)
        shown = (
            replace(outbound, text="", picture=None, late=None, document=None)
            if templated
            else replace(outbound, template=None)
        )
        ids = (await self._send(to, message, shown)).split()
        ending = _left(message, outbound, ids[-1] if ids else "", templated=templated)

        def note(connection: Connection) -> None:
            note_parts(connection, now, message.id, ids, taken, templated=templated)
            fail_if_reported(connection, self._endings, message.id, ids, reports)

        return ending, note

    async def _send(self, to: Recipient, message: OutboxMessage, outbound: Outbound) -> str:
        """Complete it, wait for the platform's pace, then send. Raises ChannelError."""
        outbound = await self._completed(outbound)
        making = self._making(to, message, outbound)
        gone = False
        try:
            attached = await self._attached(outbound, making.reach if making else documents.quietly)
            await self._keep_pace(message.contact_id)
            reach("before_send")
            provider_id = await self.channel.send(to, outbound, attached)
            reach("after_send")
            gone = attached is not None
        finally:
            if making:
                making.end(done=gone)
        return provider_id

    async def _keep_pace(self, contact_id: int) -> None:
        await asyncio.sleep(self._pacer.wait_for_chat(contact_id, monotonic()))
        await asyncio.sleep(self._pacer.wait_for_account(monotonic()))

    def _making(self, to: Recipient, message: OutboxMessage, outbound: Outbound) -> Making | None:
        """Show how far the message's file has come: once, and only where messages can be edited and cost nothing."""
        document = outbound.document
        if document is None or not document.stages or self.channel.reports or message.attempts > 1:
            return None

        async def show(stage: Outbound) -> str:
            await self._keep_pace(message.contact_id)
            return await self.channel.send(to, stage, None)

        making = Making(document.stages, show)
        self._sending.add(making.task)
        making.task.add_done_callback(self._sending.discard)
        return making

    async def _completed(self, outbound: Outbound) -> Outbound:
        """Add what is computed when a message leaves: read in a work of its own, made in a thread."""
        if outbound.late is None:
            return outbound
        try:
            rows = await self._do(in_session(lambda session: read_late(session, outbound)))
            return await asyncio.to_thread(write_late, outbound, rows)
        except Exception:  # the words that are there must not wait for those that cannot be made
            log.exception("late_part_failed", extra={"late": outbound.late[0]})
            return outbound

    async def _attached(self, outbound: Outbound, step: documents.Step) -> bytes | None:
        """Return the message's picture or file; one that cannot be made leaves words that say so."""
        if outbound.document is None:
            return await self._picture(outbound)
        kind, data = outbound.document.kind, outbound.document.data
        try:
            if documents.FILE in data:
                data = {**data, documents.CONTENT: await self._stored(data[documents.FILE])}
            content = await asyncio.to_thread(documents.build, kind, data, step)
        except Exception:
            log.exception("document_failed", extra={"document": kind})
            outbound.text, outbound.document = outbound.document.sorry, None
            return None
        step(documents.SENDING)
        return content

    async def _picture(self, outbound: Outbound) -> bytes | None:
        """Fetch the message's picture, or draw it in a thread; other chats go on meanwhile."""
        if outbound.picture is None:
            return None
        kind, data = outbound.picture
        try:
            if kind == STORED:
                return await self._stored(data["id"])
            return await asyncio.to_thread(charts.draw, kind, data)
        except Exception:  # the words must not wait for a picture that cannot be drawn
            log.exception("picture_failed", extra={"picture": kind})
            return None

    async def _stored(self, file_id: int) -> bytes | None:
        """Return a kept picture; None when it has been erased since."""
        content: bytes | None = await self._do(lambda connection: content_of(connection, file_id))
        return content

    def _failed(
        self, message: OutboxMessage, outbound: Outbound, error: ChannelError
    ) -> tuple[Failed | Postponed | Held, Also | None]:
        return self._endings.of(message, outbound, error)

    async def _mark_forever(self) -> None:
        """Write results as they come, as many as there are in one transaction."""
        while True:
            batch = [await self._marks.get()]
            while not self._marks.empty():
                batch.append(self._marks.get_nowait())
            await self._mark(batch)
            freed = [self._in_flight.pop(result.id).priority for result, _ in batch]
            self._place.set()
            if not all(priority.asked_for for priority in freed) and self._self_started(self.clock.now()):
                self._awake.set()  # what is self-started may have waited for just these places
            for _ in batch:
                self._marks.task_done()

    async def _mark(self, batch: list[Mark]) -> None:
        """Write results together; when that fails each alone, so that one does not keep the others waiting."""
        if await self._is_written(batch):
            return
        for one in batch:
            await self._mark_alone(one)

    async def _mark_alone(self, one: Mark) -> None:
        """Write a result as well as it can be; what cannot be written at all is left to its lease.

        An unmarked message goes twice, so while it is the database that fails we keep trying, until we are to stop.
        """
        for way in _ways(*one):
            for _ in range(MARKING_TRIES):
                if await self._is_written([way]):
                    return
                if not await self._database_is_back(one[0].id):
                    break
        log.error("mark_given_up", extra={"outbox_id": one[0].id})

    async def _database_is_back(self, outbox_id: int) -> bool:
        """Wait until the database can be written, by keeping the message's lease; False when we are to stop before."""
        while True:
            try:
                await self._do(lambda connection: keep_lease(connection, self.clock.now(), outbox_id))
            except Exception:
                log.exception("database_away")
                if self._stopping:
                    return False
                await asyncio.sleep(1)
            else:
                return True

    async def _is_written(self, batch: list[Mark]) -> bool:
        now = self.clock.now()

        def write(connection: Connection) -> None:
            mark(connection, now, [result for result, _ in batch])
            for result, _ in batch:
                if isinstance(result, Held):
                    release_opened(connection, now, result.id)
            for _, also in batch:
                if also is not None:
                    also(connection)

        try:
            await self._do(write)
        except Exception:
            log.exception("marking_failed", extra={"results": len(batch)})
            return False
        return True

    async def _do(self, work: Callable[[Connection], Any]) -> Any:
        return await self._landing.of(self.database.submit(work))


def _ways(result: Result, also: Also | None) -> Iterator[Mark]:
    """Yield how a result may be written, the whole of it first.

    What else is to be written may be what cannot be (an address that another chat has): a message that has gone is
    marked without it, any other is given up, for without it nothing would have changed when it is tried again.
    """
    yield result, also
    if also is not None and isinstance(result, Sent | Held):
        yield result, None
    yield Failed(result.id, "its end could not be written"), None


def _by_chat(messages: Iterable[OutboxMessage]) -> list[list[OutboxMessage]]:
    """Group claimed messages by chat, keeping their order."""
    chats: defaultdict[int, list[OutboxMessage]] = defaultdict(list)
    for message in messages:
        chats[message.contact_id].append(message)
    return list(chats.values())


def _left(message: OutboxMessage, outbound: Outbound, provider_id: str, *, templated: bool) -> Result:
    """Return how a message stands whose platform has taken it: its words wait still, when a template went ahead."""
    waits = templated and (outbound.text or outbound.document)
    return Held(message.id, WINDOW) if waits else Sent(message.id, provider_id)
