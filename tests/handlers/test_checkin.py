"""K3 /pantau: under a minute, by taps; an answer that helps; danger first; never lost."""

from datetime import date, timedelta

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
