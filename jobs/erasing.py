"""Erasing whoever has asked for it in the chat, once their day to take it back is over."""

from functools import partial

from sqlalchemy import Connection

from handlers.kit.chat import Context
from handlers.texts import t
from jobs.reminding import Piece
from jobs.telling import tell
from models.database import session_on
from models.erasing import erase
from models.erasure_file import keep_equal
from models.erasure_requests import givers_left, next_erasure


def erase_requested(connection: Connection, context: Context) -> int | Piece:
    """Erase those whose time has come; return how many."""
    return _erase_next(0, connection, context)


def _erase_next(done: int, connection: Connection, context: Context) -> int | Piece:
    """Erase those of the oldest wish, then go on with the others, each wish in a transaction of its own.

    They are written down beside the keys before it counts, as `genting erase` does: whom that file lacks would come
    back with an older backup.
    """
    now = context.clock.now()
    with session_on(connection) as session:
        subjects = next_erasure(session, now)
        givers = givers_left(session, now, subjects)
    if not subjects:
        return done
    for subject in subjects:
        erase(connection, context.keys, context.programme, now, subject)
    with session_on(connection) as session:
        for giver, code in givers:
            tell(session, context, giver, t.privacy.told_giver(code=code))
        if context.erased_file is not None:
            keep_equal(session, context.erased_file)
    return partial(_erase_next, done + len(subjects))
