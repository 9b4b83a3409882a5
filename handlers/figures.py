"""/berapa: a figure by an everyday question, "berapa anak di Sijuk yang belum dapat?".

The first word is the command, so a coordinator simply asks.
"""

from collections.abc import Callable

from handlers.kit.chat import Chat, Stopped
from handlers.kit.conversation import Audience, conversation
from handlers.texts import Text, Words, join, t
from models.asking import Figure, Question, understand
from models.counting import Figures
from models.errors import BadInput
from models.giving import giving_by_kind
from models.grants import Scope
from models.growth_statistics import graduated_in, mentoring
from models.growth_watch import unvisited_in
from models.ledger import late_payouts, ledger
from models.statistics import coverage, coverage_by_village, participation, together
from models.visits import visits_in


@conversation("berapa", "howmany", "how", title=t.figures.title(), who=Audience.COORDINATOR)
def figures(chat: Chat) -> None:
    """Answer one question, in scope."""
    try:
        asked = understand(chat.programme, chat.argument)
    except BadInput as error:
        raise _not_understood(chat, error.details["given"]) from None
    if asked.area is not None and not chat.scope.covers(asked.area.name):
        raise _not_understood(chat, asked.area.name)
    more = f"/statistik {asked.area.name}" if asked.area else "/statistik"
    chat.say(
        _answer(chat, asked),
        buttons=[[(t.figures.more(), more)], [(t.kit.menu(), "/menu")]],
    )


def _not_understood(chat: Chat, given: str) -> Stopped:
    """Name the word, with examples of the own scope: a foreign kecamatan is a word like any other."""
    own = next(area.name for area in chat.programme.areas if chat.scope.covers(area.name))
    examples = [
        t.figures.example_none(area=own),
        t.figures.example_late(area=own),
        t.figures.example_visits(),
    ]
    return Stopped(join([t.figures.not_understood(given=given), *examples]))


def _answer(chat: Chat, asked: Question) -> Words:
    place = asked.village or (
        asked.area.name if asked.area else chat.scope.named(chat.programme.district.name)
    )
    if asked.figure in _OF_COVERAGE:
        total = _coverage(chat, asked)
        counts = {
            Figure.CHILDREN: total.children,
            Figure.FULLY: total.fully_supported,
            Figure.PARTLY: total.partly_supported,
            Figure.UNSUPPORTED: total.unsupported,
            Figure.NOT_FULLY: total.children - total.fully_supported,
        }
        say = _OF_COVERAGE[asked.figure]
        return say(place=place, count=counts[asked.figure], children=total.children, day=chat.today)
    if asked.village is not None:
        raise Stopped(t.figures.not_by_village(area=asked.area.name if asked.area else ""))
    return _OTHERS[asked.figure](chat, _scope(chat, asked), place)


_OF_COVERAGE: dict[Figure, Callable[..., Text]] = {
    Figure.CHILDREN: t.figures.children,
    Figure.FULLY: t.figures.fully,
    Figure.PARTLY: t.figures.partly,
    Figure.UNSUPPORTED: t.figures.unsupported,
    Figure.NOT_FULLY: t.figures.not_fully,
}


def _late(chat: Chat, scope: Scope, place: str) -> Text:
    late = late_payouts(chat.db, chat.programme, chat.today, scope.children())
    amount = sum(one.payout.amount_idr for one in late)
    return t.figures.late(place=place, count=len(late), amount=amount, day=chat.today)


def _payouts(chat: Chat, scope: Scope, place: str) -> Text:
    month = ledger(chat.db, chat.programme, chat.month, chat.today, scope.children())
    return t.figures.payouts(place=place, count=month.given, owed=month.owed, month=chat.month)


def _givers(chat: Chat, scope: Scope, place: str) -> Text:
    givers = sum(kind.foster_parents for kind in giving_by_kind(chat.db, chat.today, scope))
    return t.figures.givers(place=place, count=givers, day=chat.today)


def _staff(chat: Chat, scope: Scope, place: str) -> Text:
    asn = together(participation(chat.db, chat.programme, chat.today, scope))
    return t.figures.staff(place=place, giving=asn.giving, signed=asn.signed_up, day=chat.today)


def _waiting(chat: Chat, scope: Scope, place: str) -> Text:
    pending = coverage(chat.db, chat.programme, chat.today, scope).pending
    return t.figures.waiting(place=place, count=pending, day=chat.today)


def _visits(chat: Chat, scope: Scope, place: str) -> Text:
    visits, visited = visits_in(chat.db, chat.month, scope)
    return t.figures.visits(place=place, count=visits, visited=visited, month=chat.month)


def _unvisited(chat: Chat, scope: Scope, place: str) -> Text:
    return t.figures.unvisited(place=place, count=unvisited_in(chat.db, chat.month, scope), month=chat.month)


def _graduated(chat: Chat, scope: Scope, place: str) -> Text:
    return t.figures.graduated(place=place, count=graduated_in(chat.db, chat.month, scope), month=chat.month)


def _improved(chat: Chat, scope: Scope, place: str) -> Text:
    found = mentoring(chat.db, chat.today, chat.month, scope)
    return t.figures.improved(place=place, count=found.improved, measured=found.measured, day=chat.today)


_OTHERS: dict[Figure, Callable[[Chat, Scope, str], Text]] = {
    Figure.LATE: _late,
    Figure.PAYOUTS: _payouts,
    Figure.GIVERS: _givers,
    Figure.STAFF: _staff,
    Figure.WAITING: _waiting,
    Figure.VISITS: _visits,
    Figure.UNVISITED: _unvisited,
    Figure.GRADUATED: _graduated,
    Figure.IMPROVED: _improved,
}


def _coverage(chat: Chat, asked: Question) -> Figures:
    if asked.area is None:
        return coverage(chat.db, chat.programme, chat.today, chat.scope).total
    found = coverage_by_village(chat.db, chat.programme, chat.today, chat.scope, asked.area.name)
    if asked.village is None:
        return found.total
    return next((one.figures for one in found.places if one.name == asked.village), Figures())


def _scope(chat: Chat, asked: Question) -> Scope:
    return chat.scope if asked.area is None else Scope(frozenset({asked.area.name}))
