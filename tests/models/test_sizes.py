"""Weights and lengths as people type them: a value or a kind refusal, never a crash, never a silently wrong number."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadInput
from models.sizes import parse_length, parse_weight


@pytest.mark.parametrize(
    ("typed", "kilograms"),
    [
        ("9,2", "9.2"), ("9.2", "9.2"), ("9.2 kg", "9.2"), ("9,2kg", "9.2"), (" 9 KG ", "9"), ("92", "92"),
        ("9200 gram", "9.2"), ("9.200 gr", "9.2"), ("9 kg 2 ons", "9.2"), ("9 kilo 200 gram", "9.2"),
        ("delapan koma lima", "8.5"), ("delapan koma lima kg", "8.5"), ("sepuluh kilo", "10"),
        ("sebelas koma nol lima", "11.05"), ("dua belas", "12"), ("nine point two", "9.2"), ("9,125", "9.125"),
    ],
)  # fmt: skip
def test_a_weight(typed: str, kilograms: str) -> None:
    assert parse_weight(typed) == Decimal(kilograms)


@pytest.mark.parametrize(
    ("typed", "centimetres"),
    [
        ("82,1", "82.1"), ("82.1 cm", "82.1"), ("1 m 2 cm", "102"), ("1m2cm", "102"), ("1,02 m", "102"),
        ("821 mm", "82.1"), ("1.021 mm", "102.1"), ("1 meter", "100"), ("satu meter dua senti", "102"),
        ("delapan puluh dua", "82"), ("delapan puluh dua koma satu", "82.1"), ("seratus dua", "102"),
        ("seratus sebelas", "111"), ("82 cm 5 mm", "82.5"),
    ],
)  # fmt: skip
def test_a_length(typed: str, centimetres: str) -> None:
    assert parse_length(typed) == Decimal(centimetres)


@pytest.mark.parametrize(
    "typed",
    [
        "", "kg", "9,2,1", "9 2", "1 m 2", "2 cm 1 m", "1 m 1 m", "-9", "9..2", "1/2", "kira-kira 9", "9 atau 10",
        "koma lima", "delapan koma", "belas", "puluh", "dua tiga", "dua puluh tiga puluh", "sepuluh satu", "٣",
        "1e3", "nan", "9,1234", "1.234,5", "12345678", "9 kg kg", "nol puluh", "delapan koma sepuluh",
    ],
)  # fmt: skip
def test_what_could_be_two_numbers_or_none_is_refused(typed: str) -> None:
    for parse in (parse_weight, parse_length):
        with pytest.raises(BadInput):
            parse(typed)


@given(st.text(max_size=40))
def test_nothing_that_is_typed_breaks_it(typed: str) -> None:
    for parse in (parse_weight, parse_length):
        try:
            size = parse(typed)
        except BadInput:
            continue
        assert size >= 0
        assert size.is_finite()


WORDS = [
    "satu",
    "dua",
    "sembilan",
    "sepuluh",
    "belas",
    "puluh",
    "ratus",
    "koma",
    "kg",
    "ons",
    "m",
    "cm",
    "9",
    "9,2",
    ".",
]


@given(st.lists(st.sampled_from(WORDS), max_size=6))
def test_no_pile_of_known_words_breaks_it(words: list[str]) -> None:
    for parse in (parse_weight, parse_length):
        try:
            assert parse(" ".join(words)) >= 0
        except BadInput:
            continue


@given(
    grams=st.integers(500, 60_000),
    comma=st.sampled_from(",."),
    unit=st.sampled_from(["", " kg", "kg", " kilo"]),
)
def test_every_weight_that_is_written_is_read_to_the_gram(grams: int, comma: str, unit: str) -> None:
    written = f"{grams / 1000:.3f}".replace(".", comma) + unit

    assert parse_weight(written) * 1000 == grams


@given(millimetres=st.integers(300, 1_500))
def test_every_length_that_is_written_is_read_to_the_millimetre(millimetres: int) -> None:
    whole, rest = divmod(millimetres, 1000)
    for written in (f"{millimetres / 10:.1f}", f"{millimetres} mm", f"{millimetres / 1000:.3f} m"):
        assert parse_length(written) * 10 == millimetres
    if whole and rest % 10 == 0:
        assert parse_length(f"{whole} m {rest // 10} cm") * 10 == millimetres


_ONES = ["nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"]


def in_words(number: int) -> str:
    """Write 1 to 199 in Indonesian."""
    if number < 10:
        return _ONES[number]
    if number < 20:
        return {10: "sepuluh", 11: "sebelas"}.get(number, f"{_ONES[number - 10]} belas")
    if number < 100:
        rest = f" {_ONES[number % 10]}" if number % 10 else ""
        return f"{_ONES[number // 10]} puluh{rest}"
    return "seratus" + (f" {in_words(number - 100)}" if number > 100 else "")


def test_every_number_in_words_is_read() -> None:
    for number in range(1, 200):
        assert parse_length(in_words(number)) == number, in_words(number)
        assert parse_length(in_words(number) + " koma lima cm") == number + Decimal("0.5")
