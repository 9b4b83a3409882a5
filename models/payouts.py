"""The ledger: one payout for each pledge and month, from due to confirmed.

A payout's state only moves forward (invariant 2), and each move is kept with who, when and how:

    due ──▶ reported ──▶ confirmed
     │         ├──▶ short ──────┬──▶ confirmed
     │         │      ▲         ├──▶ waived
     │         └──▶ disputed ───┘
     ├──▶ confirmed, short   (the family says what came before anybody reported it)
     └──▶ waived             (the pledge ended or rests, or a coordinator lets it go)

A month's due is what its active pledges promise, to the rupiah: a payout's amount is its pledge's and is not
changed when the programme's amount changes, because a promise is what was promised. *Late* is not a state: a payout
is late while it is due after the month's due day.
"""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache

from sqlalchemy import Connection, Index, Insert, Integer, String, UniqueConstraint, bindparam, literal
from sqlalchemy import select as rows
from sqlmodel import Field, Session, SQLModel, col, select

from models.audit import record
from models.columns import Instant, MonthColumn, Sealed, words
from models.errors import AlreadyDecided, BadInput, NotEntitled
from models.inserts import LOOKED_OVER, first_without, insert_missing_on
from models.months import Month
from models.pledges import Pledge, counts_in
from models.programme import Programme


class PayoutState(StrEnum):
    """Where a month of a pledge stands."""

    DUE = "due"
    REPORTED = "reported"
    SHORT = "short"
    DISPUTED = "disputed"
    CONFIRMED = "confirmed"
    WAIVED = "waived"


FORWARD: dict[PayoutState, frozenset[PayoutState]] = {
    PayoutState.DUE: frozenset(
        {PayoutState.REPORTED, PayoutState.SHORT, PayoutState.CONFIRMED, PayoutState.WAIVED}
    ),
    PayoutState.REPORTED: frozenset({PayoutState.CONFIRMED, PayoutState.SHORT, PayoutState.DISPUTED}),
    PayoutState.SHORT: frozenset({PayoutState.CONFIRMED, PayoutState.WAIVED}),
    PayoutState.DISPUTED: frozenset({PayoutState.SHORT, PayoutState.CONFIRMED, PayoutState.WAIVED}),
    PayoutState.CONFIRMED: frozenset(),
    PayoutState.WAIVED: frozenset(),
}
"""Where each state may go. A second transfer for a month that is short or disputed is added, not a move, and so is what
the family says to it, as long as not all has come. What has come once does not un-come: short never turns disputed."""

OPEN = (PayoutState.DUE, PayoutState.REPORTED, PayoutState.SHORT, PayoutState.DISPUTED)
GIVEN = (PayoutState.REPORTED, PayoutState.SHORT, PayoutState.DISPUTED, PayoutState.CONFIRMED)


class Payout(SQLModel, table=True):
    """One month of one pledge, in whole rupiah.

    `reported_idr` adds up the reported transfers (the value, when `kind` is goods); `received_idr` is what the
    family (or, after a dispute, the coordinator) says has come.
    """

    __table_args__ = (
        UniqueConstraint("pledge_id", "month"),
        Index("payout_of_month", "month", "pledge_id", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    pledge_id: int = Field(foreign_key="pledge.id")
    month: Month = Field(sa_type=MonthColumn)
    amount_idr: int
    kind: str = Field(default="cash", max_length=10, description="cash or goods (programme.toml, aid.kinds)")
    state: PayoutState = Field(sa_type=words(PayoutState), index=True)
    reported_idr: int = 0
    received_idr: int | None = None
    reported_at: datetime | None = Field(default=None, sa_type=Instant)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)

    @property
    def subject(self) -> str:
        """How audit and alerts name this payout."""
        return f"payout:{self.id}"

    @property
    def whole_idr(self) -> int:
        """What has come when all has: what was reported (or came beyond that), or what was promised."""
        return max(self.reported_idr, self.received_idr or 0) if self.reported_idr else self.amount_idr


class Via(StrEnum):
    """How a move came about. `chat`: by who gives."""

    CHAT = "chat"
    FAMILY = "family"
    COORDINATOR = "coordinator"
    PROGRAMME = "programme"


class PayoutMove(SQLModel, table=True):
    """A move of a payout, or a transfer added to it. `by_id` None: the programme's own rules."""

    __tablename__ = "payout_move"

    id: int | None = Field(default=None, primary_key=True)
    payout_id: int = Field(foreign_key="payout.id", index=True)
    at: datetime = Field(sa_type=Instant)
    by_id: int | None = Field(default=None, foreign_key="person.id")
    via: Via = Field(sa_type=words(Via))
    before: PayoutState = Field(sa_type=words(PayoutState))
    after: PayoutState = Field(sa_type=words(PayoutState))
    amount_idr: int | None = None
    receipt_id: int | None = Field(default=None, foreign_key="stored_file.id")
    note: str = Field(default="", sa_type=Sealed)


# -- a month opens ---------------------------------------------------------------------------------------------------


def open_month(
    connection: Connection, programme: Programme, month: Month, after: int = 0, most: int = 1_000
) -> int | None:
    """Enter the month's payouts for the next `most` pledges with an id above `after` that may have none.

    Returns the id to go on after; None when all are done.
    """
    known = col(Payout.month) == month
    start, highest = first_without(connection, col(Pledge.id), col(Payout.pledge_id), known, after)
    if start is None:
        upto = after + LOOKED_OVER
    else:
        upto = start - 1 + most
        values = {"after": start - 1, "upto": upto, "of_kind": programme.aid.default_kind}
        connection.execute(_entering(connection.dialect.name, month), values)
    return upto if upto < highest else None


@lru_cache(maxsize=50)
def _entering(dialect: str, month: Month) -> Insert:
    """Return the INSERT of a month's missing payouts; kept, because building it costs more than running it."""
    missing = (
        rows(
            col(Pledge.id),
            literal(month, MonthColumn()),
            col(Pledge.monthly_idr),
            bindparam("of_kind", type_=String),
            literal(PayoutState.DUE, words(PayoutState)),
            literal(0),
        )
        .where(counts_in(month))
        .where(col(Pledge.id) > bindparam("after", type_=Integer))
        .where(col(Pledge.id) <= bindparam("upto", type_=Integer))
    )
    columns = ["pledge_id", "month", "amount_idr", "kind", "state", "reported_idr"]
    return insert_missing_on(dialect, Payout).from_select(columns, missing)


def last_month_opened(connection: Connection, upto: Month) -> Month | None:
    """Return the last month not after `upto` that has payouts; None in an empty ledger."""
    newest = rows(col(Payout.month)).where(col(Payout.month) <= upto).order_by(col(Payout.month).desc())
    return connection.execute(newest.limit(1)).scalar()


def owe(session: Session, programme: Programme, pledge: Pledge, today: date) -> None:
    """Enter a pledge's payouts up to this month at once: it has just been approved, or has come back."""
    for month in pledge.first_month.until(Month.of(today)):
        missing = select(Pledge.id).where(Pledge.id == pledge.id, counts_in(month))
        if session.exec(missing).first() is not None and payout_of(session, pledge.id or 0, month) is None:
            session.add(
                Payout(
                    pledge_id=pledge.id or 0,
                    month=month,
                    amount_idr=pledge.monthly_idr,
                    kind=programme.aid.default_kind,
                    state=PayoutState.DUE,
                )
            )
    session.flush()


def payout_of(session: Session, pledge_id: int, month: Month) -> Payout | None:
    """Return a pledge's payout of a month."""
    return session.exec(select(Payout).where(Payout.pledge_id == pledge_id, Payout.month == month)).first()


# -- what happens to it ----------------------------------------------------------------------------------------------


def report_transfer(
    session: Session,
    now: datetime,
    payout_id: int,
    *,
    by: int,
    amount_idr: int,
    kind: str | None = None,
    receipt_id: int | None = None,
    note: str = "",
) -> Payout:
    """Enter a transfer (or goods of that value). A further one, after a short or missing one, is added.

    Raises BadInput('money') for an amount that is not positive, AlreadyDecided when nothing is owed any more.
    """
    if amount_idr <= 0:
        raise BadInput("money")
    payout = _locked(session, payout_id)
    if payout.state not in OPEN:
        raise AlreadyDecided
    payout.reported_idr += amount_idr
    payout.reported_at = now
    payout.kind = kind or payout.kind
    after = PayoutState.REPORTED if payout.state is PayoutState.DUE else payout.state
    _move(session, now, payout, after, by, Via.CHAT, amount_idr=amount_idr, receipt_id=receipt_id, note=note)
    return payout


def confirm_receipt(
    session: Session,
    now: datetime,
    payout_id: int,
    *,
    by: int,
    via: Via = Via.FAMILY,
    received_idr: int | None = None,
    note: str = "",
) -> Payout:
    """The family has it: so much, or what was reported, or what was due. Raises AlreadyDecided."""
    payout = _locked(session, payout_id)
    _may(payout, PayoutState.CONFIRMED)
    payout.received_idr = payout.whole_idr if received_idr is None else received_idr
    _move(session, now, payout, PayoutState.CONFIRMED, by, via, note=note)
    return payout


def say_short(session: Session, now: datetime, payout_id: int, *, by: int, received_idr: int) -> Payout:
    """Less came than was reported or, where nothing was, than was promised; so much is all that has come so far.

    Raises AlreadyDecided (see `_answer`), BadInput('money') when it is not less.
    """
    payout = _locked(session, payout_id)
    if not 0 <= received_idr < max(payout.reported_idr, payout.amount_idr):
        raise BadInput("money")
    _answer(session, now, payout, PayoutState.SHORT, by, received_idr)
    return payout


def dispute(session: Session, now: datetime, payout_id: int, *, by: int) -> Payout:
    """It was reported, and has not come. Where a part had come before, that stays, and the payout short.

    Raises AlreadyDecided (see `_answer`).
    """
    payout = _locked(session, payout_id)
    if payout.state is PayoutState.SHORT:
        _answer(session, now, payout, PayoutState.SHORT, by, payout.received_idr or 0)
    else:
        _answer(session, now, payout, PayoutState.DISPUTED, by, 0)
    return payout


def _answer(
    session: Session, now: datetime, payout: Payout, after: PayoutState, by: int, received_idr: int
) -> None:
    """Keep what a family says while not all has come.

    Raises AlreadyDecided when the payout is over, or the family has said just this and nothing was sent since.
    """
    if payout.state is not after:
        _may(payout, after)
    elif received_idr == payout.received_idr and not _sent_since(session, payout):
        raise AlreadyDecided
    payout.received_idr = received_idr
    told = received_idr if after is PayoutState.SHORT else None
    _move(session, now, payout, after, by, Via.FAMILY, amount_idr=told)


def _sent_since(session: Session, payout: Payout) -> bool:
    """Whether a transfer was reported after the family's last word."""
    newest = (
        select(PayoutMove.via).where(PayoutMove.payout_id == payout.id).order_by(col(PayoutMove.id).desc())
    )
    return session.exec(newest).first() is Via.CHAT


def settle(
    session: Session, now: datetime, payout_id: int, *, by: int, received_idr: int, note: str = ""
) -> Payout:
    """A coordinator has cleared a short or disputed payout up: so much came in the end.

    Raises AlreadyDecided, BadInput('money').
    """
    payout = _locked(session, payout_id)
    if payout.state not in {PayoutState.SHORT, PayoutState.DISPUTED}:
        raise AlreadyDecided
    if received_idr < 0:
        raise BadInput("money")
    payout.received_idr = received_idr
    _move(
        session, now, payout, PayoutState.CONFIRMED, by, Via.COORDINATOR, amount_idr=received_idr, note=note
    )
    return payout


def waive(
    session: Session,
    now: datetime,
    payout_id: int,
    *,
    by: int | None,
    via: Via = Via.COORDINATOR,
    note: str = "",
) -> Payout:
    """Let a payout go that was not made (whole). Raises AlreadyDecided when it was reported, or is over."""
    payout = _locked(session, payout_id)
    _may(payout, PayoutState.WAIVED)
    _move(session, now, payout, PayoutState.WAIVED, by, via, note=note)
    return payout


def waive_unowed(session: Session, now: datetime, pledge: Pledge, this: Month, *, by: int | None) -> None:
    """Let go what a pledge that has been shortened or rests no longer promises.

    A month that was entered ahead and has not begun is taken out: nothing has happened in it yet.
    """
    due = session.exec(select(Payout).where(Payout.pledge_id == pledge.id, Payout.state == PayoutState.DUE))
    for payout in due.all():
        promised = select(Pledge.id).where(Pledge.id == pledge.id, counts_in(payout.month))
        if session.exec(promised).first() is not None:
            continue
        if payout.month > this:
            session.delete(payout)
        else:
            waive(session, now, payout.id or 0, by=by, via=Via.PROGRAMME, note="not promised")
    session.flush()


def waive_due_of(session: Session, now: datetime, pledges: Sequence[int], *, by: int | None) -> None:
    """Let go all that is still due of some pledges, whatever the month: nobody is left to give it, or to get it."""
    due = select(Payout.id).where(col(Payout.pledge_id).in_(pledges), Payout.state == PayoutState.DUE)
    for payout_id in session.exec(due.order_by(col(Payout.id))).all():
        waive(session, now, payout_id or 0, by=by, via=Via.PROGRAMME, note="not promised")


def _locked(session: Session, payout_id: int) -> Payout:
    found = session.get(Payout, payout_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise AlreadyDecided
    return found


def _may(payout: Payout, after: PayoutState) -> None:
    if after not in FORWARD[payout.state]:
        raise AlreadyDecided


def _move(
    session: Session,
    now: datetime,
    payout: Payout,
    after: PayoutState,
    by: int | None,
    via: Via,
    *,
    amount_idr: int | None = None,
    receipt_id: int | None = None,
    note: str = "",
) -> None:
    if via is Via.COORDINATOR and by == _giver(session, payout):
        raise NotEntitled  # nobody clears up what they have given themselves
    before, payout.state = payout.state, after
    if after in {PayoutState.CONFIRMED, PayoutState.WAIVED}:
        payout.settled_at = now
    session.add(payout)
    session.add(
        PayoutMove(
            payout_id=payout.id or 0,
            at=now,
            by_id=by,
            via=via,
            before=before,
            after=after,
            amount_idr=amount_idr,
            receipt_id=receipt_id,
            note=note,
        )
    )
    record(session, now, by, f"payout_{after}", payout.subject, str(amount_idr or ""))
    session.flush()


def _giver(session: Session, payout: Payout) -> int:
    return session.exec(select(Pledge.foster_parent_id).where(Pledge.id == payout.pledge_id)).one()
