"""When things happen by themselves: the one index of it, and APScheduler, which only ticks.

Every task may run at any time and any number of times; the schedule is also run through at start-up, so a server
that slept catches up.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import Connection

from handlers.kit.chat import Context
from jobs import upkeep
from models.database import Database

log = logging.getLogger("genting.schedule")


@dataclass(frozen=True, slots=True)
class Task:
    """Something that happens at `minute` (and `hour`) of the programme's local day, in cron's words."""

    name: str
    run: Callable[[Connection, Context], int]
    hour: str
    minute: str


SCHEDULE = (
    Task("free_shares", upkeep.free_shares, hour="*", minute="5"),
    Task("close_terms", upkeep.close_terms, hour="0", minute="10"),
    Task("forget", upkeep.forget, hour="3", minute="0"),
)


class Schedule:
    """Ticks. `done` is called after each task, so that what it queued is sent."""

    def __init__(self, database: Database, context: Context, done: Callable[[], None]) -> None:
        self.database, self.context, self.done = database, context, done
        zone: ZoneInfo = context.programme.zone
        self._scheduler = AsyncIOScheduler(timezone=zone)
        for task in SCHEDULE:
            # An explicit id, no grace limit and one run for many missed ones: APScheduler's own defaults drop a
            # task that is a second late.
            self._scheduler.add_job(
                self._run,
                CronTrigger(hour=task.hour, minute=task.minute, timezone=zone),
                args=[task],
                id=task.name,
                misfire_grace_time=None,
                coalesce=True,
                replace_existing=True,
            )

    def start(self) -> None:
        """Run everything once, then tick."""
        self.catch_up()
        self._scheduler.start()

    def catch_up(self) -> list[Future[int]]:
        """Run everything once, now; the futures bring how many rows each changed. From any thread."""
        return [self._run(task) for task in SCHEDULE]

    def stop(self) -> None:
        """Tick no more."""
        self._scheduler.shutdown(wait=False)

    def _run(self, task: Task) -> Future[int]:
        future = self.database.submit(lambda connection: task.run(connection, self.context), "schedule")

        def finished(_: object) -> None:
            if error := future.exception():
                log.error("task_failed", exc_info=error, extra={"task": task.name})
            else:
                log.info("task_done", extra={"task": task.name, "rows": future.result()})
                self.done()

        future.add_done_callback(finished)
        return future
