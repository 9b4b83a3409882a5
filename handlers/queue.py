"""C2 /antrean: sign-ups and pledges that wait for a coordinator, decided in place.

`/antrean` shows the oldest; `/antrean p17` a sign-up, `/antrean k4` a pledge, and `ok` or `no` behind it decides
(the buttons under the news that a coordinator gets). `/antrean g3` is an organisation's pledge for several children,
decided as one. `/antrean s17` is a payout on which the two sides differ, or
whose family has not joined: handlers/case.py. `/antrean r3` a role, `/antrean b7` a file with names that waits for a
second coordinator: handlers/second_opinion.py. Nobody is asked about what is their own.
"""

from dataclasses import dataclass

from handlers.case import ask_case, cases, settle_case
from handlers.kit.chat import Chat, Stopped
from handlers.kit.choices import Choice, Option
from handlers.kit.conversation import Audience, conversation
from handlers.second_opinion import REASONS as OPINIONS
from handlers.second_opinion import Opinion, give_opinion, opinion_card, opinions_wanted
from handlers.texts import Words, join, t
from handlers.why import ask_why, kept
from handlers.wording import KINDS, contact_words, organisation_name, until
from models.errors import AlreadyDecided, NotEntitled
from models.joint_pledges import leads
from models.ledger import PayoutOf
from models.nip import Nip
from models.organisations import Organisation
from models.payouts import owe
from models.people import FosterParent, Person, decide_person, people_waiting, roster_entry
from models.pledges import WaitingPledge, decide_pledge, pledges_waiting

APPROVE, REJECT, SKIP = "ok", "no", "skip"

REASONS = {
    **OPINIONS,
    "p": {
        "identity": t.queue.reason_identity(),
        "duplicate": t.queue.reason_duplicate(),
        "unreachable": t.queue.reason_unreachable(),
    },
    "k": {
        "other_child": t.queue.reason_other_child(),
        "unreachable": t.queue.reason_unreachable(),
    },
}


@dataclass(frozen=True, slots=True)
class WaitingPerson:
    """A sign-up that waits."""

    foster_parent: FosterParent
    person: Person
    organisation: Organisation | None


@dataclass(frozen=True, slots=True)
class WaitingTogether:
    """Several pledges of one organisation, which its leader has agreed to."""

    organisation: str
    pledges: list[WaitingPledge]


Item = WaitingPerson | WaitingPledge | WaitingTogether | PayoutOf | Opinion


@conversation("antrean", "queue", title=t.queue.title(), who=Audience.COORDINATOR, menu=50)
def queue(chat: Chat) -> None:
    """Show one after the other until one is decided; a decision is one run, so that it stands by itself."""
    here = _in_scope(chat)
    items = _decidable(chat, here)
    code, _, decision = chat.argument.partition(" ")
    if code:
        item = items.get(code.casefold())
        if item is None:
            raise Stopped(t.queue.own() if code.casefold() in here else t.queue.gone())
        if not (decision in {APPROVE, REJECT} and not isinstance(item, PayoutOf)):
            decision = _ask(chat, code, item, len(items))
        if decision != SKIP:
            _decide(chat, code, item, decision)
            return
    for other, item in items.items():
        if other != code and (decision := _ask(chat, other, item, len(items))) != SKIP:
            _decide(chat, other, item, decision)
            return
    chat.say(t.queue.end() if items else t.queue.empty(), buttons=[[(t.kit.menu(), "/menu")]])


def _decidable(chat: Chat, here: dict[str, Item]) -> dict[str, Item]:
    """Return what this coordinator may decide of what waits in the own scope: nothing of their own."""
    return {code: item for code, item in here.items() if not _is_own(chat, item)}


def _is_own(chat: Chat, item: Item) -> bool:
    """Whether somebody would decide on what they have signed up, promised, agreed to or given themselves."""
    me = chat.person_id or 0
    if isinstance(item, WaitingPerson):
        return item.person.id == me
    if isinstance(item, WaitingTogether):
        promised = item.pledges[0].pledge
        return promised.foster_parent_id == me or leads(chat.db, promised.joint_id, me)
    if isinstance(item, WaitingPledge | PayoutOf):
        return item.pledge.foster_parent_id == me
    return False


def _in_scope(chat: Chat) -> dict[str, Item]:
    """Return what waits in the own scope, by code: people only for the whole district."""
    scope = chat.scope
    items: dict[str, Item] = {**opinions_wanted(chat)}
    if scope.whole_district:
        for row in people_waiting(chat.db):
            items[f"p{row[0].person_id}"] = WaitingPerson(*row)
    for waiting in pledges_waiting(chat.db, scope.children(), chat.now):
        joint_id = waiting.pledge.joint_id
        if joint_id is None:
            items[f"k{waiting.pledge.id}"] = waiting
            continue
        name = organisation_name(chat, waiting.foster_parent.organisation_id)
        together = items.setdefault(f"g{joint_id}", WaitingTogether(name, []))
        assert isinstance(together, WaitingTogether)  # noqa: S101 - what g stands for
        together.pledges.append(waiting)
    for case in cases(chat):
        items[f"s{case.payout.id}"] = case
    return items


def _ask(chat: Chat, code: str, item: Item, left: int) -> str:
    if isinstance(item, PayoutOf):
        return ask_case(chat, code, item, left)
    card = _card(chat, item, left)
    options = [
        Option(APPROVE, t.queue.approve()),
        Option(REJECT, t.queue.reject()),
        Option(SKIP, t.queue.skip()),
    ]
    return chat.ask(code, Choice(card, options, columns=2))


def _card(chat: Chat, item: WaitingPerson | WaitingPledge | WaitingTogether | Opinion, left: int) -> Words:
    if isinstance(item, WaitingPerson):
        return _person_card(chat, item, left)
    if isinstance(item, Opinion):
        return opinion_card(chat, item, left)
    return _together_card(item, left) if isinstance(item, WaitingTogether) else _pledge_card(item, left)


def _person_card(chat: Chat, item: WaitingPerson, left: int) -> Words:
    waiting = item.foster_parent
    organisation = (
        t.signup.summary_organisation(organisation=item.organisation.name) if item.organisation else ""
    )
    return t.queue.person(
        left=left,
        name=item.person.name,
        kind=KINDS[waiting.kind],
        organisation=organisation,
        nip=t.signup.summary_nip(nip=waiting.nip) if waiting.nip else "",
        phone=item.person.phone or "-",
        at=waiting.registered_at,
        roster=_roster_words(chat, waiting),
    )


def _roster_words(chat: Chat, waiting: FosterParent) -> Words:
    if not waiting.nip:
        return t.queue.roster_none()
    known = roster_entry(chat.db, chat.keys, Nip(waiting.nip))
    return t.queue.roster_other_name() if known else t.queue.roster_unknown()


def _pledge_card(item: WaitingPledge, left: int) -> Words:
    return t.queue.pledge(
        left=left,
        name=item.giver.name,
        code=item.child.code,
        area=item.child.area,
        amount=item.pledge.monthly_idr,
        first=item.pledge.first_month,
        until=until(item.pledge.last_month),
        at=item.pledge.pledged_at,
    )


def _together_card(item: WaitingTogether, left: int) -> Words:
    first = item.pledges[0]
    return t.queue.together(
        left=left,
        organisation=item.organisation,
        name=first.giver.name,
        count=len(item.pledges),
        codes=", ".join(one.child.code for one in item.pledges),
        amount=sum(one.pledge.monthly_idr for one in item.pledges),
        first=first.pledge.first_month,
        until=until(first.pledge.last_month),
    )


def _decide(chat: Chat, code: str, item: Item, decision: str) -> None:
    """Approve, reject or settle, tell the people, offer the next one."""
    if isinstance(item, PayoutOf):
        _offer_next(chat, settle_case(chat, code, item, decision))
        return
    reason = _reason(chat, code) if decision == REJECT else None
    try:
        if isinstance(item, WaitingPerson):
            done: Words = _decide_person(chat, item, reason)
        elif isinstance(item, Opinion):
            done = give_opinion(chat, item, reason)
        elif isinstance(item, WaitingTogether):
            done = join([_decide_pledge(chat, one, reason) for one in item.pledges])
        else:
            done = _decide_pledge(chat, item, reason)
    except (AlreadyDecided, NotEntitled):
        raise Stopped(t.queue.gone()) from None
    _offer_next(chat, done)


def _offer_next(chat: Chat, done: Words) -> None:
    left = len(_decidable(chat, _in_scope(chat)))
    more = [[(t.queue.next(left=left), "/antrean")]] if left else []
    chat.say(done, buttons=[*more, [(t.kit.menu(), "/menu")]])


def _reason(chat: Chat, code: str) -> Words:
    usual = REASONS[code[0].casefold() if code[0].casefold() in REASONS else "k"]
    return ask_why(chat, f"{code}-why", t.queue.reason(), usual)


def _decide_person(chat: Chat, item: WaitingPerson, reason: Words | None) -> Words:
    person_id, name = item.foster_parent.person_id, item.person.name
    note = kept(reason)
    decide_person(chat.db, chat.now, person_id, by=chat.person_id or 0, verified=reason is None, note=note)
    if reason is None:
        chat.tell(person_id, t.queue.told_verified(), buttons=[[(t.signup.choose_child(), "/adopsi")]])
        return t.queue.approved_person(name=name)
    chat.tell(person_id, t.queue.told_rejected(reason=reason, contact=contact_words(chat.programme.contact)))
    return t.queue.rejected_person(name=name)


def _decide_pledge(chat: Chat, item: WaitingPledge, reason: Words | None) -> Words:
    promised, code, name = item.pledge, item.child.code, item.giver.name
    note = kept(reason)
    decide_pledge(
        chat.db,
        chat.now,
        promised.id or 0,
        by=chat.person_id or 0,
        approved=reason is None,
        note=note,
    )
    if reason is None:
        owe(chat.db, chat.programme, promised, chat.today)
        chat.tell(
            promised.foster_parent_id,
            t.queue.told_active(code=code, first=promised.first_month),
            buttons=[[(t.mychildren.title(), "/anak")]],
            about=f"child:{promised.child_id}",
        )
        return t.queue.approved_pledge(name=name, code=code)
    chat.tell(
        promised.foster_parent_id,
        t.queue.told_refused(code=code, reason=reason),
        about=f"child:{promised.child_id}",
    )
    return t.queue.rejected_pledge(name=name, code=code)
