"""The engine's own tables: what came in (inbox), where each chat stands (conversation), what goes out (outbox).

They are written for every update, so they are plain Core tables with statements that compile once; instants are
epoch milliseconds. Bodies and answers are sealed: here they are opaque bytes.
"""

from enum import IntEnum

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    text,
)
from sqlmodel import SQLModel

metadata = SQLModel.metadata

_RowId = BigInteger().with_variant(Integer, "sqlite")

inbox = Table(
    "inbox",
    metadata,
    # An update is handled once: this key is the whole of deduplication (Telegram restarts update ids at random
    # after a quiet week, so "greater than the last" would not do).
    Column("channel", String(12), primary_key=True),
    Column("update_id", String(128), primary_key=True),
    Column("received_ms", BigInteger, nullable=False, index=True),
    # Set when handling raised three times: the update, sealed, and its traceback, sealed.
    Column("parked_payload", LargeBinary),
    Column("parked_error", LargeBinary),
    sqlite_with_rowid=False,
)

cursor = Table(
    "cursor",
    metadata,
    Column("channel", String(12), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("moved_ms", BigInteger, nullable=False),
)

conversation = Table(
    "conversation",
    metadata,
    Column("contact_id", Integer, ForeignKey("contact.id"), primary_key=True, autoincrement=False),
    Column("state", LargeBinary, nullable=False),
    # What the dialog holds while it runs, like `child:17`: not personal, so that others can see that it is held.
    Column("holding", String(40)),
    Column("moved_ms", BigInteger, nullable=False),
    Index(
        "conversation_holding",
        "holding",
        sqlite_where=text("holding IS NOT NULL"),
        postgresql_where=text("holding IS NOT NULL"),
    ),
)


class Outcome(IntEnum):
    """Where an outgoing message stands."""

    WAITING = 0
    SENT = 1
    FAILED = 2
    WITHDRAWN = 3
    HELD = 4
    """Waits for an event: that the person writes, or that the platform allows a template again."""


class Priority(IntEnum):
    """Smaller goes first: an answer to somebody who is there, what somebody's act means for another, the month's batch.

    Everything but a reply is self-started: it leaves in the waking hours only, and `/stop` takes it back. `OPENED` was
    held until its person wrote: it comes before the answer and waits for no hour, but stays something that we began.
    """

    OPENED = -1
    REPLY = 0
    NOTICE = 5
    REMINDER = 9

    @property
    def asked_for(self) -> bool:
        """Whether somebody waits for it in this moment, at whatever hour."""
        return self <= Priority.REPLY


outbox = Table(
    "outbox",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("channel", String(12), nullable=False),
    Column("contact_id", Integer, ForeignKey("contact.id"), nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("body", LargeBinary),
    Column("queued_ms", BigInteger, nullable=False),
    Column("not_before_ms", BigInteger, nullable=False),
    Column("leased_until_ms", BigInteger, nullable=False, default=0),
    Column("attempts", SmallInteger, nullable=False, default=0),
    Column("outcome", SmallInteger, nullable=False, default=int(Outcome.WAITING)),
    Column("done_ms", BigInteger),
    Column("provider_id", String(64)),
    Column("error", String(200)),
    # A reminder is written when it leaves, so that it says what is true then; `body` is empty until it has been.
    Column("reminder_id", Integer),
    # The message that says this one's words too: it is sent and marked with it (`models.joined`).
    Column("with_id", _RowId),
    # What the message is about, like `child:24` or `alert:7`: replies find it, and silence takes it back.
    Column("about", String(40)),
    # Given when another chat of the same person had the message before, in vain: it moves on only once.
    Column("rerouted_from", BigInteger),
    Index(
        "outbox_waiting",
        "channel",
        "priority",
        "not_before_ms",
        "id",
        sqlite_where=text("outcome = 0"),
        postgresql_where=text("outcome = 0"),
    ),
    Index(
        "outbox_waiting_of_contact",
        "contact_id",
        "id",
        sqlite_where=text("outcome = 0"),
        postgresql_where=text("outcome = 0"),
    ),
    Index("outbox_done", "done_ms"),
    Index(
        "outbox_reminder",
        "reminder_id",
        sqlite_where=text("reminder_id IS NOT NULL"),
        postgresql_where=text("reminder_id IS NOT NULL"),
    ),
    Index(
        "outbox_with",
        "with_id",
        sqlite_where=text("with_id IS NOT NULL"),
        postgresql_where=text("with_id IS NOT NULL"),
    ),
    # A reply in the chat names the message that it answers.
    Index(
        "outbox_answered",
        "contact_id",
        "provider_id",
        sqlite_where=text("about IS NOT NULL"),
        postgresql_where=text("about IS NOT NULL"),
    ),
    # How far a broadcast has come is counted over all its messages.
    Index(
        "outbox_broadcast",
        "about",
        "outcome",
        sqlite_where=text("about LIKE 'broadcast:%'"),
        postgresql_where=text("about LIKE 'broadcast:%'"),
    ),
    Index(
        "outbox_about_waiting",
        "about",
        sqlite_where=text("outcome = 0 AND about IS NOT NULL"),
        postgresql_where=text("outcome = 0 AND about IS NOT NULL"),
    ),
    Index(
        "outbox_held",
        "contact_id",
        "id",
        sqlite_where=text("outcome = 4"),
        postgresql_where=text("outcome = 4"),
    ),
)
