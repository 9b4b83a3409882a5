"""The same child twice, found without a NIK: name sounds alike, same birth date, same desa.

Duplicates distort coverage, and a child on a list may have no NIK (yet); so these pairs are shown to a
person, never merged.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from models.people import name_key

ALIKE = 0.85
"""Least ratio of difflib at which two folded names are taken for one, misspelled."""

COMPARED = 40
"""At most so many children of one birthday and desa are compared with each other: more is no desa, but a
default date, and comparing all of 20,000 would take hours."""

# Spellings that sound alike: the reforms of 1947 and 1972 (oe, dj, tj, j, sj) and what clerks interchange.
_SOUNDS = (
    ("oe", "u"),
    ("dj", "j"),
    ("tj", "c"),
    ("sy", "s"),
    ("sj", "s"),
    ("kh", "k"),
    ("ph", "f"),
    ("v", "f"),
    ("z", "s"),
    ("q", "k"),
    ("y", "i"),
    ("h", ""),
)


def sound_key(name: str) -> str:
    """Fold a name to how it sounds: `Moehammad Djaelani` = `muamad jaelani`."""
    folded = name_key(name).replace("'", "")
    for written, sound in _SOUNDS:
        folded = folded.replace(written, sound)
    folded = re.sub(r"(.)\1+", r"\1", folded)
    return re.sub(r"\bmo(?=amad)", "mu", folded)


def sounds_alike(one: str, other: str) -> bool:
    """Tell whether two sound keys may be one name: misspelled, in another order, or with a part left out."""
    parts, others = set(one.split()), set(other.split())
    if not parts or not others:
        return False
    return parts <= others or others <= parts or SequenceMatcher(None, one, other).ratio() >= ALIKE


@dataclass(frozen=True, slots=True)
class Somebody:
    """A child to compare: of the file or of the database, `called` as a report names it."""

    called: str
    sounds: str


class Lookalikes:
    """Remembers children by birth date and desa, and finds those whom a name may repeat."""

    def __init__(self) -> None:
        self._groups: defaultdict[tuple[date, str, str], list[Somebody]] = defaultdict(list)

    def find(self, born_on: date, area: str, village: str, name: str) -> str | None:
        """Return how the first lookalike is called, if there is one."""
        sounds = sound_key(name)
        group = self._groups.get((born_on, area, village), ())
        return next((other.called for other in group[:COMPARED] if sounds_alike(sounds, other.sounds)), None)

    def add(self, born_on: date, area: str, village: str, name: str, called: str) -> None:
        """Remember a child."""
        self._groups[born_on, area, village].append(Somebody(called, sound_key(name)))
