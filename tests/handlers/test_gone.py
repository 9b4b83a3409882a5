"""What a dialog is about may go while it runs: then the dialog ends, and what was said touches nothing else."""

from typing import Any

import pytest
from sqlmodel import Session, select

from models.children import Child
from models.months import Month
from models.payouts import Payout, PayoutState, confirm_receipt
from models.people import FosterParent
from models.pledges import Pledge, PledgeState
from models.visits import Visit
from tests.builders import OCTOBER, a_pledge
from tests.clock import FixedClock
from tests.handlers.talk import Ask
from tests.handlers.village import Village

NOVEMBER = Month(2025, 11)
GONE = "sudah tidak ada lagi"


@pytest.fixture
def two(village: Village, ask: Ask[Any]) -> Village:
    """The giver supports BLT-001 and BLT-004."""
    ask(_second_pledge)
    return village


def _second_pledge(session: Session) -> None:
    giver = session.exec(select(FosterParent)).one()
    a_pledge(session, child=session.get_one(Child, 4), foster_parent=giver)


def _end(child_id: int) -> Any:
    """End the pledge on a child, as when somebody else or the calendar does it."""

    def work(session: Session) -> None:
        pledge = session.exec(select(Pledge).where(Pledge.child_id == child_id)).one()
        pledge.state = PledgeState.ENDED
        session.add(pledge)

    return work


def _owed(*months: Month) -> Any:
    """Enter payouts of the giver's first pledge; return their ids."""

    def work(session: Session) -> list[int]:
        ids = []
        for month in months:
            payout = Payout(pledge_id=1, month=month, amount_idr=450_000, state=PayoutState.DUE)
            session.add(payout)
            session.flush()
            ids.append(payout.id or 0)
        return ids

    return work


def _confirmed(clock: FixedClock, payout_id: int) -> Any:
    return lambda session: confirm_receipt(session, clock.now(), payout_id, by=1)


def _payout(payout_id: int) -> Any:
    def work(session: Session) -> tuple[PayoutState, int]:
        payout = session.get_one(Payout, payout_id)
        return payout.state, payout.reported_idr

    return work


def test_a_pledge_named_by_the_command_that_ends_meanwhile_ends_no_other(two: Village, ask: Ask[Any]) -> None:
    two.giver.say("/berhenti BLT-001")
    two.giver.tap("Carikan pengganti", "Tidak saya sebutkan")
    ask(_end(1))
    assert GONE in two.giver.tap("Ya, akhiri")
    other = ask(lambda s: s.exec(select(Pledge).where(Pledge.child_id == 4)).one())
    assert (other.state, other.ending, other.last_month) == (PledgeState.ACTIVE, "", Month(2025, 12))


def test_the_only_pledge_that_ends_while_another_begins_is_not_exchanged_for_it(
    village: Village, ask: Ask[Any]
) -> None:
    assert "BLT-001" in village.giver.say("/berhenti")
    village.giver.tap("Carikan pengganti", "Tidak saya sebutkan")
    ask(_second_pledge)
    ask(_end(1))
    assert GONE in village.giver.tap("Ya, akhiri")
    other = ask(lambda s: s.exec(select(Pledge).where(Pledge.child_id == 4)).one())
    assert (other.state, other.ending) == (PledgeState.ACTIVE, "")


@pytest.mark.parametrize("command", ["/setor BLT-001 2025-10", "/setor"])
def test_a_transfer_is_never_booked_on_another_month_than_it_was_for(
    village: Village, clock: FixedClock, ask: Ask[Any], command: str
) -> None:
    (october,) = ask(_owed(OCTOBER))
    assert "Oktober" in village.giver.say(command)
    village.giver.say("450 ribu")
    village.giver.tap("Uang tunai/transfer")
    village.giver.tap("Lewati")
    (november,) = ask(_owed(NOVEMBER))
    ask(_confirmed(clock, october))
    assert GONE in village.giver.tap("Ya, kirim")
    assert ask(_payout(november)) == (PayoutState.DUE, 0)


def test_a_weight_never_goes_to_another_child(two: Village, ask: Ask[Any]) -> None:
    assert "BLT-001" in two.giver.say("/kunjungan BLT-001")
    two.giver.say("hari ini")
    two.giver.tap("🏠 Rumah")
    ask(_end(1))
    assert GONE in two.giver.say("9,1")
    assert ask(lambda s: s.exec(select(Visit)).all()) == []


def test_the_child_of_a_visit_that_was_asked_for_is_not_exchanged_either(two: Village, ask: Ask[Any]) -> None:
    two.giver.say("/kunjungan")
    assert "BLT-001" in two.giver.tap("BLT-001")
    ask(_end(1))
    assert GONE in two.giver.say("hari ini")


def test_a_family_confirms_the_month_that_it_chose_or_none(
    village: Village, clock: FixedClock, ask: Ask[Any]
) -> None:
    october, november = ask(_owed(OCTOBER, NOVEMBER))
    village.mother.say("/terima")
    assert "Oktober" in village.mother.tap("BLT-001 · Oktober 2025 · Rp450.000")
    ask(_confirmed(clock, october))
    assert GONE in village.mother.tap("✅ Sudah diterima")
    assert ask(_payout(november)) == (PayoutState.DUE, 0)


def test_the_only_month_that_a_family_is_asked_about_is_not_exchanged_either(
    village: Village, clock: FixedClock, ask: Ask[Any]
) -> None:
    (october,) = ask(_owed(OCTOBER))
    assert "Oktober" in village.mother.say("/terima")
    (november,) = ask(_owed(NOVEMBER))
    ask(_confirmed(clock, october))
    assert GONE in village.mother.tap("✅ Sudah diterima")
    assert ask(_payout(november)) == (PayoutState.DUE, 0)


def test_where_the_command_names_what_is_not_there_the_only_other_is_asked_about(village: Village) -> None:
    assert "anak yang mana" in village.giver.say("/berhenti BLT-009")
