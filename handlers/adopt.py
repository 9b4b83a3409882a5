"""F2 /adopsi: choose a child, or a share of one."""

from dataclasses import replace
from typing import NoReturn

from handlers.kit.chat import Again, Chat, Stopped
from handlers.kit.choices import Choice, Option
from handlers.kit.conversation import Audience, conversation
from handlers.kit.inputs import Money
from handlers.kit.question import Prompt, View
from handlers.texts import Plain, Words, join, t
from handlers.wording import candidate_card, tell_coordinators, until
from models.adoption import Candidate, areas_waiting, children_waiting, months_open
from models.children import Child, child_with_code
from models.consents import ConsentKind, give_consent
from models.conversations import held_by_others
from models.errors import AlreadyPledged, FullySupported, NotAdoptable
from models.months import Month
from models.people import Standing
from models.pledges import Pledge, Term, pledge, still_needed

MOST_NEEDED = "most"
SHOWN = 20
"""So many candidates are offered, five a page."""


@conversation("adopsi", "adopt", title=t.adopt.title(), who=Audience.FOSTER_PARENT, menu=20)
def adopt(chat: Chat) -> None:
    """Area, child, start, term, share, charter, commitment."""
    only_verified(chat)
    _take_named(chat)
    area = chat.ask("where", Choice(t.adopt.where(count=_count(chat)), lambda: _areas(chat)))
    child = _choose_child(chat, None if area == MOST_NEEDED else area)
    term = ask_term(chat, _months_open(chat, child), t.adopt.start_for(code=child.code))
    needed = still_needed(chat.db, chat.programme, chat.now, child.id or 0, term)
    if needed == 0:
        raise Again("child", t.adopt.full_in_term(code=child.code))
    share = chat.ask("share", _share_question(chat, child, needed))
    charter(chat)
    chat.review(
        t.adopt.commitment(code=child.code, amount=share, first=term.first, until=until(term.last)),
        yes=t.adopt.send(),
    )
    _commit(chat, child, share, term)


def only_verified(chat: Chat) -> None:
    """Stop for whoever still waits for a coordinator."""
    foster_parent = chat.foster_parent
    if foster_parent is None or foster_parent.standing is not Standing.VERIFIED:
        raise Stopped(t.adopt.not_verified())


def _take_named(chat: Chat) -> None:
    """Take the child that was named with the command (`/adopsi BLT-150`) for chosen, at the first run only.

    From there *kembali* leads to the list. A child that does not wait, or does not exist, answers alike.
    """
    if not chat.argument or chat.state.answers or chat.state.pending:
        return
    child = child_with_code(chat.db, chat.argument)
    if child is None or not _waiting(chat, child_id=child.id, limit=1):
        chat.preface = t.adopt.not_waiting(code=chat.argument.upper())
        return
    chat.state.answers |= {"where": MOST_NEEDED, "child": child.code}


def _waiting(
    chat: Chat, *, area: str | None = None, child_id: int | None = None, limit: int = SHOWN
) -> list[Candidate]:
    """Return the children nobody else is choosing now, most in need first."""
    return children_waiting(
        chat.db,
        chat.programme,
        chat.now,
        area=area,
        held=held(chat),
        not_by=chat.person_id,
        child_id=child_id,
        limit=limit,
    )


def _count(chat: Chat) -> int:
    return sum(areas_waiting(chat.db, chat.programme, chat.now).values())


def _areas(chat: Chat) -> list[Option]:
    waiting = areas_waiting(chat.db, chat.programme, chat.now)
    if not waiting:
        raise Stopped(t.adopt.nobody_waiting())
    areas = [area.name for area in chat.programme.areas if waiting[area.name]]
    named = [Option(name, t.adopt.area(area=name, count=waiting[name])) for name in areas]
    return [Option(MOST_NEEDED, t.adopt.most_needed()), *named]


class ChildCards(Choice):
    """A choice of children: their cards above, their codes as buttons, five a page."""

    def __init__(self, chat: Chat, area: str | None) -> None:
        super().__init__(t.adopt.title(), self._codes, page_size=5)
        self.chat, self.area = chat, area
        self._candidates: list[Candidate] | None = None

    def candidates(self) -> list[Candidate]:
        """Return the children nobody else is choosing now, most in need first, asked once."""
        if self._candidates is None:
            self._candidates = _waiting(self.chat, area=self.area)
        if not self._candidates:
            self._nobody()
        return self._candidates

    def _nobody(self) -> NoReturn:
        """Say who cannot be chosen, and lead to the other areas."""
        waiting = areas_waiting(self.chat.db, self.chat.programme, self.chat.now)
        if self.area is not None and any(area != self.area for area in waiting):
            raise Again("where", t.adopt.not_here(area=self.area))
        raise Stopped(t.adopt.not_now() if waiting else t.adopt.nobody_waiting())

    def _codes(self) -> list[Option]:
        return [
            Option(c.child.code, t.adopt.card_button(code=c.child.code, needed=c.still_needed_idr))
            for c in self.candidates()
        ]

    def show(self, view: View) -> Prompt:
        """Return the page's cards and buttons."""
        prompt = super().show(view)
        shown = {key.value for row in prompt.rows for key in row}
        cards = [candidate_card(c, self.chat.today) for c in self.candidates() if c.child.code in shown]
        return replace(prompt, words=t.adopt.pick(cards=join(cards, "\n\n")))

    def echo(self, stored: str) -> Words | None:
        """The chosen code."""
        return Plain(stored)


def held(chat: Chat) -> list[int]:
    """Return the children whom somebody else is choosing at this moment."""
    things = held_by_others(chat.db, chat.now, "child:", chat.contact_id)
    return [int(thing.removeprefix("child:")) for thing in things]


def _choose_child(chat: Chat, area: str | None) -> Child:
    """Ask for a child and hold it while the dialog runs."""
    code = chat.ask("child", ChildCards(chat, area))
    child = child_with_code(chat.db, code)
    if child is None or ("start" not in chat.state.answers and child.id in held(chat)):
        raise Again("child", t.adopt.held())
    chat.hold(f"child:{child.id}")
    return child


def _months_open(chat: Chat, child: Child) -> list[Month]:
    """Of this month and the next those in which the child needs something still."""
    months = months_open(chat.db, chat.programme, chat.now, child.id or 0)
    if not months:
        raise Again("child", t.adopt.taken(code=child.code))
    return months


def ask_term(chat: Chat, months: list[Month] | None = None, words: Words | None = None) -> Term:
    """Ask from when (this month or the next, where no `months` are given) and for how long."""
    months = months or [chat.month, chat.month.plus(1)]
    starts = [Option(str(month), t.adopt.month(month=month)) for month in months]
    first = Month.parse(chat.ask("start", Choice(words or t.adopt.start(), starts, columns=2)))
    terms = terms_from(chat, first)
    chosen = chat.ask("term", Choice(t.adopt.term(), [option for option, _ in terms]))
    return Term(first, next((last for option, last in terms if option.value == chosen), None))


def terms_from(chat: Chat, first: Month) -> list[tuple[Option, Month | None]]:
    """Return the lengths on offer, each with its last month."""
    terms: list[tuple[Option, Month | None]] = []
    if round_ := chat.programme.round_of(first):
        last = round_.last_month
        terms.append((Option("round", t.adopt.term_round(last=last)), last))
    for months in (6, 12):
        last = first.plus(months - 1)
        terms.append((Option(str(months), t.adopt.term_months(n=months, last=last)), last))
    terms.append((Option("open", t.adopt.term_open()), None))
    return terms


def _share_question(chat: Chat, child: Child, needed: int) -> Money:
    aid = chat.programme.aid
    least = min(aid.smallest_share_idr, needed)
    quick = {needed, *(amount for amount in (needed // 3, needed // 2) if amount >= least)}
    quick = {amount - amount % aid.share_step_idr if amount != needed else amount for amount in quick}
    offered = sorted((amount for amount in quick if amount >= least), reverse=True)
    return Money(
        t.adopt.share(code=child.code, needed=needed), least=least, most=needed, quick=tuple(offered)
    )


def charter(chat: Chat) -> None:
    """Have the child-protection charter agreed to, or stop."""
    choices = [Option("yes", t.adopt.agree()), Option("no", t.adopt.disagree())]
    if chat.ask("charter", Choice(t.adopt.charter(), choices)) != "yes":
        raise Stopped(t.adopt.charter_refused())


def _commit(chat: Chat, child: Child, share: int, term: Term) -> None:
    """Write the pledge; whoever loses a race is told kindly and shown another child."""
    foster_parent_id, child_id = chat.person_id or 0, child.id or 0
    try:
        promised = pledge(
            chat.db,
            chat.programme,
            chat.now,
            foster_parent_id=foster_parent_id,
            child_id=child_id,
            monthly_idr=share,
            term=term,
        )
    except FullySupported as full:
        if full.still_needed_idr:
            words = t.adopt.less_needed(code=child.code, needed=full.still_needed_idr)
            raise Again("share", words) from None
        raise Again("child", t.adopt.taken(code=child.code)) from None
    except NotAdoptable:
        raise Again("child", t.adopt.taken(code=child.code)) from None
    except AlreadyPledged:
        raise Stopped(t.adopt.mine_already(code=child.code)) from None
    for kind in (ConsentKind.CHILD_PROTECTION, ConsentKind.COMMITMENT):
        give_consent(chat.db, chat.now, foster_parent_id, kind, promised.subject)
    _thank(chat, child, promised)


def _thank(chat: Chat, child: Child, promised: Pledge) -> None:
    kept_until = promised.expires_at or chat.now
    chat.say(
        t.adopt.thanks(code=child.code, until=kept_until),
        buttons=[[(t.mychildren.title(), "/anak")], [(t.kit.menu(), "/menu")]],
    )
    person = chat.person
    news = t.adopt.news(
        name=person.name if person else "",
        code=child.code,
        area=child.area,
        amount=promised.monthly_idr,
        first=promised.first_month,
        until=until(promised.last_month),
    )
    tell_coordinators(chat, child.area, news, f"k{promised.id}", f"child:{child.id}")
