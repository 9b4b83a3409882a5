"""K5 /privasi for families: correct, export, open or close the contact, withdraw the consent and give it again.

`handlers.privacy` shows what is kept and leads here by buttons (`/privasi tarik`).
"""

import json
from collections.abc import Callable
from typing import Any

from handlers.family_copy import family_copy
from handlers.kit.chat import Buttons, Chat, Stopped
from handlers.kit.choices import Choice, Confirm, Option
from handlers.kit.inputs import FreeText, OwnPhone
from handlers.kit.messages import Document
from handlers.texts import Words, join, plain, render, t
from handlers.wording import codes_of, names_of, tell_area
from models.consents import ConsentKind, consents_to
from models.families import (
    STOPS_WITHIN,
    agrees_to_be_named,
    children_of,
    correct_family,
    guardians_of,
    open_contact,
    renew_family_consent,
    withdraw_family_consent,
)
from models.family_data import family_data

PART = 3000
"""Characters of an export in one message."""


def family_words(chat: Chat) -> Words | str:
    """Write what is kept about somebody as a family; nothing when they have not joined as one."""
    guardians = guardians_of(chat.db, chat.person_id or 0)
    if not guardians:
        return ""
    return t.privacy.family(children=names_of(children_of(chat.db, guardians)))


def family_buttons(chat: Chat) -> Buttons:
    """Return what a family may do about its data."""
    person_id = chat.person_id or 0
    if not guardians_of(chat.db, person_id):
        return []
    if not consents_to(chat.db, person_id, ConsentKind.PARENTAL):
        return [[(t.privacy.give_again(), "/privasi setuju")], [(t.privacy.export(), "/privasi unduh")]]
    opened = agrees_to_be_named(chat.db, person_id)
    contact = t.privacy.close_contact() if opened else t.privacy.open_contact()
    return [
        [(t.privacy.correct(), "/privasi perbaiki"), (t.privacy.export(), "/privasi unduh")],
        [(contact, "/privasi kontak")],
        [(t.privacy.withdraw(), "/privasi tarik")],
    ]


def family_act(chat: Chat, word: str) -> bool:
    """Do what a button asks for; False when it is nothing of a family's."""
    act = ACTS.get(word.casefold())
    if act is None or not guardians_of(chat.db, chat.person_id or 0):
        return False
    act(chat)
    return True


def _correct(chat: Chat) -> None:
    what = [Option("name", t.privacy.correct_name()), Option("phone", t.privacy.correct_phone())]
    chosen = chat.ask("what", Choice(t.privacy.correct_what(), what))
    if chosen == "name":
        changed = chat.ask("name", FreeText(t.privacy.new_name(), least=3, most=80))
    else:
        changed = chat.ask("phone", OwnPhone(t.signup.phone()))
    correct_family(chat.db, chat.keys, chat.now, chat.person_id or 0, **{chosen: changed})
    chat.say(t.privacy.corrected(), buttons=_end())


def _export(chat: Chat) -> None:
    """Say it in words, and hand it over as a file too, in which a computer can read it as well."""
    data = family_data(chat.db, chat.person_id or 0)
    copy = family_copy(data)
    chat.say(t.privacy.exported())
    part: list[Words] = []
    length = 0
    for line in copy:
        size = len(render(line, chat.language))
        if part and length + size > PART:
            chat.say(join(part))
            part, length = [], 0
        part.append(line)
        length += size + 1
    chat.say(join(part), buttons=_end())
    chat.say(t.privacy.export(), document=_file(chat, copy, data))


def _file(chat: Chat, copy: list[Words], data: dict[str, Any]) -> Document:
    machine = json.dumps(data, ensure_ascii=False, indent=1)

    def say(words: Words) -> str:
        return plain(render(words, chat.language))

    text = "\n".join([*(say(line) for line in copy), "", say(t.own_copy.machine()), machine, ""])
    name = say(t.own_copy.file_name(day=chat.today.isoformat()))
    return Document("text", {"text": text}, name, say(t.own_copy.sorry()))


def _contact(chat: Chat) -> None:
    person_id = chat.person_id or 0
    if not consents_to(chat.db, person_id, ConsentKind.PARENTAL):
        raise Stopped(t.privacy.withdrawn_already())
    agreed = not agrees_to_be_named(chat.db, person_id)
    if agreed:
        choices = [Option("yes", t.family.contact_yes()), Option("no", t.family.contact_no())]
        agreed = chat.ask("contact", Choice(t.family.contact(), choices)) == "yes"
        # A no also closes what had been opened by earlier words, which asked for less.
        if not agreed and not consents_to(chat.db, person_id, ConsentKind.FAMILY_CONTACT):
            raise Stopped(t.privacy.contact_stays_closed())
    open_contact(chat.db, chat.now, person_id, agreed=agreed)
    chat.say(t.privacy.contact_opened() if agreed else t.privacy.contact_closed(), buttons=_end())


def _withdraw(chat: Chat) -> None:
    """Nothing is sent or shown from here on; the coordinators see the clock (3 x 24 hours)."""
    person_id = chat.person_id or 0
    if not consents_to(chat.db, person_id, ConsentKind.PARENTAL):
        raise Stopped(t.privacy.withdrawn_already())
    if chat.ask("sure", Confirm(t.privacy.withdraw_sure())) != Confirm.YES:
        raise Stopped(t.privacy.withdraw_not())
    withdrawal = withdraw_family_consent(chat.db, chat.now, person_id)
    for alert, child in withdrawal.alerts:
        tell_area(
            chat,
            child.area,
            t.privacy.news_withdrawn(code=child.code, area=child.area, until=alert.opened_at + STOPS_WITHIN),
            buttons=[[(t.family.contact_title(), f"/kontak {child.code}")]],
            about=f"alert:{alert.id}",
        )
    chat.state.paused = None  # a dialog about the child is not to be gone back to
    chat.refresh_commands()
    chat.say(t.privacy.withdrawn(), buttons=[[(t.privacy.give_again(), "/privasi setuju")], *_end()])


def _give_again(chat: Chat) -> None:
    person_id = chat.person_id or 0
    children = children_of(chat.db, guardians_of(chat.db, person_id))
    codes = codes_of(children)
    choices = [Option("yes", t.family.agree()), Option("no", t.family.decline())]
    text = t.family.consent(codes=codes, district=chat.programme.district.name)
    if chat.ask("consent", Choice(text, choices)) != "yes":
        raise Stopped(t.privacy.stays_withdrawn())
    renew_family_consent(chat.db, chat.now, person_id)
    chat.refresh_commands()
    chat.say(t.privacy.renewed(), buttons=_end())


def _end() -> list[list[tuple[Words, str]]]:
    return [[(t.kit.menu(), "/menu")]]


ACTS: dict[str, Callable[[Chat], None]] = {
    "perbaiki": _correct,
    "unduh": _export,
    "kontak": _contact,
    "tarik": _withdraw,
    "setuju": _give_again,
}
"""What follows `/privasi`."""
