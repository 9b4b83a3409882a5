"""K2 /terima: whatever a family says of a month's aid is kept, also before or after what its giver reports."""

from typing import Any

import pytest
from sqlmodel import Session, col, select

from models.alerts import Alert, AlertKind
from models.payouts import Payout, PayoutMove, PayoutState
from tests.builders import OCTOBER
from tests.handlers.talk import Ask
from tests.handlers.village import Village

OWED = 450_000


@pytest.fixture
def due(village: Village, ask: Ask[Any]) -> Village:
    """October's aid for BLT-001 is due, and nothing is reported."""
    ask(lambda s: s.add(Payout(pledge_id=1, month=OCTOBER, amount_idr=OWED, state=PayoutState.DUE)))
    return village


def sent(village: Village, amount: str) -> None:
    """Have the giver report a transfer; the family is asked."""
    village.giver.say("/setor BLT-001 2025-10")
    village.giver.say(amount)
    village.giver.tap("Uang tunai/transfer")
    village.giver.tap("Lewati")
    village.giver.tap("Ya, kirim")
    village.mother.hear()


def short(village: Village, amount: str) -> str:
    village.mother.say("/terima")
    village.mother.tap("➖ Jumlahnya kurang")
    return village.mother.say(amount)


def stands(session: Session) -> tuple[PayoutState, int, int | None]:
    payout = session.exec(select(Payout)).one()
    return payout.state, payout.reported_idr, payout.received_idr


def moves(session: Session) -> int:
    return len(session.exec(select(PayoutMove)).all())


def cases(session: Session) -> list[str]:
    query = select(Alert.kind).where(col(Alert.closed_at).is_(None)).order_by(col(Alert.id))
    return list(session.exec(query.where(col(Alert.kind).in_([AlertKind.AID_SHORT, AlertKind.AID_MISSING]))))


def test_less_came_of_what_nobody_has_reported(due: Village, ask: Ask[Any]) -> None:
    assert "Koordinator akan mengeceknya" in short(due, "300 ribu")
    assert ask(stands) == (PayoutState.SHORT, 0, 300_000)
    assert ask(cases) == [AlertKind.AID_SHORT]
    assert "laporannya belum ada" in due.giver.hear()
    assert "belum dilaporkan, keluarga menerima Rp300.000" in due.sijuk.hear()


def test_that_case_is_settled_by_what_was_promised_and_both_stories_are_shown(
    due: Village, ask: Ask[Any]
) -> None:
    short(due, "300 ribu")
    sent(due, "300 ribu")
    card = due.sijuk.say("/antrean s1")
    assert "Keluarga: menerima Rp300.000" in card
    assert "Orang tua asuh: mengirim Rp300.000" in card
    due.sijuk.say("batal")
    due.mother.say("/terima")
    due.mother.tap("✅ Sudah diterima")
    assert ask(stands) == (PayoutState.CONFIRMED, 300_000, 300_000)
    assert ask(cases) == []


def test_of_what_is_short_and_unreported_all_is_what_was_promised(due: Village, ask: Ask[Any]) -> None:
    short(due, "300 ribu")
    due.sijuk.say("/antrean s1")
    due.sijuk.tap("✓ Diterima Rp450.000")
    due.sijuk.say("Sudah ditelepon")
    assert ask(stands) == (PayoutState.CONFIRMED, 0, OWED)


def test_nothing_of_what_nobody_has_sent_is_still_awaited(due: Village, ask: Ask[Any]) -> None:
    assert "belum dilaporkan terkirim" in short(due, "0")
    assert ask(stands) == (PayoutState.DUE, 0, None)


@pytest.mark.parametrize(
    ("first", "then", "after"),
    [
        ("short", "less", (PayoutState.SHORT, OWED, 400_000)),
        ("short", "not yet", (PayoutState.SHORT, OWED, 300_000)),
        ("short", "all", (PayoutState.CONFIRMED, OWED, OWED)),
        ("missing", "less", (PayoutState.SHORT, 750_000, 400_000)),
        ("missing", "not yet", (PayoutState.DISPUTED, 750_000, 0)),
        ("missing", "all", (PayoutState.CONFIRMED, 750_000, 750_000)),
    ],
)
def test_a_second_transfer_is_answered_like_the_first(
    due: Village, ask: Ask[Any], first: str, then: str, after: tuple[PayoutState, int, int]
) -> None:
    """By the buttons that came with the question."""
    sent(due, "300 ribu" if first == "missing" else "301 ribu")
    if first == "missing":
        due.mother.tap("⏳ Belum")
        sent(due, "450 ribu")
    else:
        due.mother.tap("➖ Jumlahnya kurang")
        due.mother.say("300 ribu")
        sent(due, "149 ribu")
    before = ask(moves)
    if then == "less":
        due.mother.tap("➖ Jumlahnya kurang")
        assert "Koordinator akan mengeceknya" in due.mother.say("400 ribu")
    else:
        said = due.mother.tap("⏳ Belum" if then == "not yet" else "✅ Sudah diterima")
        assert "sudah dijawab" not in said
    assert ask(stands) == after
    assert ask(moves) == before + 1
    assert bool(ask(cases)) is (then != "all")


def test_the_same_answer_again_is_kept_once(due: Village, ask: Ask[Any]) -> None:
    sent(due, "300 ribu")
    due.mother.tap("⏳ Belum")
    before = ask(moves)
    assert "sudah dijawab" in due.mother.say("/terima 1 belum")
    assert ask(moves) == before


def test_what_came_in_the_end_corrects_that_nothing_came(due: Village, ask: Ask[Any]) -> None:
    sent(due, "450 ribu")
    due.mother.tap("⏳ Belum")
    short(due, "200 ribu")
    assert ask(stands) == (PayoutState.SHORT, OWED, 200_000)
    short(due, "250 ribu")
    assert ask(stands) == (PayoutState.SHORT, OWED, 250_000)
