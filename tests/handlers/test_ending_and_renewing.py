"""F6 by chat: what may rest, what is only withdrawn, and what can be renewed although it has ended."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from models.alerts import Alert, AlertKind
from models.children import Child
from models.keys import KeyRing
from models.months import Month
from models.pauses import Pause
from models.payouts import Payout, PayoutState
from models.people import FosterParent
from models.pledges import Pledge, PledgeState
from tests.builders import a_foster_parent, a_pledge
from tests.clock import MONDAY_MORNING
from tests.handlers.talk import Ask, Talk
from tests.handlers.village import Village

OCTOBER, NOVEMBER, DECEMBER = Month(2025, 10), Month(2025, 11), Month(2025, 12)


def labels(talk: Talk) -> list[str]:
    return [button.label for row in talk.out[-1].rows for button in row]


def given(
    ask: Ask[Any], month: Month, state: PayoutState = PayoutState.CONFIRMED, pledge_id: int = 1
) -> None:
    ask(
        lambda session: session.add(
            Payout(
                pledge_id=pledge_id,
                month=month,
                amount_idr=450_000,
                state=state,
                reported_idr=450_000,
                received_idr=450_000 if state is PayoutState.CONFIRMED else None,
            )
        )
    )


def promised(ask: Ask[Any], code: str, **what: Any) -> None:
    """Have the village's giver pledge for another child."""

    def work(session: Session) -> None:
        child = session.exec(select(Child).where(Child.code == code)).one()
        a_pledge(session, child=child, foster_parent=session.exec(select(FosterParent)).one(), **what)

    ask(work)


def ended(ask: Ask[Any]) -> None:
    def work(session: Session) -> None:
        one = session.get_one(Pledge, 1)
        one.state = PledgeState.ENDED
        session.add(one)

    ask(work)


# -- a rest ---------------------------------------------------------------------------------------------------------


def test_only_months_that_can_rest_are_offered(village: Village, ask: Ask[Any]) -> None:
    given(ask, OCTOBER)
    village.giver.say("/jeda")
    assert labels(village.giver) == ["November 2025"]
    village.giver.tap("November 2025")
    assert labels(village.giver) == ["1 bulan", "2 bulan"]  # the term ends in December


def test_where_nothing_can_rest_it_is_said_at_once(village: Village, ask: Ask[Any]) -> None:
    given(ask, NOVEMBER, PayoutState.REPORTED)
    assert "tidak bisa dijeda" in village.giver.say("/jeda")


def test_beside_another_rest_only_what_is_left_is_offered(village: Village, ask: Ask[Any]) -> None:
    rest = Pause(pledge_id=1, first_month=NOVEMBER, last_month=NOVEMBER, created_at=MONDAY_MORNING)
    ask(lambda session: session.add(rest))
    village.giver.say("/jeda")
    assert labels(village.giver) == ["Oktober 2025"]
    village.giver.tap("Oktober 2025")
    assert labels(village.giver) == ["1 bulan"]


def test_why_a_pledge_rests_is_tapped_or_typed_kept_as_it_was_said_and_told_the_coordinator(
    village: Village, ask: Ask[Any]
) -> None:
    village.giver.say("/jeda")
    assert "tulis sendiri" in village.giver.tap("November 2025", "1 bulan")
    assert "beristirahat" in village.giver.say("Anak saya *sakit*") + village.giver.tap("Ya, jeda")
    assert ask(lambda session: session.exec(select(Pause.reason)).one()) == "Anak saya *sakit*"
    assert "Alasan: Anak saya \\*sakit\\*" in village.sijuk.hear()


@pytest.mark.parametrize(
    ("answer", "kept"), [("Pindah tugas atau pensiun", ""), ("sudah tidak sanggup", "typed")]
)
def test_who_ends_a_pledge_says_why(village: Village, ask: Ask[Any], answer: str, kept: str) -> None:
    assert "tulis sendiri" in village.giver.say("/berhenti") + village.giver.tap("Carikan pengganti")
    village.giver.say(answer) if kept else village.giver.tap(answer)
    village.giver.tap("Ya, akhiri")
    assert ask(lambda session: session.get_one(Pledge, 1).note) == answer
    assert f"Alasan: {answer}" in village.sijuk.hear()


# -- a pledge that waits -----------------------------------------------------------------------------------------


def test_a_pledge_that_waits_is_only_withdrawn(village: Village, ask: Ask[Any]) -> None:
    promised(ask, "BLT-002", state=PledgeState.PENDING)
    giver = village.giver
    assert "masih menunggu persetujuan" in giver.say("/berhenti BLT-002")
    said = giver.tap("Ya, tarik kembali")
    assert "sudah ditarik kembali" in said
    assert "keluarganya" not in said

    news = village.sijuk.hear()
    assert "Budi Rekaan menarik kembali" in news
    assert "kehilangan dukungan" not in news
    losing = select(Alert).where(Alert.kind == AlertKind.LOSING_SUPPORT)
    assert ask(lambda session: session.exec(losing).all()) == []
    assert ask(lambda session: session.get_one(Pledge, 2).state) is PledgeState.LAPSED
    giver.say("/adopsi")
    assert "dukungannya berakhir" not in giver.tap("⭐ Paling membutuhkan")


# -- after the end --------------------------------------------------------------------------------------------------


def test_who_comes_after_the_end_still_renews(village: Village, ask: Ask[Any]) -> None:
    ended(ask)
    village.clock.advance(datetime(2026, 1, 3, 2, 0, tzinfo=UTC) - village.clock.now())
    giver = village.giver
    assert "mulai Januari 2026, berapa lama" in giver.say("/lanjutkan BLT-001")
    giver.tap("Sampai anak lulus")
    assert "berlanjut sampai" in giver.tap("Ya, saya berkomitmen")
    follows = ask(lambda session: session.get_one(Pledge, 2))
    assert (follows.state, follows.first_month) == (PledgeState.ACTIVE, Month(2026, 1))


def test_two_months_after_the_end_it_is_chosen_anew(village: Village, ask: Ask[Any]) -> None:
    ended(ask)
    village.clock.advance(datetime(2026, 3, 2, 2, 0, tzinfo=UTC) - village.clock.now())
    assert "tidak mempunyai komitmen" in village.giver.say("/lanjutkan BLT-001")


def test_a_child_that_others_support_meanwhile_is_not_renewed(
    village: Village, ask: Ask[Any], keys: KeyRing
) -> None:
    ended(ask)
    village.clock.advance(datetime(2026, 1, 3, 2, 0, tzinfo=UTC) - village.clock.now())

    def taken(session: Session) -> None:
        child = session.get_one(Child, 1)
        a_pledge(
            session,
            child=child,
            foster_parent=a_foster_parent(session, keys),
            first_month=Month(2026, 1),
            last_month=None,
        )

    ask(taken)
    assert "sudah dibantu orang lain" in village.giver.say("/lanjutkan BLT-001")


def test_what_one_has_given_before_is_shown_without_a_name(village: Village, ask: Ask[Any]) -> None:
    given(ask, OCTOBER)
    given(ask, NOVEMBER)
    ended(ask)
    village.clock.advance(timedelta(days=90))
    said = village.giver.say("/anak")
    assert "*Pernah didukung*" in said
    assert "BLT-001: 2 bulan, Rp900.000" in said
    for secret in ("Bintang", "Melati", "+62800"):
        assert secret not in said


# -- the card -------------------------------------------------------------------------------------------------------


def test_the_card_names_the_next_month_that_is_not_given_yet(village: Village, ask: Ask[Any]) -> None:
    given(ask, OCTOBER)
    given(ask, NOVEMBER, PayoutState.REPORTED)
    assert "Berikutnya: setoran 10 Desember 2025" in village.giver.say("/anak")


def test_when_all_months_are_given_no_transfer_is_asked_for(village: Village, ask: Ask[Any]) -> None:
    for month in (OCTOBER, NOVEMBER, DECEMBER):
        given(ask, month)
    card = village.giver.say("/anak")
    assert "setoran 10" not in card
    assert "Berikutnya: kunjungan 15 Oktober 2025" in card


def test_during_a_rest_the_card_says_so_and_why_the_family_is_not_shown(
    village: Village, ask: Ask[Any]
) -> None:
    rest = Pause(pledge_id=1, first_month=OCTOBER, last_month=NOVEMBER, created_at=MONDAY_MORNING)
    ask(lambda session: session.add(rest))
    card = village.giver.say("/anak")
    assert "sedang jeda sampai November 2025" in card
    assert "aktif" not in card
    assert "dibuka lagi setelah jeda" in card
    assert "setelah keluarga menyetujuinya" not in card
    assert "setoran 10 Desember 2025" in card
