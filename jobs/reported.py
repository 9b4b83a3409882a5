"""What delivery asks and writes on a platform that limits free text and reports what became of each message."""

from datetime import datetime

from sqlalchemy import Connection

from jobs.channel import ChannelError, Reports
from jobs.endings import held_template
from models.dispatches import Reference, arrived, halted_templates, may_be_written_to, note
from models.outbox import OutboxMessage

UNTIL_OTHERS_LAPSE = 3600.0
"""Seconds after which a chat is tried again when a day's number of new chats is used up."""


def template_refused(
    connection: Connection, now: datetime, contact_id: int, name: str, reports: Reports
) -> str | ChannelError | None:
    """Return why a message is held (its template is halted), or the error that postpones it; None when it may go.

    A new number may begin with so many people in 24 hours; a month's reminders then take several days.
    """
    if name in halted_templates(connection):
        return held_template(name)
    if may_be_written_to(connection, now, contact_id, reports.new_chats_a_day):
        return None
    return ChannelError("as many new chats as a day allows", retry_after=UNTIL_OTHERS_LAPSE)


def parts_arrived(
    connection: Connection, message: OutboxMessage, *, templated: bool
) -> frozenset[int] | None:
    """Return which parts an earlier attempt is reported to have brought; None when that is all of them."""
    parts = {one for one in arrived(connection, [message.id]) if one.templated == templated}
    if parts and len(parts) == next(iter(parts)).parts:
        return None
    return frozenset(one.part for one in parts)


def note_parts(
    connection: Connection,
    now: datetime,
    outbox_id: int,
    platform_ids: list[str],
    before: frozenset[int],
    *,
    templated: bool,
) -> None:
    """Remember the platform's messages of an outbox row, those that had arrived before left out."""
    parts = len(platform_ids) + len(before)
    numbers = [number for number in range(parts) if number not in before]
    for number, platform_id in zip(numbers, platform_ids, strict=True):
        note(connection, now, platform_id, Reference(outbox_id, number, parts, templated))
