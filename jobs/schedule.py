"""When things happen by themselves: the one index of it, and APScheduler, which only ticks.

Every task may run at any time and any number of times; the schedule is also run through at start-up, so a server
that slept catches up.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Thread
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import Connection

from handlers.kit.chat import Context
from jobs import broadcasting, counting, erasing, reminding, upkeep
from models.database import Database

log = logging.getLogger("genting.schedule")


Work = Callable[[Connection, Context], "int | Work"]


@dataclass(frozen=True, slots=True)
class Task:
    """Something that happens at `second`, `minute` and `hour` of the programme's local day, in cron's words.

    `run` returns how many rows it wrote, or what is to be done next, in a transaction of its own: long work
    takes the database's writer in short pieces. What one `scrubs` has written over is cleaned from the files, too.
    """

    name: str
    run: Work
    hour: str
    minute: str
    second: str = "0"
    scrubs: bool = False


SCHEDULE = (
    Task("free_shares", upkeep.free_shares, hour="*", minute="5"),
    Task("close_roles", upkeep.close_roles, hour="*", minute="15"),
    Task("close_terms", upkeep.close_terms, hour="0", minute="10"),
    Task("forget", upkeep.forget, hour="3", minute="0"),
    Task("erase", erasing.erase_requested, hour="3", minute="30", scrubs=True),
    Task("count", counting.count_long_list, hour="*", minute="*/10"),
    Task("watch", upkeep.watch, hour="*", minute="20"),
    Task("plan", reminding.plan, hour="*", minute="0,30"),
    Task("remind", reminding.remind, hour="*", minute="*"),
    Task("track", broadcasting.track, hour="*", minute="*", second="*/5"),
)


def run_through(connection: Connection, context: Context) -> None:
    """Run every task to its end, in one transaction: for small databases of one's own (`genting chat`, tests)."""
    for task in SCHEDULE:
        work: int | Work = task.run
        while callable(work):
            work = work(connection, context)


class Schedule:
    """Ticks. `done` is called after each task, so that what it queued is sent."""

    def __init__(self, database: Database, context: Context, done: Callable[[], None]) -> None:
        self.database, self.context, self.done = database, context, done
        self._scheduler: AsyncIOScheduler | None = None

    def start(self) -> None:
        """Run everything once, then tick; may be started again after a stop."""
        self.catch_up()
        zone: ZoneInfo = self.context.programme.zone
        self._scheduler = AsyncIOScheduler(timezone=zone)  # a stopped one has forgotten its tasks
        for task in SCHEDULE:
            # An explicit id, no grace limit and one run for many missed ones: APScheduler's own defaults drop a
            # task that is a second late.
            self._scheduler.add_job(
                self._run,
                CronTrigger(hour=task.hour, minute=task.minute, second=task.second, timezone=zone),
                args=[task],
                id=task.name,
                misfire_grace_time=None,
                coalesce=True,
                replace_existing=True,
            )
        self._scheduler.start()

    def catch_up(self) -> list[Future[int]]:
        """Run everything once, now; the futures bring how many rows each changed. From any thread."""
        return [self._run(task) for task in SCHEDULE]

    def stop(self) -> None:
        """Tick no more."""
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)

    def _run(self, task: Task) -> Future[int]:
        """Do a task's work and all that it leads to; the future brings its rows, or what went wrong."""
        ended: Future[int] = Future()
        self._go_on(task, task.run, ended)
        return ended

    def _scrub(self) -> None:
        """Clean the files; in a thread of its own, for it waits for the writer, which tells of a task's end."""
        if not self.database.scrub():
            log.warning("not_scrubbed", extra={"why": "busy; the next erasure cleans its pages too"})

    def _go_on(self, task: Task, work: Work, ended: Future[int]) -> None:
        future = self.database.submit(lambda connection: work(connection, self.context), "schedule")

        def finished(_: object) -> None:
            try:
                result = future.result()
                self.done()
                if callable(result):
                    self._go_on(task, result, ended)
                    return
            except BaseException as error:
                log.exception("task_failed", extra={"task": task.name})
                ended.set_exception(error)
                return
            # What looks every few seconds is worth a line only when it did something.
            level = logging.DEBUG if not result and task.second != "0" else logging.INFO
            log.log(level, "task_done", extra={"task": task.name, "rows": result})
            if task.scrubs and result:
                Thread(target=self._scrub, name="scrub").start()
            ended.set_result(result)

        future.add_done_callback(finished)
