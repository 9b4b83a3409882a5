"""From WhatsApp's webhook into the inbox: each message in a transaction of its own, in order per chat.

A call is answered when all of it is committed, so that whatever failed comes again; what had been committed by then
is known by its key.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from bot.channels.whatsapp import NAME, WhatsApp
from bot.channels.whatsapp.reading import Event, Report, TemplateNews, Unreadable
from bot.entrance import Entrance
from handlers.inbox import Handled, park_update
from handlers.kit.chat import Context
from handlers.kit.messages import Inbound
from jobs.endings import Endings
from jobs.landing import Landing
from jobs.outcomes import take_report, template_allowed
from models.database import Database
from models.dispatches import halt_template

log = logging.getLogger("genting.intake")


class WhatsAppIntake:
    """Takes webhook calls.

    `wake` is called when something may have been queued to send, `halt`, with the reason, when a report says that the
    account itself is refused.
    """

    def __init__(
        self,
        database: Database,
        context: Context,
        channel: WhatsApp,
        wake: Callable[[], None],
        halt: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.database, self.context, self.channel, self.wake = database, context, channel, wake
        self.counts: dict[Handled, int] = dict.fromkeys(Handled, 0)
        self._endings = Endings(context.clock, database.keys, NAME, channel.reports, halt)
        self._landing = Landing()
        self._entrance = Entrance(database, context, channel)
        self._polite: set[asyncio.Task[None]] = set()

    async def take(self, payload: dict[str, Any]) -> bool:
        """Handle a webhook call; False when it is none of WhatsApp's. Raises when the database fails."""
        try:
            events = self.channel.read(payload)
        except ValueError:
            return False
        results = await asyncio.gather(*(self._one(event) for event in events), return_exceptions=True)
        self.wake()
        errors = [result for result in results if isinstance(result, BaseException)]
        if errors:
            raise errors[0]
        return True

    async def _one(self, event: Event) -> None:
        match event:
            case Inbound():
                await self._message(event)
            case Report():
                await self._do(lambda c: self._report(c, event), "reports")
            case TemplateNews():
                await self._do(lambda c: self._template(c, event), "reports")
            case Unreadable(update_id, raw, error):
                inbound = Inbound(NAME, "", update_id, text=raw)
                await self._do(lambda c: park_update(c, self.context, inbound, error), "reports")
                self.counts[Handled.PARKED] += 1

    async def _message(self, inbound: Inbound) -> None:
        handled = await self._landing.of(await self._entrance.submit(inbound))
        self.counts[handled] += 1
        if handled is Handled.DONE and inbound.private and not inbound.quiet and inbound.moved_to is None:
            task = asyncio.create_task(self.channel.acknowledge(inbound.message_id))
            self._polite.add(task)
            task.add_done_callback(self._polite.discard)

    def _report(self, connection: Connection, report: Report) -> None:
        take_report(
            connection,
            self._endings,
            report.platform_id,
            report.reference,
            report.rank,
            report.failure,
            category=report.category,
            billable=report.billable,
        )

    def _template(self, connection: Connection, news: TemplateNews) -> None:
        now = self.context.clock.now()
        if news.allowed:
            template_allowed(connection, now, news.name)
            return
        log.error("template_halted", extra={"template": news.name, "reason": news.reason})
        halt_template(connection, now, news.name, news.reason)

    async def _do(self, work: Callable[[Connection], Any], lane: str) -> Any:
        return await self._landing.of(self.database.submit(work, lane))
