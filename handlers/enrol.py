"""C5 /anak_baru: put a child on the list."""

from handlers.childquestions import (
    ask_address,
    ask_nik,
    ask_phone,
    ask_place,
    ask_severity,
    ask_sex,
    ask_weeks,
    born_question,
    name_question,
)
from handlers.kit.chat import Again, Chat, Stopped
from handlers.kit.choices import Choice, Option
from handlers.kit.conversation import Audience, conversation
from handlers.kit.inputs import FreeText
from handlers.texts import t
from handlers.wording import SEVERITIES, SEXES
from models.children import ChildStatus, Severity
from models.enrolment import Enrolment, enrol, lookalike
from models.errors import AlreadyRegistered, NotEntitled
from models.importing.cells import read_name

RELATIONS = {
    "mother": t.children.mother(),
    "father": t.children.father(),
    "guardian": t.children.guardian_other(),
}
SAME, DIFFERENT = "same", "different"


@conversation("anak_baru", "enrol", title=t.children.enrol(), who=Audience.COORDINATOR, menu=60)
def enrol_child(chat: Chat) -> None:
    """Child, place, severity, family, a look for the same child, confirm."""
    new = _asked(chat)
    _same_child(chat, new)
    chat.review(
        t.children.summary(
            name=new.name,
            sex=SEXES[new.sex],
            born_on=new.born_on,
            village=new.village,
            area=new.area,
            status=SEVERITIES[new.severity],
            guardian=new.guardian or "-",
        ),
        yes=t.children.save(),
    )
    try:
        child = enrol(
            chat.db, chat.programme, chat.keys, chat.now, new, by=chat.person_id or 0, scope=chat.scope
        )
    except AlreadyRegistered:
        raise Again("nik", t.children.nik_known()) from None
    except NotEntitled:
        raise Stopped(t.children.not_your_area()) from None
    chat.say(
        t.children.enrolled(code=child.code),
        buttons=[[(t.children.another(), "/anak_baru")], [(t.kit.menu(), "/menu")]],
    )


def _asked(chat: Chat) -> Enrolment:
    name = chat.ask("name", name_question())
    sex = ask_sex(chat)
    born_on = chat.ask("born_on", born_question(chat))
    weeks = ask_weeks(chat)
    nik = ask_nik(chat)
    area, village = ask_place(chat)
    address = ask_address(chat)
    severity = ask_severity(chat)
    guardian = chat.ask("guardian", FreeText(t.children.guardian(), least=2, most=120, parse=read_name))
    relations = [Option(code, label) for code, label in RELATIONS.items()]
    relation = chat.ask("relation", Choice(t.children.relation(), relations, columns=3))
    return Enrolment(
        name=name,
        sex=sex,
        born_on=born_on,
        area=area,
        village=village,
        status=ChildStatus.AT_RISK if severity is Severity.NONE else ChildStatus.STUNTED,
        severity=severity,
        nik=nik,
        gestation_weeks=weeks,
        address=address,
        guardian=guardian,
        relation=relation,
        phone=ask_phone(chat),
    )


def _same_child(chat: Chat, new: Enrolment) -> None:
    """Let a person decide whether a child that looks the same is the same."""
    known = lookalike(chat.db, new)
    if known is None:
        return
    options = [Option(SAME, t.children.same()), Option(DIFFERENT, t.children.different())]
    if chat.ask("lookalike", Choice(t.children.lookalike(code=known.code), options)) == SAME:
        raise Stopped(t.children.same_child(code=known.code))
