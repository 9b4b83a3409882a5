"""What one cell may hold, and what is read from it."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.children import ChildStatus, Severity, Sex
from models.errors import BadInput
from models.importing import explain
from models.importing.cells import (
    nik_tells,
    read_date,
    read_digits,
    read_name,
    read_nik,
    read_nip,
    read_phone,
    read_relation,
    read_severity,
    read_sex,
    read_status,
    read_text,
)
from models.importing.duplicates import sound_key, sounds_alike
from models.importing.files import Cell

READERS: list[Callable[[Cell], Any]] = [
    read_date,
    read_digits,
    read_name,
    read_nik,
    read_nip,
    read_phone,
    read_relation,
    read_severity,
    read_sex,
    read_status,
    read_text,
]

CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.text(),
    st.text(alphabet="0123456789/-. +eEdDsSjan\x00\u200b'=", max_size=24),
    st.integers(),
    st.integers(min_value=10**14, max_value=10**19),
    st.floats(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
)


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
@given(cell=CELLS)
def test_whatever_a_cell_holds_it_is_read_or_refused_with_a_message(
    read: Callable[[Cell], Any], cell: Cell
) -> None:
    try:
        value = read(cell)
    except BadInput as refusal:
        explain(refusal)  # raises for a code without a message
    else:
        assert value is not None


@given(day=st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31)))
def test_a_date_is_the_same_however_it_is_written(day: date) -> None:
    written: list[Cell] = [
        day,
        datetime.combine(day, time(0)),
        f"{day:%d/%m/%Y}",
        f" {day.day}-{day.month}-{day.year} ",
        f"{day:%Y-%m-%d}",
        f"{day:%Y-%m-%d} 00:00:00",
        f"{day:%d %B %Y}",
    ]
    assert {read_date(cell) for cell in written} == {day}


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("31/12/2023", date(2023, 12, 31)),
        ("31.12.2023", date(2023, 12, 31)),
        ("1/2/2024", date(2024, 2, 1)),
        ("31 Des 2023", date(2023, 12, 31)),
        ("31-DES-2023", date(2023, 12, 31)),
        ("5 Agustus 2022", date(2022, 8, 5)),
        ("5 Ags 2022", date(2022, 8, 5)),
        ("17 Nopember 2021", date(2021, 11, 17)),
        ("17 Pebruari 2021", date(2021, 2, 17)),
        ("29/02/2024", date(2024, 2, 29)),
        (45291, date(2023, 12, 31)),
        (45291.0, date(2023, 12, 31)),
    ],
)
def test_dates_as_people_write_them(cell: Cell, day: date) -> None:
    assert read_date(cell) == day


@pytest.mark.parametrize(
    "cell",
    [
        "12/31/2023",
        "29/02/2023",
        "31/12/23",
        "2023",
        "kemarin",
        "31 De 2023",
        "1/1/0001",
        7,
        1e300,
        True,
        "",
        None,
    ],
)
def test_what_is_no_date_is_refused_with_an_example(cell: Cell) -> None:
    with pytest.raises(BadInput) as refusal:
        read_date(cell)
    assert refusal.value.code == "date"
    assert "31/12/2023" in explain(refusal.value)


@pytest.mark.parametrize(
    ("read", "cell", "value"),
    [
        (read_sex, "L", Sex.MALE),
        (read_sex, " Laki - Laki", Sex.MALE),
        (read_sex, "male", Sex.MALE),
        (read_sex, "p", Sex.FEMALE),
        (read_sex, "PEREMPUAN", Sex.FEMALE),
        (read_sex, "Female", Sex.FEMALE),
        (read_status, "Stunting", ChildStatus.STUNTED),
        (read_status, "Berisiko", ChildStatus.AT_RISK),
        (read_status, "at risk", ChildStatus.AT_RISK),
        (read_severity, "Sangat Pendek", Severity.SEVERE),
        (read_severity, "pendek", Severity.MODERATE),
        (read_severity, "Normal", Severity.NONE),
        (read_relation, "Ibu kandung", "mother"),
        (read_relation, "AYAH", "father"),
        (read_relation, "nenek", "guardian"),
        (read_phone, 81234567890.0, "+6281234567890"),
        (read_phone, 81234567890, "+6281234567890"),
        (read_phone, "0812-3456-7890", "+6281234567890"),
        (read_phone, "'081234567890", "+6281234567890"),
        (read_phone, "6281234567890", "+6281234567890"),
        (read_nik, "9901 0131 1223 0001", "9901013112230001"),
        (read_nik, "'9901013112230001", "9901013112230001"),
        (read_nip, "19850315 201001 2 003", "198503152010012003"),
        (read_nip, "19910412 202421 1 905", "199104122024211905"),
        (read_text, "  Jalan\u00a0Rekaan \n 1\u200b ", "Jalan Rekaan 1"),
        (read_text, "=HYPERLINK(1)", "=HYPERLINK(1)"),
        (read_text, "<b>Siti</b>", "<b>Siti</b>"),
        (read_text, 14.0, "14"),
        (read_name, "Siti\x00 Contoh", "Siti Contoh"),
    ],
)
def test_kindly_read_cells(read: Callable[[Cell], Any], cell: Cell, value: Any) -> None:
    assert read(cell) == value


@pytest.mark.parametrize(
    ("read", "cell", "code"),
    [
        (read_sex, "x", "sex"),
        (read_status, "lulus", "status"),
        (read_severity, "parah sekali", "severity"),
        (read_relation, "tetangga", "relation"),
        (read_phone, "12", "phone"),
        (read_phone, "0812 / 0813", "phone"),
        (read_name, "---", "name"),
        (read_name, "a" * 121, "name"),
        (read_text, "a" * 201, "text_too_long"),
        (read_nik, "990101311223001", "nik_length"),
        (read_nik, "99010131122300011", "nik_length"),
        (read_nik, "٩٩٠١٠١٣١١٢٢٣٠٠٠١", "nik_length"),
        (read_nik, 9901013112230000, "number_lost_digits"),
        (read_nik, 9.90101311223e15, "number_lost_digits"),
        (read_nip, 1.98503152010012e17, "number_lost_digits"),
        (read_nip, 198503152010012000, "number_lost_digits"),
        (read_nip, int(float(198503152010012040)), "number_lost_digits"),
        (read_nip, "1.98503E+17", "number_lost_digits"),
        (read_nip, "1,98503152010012E+17", "number_lost_digits"),
        (read_nip, "19850315", "nip_length"),
        (read_nip, "198513152010012003", "nip_birth_date"),
        (read_nip, "198503151910012003", "nip_appointed"),
        (read_nip, "198503152010013003", "nip_sex"),
        (read_nip, timedelta(days=1), "nip_length"),
    ],
)
def test_wrong_cells_are_refused_by_name(read: Callable[[Cell], Any], cell: Cell, code: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read(cell)
    assert refusal.value.code == code


@pytest.mark.parametrize("number", [1902013112230003, 9901013112230001, 198503152010012003])
def test_a_long_number_that_is_still_whole_is_taken(number: int) -> None:
    assert read_digits(number) == str(number)


@pytest.mark.parametrize(
    ("nik", "tells"),
    [
        ("9901013112230001", ("311223", Sex.MALE)),
        ("9901017112230001", ("311223", Sex.FEMALE)),
        ("9901010012230001", ("001223", None)),
    ],
)
def test_a_nik_tells_birth_date_and_sex(nik: str, tells: tuple[str, Sex | None]) -> None:
    assert nik_tells(nik) == tells


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Moehammad Djaelani", "Muhamad Jaelani", True),
        ("Siti Aisyah", "Siti Aisah", True),
        ("Aisyah Siti", "Siti Aisyah", True),
        ("Siti", "Siti Aminah", True),
        ("Siti Aminah", "Siti", True),
        ("Budi Santoso", "Budi Santosa", True),
        ("Embun Pelangi", "Samudra Angin", False),
        ("---", "---", False),
    ],
)
def test_names_that_sound_alike(one: str, other: str, alike: bool) -> None:
    assert sounds_alike(sound_key(one), sound_key(other)) is alike
