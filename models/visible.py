"""What somebody typed, without what nobody sees.

Control and format characters, half surrogates: they turn the direction of what stands after them, make two names look
like one, or break a file; and PostgreSQL takes neither NUL nor half a pair.
"""

import unicodedata

UNSEEN = frozenset({"Cc", "Cf", "Cs"})
JOINER = "\u200d"
"""Between two emoji it makes one of them (a family, a woman at work): it is kept there."""

_EMOJI = frozenset({"So", "Sk", "Mn"})


def visible(text: str) -> str:
    """Return a text with a space for each unseen character; line breaks and joined emoji stay."""
    return "".join(_seen(text, at, sign) for at, sign in enumerate(text))


def _seen(text: str, at: int, sign: str) -> str:
    if sign == "\n" or not _is_unseen(sign):
        return sign
    joins = sign == JOINER and unicodedata.category(text[at - 1 : at] or " ") in _EMOJI
    return sign if joins and unicodedata.category(text[at + 1 : at + 2] or " ") == "So" else " "


def _is_unseen(sign: str) -> bool:
    """Tell whether nobody sees it; U+FFFE and its like are no characters at all, and no XML may hold them."""
    code = ord(sign)
    return unicodedata.category(sign) in UNSEEN or code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
