"""F6: /jeda, /berhenti, /lanjutkan: a pledge rests, ends, comes back or is renewed.

Each takes a child's code (`/jeda BLT-024`) or asks which.
"""

from collections.abc import Sequence

from handlers.adopt import terms_from
from handlers.kit.chat import Chat, Stopped
from handlers.kit.choices import Choice, Option
from handlers.kit.conversation import Audience, conversation
from handlers.texts import Plain, Words, join, t
from handlers.why import ask_why, kept
from handlers.wording import tell_area, until
from models.children import Child
from models.errors import AlreadyDecided, AlreadyPledged, BadInput, FullySupported, NotAdoptable
from models.months import Month
from models.pledges import Pledge, PledgeState, Term, pledges_of, still_needed
from models.terms import (
    Ending,
    end_giving,
    end_pledge,
    ended_lately,
    pause_pledge,
    possible_rests,
    renew_pledge,
    resting,
    resume_pledge,
)

Mine = tuple[Pledge, Child]

PAUSE_REASONS = {
    "money": t.pledge.reason_money(),
    "away": t.pledge.reason_away(),
    "unsaid": t.pledge.reason_unsaid(),
}
STOP_REASONS = {
    "money": t.pledge.reason_money(),
    "moved": t.pledge.reason_moved(),
    "unsaid": t.pledge.reason_unsaid(),
}


@conversation("jeda", "pause", title=t.pledge.pause_title(), who=Audience.FOSTER_PARENT, menu=34)
def pause(chat: Chat) -> None:
    """Which child, from when, how long, why, confirm."""
    pledge, child = _mine(chat, active_only=True)
    possible = possible_rests(chat.db, chat.programme, chat.now, pledge)
    if not possible:
        raise Stopped(t.pledge.cannot_pause())
    starts = [Option(str(m), t.adopt.month(month=m)) for m in possible]
    first = Month.parse(chat.ask("first", Choice(t.pledge.pause_from(code=child.code), starts, columns=2)))
    lengths = [Option(str(n), t.pledge.months(n=n)) for n in possible.get(first, [1])]
    months = int(chat.ask("months", Choice(t.pledge.pause_months(), lengths, columns=3)))
    reason = ask_why(chat, "reason", t.pledge.why(), PAUSE_REASONS)
    back = first.plus(months)
    chat.confirm(t.pledge.pause_confirm(code=child.code, first=first, back=back), yes=t.pledge.pause_yes())
    try:
        pause_pledge(
            chat.db,
            chat.programme,
            chat.now,
            pledge.id or 0,
            by=chat.person_id or 0,
            first=first,
            months=months,
            reason=kept(reason),
        )
    except (AlreadyDecided, BadInput):
        raise Stopped(t.pledge.cannot_pause()) from None
    chat.say(t.pledge.paused(code=child.code, back=back), buttons=_ways(child))
    tell_area(chat, child.area, t.pledge.news_paused(code=child.code, first=first, back=back, reason=reason))


@conversation("berhenti", "quit", title=t.pledge.stop_title(), who=Audience.FOSTER_PARENT, menu=36)
def stop(chat: Chat) -> None:
    """Which child, how, why, confirm."""
    pledge, child = _mine(chat)
    if pledge.state is PledgeState.PENDING:
        _withdraw(chat, pledge, child)
        return
    ways = [
        Option(Ending.STOPPED, t.pledge.stop_after(month=_last(pledge, chat.month))),
        Option(Ending.HANDED_OVER, t.pledge.hand_over()),
    ]
    how = Ending(chat.ask("how", Choice(t.pledge.stop_how(code=child.code), ways)))
    reason = ask_why(chat, "reason", t.pledge.why(), STOP_REASONS)
    chat.confirm(_stop_words(chat, pledge, child), yes=t.pledge.stop_yes())
    try:
        ended, *later = end_giving(
            chat.db,
            chat.programme,
            chat.now,
            pledge.id or 0,
            by=chat.person_id or 0,
            why=how,
            note=kept(reason),
        )
    except AlreadyDecided:
        raise Stopped(t.pledge.ended_already()) from None
    said = t.pledge.stopped(code=child.code, until=until(ended.last_month))
    gone = t.pledge.stopped_later(first=later[0].first_month) if later else None
    chat.say(join([said, gone], "\n\n") if gone else said, buttons=_menu())
    news = t.pledge.news_handed_over if how is Ending.HANDED_OVER else t.pledge.news_stopped
    person = chat.person
    name = person.name if person else ""
    tell_area(
        chat, child.area, news(code=child.code, name=name, until=until(ended.last_month), reason=reason)
    )


def _withdraw(chat: Chat, pledge: Pledge, child: Child) -> None:
    """Take back a pledge that nobody has approved yet: the child has had nothing of it and loses nothing."""
    chat.confirm(t.pledge.withdraw_confirm(code=child.code), yes=t.pledge.withdraw_yes())
    try:
        end_pledge(
            chat.db, chat.programme, chat.now, pledge.id or 0, by=chat.person_id or 0, why=Ending.STOPPED
        )
    except AlreadyDecided:
        raise Stopped(t.pledge.ended_already()) from None
    chat.say(t.pledge.withdrawn(code=child.code), buttons=_menu())
    name = chat.person.name if chat.person else ""
    if not pledge.awaits_leader:  # else no coordinator has heard of it
        tell_area(
            chat, child.area, t.pledge.news_withdrawn(code=child.code, name=name), about=f"child:{child.id}"
        )


@conversation("lanjutkan", "renew", title=t.pledge.renew_title(), who=Audience.FOSTER_PARENT, menu=35)
def renew(chat: Chat) -> None:
    """Come back from a rest, or go on after the term, also some weeks after it has ended."""
    ended = ended_lately(chat.db, chat.programme, chat.now, chat.person_id or 0)
    pledge, child = _mine(chat, active_only=True, ended=ended)
    if resting(chat.db, pledge, chat.month) is not None:
        _come_back(chat, pledge, child)
        return
    if pledge.last_month is None:
        raise Stopped(t.pledge.no_end(code=child.code))
    first = max(pledge.last_month.plus(1), chat.month)
    needed = still_needed(chat.db, chat.programme, chat.now, child.id or 0, Term(first, first))
    if needed < pledge.monthly_idr and pledge.state is PledgeState.ENDED:
        raise Stopped(t.pledge.no_room(code=child.code, needed=needed))
    terms = terms_from(chat, first)
    question = Choice(t.pledge.renew_term(code=child.code, first=first), [option for option, _ in terms])
    chosen = chat.ask("term", question)
    last = next((last for option, last in terms if option.value == chosen), None)
    chat.confirm(
        t.adopt.commitment(code=child.code, amount=pledge.monthly_idr, first=first, until=until(last)),
        yes=t.adopt.send(),
    )
    try:
        renew_pledge(chat.db, chat.programme, chat.now, pledge.id or 0, by=chat.person_id or 0, last=last)
    except FullySupported as full:
        raise Stopped(t.pledge.no_room(code=child.code, needed=full.still_needed_idr)) from None
    except AlreadyPledged:
        raise Stopped(t.pledge.renewed_already(code=child.code)) from None
    except (AlreadyDecided, NotAdoptable):
        raise Stopped(t.pledge.not_renewable(code=child.code)) from None
    chat.say(t.pledge.renewed(code=child.code, until=until(last)), buttons=_ways(child))


def _come_back(chat: Chat, pledge: Pledge, child: Child) -> None:
    chat.confirm(t.pledge.come_back(code=child.code), yes=t.pledge.come_back_yes())
    try:
        back = resume_pledge(chat.db, chat.programme, chat.now, pledge.id or 0, by=chat.person_id or 0)
    except FullySupported as full:
        raise Stopped(t.pledge.no_room(code=child.code, needed=full.still_needed_idr)) from None
    except AlreadyDecided:
        raise Stopped(t.pledge.not_renewable(code=child.code)) from None
    chat.say(t.pledge.back_from(code=child.code, month=back), buttons=_ways(child))


def _mine(chat: Chat, *, active_only: bool = False, ended: Sequence[Mine] = ()) -> Mine:
    """Return the pledge that is meant; asks which child when there are several."""
    states = {PledgeState.ACTIVE} if active_only else {PledgeState.ACTIVE, PledgeState.PENDING}
    mine = [m for m in pledges_of(chat.db, chat.person_id or 0, chat.now) if m[0].state in states]
    # Of two terms on one child the running one is meant; the one that follows it is changed when it has begun.
    mine = [*ended, *sorted(mine, key=lambda m: m[0].first_month, reverse=True)]
    running = {child.code: str(pledge.id) for pledge, child in mine}
    options = [Option(pledge_id, Plain(code)) for code, pledge_id in sorted(running.items())]
    code = chat.argument.upper()
    question = Choice(t.pledge.which(), options, columns=2)
    chosen = chat.pick("pledge", question, named=running.get(code, code), none=t.pledge.none())
    return next(m for m in mine if str(m[0].id) == chosen)


def _stop_words(chat: Chat, pledge: Pledge, child: Child) -> Words:
    """Ask for sure; what has been renewed ends, too, and that is said."""
    sure = t.pledge.stop_confirm(code=child.code)
    later = [
        other.first_month
        for other, other_child in pledges_of(chat.db, chat.person_id or 0, chat.now)
        if other_child.id == child.id and other.first_month > pledge.first_month
    ]
    return join([t.pledge.stop_later(first=min(later)), sure]) if later else sure


def _last(pledge: Pledge, this: Month) -> Month:
    return min(this, pledge.last_month) if pledge.last_month else this


def _ways(child: Child) -> list[list[tuple[Words, str]]]:
    return [[(t.mychildren.title(), f"/anak {child.code}")], [(t.kit.menu(), "/menu")]]


def _menu() -> list[list[tuple[Words, str]]]:
    return [[(t.kit.menu(), "/menu")]]
