"""How far a file has come that is being made, in one message that is edited from stage to stage (C8).

It is there for whoever waits, and lost with the process: nothing of it is kept, the file itself waits in the outbox.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from handlers.kit.messages import Outbound
from jobs.channel import ChannelError
from jobs.documents import DONE

log = logging.getLogger("genting.making")

Show = Callable[[Outbound], Awaitable[str]]
"""Sends or edits a message; returns its id."""


class Making:
    """Shows stages as they are reached. One that is passed before it could be shown is skipped."""

    def __init__(self, stages: Mapping[str, str], show: Show) -> None:
        self._stages, self._show = stages, show
        self._loop = asyncio.get_running_loop()
        self._next: str | None = None
        self._changed = asyncio.Event()
        self.task = asyncio.create_task(self._follow())

    def reach(self, stage: str) -> None:
        """A stage begins. May be called from any thread."""
        self._loop.call_soon_threadsafe(self._go_on, stage)

    def end(self, *, done: bool) -> None:
        """Show that the file has gone; or (what went in its place says so) nothing more."""
        if done:
            self._go_on(DONE)
        else:
            self.task.cancel()

    def _go_on(self, stage: str) -> None:
        self._next = stage
        self._changed.set()

    async def _follow(self) -> None:
        shown: str | None = None
        stage = ""
        while stage != DONE:
            await self._changed.wait()
            self._changed.clear()
            stage = self._next or ""
            if not (words := self._stages.get(stage)):
                continue
            try:
                shown = await self._show(Outbound(words, replaces=shown))
            except ChannelError as error:  # the file itself meets what is wrong with the chat
                log.info("stage_not_shown", extra={"stage": stage, "reason": error.reason})
            except Exception:  # nobody may lose a file for its progress
                log.exception("stage_not_shown", extra={"stage": stage})
