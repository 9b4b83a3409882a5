"""C1 /statistik: what a month's payouts have come to, beside what was promised; and only of the own areas."""

from datetime import timedelta

from sqlmodel import Session

from models.database import in_session
from models.months import Month
from models.payouts import confirm_receipt, owe, payout_of, report_transfer, say_short
from models.pledges import Pledge
from models.programme import Programme
from tests.builders import a_child, a_foster_parent, a_pledge, id_of
from tests.handlers.village import Village

OCTOBER = Month(2025, 10)


def promised(village: Village, programme: Programme, area: str, idr: int) -> Pledge:
    """One more child of an area, for whom somebody gives, with its payouts up to today."""

    def work(session: Session) -> Pledge:
        child = a_child(session, area=area, village=area)
        giver = a_foster_parent(session, village.context.keys)
        pledge = a_pledge(session, child=child, foster_parent=giver, first_month=OCTOBER, monthly_idr=idr)
        owe(session, programme, pledge, village.clock.now().date())
        return pledge

    return village.database.submit(in_session(work)).result()


def given(village: Village, pledge: Pledge, *, received_idr: int | None) -> None:
    """Its October is reported; so much came (None: nobody has said)."""

    def work(session: Session) -> None:
        payout = payout_of(session, id_of(pledge), OCTOBER)
        assert payout is not None
        now, number, by = village.clock.now(), payout.id or 0, pledge.foster_parent_id
        report_transfer(session, now, number, by=by, amount_idr=pledge.monthly_idr)
        if received_idr == pledge.monthly_idr:
            confirm_receipt(session, now, number, by=by)
        elif received_idr is not None:
            say_short(session, now, number, by=by, received_idr=received_idr)

    village.database.submit(in_session(work)).result()


def test_the_payouts_of_the_month_stand_beside_what_was_promised(
    village: Village, programme: Programme
) -> None:
    assert "belum ada yang harus disalurkan" in village.district.say("/statistik")
    waits = promised(village, programme, "Sijuk", 150_000)
    came, short = (promised(village, programme, "Badau", 450_000) for _ in range(2))
    reported = promised(village, programme, "Sijuk", 300_000)
    given(village, came, received_idr=450_000)
    given(village, short, received_idr=100_000)
    given(village, reported, received_idr=None)
    said = village.district.say("/statistik")
    assert "Penyaluran Oktober 2025*: 3 dari 4 sudah dilaporkan (Rp1.200.000 dari Rp1.350.000)" in said
    assert "diterima keluarga: 1, jumlahnya Rp550.000" in said
    assert "terlambat: 1" in said
    assert "dipersoalkan: 1" in said
    given(village, waits, received_idr=150_000)
    said = village.district.say("/statistik")
    assert "4 dari 4 sudah dilaporkan" in said
    assert "terlambat: 0" in said


def test_a_kecamatan_s_coordinator_counts_the_own_payouts(village: Village, programme: Programme) -> None:
    given(village, promised(village, programme, "Badau", 450_000), received_idr=450_000)
    promised(village, programme, "Sijuk", 150_000)
    assert "0 dari 1 sudah dilaporkan (Rp0 dari Rp150.000)" in village.sijuk.say("/statistik")
    assert "1 dari 1 sudah dilaporkan (Rp450.000 dari Rp450.000)" in village.badau.say("/statistik")
    assert "1 dari 1 sudah dilaporkan" in village.district.say("/statistik Badau")


def test_a_month_that_is_over_keeps_its_payouts(village: Village, programme: Programme) -> None:
    given(village, promised(village, programme, "Sijuk", 450_000), received_idr=450_000)
    village.clock.advance(timedelta(days=40))
    said = village.district.say("/statistik oktober")
    assert "Penyaluran Oktober 2025*: 1 dari 1" in said
    assert "Pantauan gizi Oktober 2025*: 0 anak" in said
