"""Questions answered by tapping: one of several, several of several, yes or no."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from handlers.kit.question import Answer, Key, Prompt, Question, Redraw, View, Wrong
from handlers.texts import Joined, Plain, Text, Words, join, render, t

PAGE = "!page:"
TICK = "!tick:"
DONE = "!done"


def phrases(listed: str) -> frozenset[str]:
    """Read input words written as `ya|iya|sudah benar`."""
    return frozenset(listed.split("|"))


# Input words: what people type in the place of a label, in both languages; several words stand for themselves.
YES_WORDS = phrases(
    "ya|y|iya|iyah|yes|ok|oke|okay|setuju|benar|betul|boleh|sudah|sudah benar|silakan|lanjut|ya boleh"
)
NO_WORDS = phrases(
    "tidak|t|tdk|no|n|nggak|enggak|gak|ga|bukan|belum|jangan|jangan dulu|tidak usah|tidak boleh|tidak setuju"
    "|tidak benar|belum benar|gak usah|nggak usah|gak boleh|nggak boleh"
)
SKIP_WORDS = phrases("lewati|lewat|skip|tidak ada|tidak|nggak ada|gak ada|ga ada|tdk ada|kosong|no|none|-")
POLITE = phrases(
    "pak|bu|ibu|bapak|kak|min|kok|dong|deh|saja|aja|saya|terima kasih|makasih|trims|thanks|thank you"
)
LONGEST_PHRASE = 3

_CODE = re.compile(r"(?:([a-z]+) ?)?0*(\d{1,6})", re.ASCII)
"""A child's code as it is compared when typed: `blt 014`, `blt14`, `14`."""

LETTERS = 4
"""So many letters of a label's beginning name it; fewer must be a whole word."""


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose: a code, the label that people read, and the input words that stand for it.

    Without words of its own, an option whose code is yes or no takes what people usually type for that.
    """

    value: str
    label: Words
    words: Collection[str] = ()

    @property
    def said_as(self) -> Collection[str]:
        """The input words."""
        return self.words or {"yes": YES_WORDS, "no": NO_WORDS}.get(self.value, ())


Options = Sequence[Option] | Callable[[], Sequence[Option]]


def folded(text: str) -> str:
    """Return a text as it is compared when somebody types instead of tapping."""
    return " ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split())


class Choice(Question[str]):
    """One of several options, `columns` side by side and `page_size` a page.

    Typing works too: a label, its whole words or its beginning, a word that stands for it, a child's code or its
    number, the place among those shown, or a word that narrows a long list; what fits two is asked again. With
    `other` (a question for text) anything else typed is an answer of its own; the value is then that text.
    `options` may be a function: it is called only when the question is really shown or answered.
    """

    def __init__(
        self,
        words: Words,
        options: Options,
        *,
        columns: int = 1,
        page_size: int = 8,
        other: Question[str] | None = None,
        nothing: Words | None = None,
    ) -> None:
        super().__init__(words)
        self._options = options
        self.columns = columns
        self.page_size = page_size
        self.other = other
        self.nothing = nothing

    def options(self) -> Sequence[Option]:
        """Return what there is to choose from, asked once."""
        if callable(self._options):
            self._options = self._options()
        return self._options

    def found(self, search: str) -> Sequence[Option]:
        """Return the options with a word in their label (in any language) that begins as what was typed."""
        if not search:
            return self.options()
        return [o for o in self.options() if any(_word_begins(label, search) for label in _labels(o))]

    def show(self, view: View) -> Prompt:
        """Return the page's keys, and keys to the pages beside it."""
        shown, page, pages = self._page_of(view)
        keys = [Key(option.label, option.value) for option in shown]
        rows = [keys[i : i + self.columns] for i in range(0, len(keys), self.columns)]
        if pages > 1:
            rows.append(_turns(page, pages))
        return Prompt(self.words, rows)

    def _page_of(self, view: View) -> tuple[Sequence[Option], int, int]:
        """Return what is shown at this moment, which page that is, and of how many."""
        options = self.found(view.search)
        pages = max(1, -(-len(options) // self.page_size))
        page = min(view.page, pages - 1)
        return options[page * self.page_size : (page + 1) * self.page_size], page, pages

    def read(self, answer: Answer, view: View) -> str:
        """Take a tapped or typed option."""
        if answer.tap is not None:
            return self._tapped(answer.tap, view)
        if answer.typed is None:
            raise Wrong(t.kit.tap_one())
        return self._typed(answer, view)

    def _tapped(self, tap: str, view: View) -> str:
        if tap.startswith(PAGE):
            raise Redraw(view.turned(_page(tap)))
        if all(option.value != tap for option in self.options()):
            raise Wrong(t.kit.option_gone())
        return tap

    def _typed(self, answer: Answer, view: View) -> str:
        typed = answer.typed or ""
        wanted = folded(typed)
        if (named := self._named_by(typed, wanted, view)) is not None:
            return named
        narrowed = self.found(wanted) if wanted else []
        if narrowed and len(narrowed) < len(self.options()) > self.page_size:
            raise Redraw(View(search=wanted))
        if self.other is not None:
            return str(self.other.read(answer, view))
        raise Wrong(t.kit.tap_one())

    def _named_by(self, typed: str, wanted: str, view: View) -> str | None:
        """Return the one option that is meant; of two that fit equally well, none."""
        options = self.options()
        said = meant(typed, {o.value: o.said_as for o in options})
        for matches in (
            [o for o in options if wanted and wanted in _labels(o)],
            [o for o in options if o.value in said],
            _coded(wanted, options),
            self._placed(wanted, view),
            [o for o in options if any(_begins(label, wanted) for label in _labels(o))],
            [o for o in options if any(_has_words(label, wanted) for label in _labels(o))],
        ):
            if len(matches) == 1:
                return matches[0].value
            if matches:
                break
        return None

    def _placed(self, wanted: str, view: View) -> Sequence[Option]:
        """Return the option at a typed place among those shown now: nobody counts the pages before."""
        if self.other is not None or not wanted.isdecimal() or len(wanted) > 3:
            return []
        shown, _, _ = self._page_of(view)
        return shown[int(wanted) - 1 : int(wanted)] if wanted.strip("0") else []

    def load(self, stored: str) -> str:
        """The option's code (or the text typed instead)."""
        return stored

    def echo(self, stored: str) -> Words | None:
        """The chosen label."""
        return next((option.label for option in self.options() if option.value == stored), Plain(stored))


class Many(Choice):
    """A tick list: any number of options, then done. The value is the codes in the options' order.

    `none` is what the done key says while nothing is ticked, so that "healthy" is one tap.
    """

    def __init__(
        self, words: Words, options: Options, *, none: Words | None = None, page_size: int = 8
    ) -> None:
        super().__init__(words, options, page_size=page_size)
        self.none = none

    def show(self, view: View) -> Prompt:
        """Return the options with their ticks, then the done key."""
        prompt = super().show(view)
        rows = [[self._ticked(key, view) for key in row] for row in prompt.rows]
        done = self.none if self.none is not None and not view.ticks else t.kit.done()
        return replace(prompt, rows=[*rows, [Key(done, DONE)]], listed=self._listed())

    def _listed(self) -> Words:
        """Write the options out under the numbers by which they may be named."""
        lines = [t.kit.numbered(n=n, label=o.label) for n, o in enumerate(self.options(), start=1)]
        return t.kit.tick_by_number(lines=join(lines))

    def _ticked(self, key: Key, view: View) -> Key:
        if key.value.startswith("!"):
            return key
        label: Joined | Text
        label = t.kit.ticked(label=key.label) if key.value in view.ticks else t.kit.unticked(label=key.label)
        return Key(label, TICK + key.value)

    def read(self, answer: Answer, view: View) -> str:
        """Take a tick, several typed numbers or labels (`1 3 5`), or done."""
        if answer.tap == DONE:
            return self._joined(view.ticks)
        if answer.tap is not None and answer.tap.startswith(TICK):
            value = answer.tap.removeprefix(TICK)
            ticks = set(view.ticks) ^ {value}
            raise Redraw(replace(view, ticks=tuple(o.value for o in self.options() if o.value in ticks)))
        if answer.tap is not None and answer.tap.startswith(PAGE):
            raise Redraw(view.turned(_page(answer.tap)))
        if answer.typed is None:
            raise Wrong(t.kit.tick_some())
        return self._joined(self._named(answer.typed))

    def _named(self, typed: str) -> tuple[str, ...]:
        options = self.options()
        if self.none is not None and folded(typed) in _labels(Option(DONE, self.none)):
            return ()
        names = [folded(part) for part in typed.replace(";", ",").split(",")]
        if len(names) == 1 and all(word.isdecimal() for word in names[0].split()):
            names = names[0].split()
        values = []
        for name in names:
            if name.isdecimal() and 1 <= int(name) <= len(options):
                values.append(options[int(name) - 1].value)
                continue
            matches = [o.value for o in options if name and name in _labels(o)]
            if not matches:
                raise Wrong(t.kit.tick_some())
            values.extend(matches)
        return tuple(o.value for o in options if o.value in values)

    def _joined(self, values: tuple[str, ...]) -> str:
        return ",".join(values)

    def echo(self, stored: str) -> Words | None:
        """The ticked labels."""
        chosen = stored.split(",")
        labels = [option.label for option in self.options() if option.value in chosen]
        return join(labels, ", ") if labels else self.none or t.kit.none_ticked()


class Confirm(Choice):
    """Yes or no; the value is True or False by `yes`. Typed `ya`, `tidak`, `yes`, `no` work in both languages."""

    YES, NO = "yes", "no"

    def __init__(self, words: Words, *, yes: Words | None = None, no: Words | None = None) -> None:
        options = [
            Option(self.YES, yes or t.kit.yes(), YES_WORDS),
            Option(self.NO, no or t.kit.no(), NO_WORDS),
        ]
        super().__init__(words, options, columns=2)


def _labels(option: Option) -> list[str]:
    """Return an option's labels in every language, in full and in short, as they are compared."""
    return [
        folded(render(option.label, language, short=short))
        for short in (False, True)
        for language in ("id", "en")
    ]


def _begins(label: str, wanted: str) -> bool:
    """Whether a label begins with what was typed: with its whole words, or with letters enough to know it."""
    return bool(wanted) and (
        f"{label} ".startswith(f"{wanted} ") or (len(wanted) >= LETTERS and label.startswith(wanted))
    )


def _has_words(label: str, wanted: str) -> bool:
    return bool(wanted) and f" {wanted} " in f" {label} "


def _word_begins(label: str, wanted: str) -> bool:
    return f" {wanted}" in f" {label}"


def _coded(wanted: str, options: Sequence[Option]) -> list[Option]:
    """Return the option whose code a child's code or its number names."""
    found = _CODE.fullmatch(wanted)
    if found is None:
        return []
    codes = [(option, _CODE.fullmatch(folded(option.value))) for option in options]
    return [
        o for o, code in codes if code and code[1] and code[2] == found[2] and found[1] in {None, code[1]}
    ]


def meant(typed: str, words_of: Mapping[str, Collection[str]]) -> list[str]:
    """Return the codes for which the typed words stand; none when a word among them stands for nothing."""
    words = folded(typed).split()
    if not words:
        return [code for code, known in words_of.items() if typed.strip() and typed.strip() in known]
    found: dict[str, None] = {}
    while words:
        for length in range(min(LONGEST_PHRASE, len(words)), 0, -1):
            phrase = " ".join(words[:length])
            fits = [code for code, known in words_of.items() if phrase in known]
            if fits or phrase in POLITE:
                break
        else:
            return []
        found |= dict.fromkeys(fits)
        del words[:length]
    return list(found)


def _page(tap: str) -> int:
    """Return the page that a page key names; anything made up is the first."""
    number = tap.removeprefix(PAGE)
    return int(number) if number.isascii() and number.isdigit() and len(number) < 5 else 0


def _turns(page: int, pages: int) -> list[Key]:
    keys = []
    if page > 0:
        keys.append(Key(t.kit.page_before(page=page, pages=pages), f"{PAGE}{page - 1}"))
    if page < pages - 1:
        keys.append(Key(t.kit.page_after(page=page + 2, pages=pages), f"{PAGE}{page + 1}"))
    return keys
