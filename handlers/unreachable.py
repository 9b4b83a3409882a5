"""A chat in which nothing arrives any more: the person has blocked the bot, or the account is gone."""

from sqlalchemy import Connection

from handlers.kit.chat import Context
from models.contacts import mark_unreachable
from models.outbox import fail_contact


def lose_chat(connection: Connection, context: Context, contact_id: int, reason: str) -> None:
    """Stop writing to a chat, and give up all that waits for it.

    The one place that knows of a lost chat, whether the person's platform said so by itself or a send was refused:
    who is to be told, is told from here.
    """
    now = context.clock.now()
    mark_unreachable(connection, now, contact_id)
    fail_contact(connection, now, contact_id, reason)
