"""F3 /anak: the children I support, a card each: its picture, what was given, who visited, what comes next.

`/anak BLT-024` shows that one.
"""

from collections.abc import Callable, Sequence
from datetime import date

from handlers.growth_chart import growth_chart, sizes
from handlers.growth_wording import category_name
from handlers.kit.chat import Chat
from handlers.kit.conversation import Audience, conversation
from handlers.texts import Words, join, t
from handlers.wording import SEXES, until
from models.children import Child
from models.entitlement import Closed, family_of, why_closed
from models.growth_categories import Index
from models.growth_trends import Point
from models.ledger import payouts_between
from models.measurements import measurements_of, points_of
from models.months import Month
from models.pauses import Pause
from models.payouts import GIVEN, Payout, PayoutState
from models.pledges import Pledge, PledgeState, pledges_of, rests_of
from models.supported_before import Before, supported_before
from models.visits import pledges_to_visit, visits_to

STATES = {
    PledgeState.PENDING: t.mychildren.state_pending(),
    PledgeState.ACTIVE: t.mychildren.state_active(),
}
PAYOUTS = {
    PayoutState.DUE: t.mychildren.payout_due(),
    PayoutState.REPORTED: t.mychildren.payout_reported(),
    PayoutState.SHORT: t.mychildren.payout_disputed(),
    PayoutState.DISPUTED: t.mychildren.payout_disputed(),
    PayoutState.CONFIRMED: t.mychildren.payout_confirmed(),
    PayoutState.WAIVED: t.mychildren.payout_waived(),
}
SHOWN = 6
"""Cards with pictures in one answer; the others by their code."""

MONTHS_SHOWN = 3
MONTHS_AHEAD = 12
PAST_SHOWN = 20


CLOSED = {
    Closed.RESTING: t.mychildren.family_resting(),
    Closed.VISITOR_WAITS: t.mychildren.family_visitor(),
    Closed.FAMILY_HAS_NOT_AGREED: t.mychildren.family_later(),
}
"""Why a family's name and number are not shown."""


@conversation("anak", "children", title=t.mychildren.title(), who=Audience.VISITOR, menu=30)
def my_children(chat: Chat) -> None:
    """One card a child; the family only when the pledge is active and the family agrees."""
    pledges = pledges_of(chat.db, chat.person_id or 0, chat.now)
    pledged = {child.id for _, child in pledges}
    pledges += [
        one for one in pledges_to_visit(chat.db, chat.person_id or 0, chat.month) if one[1].id not in pledged
    ]
    before = supported_before(chat.db, chat.person_id or 0, chat.month)
    if not pledges:
        _past(chat, before)
        choose = [(t.signup.choose_child(), "/adopsi")]
        chat.say(t.mychildren.none(), buttons=[choose] if chat.foster_parent else None)
        return
    named = [(p, c) for p, c in pledges if c.code == chat.argument.upper()]
    shown = named or pledges[:SHOWN]
    for promised, child in shown:
        _show(chat, promised, child)
    if not named:
        _past(chat, before)
    rest = 0 if named else len(pledges) - len(shown)
    words = t.mychildren.more(count=rest, code=pledges[-1][1].code) if rest else t.mychildren.ways()
    chat.say(words, buttons=[[(t.mychildren.another(), "/adopsi")], [(t.kit.menu(), "/menu")]])


def _past(chat: Chat, before: list[Before]) -> None:
    """Say which children one has supported until their support ended: code, months and sum, nothing else."""
    if not before:
        return
    lines = [
        t.mychildren.past_line(code=one.code, months=one.months, sum=one.given_idr)
        for one in before[:PAST_SHOWN]
    ]
    chat.say(t.mychildren.past(lines=join(lines)))


def _show(chat: Chat, promised: Pledge, child: Child) -> None:
    """Say a card. Growth, transfers and visits are shown of an active pledge, and never where there is silence."""
    follows = promised.state is PledgeState.ACTIVE and child.silent_since is None
    points = points_of(child, measurements_of(chat.db, [child]).get(child.id or 0, [])) if follows else []
    ways = [(t.mychildren.log_visit(), f"/kunjungan {child.code}")]
    if promised.foster_parent_id == chat.person_id:
        words = _givers_card(chat, promised, child, points, follows=follows)
        ways.append((t.mychildren.report(), f"/setor {child.code}"))
    else:
        words = _visitors_card(chat, promised, child, points)
    chat.say(
        words,
        picture=growth_chart(child, points, chat.language) if points else None,
        buttons=[ways] if follows else None,
    )


def _givers_card(chat: Chat, promised: Pledge, child: Child, points: list[Point], *, follows: bool) -> Words:
    payouts = payouts_between(chat.db, promised.foster_parent_id, promised.child_id) if follows else []
    rests = rests_of(chat.db, [promised])
    return t.mychildren.card(
        code=child.code,
        sex=SEXES[child.sex],
        age=child.age_months(chat.today),
        area=child.area,
        state=_state(chat, promised, rests),
        amount=promised.monthly_idr,
        first=promised.first_month,
        until=until(promised.last_month),
        family=_family(chat, promised, child) if follows else "",
        growth=_growth(points) if follows else "",
        payouts=_payouts(payouts) if follows else "",
        visits=_visits(chat, child) if follows else "",
        next=_next(chat, promised, child, rests, payouts) if follows else "",
    )


def _visitors_card(chat: Chat, promised: Pledge, child: Child, points: list[Point]) -> Words:
    """What is given, and when, is between the giver and the family."""
    return t.mychildren.card_visitor(
        code=child.code,
        sex=SEXES[child.sex],
        age=child.age_months(chat.today),
        area=child.area,
        state=t.mychildren.state_visitor(),
        family=_family(chat, promised, child),
        growth=_growth(points),
        visits=_visits(chat, child),
        next=_said_next(_next_visit(chat, promised, child)),
    )


def _state(chat: Chat, promised: Pledge, rests: list[Pause]) -> Words:
    """Say how a pledge stands, and the rest in which it is or that lies ahead."""
    rest = min((one for one in rests if one.last_month >= chat.month), key=_first_month, default=None)
    if rest is None or promised.state is not PledgeState.ACTIVE:
        return STATES[promised.state]
    if rest.covers(chat.month):
        return t.mychildren.state_resting(last=rest.last_month)
    return t.mychildren.state_rests_later(first=rest.first_month, last=rest.last_month)


def _first_month(rest: Pause) -> Month:
    return rest.first_month


def _growth(points: list[Point]) -> Words:
    """Say the newest measurement and its height for age."""
    if not points:
        return t.mychildren.growth_none()
    newest = points[-1]
    name = newest.growth.category(Index.HAZ)
    return t.mychildren.growth(
        day=newest.measured_on,
        size=sizes(newest),
        category=category_name(Index.HAZ, name) if name else "-",
    )


def _payouts(payouts: list[Payout]) -> Words | str:
    """Say how the last months stand, those before a renewal too."""
    if not payouts:
        return ""
    said = [
        t.mychildren.payout(month=payout.month, state=PAYOUTS[payout.state])
        for payout in payouts[-MONTHS_SHOWN:]
    ]
    return t.mychildren.payouts(list=join(said, " · "))


def _visits(chat: Chat, child: Child) -> Words:
    count, last = visits_to(chat.db, child.id or 0)
    return t.mychildren.visits(count=count, last=last) if last else t.mychildren.visits_none()


def _next(
    chat: Chat, promised: Pledge, child: Child, rests: list[Pause], payouts: list[Payout]
) -> Words | str:
    """Say the next days on which a transfer and a visit are hoped for."""
    done = {payout.month for payout in payouts if payout.state in GIVEN}
    due = _coming(
        chat,
        promised,
        chat.programme.due_on,
        lambda month: month in done or any(rest.covers(month) for rest in rests),
    )
    transfer = [t.mychildren.next_transfer(due=due)] if due else []
    return _said_next([*transfer, *_next_visit(chat, promised, child)])


def _next_visit(chat: Chat, promised: Pledge, child: Child) -> list[Words]:
    """Say when a visit is hoped for: not in a month that has had one."""
    last = visits_to(chat.db, child.id or 0)[1]
    day = _coming(
        chat, promised, chat.programme.visit_on, lambda month: last is not None and last >= month.first_day
    )
    return [t.mychildren.next_visit(visit=day)] if day else []


def _said_next(coming: Sequence[Words]) -> Words | str:
    return t.mychildren.next(list=join(list(coming), ", ")) if coming else ""


def _coming(
    chat: Chat, promised: Pledge, day_of: Callable[[Month], date], settled: Callable[[Month], bool]
) -> date | None:
    """Return the day of the next month of the pledge that is not settled yet; None when its term has no more."""
    first = max(chat.month, promised.first_month)
    for month in (first.plus(ahead) for ahead in range(MONTHS_AHEAD)):
        if promised.last_month is not None and month > promised.last_month:
            return None
        if day_of(month) >= chat.today and not settled(month):
            return day_of(month)
    return None


def _family(chat: Chat, promised: Pledge, child: Child) -> Words | str:
    me, scope = chat.person_id or 0, chat.scope
    closed = why_closed(chat.db, me, child, scope, chat.month)
    if closed is Closed.NOT_BEGUN:
        return t.mychildren.family_not_begun(first=promised.first_month)
    if closed is not None:
        return CLOSED.get(closed, "")
    name, guardian = family_of(chat.db, chat.now, chat.month, me, child, scope)
    return t.mychildren.family(
        child=name,
        guardian=guardian.name if guardian else "-",
        phone=(guardian.phone if guardian else None) or t.mychildren.no_phone(),
    )
