"""What is wrong, in the operator's English, by code. Chat texts are keyed by the same codes elsewhere."""

from collections.abc import Mapping
from typing import Any

from models.errors import BadInput

FILE_MESSAGES: Mapping[str, str] = {
    "no_such_file": "there is no such file",
    "empty_file": "the file is empty",
    "unreadable_file": "the file cannot be read; save it in Excel as .xlsx or as CSV UTF-8 and try again",
    "file_too_large": "the file is too large ({megabytes} MB, at most {limit_megabytes} MB)",
    "password_protected": "the file is protected by a password; save it without one and try again",
    "old_excel": "the file is an old .xls; save it in Excel as .xlsx and try again",
    "missing_columns": "no sheet has the columns: {missing}; the first row must name them, as in: {expected}",
    "double_column": "two columns mean the same: '{header}' in column {column} is the second",
    "no_rows": "there is no row under the header",
    "too_many_rows": "there are more than {limit} rows; split the file",
    "changed_meanwhile": "somebody changed the same rows at this moment; nothing was written, try again",
}
"""The file as a whole: BadInput of `read_table` and `apply`."""

CELL_MESSAGES: Mapping[str, str] = {
    "missing": "is empty, but needed",
    "formula_error": "holds an Excel error ({given}) instead of a value",
    "text_too_long": "is too long ({length} characters, at most {limit})",
    "name": "is not a name; like '{example}', at most 120 letters",
    "number_lost_digits": "lost its last digits, because Excel stores long numbers rounded; "
    "format the column as text and type the number again",
    "nik_length": "has {digits} digits, a NIK has 16; like {example}",
    "duplicate_nik": "is already in row {other_row}",
    "nik_of_other_child": "belongs to {child} already",
    "nip_length": "has {digits} digits, a NIP has 18; like {example}",
    "nip_birth_date": "does not begin with a birth date ({given}); like {example}",
    "nip_appointed": "has no possible year of appointment ({given}); like {example}",
    "nip_sex": "has {given} as its 15th digit, which is 1 or 2; like {example}",
    "duplicate_nip": "is already in row {other_row}",
    "child_code": "is not a child's code; like {example}",
    "duplicate_code": "is already in row {other_row}",
    "same_child_twice": "is the same child as row {other_row} ({child})",
    "date": "is not a date: '{given}'; like {example}",
    "date_in_future": "lies in the future ({given})",
    "not_a_child": "makes the child {years} years old; is the year right?",
    "listed_before_birth": "lies before the birth date",
    "sex": "is '{given}'; write {example}",
    "status": "is '{given}'; write {example}",
    "severity": "is '{given}'; write {example}",
    "status_and_severity": "does not go with the status '{status}': normal goes with at risk only",
    "relation": "is '{given}'; write {example}",
    "guardian_missing": "is empty, but phone or relation of the guardian are given",
    "phone": "is not a phone number; like {example}",
    "unknown_area": "is '{given}'; the district has: {known}",
    "unknown_village": "is '{given}'; {area} has: {known}",
    "outside_scope": "lies outside the area that you coordinate",
}
"""What stops an import."""

DOUBT_MESSAGES: Mapping[str, str] = {
    "unknown_column": "is a column that nothing is read from",
    "nik_and_birth_date": "does not agree with the birth date (a NIK stays when a birth date is corrected)",
    "nik_and_sex": "does not agree with the sex",
    "nik_changed": "differs from the NIK known of {child}",
    "over_five": "makes the child {months} months old: beyond the programme's five years",
    "probable_duplicate": "is probably the same child as {other}: similar name, same birth date, same desa",
    "matched_by_name": "was taken for {child}: same name, birth date, sex and desa",
    "guardian_replaced": "has another name and number than the guardian of {child}: the family must be invited anew",
    "left_list": "{child} has left the list; the row was passed over",
    "nip_and_birth_date": "does not agree with the NIP; this person will not be verified by themselves",
    "new_office": "is not known yet and will be added",
}
"""What a person should look at; the import goes on."""

MESSAGES: Mapping[str, str] = {**FILE_MESSAGES, **CELL_MESSAGES, **DOUBT_MESSAGES}


def message(code: str, details: Mapping[str, Any]) -> str:
    """Return the English text of a code with its details filled in."""
    return MESSAGES[code].format_map(details)


def explain(error: BadInput) -> str:
    """Return one English line for a file that cannot be imported."""
    return message(error.code, error.details)
