"""What people write while nothing is asked: greetings, the answer about the aid, what is urgent; and going on later."""

import pytest
from sqlmodel import Session, col, select

from models.alerts import Alert, AlertKind
from models.children import Child
from models.database import in_session
from models.payouts import Payout, PayoutState, owe, payout_of, report_transfer
from models.pledges import Pledge
from models.programme import Programme
from tests.builders import id_of
from tests.handlers.talk import buttons
from tests.handlers.test_statistics import OCTOBER
from tests.handlers.village import Village


@pytest.fixture
def reported(village: Village, programme: Programme) -> Village:
    """BLT-001's October is reported; whether it has come, its mother has been asked."""

    def work(session: Session) -> None:
        pledge = session.exec(
            select(Pledge).join(Child, col(Child.id) == Pledge.child_id).where(Child.code == "BLT-001")
        ).one()
        owe(session, programme, pledge, village.clock.now().date())
        payout = payout_of(session, id_of(pledge), OCTOBER)
        assert payout is not None
        by, now = pledge.foster_parent_id, village.clock.now()
        report_transfer(session, now, payout.id or 0, by=by, amount_idr=pledge.monthly_idr)

    village.database.submit(in_session(work)).result()
    return village


def states(village: Village) -> set[PayoutState]:
    query = in_session(lambda s: {p.state for p in s.exec(select(Payout).where(Payout.month == OCTOBER))})
    return village.database.submit(query).result()


@pytest.mark.parametrize(
    ("text", "said", "state"),
    [
        ("sudah", "terima kasih kabarnya", PayoutState.CONFIRMED),
        ("ya", "terima kasih kabarnya", PayoutState.CONFIRMED),
        ("alhamdulillah sudah", "terima kasih kabarnya", PayoutState.CONFIRMED),
        ("belum", "Koordinator akan mengeceknya", PayoutState.DISPUTED),
        ("kurang", "Berapa yang diterima", PayoutState.REPORTED),
        ("besok saya ke posyandu", "belum mengerti", PayoutState.REPORTED),
        ("terima kasih", "Sama-sama", PayoutState.REPORTED),
    ],
)
def test_a_family_answers_the_question_about_its_aid_by_writing(
    reported: Village, text: str, said: str, state: PayoutState
) -> None:
    assert said in reported.mother.say(text)
    assert states(reported) == {state}


def test_the_same_words_mean_nothing_where_nothing_was_asked(village: Village) -> None:
    assert "belum mengerti" in village.mother.say("sudah")
    assert "belum mengerti" in village.stranger.say("ya")


@pytest.mark.parametrize(
    "text",
    [
        "halo",
        "Hai",
        "hello",
        "Assalamualaikum",
        "Assalamu'alaikum wr. wb.",
        "selamat pagi bu",
        "Halo, permisi",
    ],
)
def test_a_greeting_is_greeted(village: Village, text: str) -> None:
    assert "Selamat datang" in village.stranger.say(text)


def test_a_newcomers_menu_takes_a_code(village: Village) -> None:
    village.stranger.say("halo")
    assert "Masukkan kode" in [b.label for b in buttons(village.stranger.out[-1])]
    village.mother.say("halo")
    assert "Masukkan kode" not in [b.label for b in buttons(village.mother.out[-1])]


@pytest.mark.parametrize(
    "text", ["anak saya kejang", "Sesak napasnya", "dia tidak sadar", "muntah terus bu", "BABnya berdarah"]
)
def test_what_is_urgent_is_answered_with_where_help_is_and_raises_no_alarm(
    village: Village, text: str
) -> None:
    assert "IGD" in village.mother.say(text)
    assert [b.label for b in buttons(village.mother.out[-1])] == ["Tanya koordinator", "☰ Menu"]
    assert "IGD" in village.stranger.say(text)
    assert village.sijuk.hear() == ""
    assert village.database.submit(in_session(lambda s: list(s.exec(select(Alert))))).result() == []


def test_who_asks_the_coordinator_about_something_urgent_is_told_where_help_is_as_well(
    village: Village,
) -> None:
    said = village.mother.say("tanya anak saya kejang")
    assert "IGD" in said
    assert "sudah kami sampaikan" in said
    assert "anak saya kejang" in village.sijuk.hear()


def test_a_coordinators_answer_about_something_urgent_stays_an_answer(village: Village) -> None:
    village.mother.say("/tanya Apa itu kejang?")
    query = in_session(lambda s: s.exec(select(Alert.id).where(Alert.kind == AlertKind.QUESTION)).one())
    number = village.database.submit(query).result()
    village.sijuk.say(f"jawab {number} Bila kejang, ke IGD")
    assert "Bila kejang, ke IGD" in village.mother.hear()


def test_a_question_in_ones_own_words_reaches_the_coordinator(village: Village) -> None:
    assert "sudah kami sampaikan" in village.mother.say("Bu, saya mau tanya kapan posyandu?")
    assert "kapan posyandu?" in village.sijuk.hear()
    assert "Silakan tulis" in village.mother.say("saya mau tanya")


def begun(village: Village) -> None:
    """The giver has begun to log a visit."""
    village.giver.say("/kunjungan")
    village.giver.tap("Hari ini")


def test_an_offer_that_was_passed_over_is_not_made_again_but_can_be_found(village: Village) -> None:
    begun(village)
    assert "Lanjutkan?" in village.giver.say("/bantuan")
    assert "Lanjutkan?" not in village.giver.say("menu")
    assert "Lanjutkan?" not in village.giver.say("/anak")
    assert "Lanjutkan?" not in village.giver.say("apa ya")
    assert "Lanjutkan?" not in village.giver.say("batal")
    assert "Lanjutkan?" in village.giver.say("/teruskan")
    assert "kunjungan" in village.giver.tap("Ya, lanjutkan").casefold()
    assert "Lanjutkan?" in village.giver.say("/bantuan"), (
        "gone on with and interrupted anew, it is offered anew"
    )


def test_while_an_offer_stands_what_is_typed_is_a_command_or_an_answer(village: Village) -> None:
    begun(village)
    village.giver.say("/bantuan")
    assert "tombol" not in village.giver.say("anak BLT-001")
    village.giver.say("/teruskan")
    assert "belum mengerti" in village.giver.say("entahlah")
    village.giver.say("/teruskan")
    assert "kunjungan" in village.giver.say("lanjutkan").casefold()


def test_a_question_about_figures_is_answered_though_an_offer_stands(village: Village) -> None:
    village.district.say("/anak_baru")
    village.district.say("Gita Rekaan")
    assert "Lanjutkan?" in village.district.say("/bantuan")
    said = village.district.say("berapa anak di Badau")
    assert "Badau" in said
    assert "Lanjutkan?" not in said


def test_what_was_done_anew_meanwhile_is_not_offered(village: Village) -> None:
    begun(village)
    village.giver.say("/bahasa")
    village.giver.say("/kunjungan BLT-001")
    for label in ("Kemarin", "Telepon"):
        village.giver.tap(
            next(b.label for b in buttons(village.giver.out[-1]) if label.casefold() in b.label.casefold())
        )
    for text in ("1", "1", "lewati", "ya"):
        said = village.giver.say(text)
    assert "Lanjutkan?" not in said
    assert "Tidak ada yang sedang berjalan" in village.giver.say("/teruskan")


def test_after_a_withdrawn_consent_nothing_is_gone_back_to(village: Village) -> None:
    village.mother.say("/pantau")
    village.mother.tap(buttons(village.mother.out[-1])[0].label)
    said = village.mother.say("/privasi tarik")
    assert "Lanjutkan?" not in said
    said = village.mother.say("ya")
    assert "Lanjutkan?" not in said
    assert "Tidak ada yang sedang berjalan" in village.mother.say("/teruskan")
