"""The light markup of `handlers.texts` (`*bold*`, `_italic_`, `` `code` ``, backslash for a literal) per platform."""

import re
from collections.abc import Callable, Iterator
from html import escape

TAGS = {"*": "b", "_": "i", "`": "code"}
LOOKALIKES = {"*": "∗", "`": "ˋ", "_": "ˍ", "~": "∼"}  # noqa: RUF001 - letters that look like marks are the point
"""WhatsApp knows no literal mark: what a person typed is written with letters that look the same."""

_MARKS = re.compile(r"[*`]|(?<![^\W_])[_~]+|[_~]+(?![^\W_])")
"""`_` and `~` mark only at the edge of a word: an address with one in its middle stays as it is."""

_QUOTE = re.compile(r"^>(?=\s)", re.MULTILINE)
"""A line that begins so is a quotation on WhatsApp."""

_PIECE = re.compile(r"\\(.)|([*_`])|([^\\*_`]+|\\)", re.DOTALL)


def to_html(marked: str) -> str:
    """Return Telegram HTML; a mark that is never closed is a literal, so the result always parses."""
    return _written(
        marked,
        lambda words: escape(words, quote=False),
        lambda mark: (f"<{TAGS[mark]}>", f"</{TAGS[mark]}>"),
    )


def to_whatsapp(marked: str) -> str:
    """Return WhatsApp's own marks, which look like ours; literal ones are written so that they mark nothing."""
    return _written(marked, literal, lambda mark: (mark, mark))


def literal(words: str) -> str:
    """Return words for WhatsApp in which nothing is a mark."""
    shown = _MARKS.sub(lambda found: "".join(LOOKALIKES[mark] for mark in found.group()), words)
    return _QUOTE.sub("›", shown)  # noqa: RUF001 - as above


def _written(marked: str, plainly: Callable[[str], str], marks: Callable[[str], tuple[str, str]]) -> str:
    pieces = [(bool(mark), mark or escaped or words) for escaped, mark, words in _PIECE.findall(marked)]
    written = dict(_pairs([said if is_mark else "" for is_mark, said in pieces], marks))
    out: list[str] = []
    said = ""
    for at, (_, piece) in enumerate(pieces):
        if at in written:
            out += [plainly(said), written[at]]
            said = ""
        else:
            said += piece
    return "".join([*out, plainly(said)])


def _pairs(candidates: list[str], marks: Callable[[str], tuple[str, str]]) -> Iterator[tuple[int, str]]:
    """Yield where a mark opens or closes, and what is written there.

    One that is never closed, or not before what surrounds it, is a literal.
    """
    waiting: list[tuple[str, int]] = []
    for at, mark in enumerate(candidates):
        if not mark:
            continue
        if all(mark != opened for opened, _ in waiting):
            waiting.append((mark, at))
            continue
        while waiting:
            opened, since = waiting.pop()
            if opened == mark:
                opening, closing = marks(mark)
                yield since, opening
                yield at, closing
                break
