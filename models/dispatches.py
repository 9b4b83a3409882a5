"""What became of a message on a platform that reports it: one row for each message as the platform counts them.

An outbox row may leave as several (a picture, then its buttons). Reports come in any order, repeated, and even before
the sender has marked its message, so each only raises what is known: the row is found or made by the platform's id,
and the sender's own reference, which the report echoes, leads to the outbox.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    delete,
    func,
    select,
    text,
    update,
)

from models.messages import metadata, outbox
from models.statements import Statement, milliseconds

A_DAY = timedelta(hours=24)


class Rank(IntEnum):
    """How far a message came; it only rises. A failure stands apart."""

    ACCEPTED = 0
    SENT = 1
    DELIVERED = 2
    READ = 3


dispatch = Table(
    "dispatch",
    metadata,
    # A digest: the platform's own ids may hold the phone number, only written differently.
    Column("platform_id", String(64), primary_key=True),
    Column("outbox_id", BigInteger),
    Column("part", SmallInteger, nullable=False),
    Column("parts", SmallInteger, nullable=False),
    Column("templated", SmallInteger, nullable=False),
    Column("rank", SmallInteger, nullable=False),
    Column("failed_code", Integer),
    Column("category", String(40)),
    Column("billable", SmallInteger),
    Column("first_ms", BigInteger, nullable=False),
    Index("dispatch_outbox_id", "outbox_id"),
    Index("dispatch_first_ms", "first_ms"),
)

template_halt = Table(
    "template_halt",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("reason", String(200), nullable=False),
    Column("halted_ms", BigInteger, nullable=False),
)

_note = Statement(
    text(
        "INSERT INTO dispatch (platform_id, outbox_id, part, parts, templated, rank, failed_code, category, billable,"
        " first_ms) VALUES (:platform_id, :outbox_id, :part, :parts, :templated, :rank, NULL, :category, :billable,"
        " :now) ON CONFLICT (platform_id) DO UPDATE SET"
        " outbox_id = COALESCE(dispatch.outbox_id, excluded.outbox_id),"
        " part = CASE WHEN dispatch.outbox_id IS NULL THEN excluded.part ELSE dispatch.part END,"
        " parts = CASE WHEN dispatch.outbox_id IS NULL THEN excluded.parts ELSE dispatch.parts END,"
        " templated = CASE WHEN dispatch.outbox_id IS NULL THEN excluded.templated ELSE dispatch.templated END,"
        " rank = CASE WHEN excluded.rank > dispatch.rank THEN excluded.rank ELSE dispatch.rank END,"
        " category = COALESCE(excluded.category, dispatch.category),"
        " billable = COALESCE(excluded.billable, dispatch.billable)"
    )
)


@dataclass(frozen=True, slots=True)
class Reference:
    """What travels with a message and comes back with each report of it: `17.0.2`, or `17t.0.1` for a template."""

    outbox_id: int
    part: int = 0
    parts: int = 1
    templated: bool = False

    def __str__(self) -> str:
        return f"{self.outbox_id}{'t' if self.templated else ''}.{self.part}.{self.parts}"

    @classmethod
    def parse(cls, given: str) -> "Reference | None":
        """Read a reference; None when it is none of ours."""
        head, *rest = given.split(".")
        number = head.removesuffix("t")
        if len(rest) != 2 or not all(_is_small(word) for word in (number, *rest)):
            return None
        return cls(int(number), int(rest[0]), int(rest[1]), head.endswith("t"))


def _is_small(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) <= 15


def note(
    connection: Connection,
    now: datetime,
    platform_id: str,
    reference: Reference | None,
    rank: Rank = Rank.ACCEPTED,
    *,
    category: str | None = None,
    billable: bool | None = None,
) -> None:
    """Remember how far a message came; what is known already only rises."""
    _note(
        connection,
        platform_id=platform_id,
        outbox_id=reference.outbox_id if reference else None,
        part=reference.part if reference else 0,
        parts=reference.parts if reference else 1,
        templated=int(reference.templated) if reference else 0,
        rank=int(rank),
        category=category,
        billable=None if billable is None else int(billable),
        now=milliseconds(now),
    )


def note_failure(connection: Connection, platform_id: str, code: int) -> int | None:
    """Remember that a message failed; return its outbox row's id the first time, None afterwards."""
    changed = connection.execute(
        update(dispatch)
        .where(dispatch.c.platform_id == platform_id, dispatch.c.failed_code.is_(None))
        .values(failed_code=code)
        .returning(dispatch.c.outbox_id)
    ).first()
    return changed[0] if changed else None


def reported_failure(connection: Connection, platform_ids: Collection[str]) -> int | None:
    """Return the code with which one of these messages was reported to have failed; None when none was."""
    query = select(dispatch.c.failed_code).where(
        dispatch.c.platform_id.in_(platform_ids), dispatch.c.failed_code.is_not(None)
    )
    code: int | None = connection.execute(query.limit(1)).scalar()
    return code


def arrived(connection: Connection, outbox_ids: Iterable[int]) -> set[Reference]:
    """Return which parts of some outbox rows the platform has taken: what need not be sent again after a crash."""
    query = select(dispatch.c.outbox_id, dispatch.c.part, dispatch.c.parts, dispatch.c.templated).where(
        dispatch.c.outbox_id.in_(list(outbox_ids)), dispatch.c.failed_code.is_(None)
    )
    return {Reference(row[0], row[1], row[2], bool(row[3])) for row in connection.execute(query)}


def halt_template(connection: Connection, now: datetime, name: str, reason: str) -> None:
    """Send no message by this template until it is allowed again."""
    resume_template(connection, name)
    connection.execute(
        template_halt.insert().values(name=name[:64], reason=reason[:200], halted_ms=milliseconds(now))
    )


def resume_template(connection: Connection, name: str) -> None:
    """The platform allows a template again."""
    connection.execute(delete(template_halt).where(template_halt.c.name == name[:64]))


def halted_templates(connection: Connection) -> dict[str, str]:
    """Return the templates that may not be used, with the reason."""
    return {row.name: row.reason for row in connection.execute(select(template_halt))}


def may_be_written_to(connection: Connection, now: datetime, contact_id: int, most: int) -> bool:
    """Tell whether a template may start with this contact: at most `most` of them are begun with in 24 hours."""
    recent = (
        select(outbox.c.contact_id)
        .join(dispatch, dispatch.c.outbox_id == outbox.c.id)
        .where(dispatch.c.templated == 1, dispatch.c.first_ms > milliseconds(now - A_DAY))
        .distinct()
    )
    if connection.execute(recent.where(outbox.c.contact_id == contact_id).limit(1)).first() is not None:
        return True
    begun_with: int = connection.execute(
        select(func.count()).select_from(recent.limit(most).subquery())
    ).scalar_one()
    return begun_with < most


@dataclass(frozen=True, slots=True)
class Volume:
    """How many messages of a category went out since an instant, how many of them are paid, to how many chats."""

    category: str
    messages: int
    billable: int
    chats: int
    failed: int


def volume(connection: Connection, since: datetime, until: datetime) -> list[Volume]:
    """Count the platform's messages by its own categories; what was not reported yet is `unreported`."""
    category = func.coalesce(dispatch.c.category, "unreported")
    rows = connection.execute(
        select(
            category,
            func.count(),
            func.coalesce(func.sum(dispatch.c.billable), 0),
            func.count(outbox.c.contact_id.distinct()),
            func.count(dispatch.c.failed_code),
        )
        .select_from(dispatch.outerjoin(outbox, outbox.c.id == dispatch.c.outbox_id))
        .where(dispatch.c.first_ms >= milliseconds(since), dispatch.c.first_ms < milliseconds(until))
        .group_by(category)
        .order_by(category)
    )
    return [Volume(*row) for row in rows]
