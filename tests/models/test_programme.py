"""programme.toml: Belitung's as it ships, kind matching of places, waking hours, and broken files."""

import re
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadInput, ConfigurationError
from models.months import WIB, Month
from models.programme import Amount, Programme, Timetable, place_key

SHIPPED = (Path(__file__).parents[2] / "programme.toml").read_text(encoding="utf-8")


def test_belitung_has_five_kecamatan_and_49_villages(programme: Programme) -> None:
    sizes = {area.name: len(area.villages) for area in programme.areas}
    assert sizes == {"Tanjungpandan": 16, "Membalong": 12, "Selat Nasik": 4, "Sijuk": 10, "Badau": 7}
    assert sum(sizes.values()) == 49
    assert programme.district.target_children == 237


def test_every_place_is_found_by_its_own_name(programme: Programme) -> None:
    for area in programme.areas:
        assert programme.area_named(area.name) is area
        for village in area.villages:
            assert programme.village_named(area, village) == village


@pytest.mark.parametrize(
    ("given", "area"),
    [
        ("tanjungpandan", "Tanjungpandan"),
        ("Tanjung Pandan", "Tanjungpandan"),
        ("TANJONG PANDAN", "Tanjungpandan"),
        ("Kec. Tanjung Pandan", "Tanjungpandan"),
        ("kecamatan sijuk", "Sijuk"),
        ("  Selatnasik ", "Selat Nasik"),
        ("selat-nasik", "Selat Nasik"),
        ("BADAU", "Badau"),
    ],
)
def test_a_kecamatan_is_matched_kindly(programme: Programme, given: str, area: str) -> None:
    assert programme.area_named(given).name == area


@pytest.mark.parametrize(
    ("area", "given", "village"),
    [
        ("Tanjungpandan", "Air Rayak", "Aik Rayak"),
        ("Tanjungpandan", "desa aik saga", "Air Saga"),
        ("Tanjungpandan", "Ayer Merbau", "Air Merbau"),
        ("Tanjungpandan", "Kel. Pangkal Lalang", "Pangkallalang"),
        ("Tanjungpandan", "kelurahan kota", "Kota"),
        ("Tanjungpandan", "Tanjung Pendam", "Tanjungpendam"),
        ("Sijuk", "tanjung tinggi", "Tanjong Tinggi"),
        ("Sijuk", "Tanjong Binga", "Tanjung Binga"),
        ("Sijuk", "AEK SELUMAR", "Air Selumar"),
        ("Membalong", "Tanjung Rusa", "Tanjungrusa"),
    ],
)
def test_a_village_is_matched_kindly(programme: Programme, area: str, given: str, village: str) -> None:
    assert programme.village_named(programme.area_named(area), given) == village


def test_no_two_villages_of_a_kecamatan_meet_in_spelling(programme: Programme) -> None:
    for area in programme.areas:
        assert len({place_key(village) for village in area.villages}) == len(area.villages)


@pytest.mark.parametrize("given", ["", "   ", "Manggar", "kecamatan", "Jakarta"])
def test_an_unknown_kecamatan_is_told_which_there_are(programme: Programme, given: str) -> None:
    with pytest.raises(BadInput) as refusal:
        programme.area_named(given)
    assert refusal.value.code == "unknown_area"
    assert "Selat Nasik" in refusal.value.details["known"]


def test_a_village_of_another_kecamatan_is_unknown_here(programme: Programme) -> None:
    with pytest.raises(BadInput) as refusal:
        programme.village_named(programme.area_named("Badau"), "Terong")
    assert refusal.value.code == "unknown_village"
    assert "Cerucuk" in refusal.value.details["known"]


def wib(day: int, hour: int, minute: int = 0, second: int = 0, month: int = 10) -> datetime:
    return datetime(2025, month, day, hour, minute, second, tzinfo=WIB)


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        (wib(13, 6, 59, 59), wib(13, 7)),
        (wib(13, 7), wib(13, 7)),
        (wib(13, 19, 59, 59), wib(13, 19, 59, 59)),
        (wib(13, 20), wib(14, 7)),
        (wib(13, 23, 59, 59), wib(14, 7)),
        (wib(14, 0), wib(14, 7)),
        (wib(31, 22), wib(1, 7, month=11)),
        (wib(31, 20, month=12), datetime(2026, 1, 1, 7, tzinfo=WIB)),
    ],
)
def test_messages_leave_only_in_waking_hours(programme: Programme, now: datetime, leaves: datetime) -> None:
    assert programme.next_waking_hour(now) == leaves
    assert programme.next_waking_hour(now.astimezone(UTC)).tzinfo is UTC


@given(st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - zone follows
def test_a_waking_hour_is_never_earlier_never_at_night_and_less_than_a_night_away(now: datetime) -> None:
    programme = Programme.load(Path(__file__).parents[2] / "programme.toml")
    leaves = programme.next_waking_hour(now)
    assert now <= leaves
    assert (leaves - now).total_seconds() <= 11 * 3600
    assert 7 <= leaves.astimezone(WIB).hour < 20
    assert programme.next_waking_hour(leaves) == leaves


def test_the_amount_changes_from_a_month_on(programme: Programme) -> None:
    grown = programme.model_copy(
        update={
            "aid": programme.aid.model_copy(
                update={
                    "amounts": (
                        Amount.model_validate({"from": "2026-07", "monthly_idr": 500_000}),
                        *programme.aid.amounts,
                    )
                }
            )
        }
    )
    assert grown.monthly_idr(Month(2025, 1)) == 450_000
    assert grown.monthly_idr(Month(2026, 6)) == 450_000
    assert grown.monthly_idr(Month(2026, 7)) == 500_000
    assert grown.monthly_idr(Month(2030, 1)) == 500_000


def test_a_round_holds_its_first_and_its_last_month(programme: Programme) -> None:
    names = [getattr(programme.round_of(Month(2025, 9).plus(i)), "name", None) for i in range(5)]
    assert names == [None, "2025-IV", "2025-IV", "2025-IV", "2026-I"]


BROKEN = [
    pytest.param("[district]", "[regency]", "district", id="a section is missing"),
    pytest.param('timezone = "Asia/Jakarta"', 'timezone = "Asia/Belitung"', "timezone", id="no such zone"),
    pytest.param('timezone = "Asia/Jakarta"', 'timezone = "../Jakarta"', "timezone", id="a path for a zone"),
    pytest.param("target_children = 237", 'target_children = "many"', "target_children", id="words"),
    pytest.param("target_children = 237", "target_children = 0", "target_children", id="no children"),
    pytest.param("target_children", "target_childs", "target_child", id="a misspelled setting"),
    pytest.param('code_prefix = "BLT"', 'code_prefix = "blt"', "code_prefix", id="prefix in small letters"),
    pytest.param("monthly_idr = 450000", "monthly_idr = 450000.5", "monthly_idr", id="half a rupiah"),
    pytest.param("monthly_idr = 450000", "monthly_idr = -1", "monthly_idr", id="a negative amount"),
    pytest.param('from = "2025-10"', 'from = "2025-13"', "aid.amounts", id="month 13"),
    pytest.param('default_kind = "cash"', 'default_kind = "gold"', "default_kind", id="an unlisted kind"),
    pytest.param('until = "20:00"', 'until = "06:00"', "quiet_hours", id="closes before it opens"),
    pytest.param('until = "20:00"', 'until = "25:00"', "quiet_hours", id="hour 25"),
    pytest.param('last_month = "2025-12"', 'last_month = "2025-09"', "2025-IV", id="a reversed round"),
    pytest.param('name = "Badau"', 'name = "SIJUK"', "same name", id="a kecamatan twice"),
    pytest.param('"Kota", "Parit"', '"Parit", "parit"', "same name", id="a village twice"),
    pytest.param("payout_day = 10", "payout_day = 32", "1 to 31, like 10, not 32", id="day 32"),
    pytest.param("payout_day = 10", "payout_day = 0", "1 to 31, like 10, not 0", id="day 0"),
    pytest.param(
        "checkin_day = 20", 'checkin_day = "the 20th"', "like 10, not 'the 20th'", id="a day in words"
    ),
    pytest.param("visit_day = 15", "visit_day = 15.5", "like 10, not 15.5", id="half a day"),
    pytest.param(
        'remind_at = "08:00"', 'remind_at = "8 am"', "like \"08:00\", not '8 am'", id="an hour in words"
    ),
    pytest.param('remind_at = "08:00"', 'remind_at = "06:30"', "from 07:00 until 20:00", id="a quiet hour"),
    pytest.param(
        'remind_at = "08:00"', 'remind_at = "20:00"', "from 07:00 until 20:00", id="the closing hour"
    ),
    pytest.param("renew_days = 21", "renew_days = 91", "1 to 90, like 21, not 91", id="asked too early"),
    pytest.param("payout_day = 10", "payday = 10", "schedule.payday", id="a misspelled day"),
    pytest.param("[aid]", "[aid", "line", id="not TOML"),
]


@pytest.mark.parametrize(("right", "wrong", "named"), BROKEN)
def test_a_broken_file_is_refused_in_one_line_that_names_the_place(
    tmp_path: Path, right: str, wrong: str, named: str
) -> None:
    assert right in SHIPPED
    path = tmp_path / "programme.toml"
    path.write_text(SHIPPED.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError) as refusal:
        Programme.load(path)
    assert "\n" not in str(refusal.value)
    assert "programme.toml" in str(refusal.value)
    assert named in str(refusal.value)


def test_the_timetable_ships_written_out_and_may_be_left_out(tmp_path: Path, programme: Programme) -> None:
    path = tmp_path / "programme.toml"
    without = re.sub(r"(?m)^\[schedule\]\n(?:.+\n)+", "", SHIPPED)
    assert "payout_day" in SHIPPED
    assert "payout_day" not in without
    path.write_text(without, encoding="utf-8")
    assert Programme.load(path).schedule == programme.schedule


@pytest.mark.parametrize("setting", list(Timetable.model_fields))
def test_each_day_of_the_timetable_stands_in_the_file_and_in_the_documents(setting: str) -> None:
    operations = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    default = Timetable.model_fields[setting].default
    written = f'"{default:%H:%M}"' if isinstance(default, time) else str(default)
    assert re.search(rf"(?m)^{setting} = {re.escape(written)} +# \w+", SHIPPED)
    assert f"| `{setting}` | `{written}` |" in operations


def test_a_missing_or_unreadable_file_is_refused_in_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "folder.toml"
    folder.mkdir()
    latin = tmp_path / "latin.toml"
    latin.write_bytes('[district]\nname = "Bélitung"'.encode("latin-1"))
    for path in (tmp_path / "nowhere.toml", folder, latin):
        with pytest.raises(ConfigurationError) as refusal:
            Programme.load(path)
        assert "\n" not in str(refusal.value)


def test_two_amounts_from_the_same_month_are_refused(tmp_path: Path) -> None:
    again = '[[aid.amounts]]\nfrom = "2025-10"\nmonthly_idr = 500000\n'
    path = tmp_path / "programme.toml"
    path.write_text(SHIPPED.replace("[[rounds]]", again + "[[rounds]]", 1), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="same month"):
        Programme.load(path)


def test_the_programme_does_not_change_while_it_runs(programme: Programme) -> None:
    frozen: Any = programme.district
    with pytest.raises(ValueError, match="frozen"):
        frozen.target_children = 1


@pytest.mark.parametrize(
    ("prices", "expected"),
    [({"utility": 420, "service": 320}, 3 * 420 + 2 * 320), ({"utility": 420}, None), ({}, None)],
)
def test_messages_cost_what_their_categories_cost_and_nothing_is_guessed(
    programme: Programme, prices: dict[str, int], expected: int | None
) -> None:
    priced = programme.model_copy(update={"message_prices": prices})
    assert priced.messages_cost_idr({"utility": 3, "service": 2, "marketing": 0}) == expected
