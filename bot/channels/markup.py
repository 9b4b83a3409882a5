"""The light markup of `handlers.texts` (`*bold*`, `_italic_`, `` `code` ``, backslash for a literal) as HTML."""

from html import escape

TAGS = {"*": "b", "_": "i", "`": "code"}


def to_html(marked: str) -> str:
    """Return Telegram HTML; a mark that is never closed is a literal, so the result always parses."""
    out: list[str] = []
    open_marks: list[tuple[str, int]] = []
    position = 0
    while position < len(marked):
        letter = marked[position]
        if letter == "\\" and position + 1 < len(marked):
            position += 1
            out.append(escape(marked[position], quote=False))
        elif letter in TAGS:
            _mark(letter, out, open_marks)
        else:
            out.append(escape(letter, quote=False))
        position += 1
    for mark, index in open_marks:
        out[index] = mark
    return "".join(out)


def _mark(mark: str, out: list[str], open_marks: list[tuple[str, int]]) -> None:
    """Open a tag, or close it together with nothing else: crossed marks become literals."""
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
