"""What becomes of a pledge after it was approved: it rests, comes back, is renewed, or ends (F6).

The rules, in the order in which they decide:

1. A month for which a transfer was reported stays promised: no end and no rest reaches behind it.
2. An end lets the month that has begun be paid, unless it is asked to end before (a child died or moved).
3. A rest lasts one to three months and leaves its share of those months to others; who comes back early must find
   room. What is due in a month that is no longer promised is waived.
4. A renewal follows its pledge without a new approval, in the next months, as long as there is room.
5. A changed programme amount changes no promise. A child that graduates is promised nothing after that month.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session, col, select

from models.audit import record
from models.children import ON_LIST, Child
from models.errors import AlreadyDecided, BadInput, FullySupported
from models.months import Month, local_day
from models.pauses import LONGEST_MONTHS, Pause
from models.payouts import GIVEN, Payout, owe, waive_unowed
from models.pledges import (
    Pledge,
    PledgeState,
    Term,
    locked_child,
    pledge,
    pledges_of,
    rests_of,
    still_needed,
    support_found,
    support_lost,
)
from models.programme import Programme


class Ending(StrEnum):
    """Why a pledge ends; the last four end with the child's own."""

    STOPPED = "stopped"
    HANDED_OVER = "handed_over"
    GRADUATED = "graduated"
    MOVED = "moved"
    DIED = "died"
    SILENCE = "silence"


RENEWABLE_FOR = timedelta(days=60)
"""So long after its last month a pledge can be renewed; after that it is chosen anew."""

CHILD_LEAVES = frozenset({Ending.GRADUATED, Ending.MOVED, Ending.DIED, Ending.SILENCE})


def end_pledge(
    session: Session,
    programme: Programme,
    now: datetime,
    pledge_id: int,
    *,
    by: int | None,
    why: Ending,
    note: str = "",
    last_month: Month | None = None,
) -> Pledge:
    """End a pledge with this month, or with `last_month`; one that waits for approval or has not begun is withdrawn.

    `note` is what the giver says about it. `by` None: the operator, who erases somebody. Raises AlreadyDecided when
    it has ended.
    """
    found = _locked(session, pledge_id)
    this = Month.of(local_day(now, programme.zone))
    lost = found.state is PledgeState.ACTIVE and not _is_lost_already(session, found, this)
    found.ending, found.note = why, note
    if found.state is PledgeState.PENDING:
        found.state, found.expires_at, found.decided_at = PledgeState.LAPSED, None, now
    else:
        last = max(last_month or this, _last_given(session, found) or found.first_month.plus(-1))
        if found.last_month is None or last < found.last_month:
            found.last_month = last
        if found.last_month < this:
            found.state, found.decided_at = PledgeState.ENDED, now
        elif found.last_month < found.first_month:  # it has never begun: nobody is to think that it follows
            found.state, found.decided_at = PledgeState.LAPSED, now
    session.add(found)
    record(session, now, by, "pledge_ended", found.subject, why)
    session.flush()
    waive_unowed(session, now, found, this, by=by)
    if lost and why not in CHILD_LEAVES:  # who withdraws what was never approved takes nothing away
        support_lost(session, now, found)
    return found


def end_giving(
    session: Session,
    programme: Programme,
    now: datetime,
    pledge_id: int,
    *,
    by: int,
    why: Ending,
    note: str = "",
) -> list[Pledge]:
    """End a pledge and those of the same giver and child that follow it; return them, the given one first.

    Raises AlreadyDecided when it has ended.
    """
    ended = end_pledge(session, programme, now, pledge_id, by=by, why=why, note=note)
    follows = (
        select(Pledge.id)
        .where(Pledge.child_id == ended.child_id, Pledge.foster_parent_id == ended.foster_parent_id)
        .where(col(Pledge.state).in_([PledgeState.ACTIVE, PledgeState.PENDING]))
        .where(col(Pledge.first_month) > ended.first_month)
        .order_by(col(Pledge.first_month))
    )
    later = [
        end_pledge(session, programme, now, later_id or 0, by=by, why=why)
        for later_id in session.exec(follows).all()
    ]
    return [ended, *later]


def end_pledges_of(
    session: Session, programme: Programme, now: datetime, child: Child, *, by: int | None, why: Ending
) -> list[Pledge]:
    """End every pledge on a child that leaves: after this month when it graduates, else before it."""
    this = Month.of(local_day(now, programme.zone))
    last = this if why is Ending.GRADUATED else this.plus(-1)
    living = select(Pledge.id).where(
        Pledge.child_id == child.id, col(Pledge.state).in_([PledgeState.ACTIVE, PledgeState.PENDING])
    )
    return [
        end_pledge(session, programme, now, pledge_id or 0, by=by, why=why, last_month=last)
        for pledge_id in session.exec(living).all()
    ]


def pause_pledge(
    session: Session,
    programme: Programme,
    now: datetime,
    pledge_id: int,
    *,
    by: int,
    first: Month,
    months: int,
    reason: str = "",
) -> Pause:
    """Let a pledge rest for one to three months from this month or the next on.

    Raises BadInput('pause') for other months, or some that lie outside the pledge or rest already; AlreadyDecided
    when the pledge is not active, or a transfer was reported for one of the months.
    """
    found = _locked(session, pledge_id)
    this = Month.of(local_day(now, programme.zone))
    last = first.plus(months - 1)
    if found.state is not PledgeState.ACTIVE:
        raise AlreadyDecided
    if not 1 <= months <= LONGEST_MONTHS or first not in {this, this.plus(1)}:
        raise BadInput("pause")
    if not _is_free(found, rests_of(session, [found]), first, last):
        raise BadInput("pause")
    if (given := _last_given(session, found)) is not None and given >= first:
        raise AlreadyDecided
    lost = not _is_lost_already(session, found, this)
    pause = Pause(pledge_id=pledge_id, first_month=first, last_month=last, reason=reason, created_at=now)
    session.add(pause)
    record(session, now, by, "pledge_paused", found.subject, f"{first}..{last}")
    session.flush()
    waive_unowed(session, now, found, this, by=by)
    if lost:
        support_lost(session, now, found)
    return pause


def possible_rests(
    session: Session, programme: Programme, now: datetime, found: Pledge
) -> dict[Month, list[int]]:
    """Return the months from which an active pledge may rest, each with the lengths that can be had (in months)."""
    this = Month.of(local_day(now, programme.zone))
    rests, given = rests_of(session, [found]), _last_given(session, found)
    possible: dict[Month, list[int]] = {}
    for first in (this, this.plus(1)):
        if first < found.first_month or (given is not None and given >= first):
            continue
        free = [n for n in range(1, LONGEST_MONTHS + 1) if _is_free(found, rests, first, first.plus(n - 1))]
        if free:
            possible[first] = free
    return possible


def _is_free(found: Pledge, rests: Sequence[Pause], first: Month, last: Month) -> bool:
    """Whether a rest lies inside the pledge's term and beside its other rests."""
    if found.last_month is not None and found.last_month < last:
        return False
    return not any(rest.first_month <= last and first <= rest.last_month for rest in rests)


def resume_pledge(session: Session, programme: Programme, now: datetime, pledge_id: int, *, by: int) -> Month:
    """Come back from a rest before its end: from the next month on, because this one's aid has been let go.

    A rest that has not begun is taken out. Returns the month from which it gives again: never this one.
    Raises AlreadyDecided when it does not rest, FullySupported when somebody else has taken the share meanwhile.
    """
    found = _locked(session, pledge_id)
    this = Month.of(local_day(now, programme.zone))
    rest = resting(session, found, this)
    if found.state is not PledgeState.ACTIVE or rest is None:
        raise AlreadyDecided
    begun = rest.first_month <= this
    back = this.plus(1) if begun else rest.first_month
    if back <= rest.last_month:
        room = still_needed(session, programme, now, found.child_id, Term(back, rest.last_month))
        if room < found.monthly_idr:
            raise FullySupported(room)
    if begun:
        rest.last_month = this
        session.add(rest)
    else:
        session.delete(rest)
    record(session, now, by, "pledge_resumed", found.subject, str(back))
    session.flush()
    if found.ending == "":
        support_found(session, now, found)
    owe(session, programme, found, local_day(now, programme.zone))
    return back


def resting(session: Session, pledge: Pledge, month: Month) -> Pause | None:
    """Return the rest in which a pledge is in a month, or that still lies ahead of it."""
    return next((rest for rest in rests_of(session, [pledge]) if rest.last_month >= month), None)


def renew_pledge(
    session: Session, programme: Programme, now: datetime, pledge_id: int, *, by: int, last: Month | None
) -> Pledge:
    """Let a pledge with an end go on until `last` (None: until graduation), by one that follows it.

    Raises AlreadyDecided when it has no end, FullySupported, AlreadyPledged, NotAdoptable, NotEntitled.
    """
    before = _locked(session, pledge_id, or_ended=True)
    if before.last_month is None or before.state is PledgeState.PENDING:
        raise AlreadyDecided
    this = Month.of(local_day(now, programme.zone))
    follows = pledge(
        session,
        programme,
        now,
        foster_parent_id=before.foster_parent_id,
        child_id=before.child_id,
        monthly_idr=before.monthly_idr,
        term=Term(max(before.last_month.plus(1), this), last),
    )
    follows.state, follows.expires_at, follows.decided_at = PledgeState.ACTIVE, None, now
    follows.visitor_id, follows.visitor_approved_at = before.visitor_id, before.visitor_approved_at
    was_lost, before.ending = before.ending != "", ""
    session.add_all([follows, before])
    record(session, now, by, "pledge_renewed", before.subject, follows.subject)
    session.flush()
    if was_lost:  # or nobody had said that it ends: nothing new is found
        support_found(session, now, follows)
    owe(session, programme, follows, local_day(now, programme.zone))
    return follows


def ended_lately(
    session: Session, programme: Programme, now: datetime, giver_id: int
) -> list[tuple[Pledge, Child]]:
    """Return somebody's ended pledges that may still be renewed, by code: of each child on the list the last one.

    Not where another of theirs runs or waits, and not once it is over for longer than RENEWABLE_FOR.
    """
    today = local_day(now, programme.zone)
    query = (
        select(Pledge, Child)
        .join(Child, col(Pledge.child_id) == Child.id)
        .where(Pledge.foster_parent_id == giver_id, Pledge.state == PledgeState.ENDED)
        .where(col(Pledge.last_month) >= Month.of(today - RENEWABLE_FOR))
        .where(col(Child.status).in_(ON_LIST), col(Child.silent_since).is_(None))
        .order_by(col(Pledge.last_month))
    )
    held = {promised.child_id for promised, _ in pledges_of(session, giver_id, now)}
    found = {
        child.code: (promised, child)
        for promised, child in session.exec(query)
        if child.id not in held
        and promised.last_month is not None
        and promised.last_month.last_day >= today - RENEWABLE_FOR
    }
    return [found[code] for code in sorted(found)]


def _locked(session: Session, pledge_id: int, *, or_ended: bool = False) -> Pledge:
    """Take the child's row and the pledge's, as everybody does who changes what is promised."""
    child_id = session.exec(select(Pledge.child_id).where(Pledge.id == pledge_id)).first()
    if child_id is not None:
        locked_child(session, child_id)
    found = session.get(Pledge, pledge_id, with_for_update=True, populate_existing=True)
    living = {PledgeState.ACTIVE, PledgeState.PENDING} | ({PledgeState.ENDED} if or_ended else set())
    if found is None or found.state not in living:
        raise AlreadyDecided
    return found


def _last_given(session: Session, found: Pledge) -> Month | None:
    """Return the last month for which something was reported."""
    query = (
        select(Payout)
        .where(Payout.pledge_id == found.id, col(Payout.state).in_(GIVEN))
        .order_by(col(Payout.month).desc())
    )
    last = session.exec(query).first()
    return last.month if last else None


def _is_lost_already(session: Session, found: Pledge, this: Month) -> bool:
    """Tell whether the alert of lost support counts the pledge: somebody said that it ends, or it rests."""
    return found.ending != "" or resting(session, found, this) is not None
