"""The light markup of `handlers.texts` (`*bold*`, `_italic_`, `` `code` ``, backslash for a literal) as HTML."""

import re
from html import escape

TAGS = {"*": "b", "_": "i", "`": "code"}
_PIECE = re.compile(r"\\(.)|([*_`])|([^\\*_`]+|\\)", re.DOTALL)


def to_html(marked: str) -> str:
    """Return Telegram HTML; a mark that is never closed is a literal, so the result always parses."""
    out: list[str] = []
    open_marks: list[tuple[str, int]] = []
    for literal, mark, words in _PIECE.findall(marked):
        if mark:
            _mark(mark, out, open_marks)
        else:
            out.append(escape(literal or words, quote=False))
    for mark, index in open_marks:
        out[index] = mark
    return "".join(out)


def _mark(mark: str, out: list[str], open_marks: list[tuple[str, int]]) -> None:
    """Open a tag, or close it; a tag opened inside and not closed by then becomes a literal."""
    if any(mark == opened for opened, _ in open_marks):
        while open_marks:
            opened, index = open_marks.pop()
            if opened == mark:
                out[index] = f"<{TAGS[mark]}>"
                out.append(f"</{TAGS[mark]}>")
                return
            out[index] = opened
    else:
        open_marks.append((mark, len(out)))
        out.append(mark)
