"""K5 /privasi hapus: be erased, after a day in which it can be taken back (`models.erasure_requests`).

A family's children are erased with it, and their aid ends; a giver's pledges end. Both is said before.
"""

from collections.abc import Sequence

from handlers.kit.chat import Buttons, Chat, Stopped
from handlers.kit.choices import Confirm
from handlers.texts import Words, join, t
from handlers.wording import codes_of, contact_words, tell_area
from models.children import Child
from models.erasure_requests import CAN_BE_TAKEN_BACK, ask_erasure, erasure_asked, take_back_erasure
from models.families import children_of, guardians_of, withdraw_family_consent
from models.pledges import pledges_of


def erasure_words(chat: Chat) -> Words | str:
    """Say when somebody is erased who has asked for it."""
    asked = erasure_asked(chat.db, chat.person_id or 0)
    return t.privacy.erasure(when=t.privacy.erased_at(at=asked.due_at)) if asked else ""


def erasure_buttons(chat: Chat) -> Buttons:
    """Return the way to be erased, or to stay."""
    if erasure_asked(chat.db, chat.person_id or 0):
        return [[(t.privacy.stay(), "/privasi jangan_hapus")]]
    return [[(t.privacy.erase(), "/privasi hapus")]]


def erase_me(chat: Chat) -> None:
    """Say what goes and what ends with it, ask, and enter the wish; the coordinators know at once."""
    if chat.scope.anything:
        raise Stopped(t.privacy.erase_role(contact=contact_words(chat.programme.contact, privacy=True)))
    if (asked := erasure_asked(chat.db, chat.person_id or 0)) is not None:
        raise Stopped(t.privacy.erased_at(at=asked.due_at))
    family, given = _family(chat), _given(chat)
    sure = Confirm(_warning(chat, family, given), yes=t.privacy.erase_yes(), no=t.privacy.erase_no())
    if chat.ask("sure", sure) != Confirm.YES:
        raise Stopped(t.privacy.erase_not())
    at = ask_erasure(chat.db, chat.now, chat.person_id or 0).due_at
    if family:
        withdraw_family_consent(chat.db, chat.now, chat.person_id or 0)
        chat.state.paused = None  # a dialog about the child is not to be gone back to
        chat.refresh_commands()
    for child in family:
        _tell(chat, child, t.privacy.news_family(code=child.code, area=child.area, at=at))
    name = chat.person.name if chat.person else ""
    for child in given:
        _tell(chat, child, t.privacy.news_giver(name=name, code=child.code, at=at))
    chat.say(t.privacy.erase_asked(at=at), buttons=[*erasure_buttons(chat), *_end()])


def stay(chat: Chat) -> None:
    """Take the wish back; a family gives its consent anew, if it wants to."""
    if not take_back_erasure(chat.db, chat.now, chat.person_id or 0):
        raise Stopped(t.privacy.stay_already())
    family = _family(chat)
    for child in [*family, *_given(chat)]:
        _tell(chat, child, t.privacy.news_stays(code=child.code))
    words = [t.privacy.stays(), *([t.privacy.stays_consent()] if family else [])]
    ways = [[(t.privacy.give_again(), "/privasi setuju")]] if family else []
    chat.say(join(words, "\n\n"), buttons=[*ways, *_end()])


def _family(chat: Chat) -> Sequence[Child]:
    return children_of(chat.db, guardians_of(chat.db, chat.person_id or 0))


def _given(chat: Chat) -> Sequence[Child]:
    """Return the children for whom somebody has promised something, each once."""
    pledged = pledges_of(chat.db, chat.person_id or 0, chat.now)
    return list({child.id: child for _, child in pledged}.values())


def _warning(chat: Chat, family: Sequence[Child], given: Sequence[Child]) -> Words:
    parts: list[Words] = [t.privacy.erase_what()]
    if family:
        parts.append(t.privacy.erase_family(codes=codes_of(family)))
    if given:
        parts.append(t.privacy.erase_giver(codes=codes_of(given)))
    hours = int(CAN_BE_TAKEN_BACK.total_seconds()) // 3600
    return join([*parts, t.privacy.erase_sure(at=chat.now + CAN_BE_TAKEN_BACK, hours=hours)], "\n\n")


def _tell(chat: Chat, child: Child, words: Words) -> None:
    tell_area(chat, child.area, words, about=f"child:{child.id}")


def _end() -> Buttons:
    return [[(t.kit.menu(), "/menu")]]
