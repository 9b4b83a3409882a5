"""What a question for a figure asks, in everyday words: "berapa anak di Sijuk yang belum dapat?".

A small set of understood words and nothing more. A question with any other word is not answered by a guess: which
word was not understood is said instead, so that no figure is ever given for something that was not asked.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from models.errors import BadInput
from models.programme import Area, Programme, place_key


class Figure(StrEnum):
    """What can be asked for."""

    CHILDREN = "children"
    FULLY = "fully"
    PARTLY = "partly"
    UNSUPPORTED = "unsupported"
    NOT_FULLY = "not_fully"
    LATE = "late"
    WAITING = "waiting"
    VISITS = "visits"
    UNVISITED = "unvisited"
    GRADUATED = "graduated"
    IMPROVED = "improved"
    STAFF = "staff"
    GIVERS = "givers"
    PAYOUTS = "payouts"


@dataclass(frozen=True, slots=True)
class Question:
    """A figure, for a kecamatan, a desa of it, or (both None) everything in scope."""

    figure: Figure
    area: Area | None = None
    village: str | None = None


# Input words, in both languages; the first line of which a phrase occurs whole decides, so longer ones stand first.
_PHRASES: dict[Figure, tuple[str, ...]] = {
    Figure.UNVISITED: ("(belum|tidak) dikunjungi", "(tanpa|belum ada) kunjungan", "not visited", "unvisited"),
    Figure.NOT_FULLY: ("belum (penuh|lengkap)", "belum didukung penuh", "not fully"),
    Figure.LATE: (
        "belum (setor|menyetor|transfer|bayar)",
        "terlambat|telat|menunggak|nunggak|tunggakan",
        "late|overdue",
    ),
    Figure.WAITING: ("menunggu persetujuan", "antre|antrean", "waiting for approval"),
    Figure.VISITS: ("kunjungan|dikunjungi", "visits"),
    Figure.GRADUATED: ("lulus", "graduated"),
    Figure.IMPROVED: ("membaik", "improved"),
    Figure.STAFF: ("asn|pns|pppk|pegawai", "staff", "civil servants"),
    Figure.PARTLY: ("sebagian|separuh", "partly|partially"),
    Figure.PAYOUTS: ("sudah (setor|menyetor|transfer|bayar)",),
    Figure.UNSUPPORTED: (
        "belum (dapat|didukung|punya|ada|terdukung|dibantu|menerima)",
        "tidak (dapat|didukung|punya)",
        "tanpa|belum",
        "unsupported|without|not supported",
    ),
    Figure.FULLY: (
        "(sudah|telah) (dapat|didukung|punya|terdukung|dibantu)",
        "didukung|terdukung|penuh",
        "supported|fully",
    ),
}
# Nouns that are asked for by themselves where no phrase above says what of them; ones that stand beside a phrase.
_GIVERS = "orang tua asuh|orangtua asuh|pemberi|donatur|foster parents?|givers?"
_PAYOUTS = "setoran|setor|transfer|pembayaran|bayar|penyaluran|payouts?|transfers?"
_CHILDREN = "anak|anaknya|balita|children|child"
_NOUNS: dict[Figure, str] = {Figure.GIVERS: _GIVERS, Figure.PAYOUTS: _PAYOUTS, Figure.CHILDREN: _CHILDREN}
_OF_CHILDREN = f"{_CHILDREN}|{_GIVERS}|orang|bantuan|dukungan|support"
_BESIDE: dict[Figure, str] = {
    Figure.LATE: f"{_PAYOUTS}|{_GIVERS}|asn|orang",
    Figure.STAFF: f"{_GIVERS}|orang",
    Figure.PAYOUTS: f"{_GIVERS}|orang|yang (sudah|telah)|sudah|telah",
    Figure.GIVERS: "orang|yang memberi|memberi|aktif|active",
    Figure.WAITING: "orang",
    Figure.VISITS: _CHILDREN,
    Figure.CHILDREN: "orang",
}
"""What may stand beside a figure's phrase without changing what is asked; beside the others: `_OF_CHILDREN`."""

_FILLER_WORDS = """
berapa ada jumlah banyak banyaknya yang di ke dari dalam pada untuk saat ini
sekarang bulan hari itu ya sih tolong total semua seluruh daftar kita
bapak ibu pak bu jadi menjadi terdaftar genting how many are is the in of
on list there have has been this month yet per
"""
_FILLER = frozenset(_FILLER_WORDS.split())
_VILLAGES = frozenset({"desa", "kelurahan", "kel"})
_PLACES = _VILLAGES | {"kecamatan", "kec"}


def place_called(programme: Programme, text: str) -> tuple[Area, str | None] | None:
    """Find a kecamatan, or a desa with its kecamatan, by its name (`Sijuk`, `desa Sijuk`); None when there is none."""
    words = text.casefold().split()
    kind = words.pop(0) if len(words) > 1 and words[0] in _PLACES else ""
    return _named(programme, place_key(" ".join(words)), village_first=kind in _VILLAGES)


def understand(programme: Programme, text: str) -> Question:
    """Read a question.

    Raises BadInput('question', given=the first word that is not understood) rather than guess.
    """
    words = re.sub(r"[^\w\s'-]", " ", text.casefold()).split()
    area, village, rest = _place(programme, words)
    figure, sentence = _figure(" ".join(rest))
    beside = _BESIDE.get(figure, _OF_CHILDREN)
    known = _FILLER | _PLACES if area else _FILLER
    for word in re.sub(rf"\b({beside})\b", " ", sentence).split():
        if word not in known:
            raise BadInput("question", given=word)
    return Question(figure, area, village)


def _figure(sentence: str) -> tuple[Figure, str]:
    """Return what is asked for and the words that do not say it; all children where nothing does."""
    for figure, phrases in [*_PHRASES.items(), *((noun, (words,)) for noun, words in _NOUNS.items())]:
        if found := re.search(rf"\b({'|'.join(phrases)})\b", sentence):
            return figure, f"{sentence[: found.start()]} {sentence[found.end() :]}"
    return Figure.CHILDREN, sentence


def _place(programme: Programme, words: list[str]) -> tuple[Area | None, str | None, list[str]]:
    """Find the longest name of a kecamatan or desa (a kecamatan before a desa of the same name), and the rest."""
    desa = any(word in _VILLAGES for word in words)
    for length in range(min(4, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            name = place_key(" ".join(words[start : start + length]))
            if not name:
                continue
            found = _named(programme, name, village_first=desa)
            if found:
                return *found, [*words[:start], *words[start + length :]]
    return None, None, words


def _named(programme: Programme, name: str, *, village_first: bool) -> tuple[Area, str | None] | None:
    areas: list[tuple[Area, str | None]] = [
        (area, None) for area in programme.areas if name in {place_key(n) for n in (area.name, *area.also)}
    ]
    villages: list[tuple[Area, str | None]] = [
        (area, village) for area in programme.areas for village in area.villages if place_key(village) == name
    ]
    found = [*villages, *areas] if village_first else [*areas, *villages]
    return found[0] if found else None
