"""Questions answered by typing or sending: words, numbers, money, days, the own phone number, a photo."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from handlers.kit.choices import SKIP_WORDS
from handlers.kit.days import parse_day
from handlers.kit.question import Answer, Key, Prompt, Question, View, Wrong
from handlers.texts import Words, t
from models.errors import BadInput
from models.files import FileKind
from models.people import parse_phone
from models.visible import visible


class FreeText(Question[str]):
    """Words, with single spaces and nothing unseen, between `least` and `most` characters.

    With `lines` they stand on their own lines as typed.
    `parse` may refuse (BadInput) or tidy them; `explain` turns its refusal into words.
    """

    def __init__(
        self,
        words: Words,
        *,
        least: int = 1,
        most: int = 200,
        parse: Callable[[str], str] = str,
        explain: Callable[[BadInput], Words] | None = None,
        lines: bool = False,
    ) -> None:
        super().__init__(words)
        self.least, self.most = least, most
        self.parse, self.explain, self.lines = parse, explain, lines

    def read(self, answer: Answer, view: View) -> str:  # noqa: ARG002 - has no views
        """Take the text."""
        if answer.typed is None:
            raise Wrong(t.kit.type_it())
        seen = visible(answer.typed).strip()
        typed = seen.splitlines() if self.lines else [seen]
        text = "\n".join(" ".join(line.split()) for line in typed)
        if len(text) < self.least:
            raise Wrong(t.kit.too_short(least=self.least))
        if len(text) > self.most:
            raise Wrong(t.kit.too_long(most=self.most, given=len(text)))
        try:
            return self.parse(text)
        except BadInput as refused:
            raise Wrong(self.explain(refused) if self.explain else t.kit.type_it()) from None

    def load(self, stored: str) -> str:
        """The text."""
        return stored


def parse_number(text: str, unit: str = "") -> Decimal:
    """Read a number, comma or point for the decimals, its unit allowed: `9,2`, `9.2 kg`. Raises BadInput('number')."""
    folded = text.casefold().strip().removesuffix(unit).strip()
    if not re.fullmatch(r"\d{1,7}(?:[.,]\d{1,3})?", folded, re.ASCII):
        raise BadInput("number")
    return Decimal(folded.replace(",", "."))


class Number(Question[Decimal]):
    """A number between `least` and `most` in `unit` (`kg`, `cm`, or nothing), with at most `decimals` decimals."""

    def __init__(
        self, words: Words, *, least: Decimal, most: Decimal, unit: str = "", decimals: int = 0
    ) -> None:
        super().__init__(words)
        self.least, self.most, self.unit, self.decimals = least, most, unit, decimals

    def read(self, answer: Answer, view: View) -> str:  # noqa: ARG002 - has no views
        """Take the number."""
        example = f"{(self.least + self.most) / 2:.{self.decimals}f}"
        unit = f" {self.unit}" if self.unit else ""
        try:
            number = parse_number(answer.typed or "", self.unit)
        except BadInput:
            raise Wrong(t.kit.not_a_number(example=example, unit=unit)) from None
        if not self.least <= number <= self.most:
            raise Wrong(t.kit.number_range(least=str(self.least), most=str(self.most), unit=unit))
        if number != round(number, self.decimals):
            raise Wrong(t.kit.not_a_number(example=example, unit=unit))
        return str(number)

    def load(self, stored: str) -> Decimal:
        """The number."""
        return Decimal(stored)


def weight(words: Words) -> Number:
    """Ask for a child's weight in kilograms (a newborn to a heavy five-year-old)."""
    return Number(words, least=Decimal(1), most=Decimal(40), unit="kg", decimals=2)


def height(words: Words) -> Number:
    """Ask for a child's length or height in centimetres."""
    return Number(words, least=Decimal(35), most=Decimal(130), unit="cm", decimals=1)


_UNITS = {"": 1, "rb": 1_000, "ribu": 1_000, "k": 1_000, "jt": 1_000_000, "juta": 1_000_000}


def parse_money(text: str) -> int:
    """Read whole rupiah: `450.000`, `Rp 450000`, `450rb`, `450 ribu`, `1,5 juta`. Raises BadInput('money')."""
    folded = re.sub(r"^rp\.?|,-$|(idr|rupiah)$", "", text.strip().casefold().replace(" ", ""))
    found = re.fullmatch(r"(\d{1,12}|\d{1,3}(?:[.,]\d{3})+|\d{1,9}[.,]\d{1,2})(rb|ribu|k|jt|juta)?", folded)
    if not found:
        raise BadInput("money")
    digits, unit = found[1], found[2] or ""
    if re.fullmatch(r"\d{1,9}[.,]\d{1,2}", digits):
        if not unit:
            raise BadInput("money")  # 450,00 could be 450 or 45.000: ask rather than guess
        whole, fraction = re.split(r"[.,]", digits)
        return int(whole) * _UNITS[unit] + int(fraction.ljust(2, "0")) * _UNITS[unit] // 100
    return int(re.sub(r"[.,]", "", digits)) * _UNITS[unit]


class Money(Question[int]):
    """An amount in whole rupiah between `least` and `most`, with quick amounts to tap."""

    def __init__(self, words: Words, *, least: int, most: int, quick: tuple[int, ...] = ()) -> None:
        super().__init__(words)
        self.least, self.most, self.quick = least, most, quick

    def show(self, view: View) -> Prompt:  # noqa: ARG002 - has no views
        """Return the question with the quick amounts, two a row."""
        keys = [Key(t.kit.amount(idr=amount), str(amount)) for amount in self.quick]
        return Prompt(self.words, [keys[i : i + 2] for i in range(0, len(keys), 2)])

    def read(self, answer: Answer, view: View) -> int:  # noqa: ARG002 - has no views
        """Take the amount."""
        given = answer.tap if answer.tap is not None else answer.typed
        try:
            amount = parse_money(given or "")
        except BadInput:
            raise Wrong(t.kit.not_money(example=self.most)) from None
        if not self.least <= amount <= self.most:
            raise Wrong(t.kit.money_range(least=self.least, most=self.most))
        return amount

    def load(self, stored: int) -> int:
        """The amount in rupiah."""
        return stored

    def echo(self, stored: int) -> Words | None:
        """The amount."""
        return t.kit.amount(idr=stored)


class Day(Question[date]):
    """A day between `earliest` and `latest`, with today and yesterday to tap."""

    def __init__(self, words: Words, *, today: date, earliest: date, latest: date | None = None) -> None:
        super().__init__(words)
        self.today, self.earliest, self.latest = today, earliest, latest or today

    def show(self, view: View) -> Prompt:  # noqa: ARG002 - has no views
        """Return the question with today and yesterday, where they are allowed."""
        near = [(t.kit.today(), self.today), (t.kit.yesterday(), self.today - timedelta(days=1))]
        keys = [Key(label, day.isoformat()) for label, day in near if self.earliest <= day <= self.latest]
        return Prompt(self.words, [keys] if keys else [])

    def read(self, answer: Answer, view: View) -> str:  # noqa: ARG002 - has no views
        """Take the day."""
        given = answer.tap if answer.tap is not None else answer.typed
        try:
            day = parse_day(given or "", self.today)
        except BadInput:
            raise Wrong(t.kit.not_a_day(example=self.latest)) from None
        if not self.earliest <= day <= self.latest:
            raise Wrong(t.kit.day_range(earliest=self.earliest, latest=self.latest))
        return day.isoformat()

    def load(self, stored: str) -> date:
        """The day."""
        return date.fromisoformat(stored)

    def echo(self, stored: str) -> Words | None:
        """The day, written out."""
        return t.kit.day(day=date.fromisoformat(stored))


class OwnPhone(Question[str]):
    """The person's own phone number, shared by a button or typed; the value is E.164.

    A shared card counts only when the platform vouches that it is the sender's own.
    """

    def show(self, view: View) -> Prompt:  # noqa: ARG002 - has no views
        """Return the question with the sharing button."""
        return Prompt(self.words, share_phone=t.kit.share_phone())

    def read(self, answer: Answer, view: View) -> str:  # noqa: ARG002 - has no views
        """Take the number."""
        shared = answer.inbound.contact
        if shared is not None and not shared.own:
            raise Wrong(t.kit.not_your_number())
        try:
            return parse_phone(shared.phone if shared else answer.typed or "")
        except BadInput:
            raise Wrong(t.kit.not_a_phone()) from None

    def load(self, stored: str) -> str:
        """The number."""
        return stored


_REFUSED = {
    "too_big": t.kit.photo_too_big,
    "not_a_picture": t.kit.not_a_photo,
    "damaged": t.kit.photo_damaged,
    "not_fetched": t.kit.photo_not_fetched,
}


class Photo(Question[int]):
    """A photo, also one that is sent as a file; the value is the id of the stored file (`models.files`).

    A file that no row points at when the dialog is over is swept.
    """

    def read(self, answer: Answer, view: View) -> int:  # noqa: ARG002 - has no views
        """Take the picture, once it has been fetched and redrawn."""
        photo = answer.inbound.photo
        if photo is None:
            raise Wrong(t.kit.send_photo())
        if photo.sheet:
            raise Wrong(t.kit.not_a_photo())
        if photo.content is None:
            raise Wrong(_REFUSED[photo.refused]())
        return answer.keep(FileKind.PHOTO, photo.content)

    def load(self, stored: int) -> int:
        """The file's id."""
        return stored


class SpreadsheetFile(Question[int]):
    """An Excel or CSV file; the value is the id of the stored file, which is swept like a photo."""

    def read(self, answer: Answer, view: View) -> int:  # noqa: ARG002 - has no views
        """Take the file, once it has been fetched."""
        sheet = answer.inbound.photo
        if sheet is None or not sheet.sheet:
            raise Wrong(t.kit.send_sheet())
        if sheet.content is None:
            raise Wrong(t.kit.sheet_too_big() if sheet.refused == "too_big" else t.kit.sheet_not_fetched())
        return answer.keep(FileKind.SHEET, sheet.content)

    def load(self, stored: int) -> int:
        """The file's id."""
        return stored


_SKIP = "skip"


class OptionalPhoto(Question[int | None]):
    """A photo, or none: there is a key to skip it, and typing its word does so too."""

    def show(self, view: View) -> Prompt:  # noqa: ARG002 - has no views
        """Return the question with the key that skips it."""
        return Prompt(self.words, [[Key(t.kit.skip(), _SKIP)]])

    def read(self, answer: Answer, view: View) -> int | None:
        """Take the picture, or that there is none."""
        if answer.tap == _SKIP or (answer.typed or "").casefold() in SKIP_WORDS:
            return None
        return Photo(self.words).read(answer, view)

    def load(self, stored: int | None) -> int | None:
        """The file's id, None when it was skipped."""
        return stored

    def echo(self, stored: int | None) -> Words | None:
        """That it was skipped."""
        return t.kit.skip() if stored is None else None
