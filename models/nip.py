"""NIP, the number of an Indonesian civil servant (ASN): 18 digits without a check digit.

PNS: birth date (8), appointment year and month (6), sex (1), serial (3). PPPK are ASN too: their month's two
digits are a contract count, often 21 and more (BKN), so months beyond 12 must pass. A well-formed NIP proves
nothing; only the roster or a coordinator does.
"""

import re
from datetime import date
from typing import NewType

from models.errors import BadInput

Nip = NewType("Nip", str)

EXAMPLE = "198503152010012003"


def parse_nip(text: str) -> Nip:
    """Read 18 digits; spaces, dots and a leading `NIP` allowed.

    Raises BadInput: `nip_length` (with `digits`), `nip_birth_date`, `nip_appointed`, `nip_sex`.
    """
    digits = re.sub(r"(?i)^\s*nip\b[\s.:]*|[\s.\-]", "", text)
    if not digits.isascii() or not digits.isdigit() or len(digits) != 18:
        raise BadInput("nip_length", digits=len(re.sub(r"\D", "", text)), example=EXAMPLE)
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        raise BadInput("nip_birth_date", given=digits[:8], example=EXAMPLE) from None
    appointed = int(digits[8:12])
    if not (1930 <= born.year <= 2015 and born.year + 15 <= appointed <= born.year + 60):
        raise BadInput("nip_appointed", given=digits[8:12], example=EXAMPLE)
    if digits[14] not in "12":
        raise BadInput("nip_sex", given=digits[14], example=EXAMPLE)
    return Nip(digits)


def birth_date_in(nip: Nip) -> date:
    """Return the birth date that a parsed NIP begins with."""
    return date(int(nip[:4]), int(nip[4:6]), int(nip[6:8]))
