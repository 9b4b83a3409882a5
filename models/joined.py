"""Several messages that leave as one: somebody who gives for twenty children is reminded once, not twenty times.

Each reminder keeps its row in the outbox. In the moment of sending one row speaks for those of the same kind and period
that wait in the same chat: they name it (`with_id`), are not claimed any more, and are marked as it is marked. When it
is claimed again (told to wait, or after a crash), they are freed first and looked at anew, so nothing is said whose
reason has gone meanwhile, and what came meanwhile is said with it.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, bindparam, text, update

from models.messages import outbox
from models.outbox import SPEAKS_FOR_ITSELF, OutboxMessage
from models.reminders import TOLD_TOGETHER
from models.statements import milliseconds

_free = text("UPDATE outbox SET with_id = NULL WHERE id = :id OR with_id = :id")
_waiting = text(
    "SELECT o.id, o.reminder_id FROM outbox o"  # noqa: S608 - made of constants
    " JOIN reminder r ON r.id = o.reminder_id"
    " JOIN reminder mine ON mine.kind = r.kind AND mine.period = r.period AND mine.person_id = r.person_id"
    " WHERE mine.id = :reminder_id AND r.kind IN :kinds"
    " AND o.contact_id = :contact_id AND o.outcome = 0 AND o.id <> :id AND o.not_before_ms <= :now"
    f" AND {SPEAKS_FOR_ITSELF} AND (o.leased_until_ms <= :now OR o.id IN :taken)"
    " ORDER BY o.id"
).bindparams(bindparam("kinds", expanding=True), bindparam("taken", expanding=True))


def waiting_beside(
    connection: Connection, now: datetime, message: OutboxMessage, taken: Collection[int]
) -> dict[int, int]:
    """Return the reminders that may leave with a claimed one: reminder id -> outbox id, in the order of queueing.

    `taken`: the rows claimed together with it; others under a lease are being sent.
    """
    connection.execute(_free, {"id": message.id})
    values = {
        "id": message.id,
        "reminder_id": message.reminder_id,
        "contact_id": message.contact_id,
        "kinds": [kind.value for kind in TOLD_TOGETHER],
        "now": milliseconds(now),
        "taken": list(taken),
    }
    return {reminder_id: id_ for id_, reminder_id in connection.execute(_waiting, values)}


def speak_for(connection: Connection, message_id: int, others: Collection[int]) -> None:
    """Let a message speak for other rows of the outbox: they leave with it."""
    if others:
        connection.execute(
            update(outbox)
            .where(outbox.c.id.in_(others))
            .values(with_id=message_id, leased_until_ms=0, attempts=0)
        )
