"""The columns of both lists, and how a header in a file finds its column.

Headers are Indonesian with English aliases; capitals, spaces, punctuation and remarks in brackets never
matter: `Jenis Kelamin (L/P) *` is `jenis kelamin`.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class ImportKind(StrEnum):
    """What a file lists."""

    CHILDREN = "children"
    ROSTER = "roster"


@dataclass(frozen=True, slots=True)
class Heading:
    """A header as it stands in the file: its column letter and its text."""

    column: str
    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a list may have; `title` is how we ask for it.

    `instead` is the field of a column that may stand in the place of a required one.
    """

    field: str
    title: str
    also: tuple[str, ...]
    required: bool = False
    instead: str = ""


CHILDREN = (
    Column("code", "kode", ("kode anak", "code", "child code")),
    Column("name", "nama", ("nama anak", "nama balita", "nama lengkap", "name", "child name"), required=True),
    Column("nik", "nik", ("nik anak", "no nik", "nomor nik", "nomor induk kependudukan", "national id")),
    Column("sex", "jenis kelamin", ("jk", "l/p", "kelamin", "sex", "gender"), required=True),
    Column(
        "born_on", "tanggal lahir", ("tgl lahir", "birth date", "date of birth", "born on"), required=True
    ),
    Column("area", "kecamatan", ("kec", "district", "subdistrict", "area"), required=True),
    Column("village", "desa", ("kelurahan", "desa/kelurahan", "desa/kel", "village"), required=True),
    Column("address", "alamat", ("alamat lengkap", "address")),
    Column("status", "status", ("status anak", "status stunting"), required=True, instead="severity"),
    Column("severity", "keparahan", ("tingkat keparahan", "tb/u", "status tb/u", "kategori", "severity")),
    Column(
        "listed_on", "tanggal masuk daftar", ("tgl masuk daftar", "tanggal masuk", "tgl masuk", "listed on")
    ),
    Column(
        "guardian",
        "nama ibu/wali",
        (
            "nama ibu",
            "nama wali",
            "ibu",
            "wali",
            "nama orang tua",
            "nama ortu",
            "orang tua",
            "ibu/wali",
            "guardian",
            "guardian name",
            "mother",
            "mother name",
        ),
    ),
    Column("relation", "hubungan", ("hubungan wali", "hubungan dengan anak", "relation", "relationship")),
    Column(
        "phone",
        "telepon wali",
        (
            "telepon ibu/wali",
            "telepon ibu",
            "telepon",
            "no telepon",
            "no hp",
            "nomor hp",
            "hp",
            "no wa",
            "nomor wa",
            "whatsapp",
            "phone",
            "guardian phone",
        ),
    ),
)

ROSTER = (
    Column("nip", "nip", ("nip baru", "no nip", "nomor induk pegawai"), required=True),
    Column("name", "nama", ("nama pegawai", "nama lengkap", "nama asn", "name"), required=True),
    Column("born_on", "tanggal lahir", ("tgl lahir", "birth date", "date of birth")),
    Column(
        "office",
        "opd",
        ("nama opd", "perangkat daerah", "unit kerja", "instansi", "skpd", "satuan kerja", "office"),
        required=True,
    ),
    Column("phone", "telepon", ("no telepon", "no hp", "nomor hp", "hp", "no wa", "whatsapp", "phone")),
)

COLUMNS = {ImportKind.CHILDREN: CHILDREN, ImportKind.ROSTER: ROSTER}

_BESIDE = """
    no nomor nourut number
    prov provinsi kabkota kabupaten puskesmas pukesmas posyandu rt rw bblahir tblahir usiasaatukur tanggalpengukuran
    tglpengukuran berat tinggi lila caraukur bbu zsbbu zstbu bbtb zsbbtb naikberatbadan pmtditerima jmlvita kpsp kia
    detail
"""
"""Numbering, and what e-PPGBM writes beside a child: where it is weighed, and measurements, entered elsewhere."""

UNREMARKABLE = frozenset(["", *_BESIDE.split()])
"""Columns that such lists have and nobody misses."""


def expected_headings(kind: ImportKind) -> tuple[str, ...]:
    """Return the headers that a file of this kind may have, in a sensible order."""
    return tuple(column.title for column in COLUMNS[kind])


def required_headings(kind: ImportKind) -> frozenset[str]:
    """Return those of the expected headers that a file must have."""
    return frozenset(column.title for column in COLUMNS[kind] if column.required)


def heading_key(text: str) -> str:
    """Fold a header so that spellings meet."""
    bare = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", text.casefold())
    return re.sub(r"[^a-z0-9]", "", bare)


def fields_by_key(kind: ImportKind) -> dict[str, str]:
    """Return which field each folded header names."""
    return {
        heading_key(text): column.field for column in COLUMNS[kind] for text in (column.title, *column.also)
    }
