"""Reminding by schedule: a day is planned in short pieces, what is planned is queued while people are awake.

Both may run at any time, any number of times, and on several servers: the reminders' key makes the second a no-op.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from handlers.kit.chat import Context
from jobs.planning import Step, steps, take_step
from models.months import Month, local_day
from models.payouts import last_month_opened
from models.reminders import queue_planned

Piece = Callable[[Connection, Context], "int | Piece"]

QUEUED_AT_ONCE = 2_000


def plan(connection: Connection, context: Context) -> "int | Piece":
    """Plan today: the month's payouts, then the reminders whose time it is; at the end they are queued."""
    today = local_day(context.clock.now(), context.programme.zone)
    opened = last_month_opened(connection, Month.of(today))
    return _take(steps(context.programme, today, opened))(connection, context)


def _take(left: Sequence[Step]) -> Piece:
    def take(connection: Connection, context: Context) -> "int | Piece":
        first, *others = left
        rest = take_step(connection, context.programme, context.clock.now(), first)
        still = [rest, *others] if rest is not None else others
        return _take(still) if still else remind

    return take


def remind(connection: Connection, context: Context) -> "int | Piece":
    """Queue the planned reminders, while it is a waking hour after the programme's `remind_at`."""
    now, programme = context.clock.now(), context.programme
    local = now.astimezone(programme.zone)
    if programme.next_waking_hour(now) != now or local.time() < programme.schedule.remind_at:
        return 0
    queued = queue_planned(connection, now, local.date(), QUEUED_AT_ONCE)
    return remind if queued == QUEUED_AT_ONCE else queued
