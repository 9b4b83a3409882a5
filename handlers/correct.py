"""C5 /ubah_anak: correct what is known of a child on the list. `/ubah_anak BLT-014` goes straight to that child."""

from typing import Any

from handlers.childquestions import (
    ask_address,
    ask_place,
    ask_severity,
    ask_sex,
    ask_weeks,
    born_question,
    choose_child,
    name_question,
    phone_question,
)
from handlers.kit.chat import Chat, Stopped
from handlers.kit.choices import Choice, Option
from handlers.kit.conversation import Audience, conversation
from handlers.texts import t
from models.enrolment import Correctable, correct
from models.errors import AlreadyDecided, BadInput

FIELDS = {
    Correctable.NAME: t.children.field_name(),
    Correctable.BORN_ON: t.children.field_born_on(),
    Correctable.SEX: t.children.field_sex(),
    Correctable.PLACE: t.children.field_place(),
    Correctable.ADDRESS: t.children.field_address(),
    Correctable.SEVERITY: t.children.field_severity(),
    Correctable.GESTATION: t.children.field_weeks(),
    Correctable.PHONE: t.children.field_phone(),
}


@conversation("ubah_anak", "correct", title=t.children.correct(), who=Audience.COORDINATOR, menu=62)
def correct_child(chat: Chat) -> None:
    """Which child, what, and how it is right."""
    child = choose_child(chat)
    options = [Option(field.value, label) for field, label in FIELDS.items()]
    field = Correctable(chat.ask("field", Choice(t.children.what(code=child.code), options, columns=2)))
    value = _asked(chat, field)
    try:
        correct(chat.db, chat.keys, chat.now, child, field, value, by=chat.person_id or 0)
    except AlreadyDecided:
        raise Stopped(t.children.left_already()) from None
    except BadInput:
        raise Stopped(t.children.no_guardian()) from None
    chat.say(t.children.corrected(code=child.code), buttons=[[(t.kit.menu(), "/menu")]])


def _asked(chat: Chat, field: Correctable) -> Any:
    if field is Correctable.PLACE:
        return ask_place(chat)
    if field is Correctable.ADDRESS:
        return ask_address(chat)
    if field is Correctable.SEVERITY:
        return ask_severity(chat)
    if field is Correctable.SEX:
        return ask_sex(chat)
    if field is Correctable.GESTATION:
        return ask_weeks(chat)
    if field is Correctable.PHONE:
        return chat.ask("phone", phone_question())
    return chat.ask(field.value, name_question() if field is Correctable.NAME else born_question(chat))
