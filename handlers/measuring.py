"""Reading what people type for a weight or a height, and asking again when it can hardly be meant.

A number is never guessed: what is far from every child of that age is asked back with what was probably meant
("92 kg? maksudnya 9,2?"), and the person decides.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from handlers.kit.choices import folded
from handlers.kit.question import Answer, Key, Prompt, Question, Redraw, View, Wrong
from handlers.texts import Text, Words, t
from models.children import Sex
from models.errors import BadInput
from models.growth_standards import LAST_DAY, Measure, for_age
from models.sizes import CENTIMETRES_OF_A_CHILD, KILOGRAMS_OF_A_CHILD, parse_length, parse_weight

SKIP, RETYPE, TAKE = "skip", "retype", "="

# Input words: what people type to go on without a number, or to stand by it.
_SKIP_WORDS = {"lewati", "skip", "tidak", "belum", "tidak diukur", "tidak ditimbang", "-"}
_YES_WORDS = {"ya", "iya", "yes", "y", "benar", "betul", "ok", "oke"}
_NO_WORDS = {"tidak", "tdk", "bukan", "nggak", "enggak", "gak", "salah", "no"}
_POLITE_WORDS = {"bu", "ibu", "pak", "bapak", "kak", "mas", "mbak", "min"}


@dataclass(frozen=True, slots=True)
class Unit:
    """What a reading is of: how it is read and written, and how many of the kept unit make one that is typed."""

    parse: Callable[[str], Decimal]
    name: str
    kept: int
    wrong: Words
    hard: tuple[Decimal, Decimal]


KILOGRAMS = Unit(parse_weight, "kg", 1000, t.visit.wrong_weight(), KILOGRAMS_OF_A_CHILD)
CENTIMETRES = Unit(parse_length, "cm", 10, t.visit.wrong_length(), CENTIMETRES_OF_A_CHILD)


def plausible_weight(sex: Sex, age_days: int) -> tuple[Decimal, Decimal]:
    """Return the kilograms between which nearly every child of an age lies."""
    return _between(Measure.WEIGHT, sex, age_days, -5, 4)


def plausible_length(sex: Sex, age_days: int) -> tuple[Decimal, Decimal]:
    """Return the centimetres between which nearly every child of an age lies."""
    return _between(Measure.LENGTH, sex, age_days, -6, 4)


def _between(measure: Measure, sex: Sex, age_days: int, least: float, most: float) -> tuple[Decimal, Decimal]:
    line = for_age(measure, sex, min(max(age_days, 0), LAST_DAY))
    assert line is not None  # noqa: S101 - within the table
    return Decimal(round(line.size(least), 3)), Decimal(round(line.size(most), 3))


class Reading(Question[int | None]):
    """A weight or a height, or that it was not taken; the value is whole grams or millimetres, None when skipped.

    `plausible` gives the usual range when a number has been typed; one outside is asked back.
    """

    def __init__(self, words: Words, unit: Unit, plausible: Callable[[], tuple[Decimal, Decimal]]) -> None:
        super().__init__(words)
        self.unit, self.plausible = unit, plausible

    def show(self, view: View) -> Prompt:
        """Return the question; or, when a number was doubted, what it may have meant."""
        if not view.search:
            return Prompt(self.words, [[Key(t.visit.not_taken(), SKIP)]])
        given = int(view.search)
        meant, asked = self._meant(given), t.visit.doubt(amount=self._amount(given))
        keys = []
        if meant is not None:
            asked = t.visit.doubt_meant(amount=self._amount(given), meant=self._amount(meant))
            keys.append([Key(self._amount(meant), f"{TAKE}{meant}")])
        if self._possible(given):
            keys.append([Key(t.visit.really(amount=self._amount(given)), f"{TAKE}{given}")])
        return Prompt(asked, [*keys, [Key(t.visit.retype(), RETYPE)]])

    def read(self, answer: Answer, view: View) -> int | None:
        """Take the number, or doubt it."""
        tap, typed = answer.tap, (answer.typed or "").casefold()
        doubted = view.search if tap is None else ""
        if tap == RETYPE or (doubted and _is_said(typed, _NO_WORDS)):
            raise Redraw(View())
        if tap == SKIP or typed in _SKIP_WORDS:
            return None
        if tap is not None:
            return self._taken(tap, view)
        if doubted and _is_said(typed, _YES_WORDS):
            return self._agreed(int(doubted))
        try:
            number = self.unit.parse(typed) * self.unit.kept
        except BadInput:
            raise Wrong(self.unit.wrong) from None
        kept = int(number.to_integral_value())
        if self._usual(kept) and self._possible(kept) and kept == number:
            return kept
        if not self._possible(kept) and self._meant(kept) is None:
            raise Wrong(self.unit.wrong)
        raise Redraw(View(search=str(kept)))

    def _taken(self, tap: str, view: View) -> int:
        """Take what was doubted, or what it probably meant: nothing else can be tapped."""
        given = tap.removeprefix(TAKE)
        if view.search and given in {view.search, str(self._meant(int(view.search)))}:
            kept = int(given)
            if self._possible(kept):
                return kept
        raise Wrong(self.unit.wrong)

    def _agreed(self, given: int) -> int:
        """Take what a yes was said to: what was asked last, which is the number that was probably meant."""
        kept = given if (meant := self._meant(given)) is None else meant
        if not self._possible(kept):
            raise Wrong(self.unit.wrong)
        return kept

    def _meant(self, kept: int) -> int | None:
        """Return what a slip of the decimal comma or of the unit would make of a number, if that is usual."""
        candidates = [kept // 10, kept * 10, kept // 100, kept // 1000, kept * 100]
        return next((one for one in candidates if self._usual(one) and self._possible(one)), None)

    def _usual(self, kept: int) -> bool:
        least, most = self.plausible()
        return least <= Decimal(kept) / self.unit.kept <= most

    def _possible(self, kept: int) -> bool:
        least, most = self.unit.hard
        return least <= Decimal(kept) / self.unit.kept <= most

    def _amount(self, kept: int) -> Text:
        return amount(kept, self.unit)

    def load(self, stored: int | None) -> int | None:
        """Grams or millimetres."""
        return stored

    def echo(self, stored: int | None) -> Words | None:
        """The amount, or that it was not taken."""
        return t.visit.not_taken() if stored is None else self._amount(stored)


def _is_said(typed: str, words: set[str]) -> bool:
    """Tell whether somebody typed one of these words, or several, politely or not."""
    said = set(folded(typed).split()) - _POLITE_WORDS
    return bool(said) and said <= words


def amount(kept: int, unit: Unit) -> Text:
    """Write grams as kilograms, millimetres as centimetres."""
    return t.visit.amount(number=Decimal(kept) / unit.kept, unit=unit.name)
