"""What coordinators are told by themselves: on Mondays what waits for them, at the month's start how it went."""

from collections.abc import Sequence

from sqlmodel import Session

from handlers.kit.chat import Buttons, Context
from handlers.texts import Words, join, t
from models.alerts import open_alerts
from models.checkins import count_check_ins
from models.grants import scope_of
from models.ledger import disputed_payouts, late_payouts, ledger, reported_unasked
from models.months import Month, local_day
from models.payouts import PayoutState
from models.people import people_waiting
from models.pledges import WaitingPledge, pledges_waiting
from models.statistics import coverage, rounded
from models.visitors import visitors_waiting

LOOK: Buttons = [
    [(t.queue.title(), "/antrean"), (t.arrears.title(), "/tunggakan")],
    [(t.alerts.title(), "/peringatan"), (t.statistics.title(), "/statistik")],
]


def digest(session: Session, context: Context, person_id: int) -> tuple[Words, Buttons]:
    """Say what waits for a coordinator, in their own scope."""
    now, programme = context.clock.now(), context.programme
    scope, today = scope_of(session, person_id, now), local_day(now, programme.zone)
    people = len(people_waiting(session)) if scope.whole_district else 0
    figures = coverage(session, programme, today, scope).total
    words = t.digest.week(
        place=scope.named(programme.district.name),
        full=figures.fully_supported,
        children=figures.children,
        approvals=people
        + _decisions(pledges_waiting(session, scope.children(), now))
        + len(visitors_waiting(session, scope.children(), now, person_id)),
        disputes=len(disputed_payouts(session, scope.children())),
        unsure=len(reported_unasked(session, now, scope.children())),
        late=len(late_payouts(session, programme, today, scope.children())),
        alerts=len(open_alerts(session, scope)),
    )
    return words, LOOK


def _decisions(waiting: Sequence[WaitingPledge]) -> int:
    """Count as `/antrean` does: what an organisation promises together is decided together."""
    return len({(one.pledge.joint_id, None if one.pledge.joint_id else one.pledge.id) for one in waiting})


def month_start(session: Session, context: Context, person_id: int, month: Month) -> tuple[Words, Buttons]:
    """Say how the month before `month` went, in a coordinator's own scope."""
    now, programme = context.clock.now(), context.programme
    scope, today = scope_of(session, person_id, now), local_day(now, programme.zone)
    before = month.plus(-1)
    found = coverage(session, programme, before.last_day, scope).total
    paid = ledger(session, programme, before, today, scope.children())
    words = [
        t.digest.month(place=scope.named(programme.district.name), month=before),
        t.digest.coverage(
            full=found.fully_supported,
            children=found.children,
            share=rounded(found.share),
        ),
        t.digest.payouts(
            confirmed=paid.counts[PayoutState.CONFIRMED],
            owed=paid.owed,
            received=paid.received_idr,
            promised=paid.owed_idr,
            late=paid.counts[PayoutState.DUE],
        ),
        t.digest.check_ins(answered=count_check_ins(session, before, scope.children())),
    ]
    return join(words), LOOK
