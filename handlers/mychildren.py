"""F3 /anak: the children I support, a card each: its picture, what was given, who visited, what comes next.

`/anak BLT-024` shows that one.
"""

from collections.abc import Callable
from datetime import date

from handlers.growth_chart import growth_chart, sizes
from handlers.growth_wording import category_name
from handlers.kit.chat import Chat
from handlers.kit.conversation import Audience, conversation
from handlers.texts import Words, join, t
from handlers.wording import SEXES, until
from models.children import Child
from models.entitlement import family_of
from models.errors import NotEntitled
from models.growth_categories import Index
from models.growth_trends import Point
from models.ledger import payouts_between
from models.measurements import measurements_of, points_of
from models.months import Month
from models.payouts import PayoutState
from models.pledges import Pledge, PledgeState, pledges_of
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


@conversation("anak", "children", title=t.mychildren.title(), who=Audience.VISITOR, menu=30)
def my_children(chat: Chat) -> None:
    """One card a child; the family only when the pledge is active and the family agrees."""
    pledges = pledges_of(chat.db, chat.person_id or 0, chat.now)
    pledged = {child.id for _, child in pledges}
    pledges += [
        one for one in pledges_to_visit(chat.db, chat.person_id or 0, chat.month) if one[1].id not in pledged
    ]
    if not pledges:
        chat.say(t.mychildren.none(), buttons=[[(t.signup.choose_child(), "/adopsi")]])
        return
    named = [(p, c) for p, c in pledges if c.code == chat.argument.upper()]
    shown = named or pledges[:SHOWN]
    for promised, child in shown:
        _show(chat, promised, child)
    rest = 0 if named else len(pledges) - len(shown)
    words = t.mychildren.more(count=rest, code=pledges[-1][1].code) if rest else t.mychildren.ways()
    chat.say(words, buttons=[[(t.mychildren.another(), "/adopsi")], [(t.kit.menu(), "/menu")]])


def _show(chat: Chat, promised: Pledge, child: Child) -> None:
    """Say a card. Growth, transfers and visits are shown of an active pledge, and never where there is silence."""
    follows = promised.state is PledgeState.ACTIVE and child.silent_since is None
    points = points_of(child, measurements_of(chat.db, [child]).get(child.id or 0, [])) if follows else []
    words = t.mychildren.card(
        code=child.code,
        sex=SEXES[child.sex],
        age=child.age_months(chat.today),
        area=child.area,
        state=STATES[promised.state],
        amount=promised.monthly_idr,
        first=promised.first_month,
        until=until(promised.last_month),
        family=_family(chat, promised, child) if follows else "",
        growth=_growth(points) if follows else "",
        payouts=_payouts(chat, promised) if follows else "",
        visits=_visits(chat, child) if follows else "",
        next=_next(chat) if follows else "",
    )
    ways = [(t.mychildren.log_visit(), f"/kunjungan {child.code}")]
    if promised.foster_parent_id == chat.person_id:
        ways.append((t.mychildren.report(), f"/setor {child.code}"))
    chat.say(
        words,
        picture=growth_chart(child, points, chat.language) if points else None,
        buttons=[ways] if follows else None,
    )


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


def _payouts(chat: Chat, promised: Pledge) -> Words | str:
    """Say how the last months stand, those before a renewal too."""
    months = payouts_between(chat.db, promised.foster_parent_id, promised.child_id)[-MONTHS_SHOWN:]
    if not months:
        return ""
    said = [t.mychildren.payout(month=payout.month, state=PAYOUTS[payout.state]) for payout in months]
    return t.mychildren.payouts(list=join(said, " · "))


def _visits(chat: Chat, child: Child) -> Words:
    count, last = visits_to(chat.db, child.id or 0)
    return t.mychildren.visits(count=count, last=last) if last else t.mychildren.visits_none()


def _next(chat: Chat) -> Words:
    """Say the next days on which a transfer and a visit are hoped for."""
    return t.mychildren.next(
        due=_coming(chat, chat.programme.due_on), visit=_coming(chat, chat.programme.visit_on)
    )


def _coming(chat: Chat, day_of: Callable[[Month], date]) -> date:
    """Return this month's day, or the next month's when it has passed."""
    this = day_of(chat.month)
    return this if this >= chat.today else day_of(chat.month.plus(1))


def _family(chat: Chat, promised: Pledge, child: Child) -> Words | str:
    if promised.state is not PledgeState.ACTIVE:
        return ""
    try:
        name, guardian = family_of(chat.db, chat.now, chat.month, chat.person_id or 0, child, chat.scope)
    except NotEntitled:
        return t.mychildren.family_later()
    return t.mychildren.family(
        child=name,
        guardian=guardian.name if guardian else "-",
        phone=(guardian.phone if guardian else None) or t.mychildren.no_phone(),
    )
