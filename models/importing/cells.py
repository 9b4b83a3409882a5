"""From a cell to a value. Each function takes whatever a sheet may hold and raises nothing but BadInput.

What is told about a wrong name, NIK, NIP or phone never repeats it: reports are printed, sent and kept.
"""

import math
import re
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from models.children import ChildStatus, Severity, Sex
from models.errors import BadInput
from models.importing.files import Cell
from models.nip import Nip, parse_nip
from models.people import parse_phone
from models.visible import visible

T = TypeVar("T")

LONGEST_TEXT = 200
DATE_EXAMPLE = "31/12/2023"
NIK_EXAMPLE = "9901013112230001"

EXCEL_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"})

_EXCEL_DAY_ZERO = date(1899, 12, 30)
_SERIALS = range(10_000, 80_000)
"""Excel's day numbers from 1927 to 2119: dates in cells that are not formatted as dates."""

_TIME = r"(?:[ t]\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\.\d+)?)?"
_DAY_FIRST = re.compile(r"(\d{1,2})[\s./-]+(\d{1,2}|[a-z]+)[\s./,-]+(\d{4})" + _TIME, re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})[./-](\d{1,2})[./-](\d{1,2})" + _TIME, re.ASCII)
_MONTHS = (
    ("januari", "january"),
    ("februari", "february", "pebruari"),
    ("maret", "march"),
    ("april",),
    ("mei", "may"),
    ("juni", "june"),
    ("juli", "july"),
    ("agustus", "august", "ags", "agt"),
    ("september",),
    ("oktober", "october"),
    ("november", "nopember"),
    ("desember", "december"),
)

SEXES = {
    Sex.MALE: ("l", "lk", "m", "lakilaki", "laki", "pria", "male", "boy"),
    Sex.FEMALE: ("p", "pr", "f", "perempuan", "wanita", "female", "girl"),
}
STATUSES = {
    ChildStatus.STUNTED: ("stunting", "stunted"),
    ChildStatus.AT_RISK: ("berisiko", "beresiko", "risiko", "berisikostunting", "beresikostunting", "atrisk"),
}
SEVERITIES = {
    Severity.SEVERE: ("sangatpendek", "severe", "severelystunted", "berat"),
    Severity.MODERATE: ("pendek", "moderate", "stunted", "sedang"),
    Severity.NONE: ("normal", "tinggi", "none", "tidak", "tidakpendek", "berisiko", "beresiko"),
}
RELATIONS = {
    "mother": ("ibu", "ibukandung", "mama", "mother"),
    "father": ("ayah", "ayahkandung", "bapak", "father"),
    "guardian": ("wali", "guardian", "nenek", "kakek", "tante", "bibi", "paman", "kakak", "lainnya", "other"),
}


def read_text(value: Cell) -> str:
    """Return a cell as one line of plain text, at most 200 characters; formulas and markup stay text.

    Raises BadInput('text_too_long').
    """
    if isinstance(value, float):
        value = int(value) if math.isfinite(value) and value.is_integer() else repr(value)
    elif isinstance(value, (date, time)):
        value = value.isoformat()
    text = "" if value is None else unicodedata.normalize("NFC", str(value))
    line = " ".join(visible(text).split())
    if len(line) > LONGEST_TEXT:
        raise BadInput("text_too_long", length=len(line), limit=LONGEST_TEXT)
    return line


def read_name(value: Cell) -> str:
    """Return somebody's or an office's name, at most 120 characters. Raises BadInput('name')."""
    name = read_text(value)
    if not any(sign.isalpha() for sign in name) or len(name) > 120:
        raise BadInput("name", example="Siti Contoh")
    return name


def read_digits(value: Cell) -> str:
    """Return a long number as it was typed. Raises BadInput('number_lost_digits') when Excel has rounded it.

    Excel keeps 15 digits: a NIK (16) or NIP (18) typed into a number cell ends in zeros that nobody typed.
    """
    if isinstance(value, float) and math.isfinite(value) and value.is_integer() and abs(value) < 10**15:
        return str(int(value))
    if isinstance(value, float):
        raise BadInput("number_lost_digits")
    if isinstance(value, int) and not isinstance(value, bool):
        return _exact(value)
    text = read_text(value).lstrip("'")
    if re.fullmatch(r"\d[.,]?\d*e\+?\d+", text.casefold(), re.ASCII):
        raise BadInput("number_lost_digits")
    return text


def _exact(number: int) -> str:
    digits = str(abs(number))
    rounded_by_excel = len(digits) > 15 and number % 10 ** (len(digits) - 15) == 0
    rounded_by_others = abs(number) > 2**53 and len(digits) < 300 and int(float(number)) == number
    if rounded_by_excel or rounded_by_others:
        raise BadInput("number_lost_digits")
    return str(number)


def read_nik(value: Cell) -> str:
    """Return the 16 digits of a NIK. Raises BadInput: `nik_length`, `number_lost_digits`."""
    nik = re.sub(r"[\s.\-]", "", read_digits(value))
    if not re.fullmatch(r"[0-9]{16}", nik):
        raise BadInput("nik_length", digits=len(re.sub(r"\D", "", nik)), example=NIK_EXAMPLE)
    return nik


def nik_tells(nik: str) -> tuple[str, Sex | None]:
    """Return the birth date (DDMMYY, women's +40 taken off) and the sex that a NIK was given for.

    A NIK is permanent and need not agree with a corrected birth date: never refuse because of it.
    """
    day = int(nik[6:8])
    sex = Sex.FEMALE if 41 <= day <= 71 else Sex.MALE if 1 <= day <= 31 else None
    return f"{day - 40 if sex is Sex.FEMALE else day:02d}{nik[8:12]}", sex


def read_nip(value: Cell) -> Nip:
    """Return a NIP. Raises BadInput as `parse_nip` does, or `number_lost_digits`."""
    return parse_nip(read_digits(value))


def read_phone(value: Cell) -> str:
    """Return a phone in E.164, with the leading 0 that Excel took away. Raises BadInput('phone')."""
    return parse_phone(read_digits(value))


def read_date(value: Cell) -> date:
    """Read a date cell, Excel's day number, `31/12/2023`, `2023-12-31` or `31 Des 2023`.

    Day comes before month, as everywhere in Indonesia; two-digit years are refused, they are guesses. Raises
    BadInput('date').
    """
    found: date | None = None
    if isinstance(value, datetime):
        found = value.date()
    elif isinstance(value, date):
        found = value
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        if math.isfinite(value) and int(value) in _SERIALS:
            found = _EXCEL_DAY_ZERO + timedelta(days=int(value))
    elif isinstance(value, str):
        found = _written_date(read_text(value).casefold())
    if found is None or not 1900 <= found.year <= 2100:
        raise BadInput("date", given=str(value)[:30], example=DATE_EXAMPLE)
    return found


def _written_date(text: str) -> date | None:
    if match := _YEAR_FIRST.fullmatch(text):
        year, month, day = match.groups()
    elif match := _DAY_FIRST.fullmatch(text):
        day, month, year = match.groups()
    else:
        return None
    try:
        return date(int(year), int(month) if month.isdigit() else _month_number(month), int(day))
    except ValueError:
        return None


def _month_number(word: str) -> int:
    """Return 1-12 for a month's name or its beginning (three letters or more), 0 for another word."""
    fits = (n for n, names in enumerate(_MONTHS, start=1) if any(name.startswith(word) for name in names))
    return next(fits, 0) if len(word) >= 3 else 0


def read_sex(value: Cell) -> Sex:
    """Read L/P, laki-laki/perempuan, male/female. Raises BadInput('sex')."""
    return _choice(SEXES, value, "sex", example="L / P")


def read_status(value: Cell) -> ChildStatus:
    """Read stunting or berisiko. Raises BadInput('status'): leaving the list is not done by a file."""
    return _choice(STATUSES, value, "status", example="stunting / berisiko")


def read_severity(value: Cell) -> Severity:
    """Read sangat pendek, pendek or normal (Permenkes 2/2020's TB/U). Raises BadInput('severity')."""
    return _choice(SEVERITIES, value, "severity", example="sangat pendek / pendek / normal")


def read_relation(value: Cell) -> str:
    """Read ibu, ayah or wali. Raises BadInput('relation')."""
    return _choice(RELATIONS, value, "relation", example="ibu / ayah / wali")


def _choice(words: dict[T, tuple[str, ...]], value: Cell, code: str, **details: Any) -> T:
    given = re.sub(r"[^a-z]", "", read_text(value).casefold())
    for meaning, spellings in words.items():
        if given in spellings:
            return meaning
    raise BadInput(code, given=read_text(value)[:30], **details)
