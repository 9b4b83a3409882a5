"""What an import found (`models.importing`), in the reader's language: each code has its text."""

from collections.abc import Callable, Mapping
from typing import Any

from handlers.texts import Text, Words, t
from models.errors import BadInput
from models.importing import Finding

_SAYS: Mapping[str, Callable[..., Text]] = {
    "no_such_file": t.findings.no_such_file,
    "empty_file": t.findings.empty_file,
    "unreadable_file": t.findings.unreadable_file,
    "file_too_large": t.findings.file_too_large,
    "password_protected": t.findings.password_protected,
    "old_excel": t.findings.old_excel,
    "missing_columns": t.findings.missing_columns,
    "double_column": t.findings.double_column,
    "no_rows": t.findings.no_rows,
    "too_many_rows": t.findings.too_many_rows,
    "changed_meanwhile": t.findings.changed_meanwhile,
    "missing": t.findings.missing,
    "formula_error": t.findings.formula_error,
    "text_too_long": t.findings.text_too_long,
    "name": t.findings.name,
    "number_lost_digits": t.findings.number_lost_digits,
    "nik_length": t.findings.nik_length,
    "duplicate_nik": t.findings.duplicate_nik,
    "nik_of_other_child": t.findings.nik_of_other_child,
    "nip_length": t.findings.nip_length,
    "nip_birth_date": t.findings.nip_birth_date,
    "nip_appointed": t.findings.nip_appointed,
    "nip_sex": t.findings.nip_sex,
    "duplicate_nip": t.findings.duplicate_nip,
    "child_code": t.findings.child_code,
    "duplicate_code": t.findings.duplicate_code,
    "same_child_twice": t.findings.same_child_twice,
    "date": t.findings.date,
    "date_in_future": t.findings.date_in_future,
    "not_a_child": t.findings.not_a_child,
    "listed_before_birth": t.findings.listed_before_birth,
    "sex": t.findings.sex,
    "status": t.findings.status,
    "severity": t.findings.severity,
    "status_and_severity": t.findings.status_and_severity,
    "relation": t.findings.relation,
    "guardian_missing": t.findings.guardian_missing,
    "phone": t.findings.phone,
    "unknown_area": t.findings.unknown_area,
    "unknown_village": t.findings.unknown_village,
    "outside_scope": t.findings.outside_scope,
    "unknown_column": t.findings.unknown_column,
    "nik_and_birth_date": t.findings.nik_and_birth_date,
    "nik_and_sex": t.findings.nik_and_sex,
    "nik_changed": t.findings.nik_changed,
    "over_five": t.findings.over_five,
    "probable_duplicate": t.findings.probable_duplicate,
    "matched_by_name": t.findings.matched_by_name,
    "guardian_replaced": t.findings.guardian_replaced,
    "left_list": t.findings.left_list,
    "nip_and_birth_date": t.findings.nip_and_birth_date,
    "new_office": t.findings.new_office,
}


def said_of_cell(finding: Finding) -> Words:
    """Say what is wrong or doubtful in a cell."""
    return _said(finding.code, finding.details)


def said_with_place(finding: Finding) -> Words:
    """Say it with its row and column."""
    return t.findings.place(row=str(finding.row), header=finding.header, words=said_of_cell(finding))


def said_of_file(refused: BadInput) -> Words:
    """Say why a file as a whole cannot be taken."""
    return _said(refused.code, refused.details)


def _said(code: str, details: Mapping[str, Any]) -> Words:
    other = str(details.get("other", ""))
    if other.startswith("row "):  # a lookalike in the same file
        details = dict(details)
        details["other"] = t.findings.other_row(row=other.removeprefix("row "))
    return _SAYS[code](**{name: _shown(value) for name, value in details.items()})


def _shown(value: Any) -> Any:
    return value if isinstance(value, Text) else str(value)
