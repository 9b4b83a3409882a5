"""K5 /privasi: see the own data, be erased (`handlers.erase_me`); families also correct, export, and withdraw.

What only families may do stands in `handlers.family_privacy`.
"""

from handlers.erase_me import erase_me, erasure_buttons, erasure_words, stay
from handlers.family_privacy import family_act, family_buttons, family_words
from handlers.kit.chat import Chat
from handlers.kit.conversation import conversation
from handlers.texts import Words, join, t
from handlers.wording import CONSENTS, KINDS, contact_words, organisation_name
from models.consents import consents_of
from models.people import Standing
from models.pledges import PledgeState, pledges_of

STANDINGS = {
    Standing.PENDING: t.privacy.standing_pending(),
    Standing.VERIFIED: t.privacy.standing_verified(),
    Standing.REJECTED: t.privacy.standing_rejected(),
}

ACTS = {"hapus": erase_me, "jangan_hapus": stay}
"""What follows `/privasi`, for everybody."""


@conversation("privasi", "privacy", title=t.privacy.title(), menu=80)
def privacy(chat: Chat) -> None:
    """Everything that is kept about the person who asks."""
    person = chat.person
    if person is None:
        chat.say(t.privacy.nothing(), buttons=[[(t.kit.menu(), "/menu")]])
        return
    if (act := ACTS.get(chat.argument.casefold())) is not None:
        act(chat)
        return
    if chat.argument and family_act(chat, chat.argument):
        return
    chat.say(
        t.privacy.data(
            name=person.name,
            phone=person.phone or "-",
            foster=_foster(chat),
            family=family_words(chat),
            messages=t.privacy.messages_off() if person.messages_off_at else "",
            consents=_consents(chat),
            erasure=erasure_words(chat),
            district=chat.programme.district.name,
            contact=contact_words(chat.programme.contact, privacy=True),
        ),
        buttons=[*family_buttons(chat), *erasure_buttons(chat), [(t.kit.menu(), "/menu")]],
    )


def _foster(chat: Chat) -> Words | str:
    found = chat.foster_parent
    if found is None:
        return ""
    organisation = organisation_name(chat, found.organisation_id)
    running = [p for p, _ in pledges_of(chat.db, found.person_id, chat.now) if p.state is PledgeState.ACTIVE]
    return t.privacy.foster(
        kind=KINDS[found.kind],
        nip=t.privacy.nip(nip=found.nip) if found.nip else "",
        organisation=t.privacy.organisation(organisation=organisation) if organisation else "",
        standing=STANDINGS[found.standing],
        pledges=len(running),
    )


def _consents(chat: Chat) -> Words | str:
    given = [c for c in consents_of(chat.db, chat.person_id or 0) if c.withdrawn_at is None]
    lines = [t.privacy.consent(what=CONSENTS[consent.kind], at=consent.given_at) for consent in given]
    return t.privacy.consents(lines=join(lines)) if lines else ""
