"""One row of the children's list: read, and judged by itself (without its neighbours or the database)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from models.children import ChildStatus, Severity, Sex
from models.errors import BadInput
from models.importing import cells
from models.importing.files import Cell
from models.importing.report import Findings, RowReader
from models.importing.tables import Row
from models.months import whole_months
from models.programme import Area, Programme

T = TypeVar("T")

FIVE_YEARS = 60
"""Months; the programme is for children under five (WHO's standards end there too)."""

NOT_A_CHILD_ANY_MORE = 18
"""Years; older is a slip of the pen, not a child (UU 35/2014, Article 1)."""


@dataclass(frozen=True, slots=True)
class ChildRow:
    """What a row says. None: the cell is empty, which leaves what is known as it is."""

    number: int
    code: str | None
    name: str
    nik: str | None
    sex: Sex
    born_on: date
    area: str
    village: str
    address: str | None
    status: ChildStatus
    severity: Severity
    listed_on: date | None
    guardian: str | None
    relation: str | None
    phone: str | None


def read_child(row: Row, programme: Programme, today: date, findings: Findings) -> ChildRow | None:
    """Read a row; None when anything in it is wrong (noted in `findings`)."""
    reader = RowReader(row, findings)
    code = reader.take("code", _code_reader(programme))
    name = reader.take("name", cells.read_name, required=True)
    nik = reader.take("nik", cells.read_nik)
    sex = reader.take("sex", cells.read_sex, required=True)
    born_on = reader.take("born_on", _past_day(today), required=True)
    area = reader.take("area", lambda cell: programme.area_named(cells.read_text(cell)), required=True)
    village = _village(reader, programme, area)
    address = reader.take("address", cells.read_text)
    status, severity = _status(reader)
    listed_on = reader.take("listed_on", _past_day(today))
    guardian = reader.take("guardian", cells.read_name)
    relation = reader.take("relation", cells.read_relation)
    phone = reader.take("phone", cells.read_phone)
    if findings.is_wrong(row.number):
        return None
    child = ChildRow(
        number=row.number,
        code=code,
        name=_sure(name),
        nik=nik,
        sex=_sure(sex),
        born_on=_sure(born_on),
        area=_sure(area).name,
        village=_sure(village),
        address=address,
        status=_sure(status),
        severity=_sure(severity),
        listed_on=listed_on,
        guardian=guardian,
        relation=relation,
        phone=phone,
    )
    _judge_dates(child, today, reader)
    _judge_nik(child, reader)
    return None if findings.is_wrong(row.number) else child


def _code_reader(programme: Programme) -> Callable[[Cell], str]:
    """Codes as people write them: `BLT-014`, `blt 14`, or just 14."""
    prefix = programme.district.code_prefix

    def read_code(cell: Cell) -> str:
        given = cells.read_text(cell).upper()
        match = re.fullmatch(rf"(?:{prefix}[\s-]?)?0*([1-9][0-9]{{0,4}})", given, re.ASCII)
        if match is None:
            raise BadInput("child_code", example=f"{prefix}-014")
        return f"{prefix}-{int(match[1]):03d}"

    return read_code


def _past_day(today: date) -> Callable[[Cell], date]:
    def read_past_day(cell: Cell) -> date:
        day = cells.read_date(cell)
        if day > today:
            raise BadInput("date_in_future", given=f"{day:%d/%m/%Y}")
        return day

    return read_past_day


def _village(reader: RowReader, programme: Programme, area: Area | None) -> str | None:
    """A desa is looked up in its kecamatan; in an unknown one it can only be present."""
    if area is None:
        return reader.take("village", cells.read_text, required=True)
    return reader.take(
        "village", lambda cell: programme.village_named(area, cells.read_text(cell)), required=True
    )


def _status(reader: RowReader) -> tuple[ChildStatus | None, Severity | None]:
    """At risk has severity none (which may be left out), stunted has one of the others.

    A list without a status, as e-PPGBM writes it, says it by TB/U: whoever is (very) short is stunted.
    """
    if not reader.has("status"):
        severity = reader.take("severity", cells.read_severity, required=True)
        if severity is None:
            return None, None
        return ChildStatus.AT_RISK if severity is Severity.NONE else ChildStatus.STUNTED, severity
    status = reader.take("status", cells.read_status, required=True)
    stunted = status is ChildStatus.STUNTED
    severity = reader.take("severity", cells.read_severity, required=stunted)
    if severity is None and status is ChildStatus.AT_RISK:
        return status, Severity.NONE
    if severity and status and (severity is Severity.NONE) is stunted:
        reader.wrong("severity", "status_and_severity", status=status.value)
    return status, severity


def _judge_dates(child: ChildRow, today: date, reader: RowReader) -> None:
    months = whole_months(child.born_on, today)
    if months >= NOT_A_CHILD_ANY_MORE * 12:
        reader.wrong("born_on", "not_a_child", years=months // 12)
    elif months >= FIVE_YEARS:
        reader.doubt("born_on", "over_five", months=months)
    if child.listed_on is not None and child.listed_on < child.born_on:
        reader.wrong("listed_on", "listed_before_birth")


def _judge_nik(child: ChildRow, reader: RowReader) -> None:
    """A NIK that disagrees warns, never refuses: it is permanent, a birth date may have been corrected."""
    if child.nik is None:
        return
    born, sex = cells.nik_tells(child.nik)
    if born != f"{child.born_on:%d%m%y}":
        reader.doubt("nik", "nik_and_birth_date")
    if sex is not None and sex is not child.sex:
        reader.doubt("nik", "nik_and_sex")


def _sure(value: T | None) -> T:
    """Return a required value; that none is missing was found before."""
    if value is None:
        raise AssertionError("a required cell was not noted as missing")
    return value
