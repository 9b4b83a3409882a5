"""What people typed, as every channel hands it on."""

import re

_CODE = re.compile(r"(?:kode|code)[ :]+([0-9A-Z]{4}-?[0-9A-Z]{4})", re.IGNORECASE)


def words(given: object) -> str:
    """Return a text that any database and answer can hold: no NUL, no half of a surrogate pair.

    Raises TypeError when it is no text.
    """
    if not isinstance(given, str):
        raise TypeError("text")
    return given.encode("utf-8", "replace").decode().replace("\0", "")


def with_code(text: str) -> str:
    """Read the text that a link with a one-time code begins a chat with (`kode 7KQM-X2RA`) as the command it means.

    As a command it is understood in the middle of a dialog too.
    """
    found = _CODE.fullmatch(text.strip())
    return f"/kode {found[1].upper()}" if found else text
