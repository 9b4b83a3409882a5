"""/ajak: a personal invitation to pass on, what it has come to, and how the offices stand. No child's data is in it.

`/ajak opd` ranks the offices by the share of their staff that gives.
"""

from typing import Any

from handlers.kit.chat import Chat, Stopped
from handlers.kit.conversation import Audience, conversation
from handlers.texts import Plain, Words, join, plain, render, t
from models.adoption import longest_wait
from models.counting import Figures
from models.grants import WHOLE_DISTRICT
from models.organisations import Organisation
from models.people import Person
from models.recommendations import note_arrival, reach_of, recommendation_code
from models.statistics import Participation, coverage, participation, rounded

OFFICES = {"opd", "office", "offices", "kantor"}
SHOWN = 10


@conversation("ajak", "recommend", title=t.recommend.title(), who=Audience.SUPPORTER, menu=45)
def recommend(chat: Chat) -> None:
    """What my invitation has come to, then the card and the words to pass on."""
    if chat.argument.casefold() in OFFICES:
        _rank(chat)
        return
    person = chat.person
    if person is None:
        raise Stopped(t.kit.for_foster_parents())
    code = recommendation_code(chat.db, chat.now, person.id or 0)
    words: list[Words] = [_reach(chat, person), _waiting(chat)]
    if _organisation_of(chat) is not None and (office := _own_office(chat, _ranked(chat))):
        words.append(office)
    ways = [(t.recommend.offices_button(), "/ajak opd"), (t.kit.menu(), "/menu")]
    choose = [[(t.signup.choose_child(), "/adopsi")]] if chat.foster_parent else []
    chat.say(join(words, "\n\n"), buttons=[*choose, ways])
    links = chat.context.links(code)
    total = coverage(chat.db, chat.programme, chat.today, WHOLE_DISTRICT).total
    invitation = t.recommend.invitation(
        name=person.name,
        district=chat.programme.district.name,
        full=total.fully_supported,
        children=total.children,
        amount=chat.programme.monthly_idr(chat.month),
        links=join([Plain(link) for link in links]),
        code=code,
    )
    picture = ("appeal", _card(chat, person, total, links[0] if links else code)) if total.children else None
    chat.say(invitation, picture=picture, to_pass_on=True)


def welcome_guest(chat: Chat, by: Person) -> None:
    """Greet somebody who came by a link, and count them."""
    if chat.foster_parent is not None or by.id == chat.person_id:
        chat.say(t.recommend.arrived_already(), buttons=[[(t.kit.menu(), "/menu")]])
        return
    note_arrival(chat.db, chat.now, chat.contact_id, by.id or 0)
    total = coverage(chat.db, chat.programme, chat.today, WHOLE_DISTRICT).total
    words = t.recommend.arrived(
        name=by.name,
        district=chat.programme.district.name,
        full=total.fully_supported,
        children=total.children,
        amount=chat.programme.monthly_idr(chat.month),
    )
    chat.say(words, buttons=[[(t.recommend.sign_up(), "/daftar")], [(t.kit.menu(), "/menu")]])


def _reach(chat: Chat, person: Person) -> Words:
    reach = reach_of(chat.db, person.id or 0, chat.month)
    if not reach.opened:
        return t.recommend.reach_none()
    return t.recommend.reach(opened=reach.opened, signed=reach.signed_up, giving=reach.giving)


def _waiting(chat: Chat) -> Words:
    """Say how many children wait, and the longest wait: a nudge without any child in it."""
    wait = longest_wait(chat.db, chat.programme, chat.now)
    if not wait.children:
        return t.recommend.waiting_none()
    return t.recommend.waiting(children=wait.children, months=wait.longest_months)


def _card(chat: Chat, person: Person, total: Figures, link: str) -> dict[str, Any]:
    """Return the card's data (`jobs.charts.AppealCard`)."""

    def say(words: Words) -> str:
        return plain(render(words, chat.language))

    return {
        "title": say(t.recommend.card_title(district=chat.programme.district.name)),
        "headline": say(t.recommend.card_headline(full=total.fully_supported, children=total.children)),
        "subtitle": say(t.recommend.card_subtitle(day=chat.today)),
        "share": float(total.share or 0),
        "lines": [
            say(t.recommend.card_amount(amount=chat.programme.monthly_idr(chat.month))),
            say(t.recommend.card_visit()),
        ],
        "invites": say(t.recommend.card_invites(name=person.name)),
        "link": link.removeprefix("https://"),
    }


# -- offices --------------------------------------------------------------------------------------------------------


def _ranked(chat: Chat) -> list[Participation]:
    """Return the offices of known size, the highest share first."""
    rows = participation(chat.db, chat.programme, chat.today, WHOLE_DISTRICT)
    return sorted(
        (row for row in rows if row.name and row.share is not None), key=lambda row: -(row.share or 0)
    )


def _organisation_of(chat: Chat) -> int | None:
    foster_parent = chat.foster_parent
    return foster_parent.organisation_id if foster_parent else None


def _own_office(chat: Chat, ranked: list[Participation]) -> Words | None:
    """Say where the own office stands among the ranked ones."""
    organisation_id = _organisation_of(chat)
    if organisation_id is None:
        return None
    name = chat.db.get_one(Organisation, organisation_id).name
    for place, row in enumerate(ranked, start=1):
        if row.name == name:
            share = rounded(row.share)
            return t.recommend.office(office=name, place=place, offices=len(ranked), share=share)
    return None


def _rank(chat: Chat) -> None:
    ranked = _ranked(chat)
    lines: list[Words] = [
        t.recommend.offices_line(place=place, office=row.name or "", share=rounded(row.share))
        for place, row in enumerate(ranked[:SHOWN], start=1)
    ]
    if len(ranked) > SHOWN:
        lines.append(t.report.offices_more(more=len(ranked) - SHOWN))
    words: list[Words] = (
        [t.recommend.offices(day=chat.today), join(lines), t.recommend.offices_note()]
        if lines
        else [t.recommend.offices_none()]
    )
    own = _own_office(chat, ranked)
    ways = [(t.recommend.link_button(), "/ajak"), (t.kit.menu(), "/menu")]
    chat.say(join([*words, own] if own else words, "\n\n"), buttons=[ways])
