"""NIP: what passes, what does not, and which answer helps."""

from datetime import date

import pytest

from models.errors import BadInput
from models.nip import birth_date_in, parse_nip


@pytest.mark.parametrize(
    ("given", "nip"),
    [
        pytest.param("198503152010012003", "198503152010012003", id="PNS"),
        pytest.param("19850315 201001 2 003", "198503152010012003", id="as printed on letters"),
        pytest.param("19850315.201001.2.003", "198503152010012003", id="dots"),
        pytest.param("19850315-201001-2-003", "198503152010012003", id="hyphens"),
        pytest.param(" 198503152010012003\n", "198503152010012003", id="space around"),
        pytest.param("NIP. 198503152010012003", "198503152010012003", id="with the word before it"),
        pytest.param("nip: 19850315 201001 2 003", "198503152010012003", id="the word in small letters"),
        pytest.param("199207042022211012", "199207042022211012", id="PPPK: month 21"),
        pytest.param("199207042023212034", "199207042023212034", id="PPPK: woman"),
        pytest.param("198001012024990001"[:14] + "1001", "19800101202499" + "1001", id="PPPK: month 99"),
        pytest.param("200002292022031001", "200002292022031001", id="born on a leap day"),
        pytest.param("196001011975011001", "196001011975011001", id="appointed at 15"),
    ],
)
def test_these_pass(given: str, nip: str) -> None:
    assert parse_nip(given) == nip


@pytest.mark.parametrize(
    ("given", "code", "detail"),
    [
        pytest.param("", "nip_length", 0, id="empty"),
        pytest.param("19850315201001200", "nip_length", 17, id="one short"),
        pytest.param("1985031520100120033", "nip_length", 19, id="one long"),
        pytest.param("1985O3152010012003", "nip_length", 17, id="letter O for zero"),
        pytest.param("tidak punya", "nip_length", 0, id="words"),
        pytest.param("\u0661985031520100120\u0660\u0663", "nip_length", None, id="figures of another script"),
        pytest.param("198513152010012003", "nip_birth_date", "19851315", id="month 13"),
        pytest.param("198502302010012003", "nip_birth_date", "19850230", id="30 February"),
        pytest.param("190002292010012003", "nip_birth_date", "19000229", id="no leap day in 1900"),
        pytest.param("000000002010012003", "nip_birth_date", "00000000", id="zeros"),
        pytest.param("198503151995012003", "nip_appointed", "1995", id="appointed at 10"),
        pytest.param("198503152046012003", "nip_appointed", "2046", id="appointed at 61"),
        pytest.param("192903151950012003", "nip_appointed", "1950", id="born before 1930"),
        pytest.param("198503152010010003", "nip_sex", "0", id="sex 0"),
        pytest.param("198503152010013003", "nip_sex", "3", id="sex 3"),
    ],
)
def test_these_do_not_and_say_what_is_wrong(given: str, code: str, detail: object) -> None:
    with pytest.raises(BadInput) as refusal:
        parse_nip(given)
    assert refusal.value.code == code
    assert refusal.value.details["example"] == "198503152010012003"
    if detail is not None:
        assert detail in refusal.value.details.values()


def test_the_example_shown_is_itself_right() -> None:
    with pytest.raises(BadInput) as refusal:
        parse_nip("?")
    parse_nip(refusal.value.details["example"])


def test_a_nip_begins_with_the_birth_date() -> None:
    assert birth_date_in(parse_nip("200002292022031001")) == date(2000, 2, 29)
