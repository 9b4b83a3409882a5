"""One update, one transaction: deduplicated, handled, its state, rows and replies written together.

Whatever happens, the update is either handled once or not at all; one whose handling raises is rolled back, tried
three times, then parked for the operator, and the person is told.
"""

import dataclasses
import json
import logging
import traceback
from enum import Enum
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from handlers.kit.chat import Context
from handlers.kit.messages import SHOW, Inbound, Outbound
from handlers.router import Reply, Router
from handlers.texts import render, t
from models.bounces import give_up_chat
from models.contacts import mark_reachable, open_window, settle_address
from models.conversations import Standing, chat_standing, drop_state, save_state
from models.held import release_held
from models.inbox import park, take
from models.messages import Priority
from models.moving import change_address
from models.outbox import Outgoing, queue
from models.statements import driver

log = logging.getLogger("genting.inbox")

ATTEMPTS = 3


class Handled(Enum):
    """How an update ended."""

    DONE = "done"
    DUPLICATE = "duplicate"
    PARKED = "parked"


def handle(connection: Connection, context: Context, inbound: Inbound) -> Handled:
    """Handle an update inside the running transaction.

    Raises OperationalError when the database itself fails: then nothing is kept and the update comes again.
    """
    now = context.clock.now()
    if not take(connection, now, inbound.channel, inbound.update_id):
        return Handled.DUPLICATE
    standing = chat_standing(
        connection, context.keys, now, inbound.channel, _address(connection, context, inbound)
    )
    for attempt in range(1, ATTEMPTS + 1):
        driver(connection).execute("SAVEPOINT attempt")
        try:
            _write(connection, context, standing, _reply(connection, context, standing, inbound))
        except OperationalError:
            raise
        except Exception as error:  # whatever a conversation does, the chat must go on
            driver(connection).execute("ROLLBACK TO SAVEPOINT attempt")
            log.exception("update_failed", extra={"attempt": attempt, "error": type(error).__name__})
            last = f"{_cause(error)}\n{traceback.format_exc()}"
        else:
            return Handled.DONE
        finally:
            driver(connection).execute("RELEASE SAVEPOINT attempt")
    park_update(connection, context, inbound, last)
    broken = Outbound(render(t.kit.broken(), standing.language))
    _queue(connection, context, standing, Reply(None, [broken]))
    return Handled.PARKED


def _cause(error: Exception) -> str:
    """Say what went wrong and where; an error's own words may quote what somebody typed."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {'/'.join(Path(place.filename).parts[-2:])}:{place.lineno}"


def _address(connection: Connection, context: Context, inbound: Inbound) -> str:
    """Return the address under which the sender is known: some platforms have two names for one person."""
    if inbound.also is None and inbound.free_until_ms is None:
        return inbound.address
    now = context.clock.now()
    return settle_address(connection, context.keys, now, inbound.channel, inbound.address, inbound.also)


def park_update(connection: Connection, context: Context, inbound: Inbound, error: str) -> None:
    """Keep an update aside, sealed, for `genting doctor`; not a picture's bytes."""
    if inbound.photo is not None:
        inbound = dataclasses.replace(inbound, photo=dataclasses.replace(inbound.photo, content=None))
    payload = json.dumps(dataclasses.asdict(inbound))
    park(
        connection,
        context.keys,
        context.clock.now(),
        inbound.channel,
        inbound.update_id,
        payload,
        error,
    )


def _reply(connection: Connection, context: Context, standing: Standing, inbound: Inbound) -> Reply | None:
    """Return what to write; None when nothing changes."""
    if inbound.gone is not None:
        if inbound.gone:
            give_up_chat(connection, context.clock.now(), standing.contact_id, "blocked by the user")
        else:
            mark_reachable(connection, standing.contact_id)
        return None
    if inbound.moved_to is not None:
        change_address(connection, context.keys, context.clock.now(), standing.contact_id, *inbound.moved_to)
        return None
    if not inbound.private:
        return _refusal_in_a_group(inbound)
    if standing.unreachable:
        mark_reachable(connection, standing.contact_id)
    shown = _window_opened(connection, context, standing, inbound)
    if inbound.quiet or (shown and inbound.choice == SHOW):
        return None
    return Router(connection, context, standing, inbound).reply()


def _window_opened(connection: Connection, context: Context, standing: Standing, inbound: Inbound) -> int:
    """The person has written: let what waited for that leave; return how many messages did."""
    if inbound.free_until_ms is None:
        return 0
    open_window(connection, standing.contact_id, inbound.free_until_ms)
    return release_held(connection, context.clock.now(), standing.contact_id)


def _refusal_in_a_group(inbound: Inbound) -> Reply | None:
    """In a group the bot says only that it talks in private, and only when it is spoken to."""
    if inbound.text is None or not inbound.text.startswith("/"):
        return None
    both = "\n\n".join(render(t.kit.only_in_private(), language) for language in ("id", "en"))
    return Reply(None, [Outbound(both)])


def _write(connection: Connection, context: Context, standing: Standing, reply: Reply | None) -> None:
    """Write state and replies."""
    if reply is None:
        return
    if reply.state is not None:
        save_state(
            connection,
            context.keys,
            context.clock.now(),
            standing.contact_id,
            reply.state.dump(),
            reply.holding,
        )
    elif standing.state is not None:
        drop_state(connection, standing.contact_id)
    _queue(connection, context, standing, reply)


def _queue(connection: Connection, context: Context, standing: Standing, reply: Reply) -> None:
    """Queue the replies at once, and what others are told, unless they wait for it, for their waking hours."""
    now = context.clock.now()
    rows = [
        Outgoing(standing.channel, standing.contact_id, Priority.REPLY, sealed(context, message), now)
        for message in reply.messages
    ]
    if reply.notices:
        waking = context.programme.next_waking_hour(now)
        rows += [
            Outgoing(
                n.channel,
                n.contact_id,
                Priority.REPLY if n.at_once else Priority.NOTICE,
                sealed(context, n.message),
                now if n.at_once else waking,
                n.about,
            )
            for n in reply.notices
        ]
    queue(connection, now, rows)


def sealed(context: Context, message: Outbound) -> bytes:
    """Return the body that the outbox keeps."""
    return context.keys.seal(json.dumps(message.dump(), separators=(",", ":")).encode())
