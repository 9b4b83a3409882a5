"""K3 /pantau: under a minute, by taps; an answer that helps; danger first; never lost."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session

from models.alerts import AlertKind, open_alert
from models.checkins import CheckIn, check_in_of
from models.children import Child
from models.database import in_session
from models.measurements import measurements_of
from models.months import Month
from models.nutrition import FoodGroup
from tests.builders import a_child
from tests.handlers.talk import Talk
from tests.handlers.village import Village

OCTOBER = Month(2025, 10)
FOODS = ("ASI", "Nasi, bubur, mi, ubi, singkong", "Ikan, ayam, daging, hati", "Telur", "Sayur atau buah lain")


def answered(village: Village, code: str = "BLT-001") -> CheckIn | None:
    number = int(code.removeprefix("BLT-"))
    return village.database.submit(in_session(lambda s: check_in_of(s, number, OCTOBER))).result()


def ordinary(talk: Talk, foods: tuple[str, ...] = FOODS) -> str:
    """A child that is well, from the first question to the answer."""
    talk.tap("✓ Sehat")
    for food in foods:
        talk.tap(f"☐ {food}")
    talk.tap("✓ Selesai")
    talk.tap("Sudah")
    return talk.tap("Makanan")


def test_an_ordinary_check_in_takes_under_ten_taps(village: Village) -> None:
    mother = village.mother
    mother.say("/pantau BLT-001")  # the button under the invitation sends it
    said = ordinary(mother)
    assert mother.taps == 9  # a good day's five groups ticked one by one
    assert "5 dari 8" in said
    kept = answered(village)
    assert kept is not None
    assert kept.groups == {
        FoodGroup.BREAST_MILK, FoodGroup.GRAINS, FoodGroup.FLESH, FoodGroup.EGGS, FoodGroup.OTHER_PRODUCE,
    }  # fmt: skip
    assert (kept.posyandu, kept.bought, kept.illnesses, kept.danger_signs) == (True, "food", "", "")


def test_a_baby_s_takes_four(village: Village) -> None:
    def younger(session: Session) -> None:
        session.get_one(Child, 1).born_on = date(2025, 7, 1)

    village.database.submit(in_session(younger)).result()
    mother = village.mother
    mother.say("/pantau")
    mother.tap("✓ Sehat")
    mother.tap("Hanya ASI")
    mother.tap("Belum")
    said = mother.tap("Belum ada")
    assert mother.taps == 4
    assert "teruskan ASI saja" in said
    assert "Bawa anak ke posyandu" in said


def test_the_answer_names_what_is_missing_first(village: Village) -> None:
    village.mother.say("/pantau")
    said = ordinary(village.mother, ("ASI", "Nasi, bubur, mi, ubi, singkong"))
    assert "2 dari 8" in said
    assert "Tambahkan telur atau ikan" in said
    assert "Teruskan menyusui" in said


def test_with_a_danger_sign_nothing_more_is_asked_and_the_coordinators_know(village: Village) -> None:
    village.mother.say("/pantau")
    village.mother.tap("☐ Demam/panas")
    village.mother.tap("✓ Selesai")
    village.mother.tap("☐ Kejang")
    said = village.mother.tap("✓ Selesai")
    assert "ke puskesmas atau IGD rumah sakit SEKARANG" in said
    assert "Tanda bahaya: BLT-001" in village.sijuk.hear()
    assert "Tanda bahaya" not in village.badau.hear()
    alert = village.database.submit(
        in_session(lambda s: open_alert(s, AlertKind.DANGER_SIGN, "child:1"))
    ).result()
    assert alert is not None
    kept = answered(village)
    assert kept is not None
    assert (kept.danger_signs, kept.food_groups) == ("convulsions", None)


def test_it_goes_on_after_days_and_keeps_its_month(village: Village) -> None:
    village.clock.advance(timedelta(days=17))  # the 30th
    village.mother.say("/pantau")
    village.mother.tap("✓ Sehat")
    village.mother.tap("☐ Telur")
    village.clock.advance(timedelta(days=4))
    village.mother.tap("✓ Selesai")
    village.mother.tap("Sudah")
    assert "Pantauan Oktober 2025" in village.mother.tap("Makanan")
    assert answered(village) is not None


def test_a_family_s_own_numbers_are_kept_but_are_no_measurement(village: Village) -> None:
    village.mother.say("/pantau")
    village.mother.tap("✓ Sehat")
    village.mother.tap("☐ Telur")
    village.mother.tap("✓ Selesai")
    assert "belum terbaca" in village.mother.say("kira-kira sembilan puluh kilo")
    village.mother.say("9,2 kg 78,5")
    village.mother.tap("Makanan")
    kept = answered(village)
    assert kept is not None
    assert (kept.posyandu, kept.weight_g, kept.height_mm) == (True, 9_200, 785)
    child = village.child("BLT-001")
    assert village.database.submit(in_session(lambda s: measurements_of(s, [child]))).result() == {}


def test_a_sibling_whose_month_is_open_comes_next(village: Village) -> None:
    def sibling(session: Session) -> None:
        guardian_id = session.get_one(Child, 1).guardian_id
        a_child(session, code="BLT-005", name="Kejora Rekaan").guardian_id = guardian_id

    village.database.submit(in_session(sibling)).result()
    village.mother.say("/pantau BLT-001")
    ordinary(village.mother)
    assert "Pantauan" in village.mother.tap("Lanjut: Kejora Rekaan")


# --- a month answered again ------------------------------------------------------------------------------------


def with_fever(village: Village) -> str:
    village.mother.say("/pantau")
    village.mother.tap("Ya")
    village.mother.tap("☐ Demam/panas")
    return village.mother.tap("✓ Selesai")


def test_correcting_with_a_danger_sign_keeps_what_was_answered_before(village: Village) -> None:
    mother = village.mother
    mother.say("/pantau")
    mother.tap("✓ Sehat")
    mother.tap("☐ Telur")
    mother.tap("✓ Selesai")
    mother.say("9,2 kg 78,5")
    mother.tap("Makanan")
    with_fever(village)
    mother.tap("☐ Kejang")
    assert "SEKARANG" in mother.tap("✓ Selesai")
    kept = answered(village)
    assert kept is not None
    assert (kept.illnesses, kept.danger_signs, kept.food_groups) == ("fever", "convulsions", "eggs")
    assert (kept.posyandu, kept.weight_g, kept.height_mm, kept.bought) == (True, 9_200, 785, "food")


@pytest.mark.parametrize(("posyandu", "weight_g"), [("Sudah", 9_200), ("Belum", None)])
def test_known_numbers_stay_unless_the_child_was_not_there(
    village: Village, posyandu: str, weight_g: int | None
) -> None:
    mother = village.mother
    mother.say("/pantau")
    mother.tap("✓ Sehat")
    mother.tap("☐ Telur")
    mother.tap("✓ Selesai")
    mother.say("9,2 kg 78,5")
    mother.tap("Makanan")
    mother.say("/pantau")
    mother.tap("Ya")
    mother.tap("✓ Sehat")
    mother.tap("☐ ASI")
    mother.tap("✓ Selesai")
    mother.tap(posyandu)
    mother.tap("Susu")
    kept = answered(village)
    assert kept is not None
    assert (kept.food_groups, kept.weight_g) == ("breast_milk", weight_g)


# --- nothing ticked --------------------------------------------------------------------------------------------


def at_foods(village: Village) -> Talk:
    village.mother.say("/pantau")
    village.mother.tap("✓ Sehat")
    return village.mother


def test_done_without_a_tick_is_asked_back_and_a_no_ticks(village: Village) -> None:
    mother = at_foods(village)
    assert "Apakah kemarin ia tidak makan apa-apa?" in mother.tap("✓ Selesai")
    assert "makan apa saja?" in mother.tap("Tidak, saya centang")
    mother.tap("☐ Telur")
    mother.tap("✓ Selesai")
    mother.tap("Sudah")
    mother.tap("Makanan")
    kept = answered(village)
    assert kept is not None
    assert kept.groups == {FoodGroup.EGGS}


@pytest.mark.parametrize("typed", [None, "tidak makan apa-apa bu"])
def test_who_ate_nothing_is_not_praised(village: Village, typed: str | None) -> None:
    mother = at_foods(village)
    assert "tidak makan apa-apa?" in (mother.say(typed) if typed else mother.tap("✓ Selesai"))
    mother.tap("Ya, tidak makan")
    mother.tap("Sudah")
    said = mother.tap("Makanan")
    assert "tidak makan apa-apa" in said
    assert "puskesmas" in said
    assert "0 dari 8" not in said
    kept = answered(village)
    assert kept is not None
    assert kept.food_groups == ""


# --- typed -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["tidak", "sehat", "tidak sakit bu", "Alhamdulillah sehat", "gak ada"])
def test_well_in_words(village: Village, typed: str) -> None:
    village.mother.say("/pantau")
    assert "makan apa saja?" in village.mother.say(typed)


@pytest.mark.parametrize(
    ("typed", "illnesses"),
    [
        ("demam", "fever"),
        ("diare", "diarrhoea"),
        ("batuk", "cough"),
        ("sesak", "cough"),
        ("Demam dan mencret", "diarrhoea,fever"),
        ("panas, batuk pilek bu", "cough,fever"),
    ],
)
def test_an_illness_in_words(village: Village, typed: str, illnesses: str) -> None:
    village.mother.say("/pantau")
    said = village.mother.say(typed)
    assert "Adakah salah satu dari ini" in said
    assert "langsung ke puskesmas atau IGD" in said
    assert "makan apa saja?" in village.mother.say("tidak ada bu")
    village.mother.say("telur")
    village.mother.say("belum")
    village.mother.say("susu")
    kept = answered(village)
    assert kept is not None
    assert kept.illnesses == illnesses


@pytest.mark.parametrize(
    ("typed", "signs"),
    [
        ("kejang", "convulsions"),
        ("kejang dan muntah", "vomits_all,convulsions"),
        ("anak saya kejang tolong", "convulsions"),
        ("gak mau minum, lemas", "cannot_drink,lethargic"),
        ("sesak nafas", "breathing"),
        ("tidak kejang tapi tidak sadar", "lethargic"),
    ],
)
def test_a_danger_sign_in_words_is_an_alarm(village: Village, typed: str, signs: str) -> None:
    village.mother.say("/pantau")
    village.mother.say("demam")
    assert "SEKARANG" in village.mother.say(typed)
    assert "Tanda bahaya: BLT-001" in village.sijuk.hear()
    kept = answered(village)
    assert kept is not None
    assert kept.danger_signs == signs


@pytest.mark.parametrize("typed", ["tidak", "tidak ada", "tdk ada bu", "gak"])
def test_no_danger_sign_in_words(village: Village, typed: str) -> None:
    village.mother.say("/pantau")
    village.mother.say("demam")
    assert "makan apa saja?" in village.mother.say(typed)


def test_a_sign_that_is_denied_is_no_alarm(village: Village) -> None:
    village.mother.say("/pantau")
    village.mother.say("demam")
    assert "belum terbaca: tidak kejang" in village.mother.say("tidak kejang")
    assert answered(village) is None


def test_food_and_what_was_bought_in_words(village: Village) -> None:
    mother = at_foods(village)
    assert "posyandu?" in mother.say("nasi, telur dan ikan")
    assert "dipakai untuk apa?" in mother.say("sudah bu")
    mother.say("susu dan vitamin")
    kept = answered(village)
    assert kept is not None
    assert kept.groups == {FoodGroup.GRAINS, FoodGroup.EGGS, FoodGroup.FLESH}
    assert (kept.posyandu, kept.bought) == (True, "milk,vitamins")


def test_what_is_not_understood_is_named_and_nothing_is_lost(village: Village) -> None:
    mother = at_foods(village)
    mother.tap("☐ ASI")
    said = mother.say("nasi, telur, seblak")
    assert "belum terbaca: seblak" in said
    labels = [button.label for row in mother.out[-1].rows for button in row]
    assert {"☑ ASI", "☑ Telur"} <= set(labels)
    assert "posyandu?" in mother.tap("✓ Selesai")
    mother.say("iya")
    mother.say("makanan")
    kept = answered(village)
    assert kept is not None
    assert kept.groups == {FoodGroup.BREAST_MILK, FoodGroup.GRAINS, FoodGroup.EGGS}


@pytest.mark.parametrize("none", ["tidak ada", "tidak", "gak ada bu"])
def test_a_ticked_danger_sign_is_not_lost_by_a_typed_none(village: Village, none: str) -> None:
    village.mother.say("/pantau")
    village.mother.say("demam")
    village.mother.tap("☐ Kejang")
    assert "belum terbaca" in village.mother.say(none)
    assert "SEKARANG" in village.mother.say("selesai")


@pytest.mark.parametrize("typed", ["telur", "4", "6"])
def test_what_is_typed_comes_to_what_is_ticked(village: Village, typed: str) -> None:
    mother = at_foods(village)
    mother.tap("☐ ASI")
    mother.say(typed)
    mother.say("sudah")
    mother.say("susu")
    kept = answered(village)
    assert kept is not None
    assert FoodGroup.BREAST_MILK in kept.groups
    assert len(kept.groups) == 2


@pytest.mark.parametrize("typed", ["seblak", "tahunan", "menu apa"])
def test_only_whole_words_count(village: Village, typed: str) -> None:
    mother = at_foods(village)
    assert f"belum terbaca: {typed}" in mother.say(typed)


@pytest.mark.parametrize("words", ["kejang", "anak saya tidak sadar", "gak mau minum", "ia sesak sekali"])
def test_danger_words_are_answered_at_once_wherever_they_come(village: Village, words: str) -> None:
    mother = village.mother
    urgent = "Bila gawat, langsung ke puskesmas atau IGD"
    mother.say("/pantau")
    assert "langsung ke puskesmas atau IGD" in mother.say(words)
    mother.say("/batal")
    at_foods(village)
    assert urgent in mother.say(words)
    mother.say("telur")
    assert urgent in mother.say(words)
    mother.say("belum")
    assert urgent in mother.say(words)
    assert "tersimpan" in mother.say("makanan")
    mother.say("/pantau")
    assert urgent in mother.say(words)
    assert "apakah ia sakit" in mother.say("ya")


def test_danger_words_are_answered_where_the_child_is_asked_for(village: Village) -> None:
    def sibling(session: Session) -> None:
        guardian_id = session.get_one(Child, 1).guardian_id
        a_child(session, code="BLT-005", name="Kejora Rekaan").guardian_id = guardian_id

    village.database.submit(in_session(sibling)).result()
    assert "yang mana?" in village.mother.say("/pantau")
    said = village.mother.say("kejang bu")
    assert "Bila gawat, langsung ke puskesmas" in said
    assert "yang mana?" in said
