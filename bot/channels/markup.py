"""The light markup of `handlers.texts` (`*bold*`, `_italic_`, `` `code` ``, backslash for a literal) per platform."""

import re
from collections.abc import Callable
from html import escape

TAGS = {"*": "b", "_": "i", "`": "code"}
LOOKALIKES = {"*": "∗", "`": "ˋ"}  # noqa: RUF001 - letters that look like marks are the point
"""WhatsApp knows no literal mark: what a person typed is written with letters that look the same."""

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
    for mark, lookalike in LOOKALIKES.items():
        words = words.replace(mark, lookalike)
    return words


def _written(marked: str, plainly: Callable[[str], str], marks: Callable[[str], tuple[str, str]]) -> str:
    out: list[str] = []
    open_marks: list[tuple[str, int]] = []
    for escaped, mark, words in _PIECE.findall(marked):
        if mark:
            _mark(mark, out, open_marks, plainly, marks)
        else:
            out.append(plainly(escaped or words))
    for mark, index in open_marks:
        out[index] = plainly(mark)
    return "".join(out)


def _mark(
    mark: str,
    out: list[str],
    open_marks: list[tuple[str, int]],
    plainly: Callable[[str], str],
    marks: Callable[[str], tuple[str, str]],
) -> None:
    """Open a mark, or close it; one opened inside and not closed by then becomes a literal."""
    if any(mark == opened for opened, _ in open_marks):
        while open_marks:
            opened, index = open_marks.pop()
            if opened == mark:
                out[index], closing = marks(mark)
                out.append(closing)
                return
            out[index] = plainly(opened)
    else:
        open_marks.append((mark, len(out)))
        out.append(plainly(mark))
