"""Questions answered by tapping: one of several, several of several, yes or no."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from handlers.kit.question import Answer, Key, Prompt, Question, Redraw, View, Wrong
from handlers.texts import Joined, Plain, Text, Words, join, render, t

PAGE = "!page:"
TICK = "!tick:"
DONE = "!done"


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose: a code, and the label that people read."""

    value: str
    label: Words


Options = Sequence[Option] | Callable[[], Sequence[Option]]


def folded(text: str) -> str:
    """Return a text as it is compared when somebody types instead of tapping."""
    return " ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split())


class Choice(Question[str]):
    """One of several options, `columns` side by side and `page_size` a page.

    Typing works too: a label, the beginning of one, a number, or a word that narrows a long list. With `other`
    (a question for text) anything else typed is taken as an answer of its own; the value is then that text.
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
        """Return the options whose label (in any language) contains what was typed."""
        if not search:
            return self.options()
        return [o for o in self.options() if any(search in label for label in _labels(o))]

    def show(self, view: View) -> Prompt:
        """Return the page's keys, and keys to the pages beside it."""
        options = self.found(view.search)
        pages = max(1, -(-len(options) // self.page_size))
        page = min(view.page, pages - 1)
        shown = options[page * self.page_size : (page + 1) * self.page_size]
        keys = [Key(option.label, option.value) for option in shown]
        rows = [keys[i : i + self.columns] for i in range(0, len(keys), self.columns)]
        if pages > 1:
            rows.append(_turns(page, pages))
        return Prompt(self.words, rows)

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
        wanted = folded(answer.typed or "")
        options = self.found(view.search)
        if (
            wanted.isdecimal()
            and len(wanted) <= 3
            and self.other is None
            and 1 <= int(wanted) <= len(options)
        ):
            return options[int(wanted) - 1].value
        for fits in (str.__eq__, str.startswith, str.__contains__):
            matches = [o for o in self.options() if any(fits(label, wanted) for label in _labels(o))]
            if len(matches) == 1 and wanted:
                return matches[0].value
            if matches and wanted and len(matches) < len(self.options()) > self.page_size:
                raise Redraw(View(search=wanted))
        if self.other is not None:
            return str(self.other.read(answer, view))
        raise Wrong(t.kit.tap_one())

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
        options = [Option(self.YES, yes or t.kit.yes()), Option(self.NO, no or t.kit.no())]
        super().__init__(words, options, columns=2)

    def _typed(self, answer: Answer, view: View) -> str:
        word = folded(answer.typed or "")
        if word in {"ya", "y", "iya", "yes", "ok", "oke", "setuju", "benar"}:
            return self.YES
        if word in {"tidak", "t", "tdk", "no", "n", "bukan", "belum"}:
            return self.NO
        return super()._typed(answer, view)


def _labels(option: Option) -> list[str]:
    """Return an option's labels in every language, in full and in short, as they are compared."""
    return [
        folded(render(option.label, language, short=short))
        for short in (False, True)
        for language in ("id", "en")
    ]


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
