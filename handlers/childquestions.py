"""Questions about a child that a coordinator answers when enrolling or correcting it, and the choice of a child."""

from collections import Counter

from handlers.kit.chat import Chat, Stopped
from handlers.kit.choices import SKIP_WORDS, Choice, Option
from handlers.kit.inputs import Day, FreeText
from handlers.kit.question import Question
from handlers.texts import Plain, Words, t
from handlers.wording import SEVERITIES, SEXES
from models.children import Child, Severity, Sex
from models.enrolment import children_in, listed_child_in_scope
from models.importing.cells import read_name, read_nik
from models.people import parse_phone

SKIP = "skip"
TERM = "term"
EARLY = (28, 30, 32, 34, 35, 36)
"""Weeks offered to tap."""


def choose_child(chat: Chat) -> Child:
    """Return the child that was named behind the command, or ask for kecamatan and child; own areas only."""
    code = chat.argument.strip()
    if not code:
        children = children_in(chat.db, chat.scope)
        if not children:
            raise Stopped(t.children.none())
        areas = Counter(child.area for child in children)
        area = next(iter(areas))
        if len(areas) > 1:
            options = [
                Option(name, t.children.in_area(area=name, count=areas[name])) for name in sorted(areas)
            ]
            area = chat.ask("in-area", Choice(t.children.which_area(), options))
        labels = [Option(c.code, _label(chat, c)) for c in children if c.area == area]
        code = chat.ask("child", Choice(t.children.which(), labels))
    child = listed_child_in_scope(chat.db, chat.scope, code)
    if child is None:
        raise Stopped(t.children.unknown())
    return child


def _label(chat: Chat, child: Child) -> Words:
    age = child.age_months(chat.today)
    return t.children.label(code=child.code, age=age, severity=SEVERITIES[child.severity])


def name_question() -> Question[str]:
    """The child's name."""
    return FreeText(t.children.name(), least=2, most=120, parse=read_name)


def born_question(chat: Chat) -> Question:  # type: ignore[type-arg] # a day
    """The birthday: of a child under five years and two months, so that the newest five-year-olds are kept."""
    earliest = chat.month.plus(-62).first_day
    return Day(t.children.born_on(), today=chat.today, earliest=earliest)


def ask_weeks(chat: Chat) -> int | None:
    """Ask for the weeks at birth; None: at term, or not known."""
    options = [Option(TERM, t.children.weeks_term())]
    options += [Option(str(n), t.children.weeks_early(n=n)) for n in EARLY]
    options.append(Option(SKIP, t.children.weeks_unknown()))
    chosen = chat.ask("weeks", Choice(t.children.weeks(), options, columns=2))
    return int(chosen) if chosen.isdecimal() else None


def ask_nik(chat: Chat) -> str | None:
    """Ask for the NIK, which a young child may not have."""
    typed = FreeText(t.children.nik(), most=30, parse=read_nik, explain=lambda _: t.children.wrong_nik())
    return _optional(chat, "nik", t.children.nik(), typed)


def ask_address(chat: Chat) -> str | None:
    """Ask for the address."""
    return _optional(chat, "address", t.children.address(), FreeText(t.children.address(), least=3, most=200))


def ask_phone(chat: Chat) -> str | None:
    """Ask for the guardian's phone."""
    return _optional(chat, "phone", t.children.phone(), phone_question())


def phone_question() -> FreeText:
    """A phone that somebody else types; the value is E.164."""
    return FreeText(
        t.children.phone(), most=30, parse=parse_phone, explain=lambda _: t.children.wrong_phone()
    )


def _optional(chat: Chat, key: str, words: Words, typed: FreeText) -> str | None:
    answer = chat.ask(key, Choice(words, [Option(SKIP, t.children.skip(), SKIP_WORDS)], other=typed))
    return None if answer == SKIP else answer


def ask_place(chat: Chat) -> tuple[str, str]:
    """Ask for kecamatan (of the own areas) and desa."""
    areas = [area for area in chat.programme.areas if chat.scope.covers(area.name)]
    if not areas:
        raise Stopped(t.children.not_your_area())
    name = areas[0].name
    if len(areas) > 1:
        name = chat.ask("area", Choice(t.children.area(), [Option(a.name, Plain(a.name)) for a in areas]))
    area = chat.programme.area_named(name)
    villages = [Option(village, Plain(village)) for village in area.villages]
    return area.name, chat.ask("village", Choice(t.children.village(), villages, columns=2, page_size=12))


def ask_severity(chat: Chat) -> Severity:
    """Ask how short the child is for its age (or that it is at risk only)."""
    options = [Option(severity.value, label) for severity, label in SEVERITIES.items()]
    return Severity(chat.ask("severity", Choice(t.children.status(), options)))


def ask_sex(chat: Chat) -> Sex:
    """Ask whether the child is a girl or a boy."""
    options = [Option(sex.value, label) for sex, label in SEXES.items()]
    return Sex(chat.ask("sex", Choice(t.children.sex(), options, columns=2)))
