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
    Figure.UNSUPPORTED: (
        "belum (dapat|didukung|punya|ada|terdukung|dibantu|menerima)",
        "tidak (dapat|didukung|punya)",
        "tanpa|belum",
        "unsupported|without|not supported",
    ),
    Figure.FULLY: (
        "(sudah|telah) (dapat|didukung|punya|terdukung|dibantu)",
        "didukung|terdukung|penuh|sudah",
        "supported|fully",
    ),
}
_FILLER_WORDS = """
berapa ada jumlah banyak banyaknya orang anak anaknya balita yang di ke dari dalam pada untuk saat ini
sekarang bulan hari kecamatan kec desa kelurahan kel itu ya sih tolong total semua seluruh daftar kita
bapak ibu pak bu dan masih sudah telah dapat didukung penuh punya bantuan dukungan orangtua tua asuh
setor setoran transfer pembayaran jadi menjadi terdaftar genting how many children child are is the in of
on list there have has been this month yet foster parents parent payouts support
"""
_FILLER = frozenset(_FILLER_WORDS.split())


def understand(programme: Programme, text: str) -> Question:
    """Read a question.

    Raises BadInput('question', given=the first word that is not understood) rather than guess.
    """
    words = re.sub(r"[^\w\s'-]", " ", text.casefold()).split()
    area, village, rest = _place(programme, words)
    sentence = " ".join(rest)
    figure = Figure.CHILDREN
    for candidate, phrases in _PHRASES.items():
        if found := re.search(rf"\b({'|'.join(phrases)})\b", sentence):
            figure = candidate
            sentence = f"{sentence[: found.start()]} {sentence[found.end() :]}"
            break
    for word in sentence.split():
        if word not in _FILLER:
            raise BadInput("question", given=word)
    return Question(figure, area, village)


def _place(programme: Programme, words: list[str]) -> tuple[Area | None, str | None, list[str]]:
    """Find the longest name of a kecamatan or desa (a kecamatan before a desa of the same name), and the rest."""
    desa = any(word in {"desa", "kelurahan", "kel"} for word in words)
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
