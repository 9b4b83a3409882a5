"""The demo's ledger: what each pledge has given so far, as a district's books look after a year.

Nearly all of the past is confirmed; of the running month a few are late, some wait for the family's word, one is
disputed and one came short. Families that have joined have answered themselves, coordinators for the others.
"""

import random
from datetime import datetime, time, timedelta

from sqlmodel import Session

from models.alerts import Alert, AlertKind
from models.children import Child
from models.months import Month, local_day
from models.payouts import Payout, PayoutMove, PayoutState, Via
from models.pledges import Pledge, PledgeState
from models.programme import Programme

RUNNING_MONTH = {PayoutState.DUE: 14, PayoutState.REPORTED: 18, PayoutState.CONFIRMED: 68}
"""How the running month stands, in per cent."""


def write_ledger(
    session: Session,
    programme: Programme,
    pledges: list[Pledge],
    now: datetime,
    *,
    families: dict[int, int],
    cast: int,
) -> None:
    """Write the payouts of every pledge up to this month, with their moves, and what is disputed as alerts.

    `families`: who answers for a child that has joined; `cast`: the foster parent whom a visitor plays.
    """
    rnd = random.Random("genting demo: ledger")  # noqa: S311 - invented, the same every time
    this = Month.of(local_day(now, programme.zone))
    given = [p for p in pledges if p.state in {PledgeState.ACTIVE, PledgeState.ENDED}]
    running = _running(rnd, [p for p in given if _reaches(p, this)], families, cast)
    moves: list[tuple[Payout, Pledge, list[PayoutMove]]] = []
    for pledge in given:
        last = min(this, pledge.last_month) if pledge.last_month else this
        for month in pledge.first_month.until(last):
            state = running[pledge.id or 0] if month == this else PayoutState.CONFIRMED
            moves.append(_payout(rnd, programme, pledge, month, state, now))
    session.add_all(payout for payout, _, _ in moves)
    session.flush()
    for payout, pledge, steps in moves:
        for step in steps:
            step.payout_id = payout.id or 0
            _signed(step, pledge, families.get(pledge.child_id))
        session.add_all(steps)
        _alert(session, payout, pledge, now)


def _reaches(pledge: Pledge, month: Month) -> bool:
    return pledge.first_month <= month and (pledge.last_month is None or month <= pledge.last_month)


def _running(
    rnd: random.Random, pledges: list[Pledge], families: dict[int, int], cast: int
) -> dict[int, PayoutState]:
    """How the running month stands, by pledge: the cast's whole child is still due; of the others whose families have
    joined, one says that nothing came, one that it was less."""
    states = {p.id or 0: rnd.choices(list(RUNNING_MONTH), list(RUNNING_MONTH.values()))[0] for p in pledges}
    mine = sorted((p for p in pledges if p.foster_parent_id == cast), key=lambda p: -p.monthly_idr)
    states |= dict(zip([p.id or 0 for p in mine], [PayoutState.DUE, PayoutState.CONFIRMED], strict=False))
    can_say = [p.id or 0 for p in pledges if p.child_id in families and p not in mine]
    return states | dict(zip(can_say, [PayoutState.DISPUTED, PayoutState.SHORT], strict=False))


def _signed(step: PayoutMove, pledge: Pledge, family: int | None) -> None:
    """A transfer is reported by who gives; the answer is the family's, or its coordinator's."""
    if step.after is PayoutState.REPORTED:
        step.by_id = pledge.foster_parent_id
        return
    step.by_id = family or pledge.decided_by
    step.via = Via.FAMILY if family else Via.COORDINATOR


def _payout(
    rnd: random.Random, programme: Programme, pledge: Pledge, month: Month, state: PayoutState, now: datetime
) -> tuple[Payout, Pledge, list[PayoutMove]]:
    """Make a payout and the moves that led to its state: reported around the due day, answered soon after."""
    due = programme.due_on(month)
    reported_at = datetime.combine(due, time(9), programme.zone) + timedelta(days=rnd.randint(-4, 2), hours=3)
    reported_at = max(min(reported_at, now - timedelta(hours=20)), pledge.pledged_at + timedelta(hours=4))
    reported_at = min(reported_at, now - timedelta(hours=3))
    answered_at = min(reported_at + timedelta(hours=rnd.randint(2, 40)), now - timedelta(hours=1))
    amount = pledge.monthly_idr
    payout = Payout(
        pledge_id=pledge.id or 0,
        month=month,
        amount_idr=amount,
        kind=programme.aid.default_kind,
        state=state,
    )
    if state is PayoutState.DUE:
        return payout, pledge, []
    payout.reported_idr, payout.reported_at = amount, reported_at
    moves = [_move(reported_at, PayoutState.DUE, PayoutState.REPORTED, amount)]
    if state is not PayoutState.REPORTED:
        short = amount * 2 // 3 // 1000 * 1000
        payout.received_idr = {PayoutState.CONFIRMED: amount, PayoutState.SHORT: short}.get(state, 0)
        payout.settled_at = answered_at if state is PayoutState.CONFIRMED else None
        told = payout.received_idr if state is PayoutState.SHORT else None
        moves.append(_move(answered_at, PayoutState.REPORTED, state, told))
    return payout, pledge, moves


def _move(at: datetime, before: PayoutState, after: PayoutState, amount_idr: int | None) -> PayoutMove:
    return PayoutMove(payout_id=0, at=at, via=Via.CHAT, before=before, after=after, amount_idr=amount_idr)


def _alert(session: Session, payout: Payout, pledge: Pledge, now: datetime) -> None:
    kinds = {PayoutState.DISPUTED: AlertKind.AID_MISSING, PayoutState.SHORT: AlertKind.AID_SHORT}
    if payout.state in kinds:
        child = session.get_one(Child, pledge.child_id)
        session.add(
            Alert(
                kind=kinds[payout.state],
                subject=payout.subject,
                child_id=child.id,
                area=child.area,
                opened_at=now - timedelta(hours=1),
            )
        )
