"""Late visits and open check-ins, the other two lists of /tunggakan, each with one button that reminds.

`/tunggakan kunjungan` and `/tunggakan pantauan`; with `lanjut 10` those behind the tenth, with `ingatkan` a message to
everyone on the list, each person once a day at most.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TypeVar

from handlers.kit.chat import Buttons, Chat
from handlers.texts import Words, join, t
from handlers.wording import tell_about
from models.audit import last_act, record
from models.checkins import month_answered, month_last_asked
from models.children import Child
from models.contacts import contact_for
from models.lateness import LateVisit, late_for_visit, unanswered, visits_missed
from models.people import Person

VISITS, CHECK_INS = "kunjungan", "pantauan"
REMIND_ALL, FURTHER = "ingatkan", "lanjut"
SHOWN = 10
PATIENCE = timedelta(hours=20)
"""Nobody is reminded of the same thing twice within so long."""

REMINDED_OF = {VISITS: "reminded_visit", CHECK_INS: "reminded_check_in"}
"""In the audit, about the person who was told."""

T = TypeVar("T")
Late = dict[int, list[T]]
"""What somebody is late with, by person."""


def ways(chat: Chat) -> Buttons:
    """Return the buttons that lead to the two lists, each with how many children stand on it."""
    visits = len(late_for_visit(chat.db, chat.today, chat.scope))
    month = month_last_asked(chat.programme, chat.today)
    check_ins = len(unanswered(chat.db, month, chat.scope.children()))
    return [
        [
            (t.overdue.visits(count=visits), f"/tunggakan {VISITS}"),
            (t.overdue.check_ins(count=check_ins), f"/tunggakan {CHECK_INS}"),
        ]
    ]


def page(further: str) -> int:
    """Return how many to leave out, of `lanjut 10`; anything made up is the first page."""
    word, _, number = further.partition(" ")
    return int(number) if word == FURTHER and number.isascii() and number.isdigit() and len(number) < 8 else 0


# --- visits ----------------------------------------------------------------------------------------------------


def visits(chat: Chat, wanted: str) -> None:
    """List the children whose visit is late, or remind who is to visit."""
    children = late_for_visit(chat.db, chat.today, chat.scope)
    if not children:
        _nothing(chat, t.overdue.visits_none())
    elif wanted == REMIND_ALL:
        _remind_visitors(chat, visits_missed(chat.db, chat.today, children))
    else:
        first = _first(page(wanted), len(children))
        shown = visits_missed(chat.db, chat.today, children[first : first + SHOWN])
        lines = [_visit_line(chat, late) for late in shown]
        _list(chat, t.overdue.visits_list, lines, VISITS, first, len(children))


def _visit_line(chat: Chat, late: LateVisit) -> Words:
    givers = [chat.db.get_one(Person, pledge.foster_parent_id) for pledge in late.pledges]
    return t.overdue.visit_line(
        code=late.child.code,
        area=late.child.area,
        months=late.months(chat.today),
        givers=join([t.overdue.giver(name=giver.name, phone=giver.phone or "-") for giver in givers]),
        reminded=_reminded(chat, VISITS, late.visitors),
    )


def _remind_visitors(chat: Chat, missed: list[LateVisit]) -> None:
    """Tell each visitor once, about the child that has waited longest: silence about it keeps the message back."""
    by_visitor: Late[LateVisit] = {}
    for late in missed:
        for visitor in late.visitors:
            by_visitor.setdefault(visitor, []).append(late)

    def tell(visitor: int, children: list[LateVisit]) -> None:
        longest = min(children, key=lambda late: late.since)
        others = len(children) - 1
        words = t.overdue.visit_told(
            code=longest.child.code,
            months=longest.months(chat.today),
            others=t.overdue.others(count=others) if others else "",
        )
        log_visit = [[(t.reminders.log_visit(), f"/kunjungan {longest.child.code}")]]
        tell_about(chat, longest.child, visitor, words, buttons=log_visit)

    _remind(chat, VISITS, by_visitor, tell, by_phone=t.arrears.by_phone)


# --- check-ins -------------------------------------------------------------------------------------------------


def check_ins(chat: Chat, wanted: str) -> None:
    """List the children whose check-in was asked for and is open, or remind their families."""
    month = month_last_asked(chat.programme, chat.today)
    late = unanswered(chat.db, month, chat.scope.children())
    can_answer = month_answered(chat.programme, chat.today, month) == month
    if not late:
        _nothing(chat, t.overdue.check_ins_none(month=month))
    elif wanted == REMIND_ALL and can_answer:
        _remind_families(chat, late)
    else:
        first = _first(page(wanted), len(late))
        lines: list[Words] = [
            t.overdue.check_in_line(
                code=child.code, area=child.area, reminded=_reminded(chat, CHECK_INS, [person_id])
            )
            for child, person_id in late[first : first + SHOWN]
        ]
        words = t.overdue.check_ins_list if can_answer else t.overdue.check_ins_over

        def heading(*, count: int, lines: Words) -> Words:
            return words(month=month, count=count, lines=lines)

        _list(chat, heading, lines, CHECK_INS, first, len(late), reminds=can_answer)


def _remind_families(chat: Chat, late: Iterable[tuple[Child, int]]) -> None:
    """Tell each family once; the check-in itself leads on to the sibling."""
    month = month_last_asked(chat.programme, chat.today)
    by_family: Late[Child] = {}
    for child, person_id in late:
        by_family.setdefault(person_id, []).append(child)

    def tell(person_id: int, children: list[Child]) -> None:
        child = children[0]
        answer = [[(t.reminders.answer(), f"/pantau {child.code} {month}")]]
        words = t.overdue.check_in_told(month=month, code=child.code)
        tell_about(chat, child, person_id, words, buttons=answer)

    _remind(chat, CHECK_INS, by_family, tell, by_phone=t.overdue.by_phone)


# --- both ------------------------------------------------------------------------------------------------------


def _first(wanted: int, count: int) -> int:
    return wanted if wanted < count else 0


def _list(
    chat: Chat,
    heading: Callable[..., Words],
    lines: list[Words],
    which: str,
    first: int,
    count: int,
    *,
    reminds: bool = True,
) -> None:
    """Show a page, with the buttons that remind and turn it."""
    left = max(0, count - first - SHOWN)
    if left:
        lines = [*lines, t.arrears.more(count=left)]
    remind = [[(t.arrears.remind_all(count=count), f"/tunggakan {which} {REMIND_ALL}")]] if reminds else []
    turn = [[(t.arrears.further(), f"/tunggakan {which} {FURTHER} {first + SHOWN}")]] if left else []
    back = [[(t.arrears.title(), "/tunggakan"), (t.kit.menu(), "/menu")]]
    chat.say(heading(count=count, lines=join(lines, "\n\n")), buttons=[*remind, *turn, *back])


def _nothing(chat: Chat, words: Words) -> None:
    chat.say(words, buttons=[[(t.arrears.title(), "/tunggakan"), (t.kit.menu(), "/menu")]])


def _reminded(chat: Chat, which: str, people: list[int]) -> Words | str:
    """Say when the last of them was reminded."""
    acts = [last_act(chat.db, REMINDED_OF[which], f"person:{person_id}") for person_id in people]
    newest = max((at for at in acts if at is not None), default=None)
    return t.arrears.reminded(at=newest) if newest else ""


def _remind(
    chat: Chat,
    which: str,
    late: Late[T],
    tell: Callable[[int, list[T]], None],
    *,
    by_phone: Callable[..., Words],
) -> None:
    """Tell each person once; those told just now, or without a chat, are left out and counted."""
    told = just_now = 0
    for person_id, things in late.items():
        subject = f"person:{person_id}"
        before = last_act(chat.db, REMINDED_OF[which], subject)
        if before is not None and before > chat.now - PATIENCE:
            just_now += 1
        elif contact_for(chat.db, person_id) is not None:
            tell(person_id, things)
            record(chat.db, chat.now, chat.person_id, REMINDED_OF[which], subject)
            told += 1
    say_reminded(chat, told, just_now, len(late) - told - just_now, by_phone, f"/tunggakan {which}")


def say_reminded(
    chat: Chat, told: int, just_now: int, unreached: int, by_phone: Callable[..., Words], back: str
) -> None:
    """Say how many were reminded, had been just now, and are to be called."""
    said: list[Words] = [t.arrears.reminded_all(count=told) if told else t.arrears.nobody_new()]
    if just_now:
        said.append(t.arrears.just_now(count=just_now))
    if unreached:
        said.append(by_phone(count=unreached))
    chat.say(join(said), buttons=[[(t.arrears.title(), back), (t.kit.menu(), "/menu")]])
