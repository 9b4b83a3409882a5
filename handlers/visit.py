"""F5 /kunjungan: log a visit, in a minute by taps and two numbers.

`/kunjungan BLT-024` goes straight to that child.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from handlers.kit.chat import Again, Chat, Stopped
from handlers.kit.choices import SKIP_WORDS, Choice, Many, Option
from handlers.kit.conversation import Audience, conversation
from handlers.kit.inputs import Day, FreeText, OptionalPhoto
from handlers.measuring import (
    CENTIMETRES,
    KILOGRAMS,
    Reading,
    amount,
    plausible_length,
    plausible_weight,
)
from handlers.texts import Plain, Text, Words, join, t
from handlers.wording import tell_area
from models.children import Child
from models.errors import BadInput, NotEntitled
from models.growth import Position, ambiguous_position
from models.measurements import Size
from models.pledges import Pledge
from models.visits import (
    AlreadyLogged,
    Condition,
    Report,
    Spending,
    VisitKind,
    earliest_visit,
    log_visit,
    pledges_to_visit,
    visit_logged,
)

KINDS = {
    VisitKind.HOME: t.visit.kind_home(),
    VisitKind.POSYANDU: t.visit.kind_posyandu(),
    VisitKind.PHONE: t.visit.kind_phone(),
}
SPENDINGS = {
    Spending.FOOD: t.visit.spent_food(),
    Spending.VITAMINS: t.visit.spent_vitamins(),
    Spending.MILK: t.visit.spent_milk(),
    Spending.ADVISED: t.visit.spent_advised(),
}
CONDITIONS = {
    Condition.WELL: t.visit.condition_well(),
    Condition.UNWELL: t.visit.condition_unwell(),
    Condition.URGENT: t.visit.condition_urgent(),
}
POSITIONS = {Position.LYING: t.visit.lying(), Position.STANDING: t.visit.standing()}
NO_NOTE = "none"

Code = TypeVar("Code", bound=StrEnum)


@conversation("kunjungan", "visit", title=t.visit.title(), who=Audience.VISITOR, menu=33)
def visit(chat: Chat) -> None:
    """Child, day, kind, size, spending, condition, photo, note, confirm."""
    promised, child = _choose_child(chat)
    earliest = max(earliest_visit(promised), child.born_on)
    day = chat.ask("when", Day(t.visit.when(code=child.code), today=chat.today, earliest=earliest))
    kind = VisitKind(chat.ask("kind", Choice(t.visit.kind(), _options(KINDS))))
    if visit_logged(chat.db, child.id or 0, chat.person_id or 0, day, kind):
        raise Again("when", t.visit.logged_already(kind=KINDS[kind], day=day))
    seen = kind is not VisitKind.PHONE
    size = _size(chat, child, (day - child.born_on).days) if seen else None
    spent = chat.ask("spent", Many(t.visit.spent(), _options(SPENDINGS)))
    condition = Condition(chat.ask("condition", Choice(t.visit.condition(), _options(CONDITIONS))))
    photo = chat.ask("photo", OptionalPhoto(t.visit.photo())) if seen else None
    note = chat.ask("note", _note())
    report = Report(
        visited_on=day,
        kind=kind,
        condition=condition,
        size=size,
        spent_on=tuple(Spending(code) for code in spent.split(",") if code),
        photo_id=photo,
        note="" if note == NO_NOTE else note,
    )
    chat.review(_summary(child, report), yes=t.visit.save())
    _log(chat, promised, child, report)


def _options(labels: Mapping[Code, Text]) -> list[Option]:
    return [Option(code.value, label) for code, label in labels.items()]


def _note() -> Choice:
    typed = FreeText(t.visit.note(), least=2, most=500)
    return Choice(t.visit.note(), [Option(NO_NOTE, t.visit.note_none(), SKIP_WORDS)], other=typed)


def _choose_child(chat: Chat) -> tuple[Pledge, Child]:
    """Ask for the child, as far as there is a choice."""
    found = {child.code: (pledge, child) for pledge, child in _visitable(chat)}
    options = [Option(code, Plain(code)) for code in found]
    which = Choice(t.visit.which_child(), options, columns=2)
    return found[chat.pick("child", which, named=chat.argument.upper(), none=t.visit.nobody())]


def _visitable(chat: Chat) -> list[tuple[Pledge, Child]]:
    return pledges_to_visit(chat.db, chat.person_id or 0, chat.month)


def _size(chat: Chat, child: Child, age_days: int) -> Size | None:
    """Ask for weight and length; how the length was taken only where the age leaves it open."""
    sex = child.sex
    weight = chat.ask("weight", Reading(t.visit.weight(), KILOGRAMS, lambda: plausible_weight(sex, age_days)))
    length = chat.ask(
        "length", Reading(t.visit.length(), CENTIMETRES, lambda: plausible_length(sex, age_days))
    )
    position = None
    if length is not None and ambiguous_position(age_days):
        options = [Option(code.value, label) for code, label in POSITIONS.items()]
        position = Position(chat.ask("position", Choice(t.visit.position(), options, columns=2)))
    return None if weight is None and length is None else Size(weight, length, position)


def _summary(child: Child, report: Report) -> Words:
    spent: list[Words] = [SPENDINGS[code] for code in report.spent_on]
    return t.visit.summary(
        code=child.code,
        day=report.visited_on,
        kind=KINDS[report.kind],
        size=_size_words(report.size),
        spent=join(spent, ", ") if spent else t.visit.spent_nothing(),
        condition=CONDITIONS[report.condition],
        photo=t.visit.with_photo() if report.photo_id else t.visit.without_photo(),
        note=t.visit.with_note() if report.note else t.visit.without_note(),
    )


def _size_words(size: Size | None) -> Words:
    if size is None:
        return t.visit.no_size()
    parts: list[Words] = []
    if size.weight_g is not None:
        parts.append(amount(size.weight_g, KILOGRAMS))
    if size.length_mm is not None:
        parts.append(amount(size.length_mm, CENTIMETRES))
    if size.position is not None:
        parts.append(POSITIONS[size.position])
    return join(parts, " · ")


def _log(chat: Chat, promised: Pledge, child: Child, report: Report) -> None:
    """Write the visit; what its numbers mean is said when the answer leaves."""
    by = chat.person_id or 0
    try:
        log_visit(chat.db, chat.programme, chat.now, promised.id or 0, by=by, report=report)
    except (NotEntitled, BadInput):
        raise Stopped(t.visit.not_yours()) from None
    except AlreadyLogged:
        again = t.visit.logged_already(kind=KINDS[report.kind], day=report.visited_on)
        raise Again("when", again) from None
    urgent = report.condition is Condition.URGENT
    words = t.visit.thanks_urgent if urgent else t.visit.thanks
    chat.say(
        words(code=child.code),
        late=("growth", {"child": child.id, "person": by}) if report.size else None,
        buttons=[[(t.visit.another(), "/kunjungan")], [(t.kit.menu(), "/menu")]],
    )
    if urgent:
        _tell_coordinators(chat, child)


def _tell_coordinators(chat: Chat, child: Child) -> None:
    person = chat.person
    news = t.visit.urgent_news(code=child.code, area=child.area, name=person.name if person else "")
    tell_area(chat, child.area, news, about=f"child:{child.id}")
