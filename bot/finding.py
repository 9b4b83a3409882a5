"""What a check of `genting doctor` found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `says` is one line that says what to do when it is not `ok`."""

    check: str
    ok: bool
    says: str
