"""Counting a long list before anybody asks: a month at a time, each in a transaction of its own."""

from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection

from handlers.kit.chat import Context
from jobs.reminding import Piece
from models.counted import count, forget_counts, list_is_long
from models.counting import Moment
from models.database import session_on
from models.months import local_day
from models.statistics import last_months


def count_long_list(connection: Connection, context: Context) -> int | Piece:
    """Begin to count the months that statistics show; of a short list nothing is kept."""
    today = local_day(context.clock.now(), context.programme.zone)
    months = last_months(context.programme, today)
    with session_on(connection) as session:
        if not list_is_long(session):
            return forget_counts(session)
        forgotten = forget_counts(session, before=months[-1].month)
    return partial(_count_on, months, forgotten)


def _count_on(months: Sequence[Moment], done: int, connection: Connection, context: Context) -> int | Piece:
    """Count the next month, then go on with the others."""
    now = context.clock.now()
    with session_on(connection) as session:
        done += count(session, months[0], local_day(now, context.programme.zone), now)
    return partial(_count_on, months[1:], done) if months[1:] else done
