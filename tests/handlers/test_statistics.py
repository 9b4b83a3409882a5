"""C1 /statistik: what a month's payouts have come to, and when a long list was counted; only of the own areas."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from jobs import charts, counting
from models.counted import forget_counts, list_is_long
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
    assert "belum dilaporkan: 1" in said
    assert "dipersoalkan: 1" in said
    given(village, waits, received_idr=150_000)
    said = village.district.say("/statistik")
    assert "4 dari 4 sudah dilaporkan" in said
    assert "belum dilaporkan: 0" in said


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


def test_a_picture_by_desa_cannot_be_passed_on(village: Village, programme: Programme) -> None:
    """In a desa with two children everybody knows who they are."""
    promised(village, programme, "Badau", 450_000)
    for asked, may in (("/statistik", True), ("/statistik Badau", False)):
        village.district.out.clear()
        village.district.say(asked)
        kinds = [message.picture[0] for message in village.district.out if message.picture]
        assert [kind in charts.SHAREABLE for kind in kinds] == [may]
        assert set(kinds) <= set(charts.CHARTS)


def test_a_short_list_is_not_kept_and_a_long_one_only_as_far_as_statistics_look(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task as the schedule runs it, with a long list made of four children."""

    def run() -> int:
        work: object = counting.count_long_list
        while callable(work):
            piece = work
            work = village.database.submit(lambda c, p=piece: p(c, village.context)).result()  # type: ignore[misc] # loop
        assert isinstance(work, int)
        return work

    assert run() == 0
    assert "Cakupan dihitung" not in village.district.say("/statistik")
    with Session(village.database.engine) as session:
        assert not list_is_long(session)
        assert [list_is_long(session, many) for many in (3, 4)] == [True, False]
    monkeypatch.setattr(list_is_long, "__defaults__", (3,))
    assert run() > 0
    assert "Cakupan dihitung 13 Okt 2025 10.00 WIB" in village.district.say("/statistik")
    assert "Cakupan dihitung" not in village.sijuk.say("/statistik")
    village.clock.advance(timedelta(days=40))
    assert "Cakupan dihitung" not in village.district.say("/statistik")
    run()
    assert "Cakupan dihitung 22 Nov 2025 10.00 WIB" in village.district.say("/statistik")
    monkeypatch.setattr(list_is_long, "__defaults__", (4,))
    assert run() == 12
    with Session(village.database.engine) as session:
        assert forget_counts(session) == 0


def test_a_desa_a_month_and_both_are_understood(village: Village, programme: Programme) -> None:
    given(village, promised(village, programme, "Sijuk", 450_000), received_idr=450_000)
    village.clock.advance(timedelta(days=40))
    district = village.district
    for asked in ("Sijuk 2025-09", "sijuk september", "september 2025 kecamatan Sijuk", "Sijuk sep"):
        said = district.say(f"/statistik {asked}")
        assert "*Sijuk*" in said, asked
        assert "per 30 September 2025" in said, asked
    said = district.say("/statistik desa Sijuk oktober 2025")
    assert "*Sijuk (Sijuk)*: *2 dari 4" in said
    assert "per 31 Oktober 2025" in said
    assert "Penyaluran Oktober 2025*: 1 dari 1" in said
    assert "belum ada anak" in district.say("/statistik Terong")
    assert "per 31 Oktober 2025" in district.say("/statistik opd bulan lalu")
    assert "Oktober 2025" in district.say("/statistik tumbuh 2025-10")
    for asked in ("september 2030", "Sijuk 2030-01", "Sijuk bulan depan", "2025-13", "desa"):
        assert "tidak menemukan" in district.say(f"/statistik {asked}"), asked


def test_a_desa_elsewhere_answers_as_an_unknown_one(village: Village) -> None:
    unknown = village.badau.say("/statistik Entahlah").replace("Entahlah", "Terong")
    assert village.badau.say("/statistik Terong") == unknown
    assert village.badau.say("/statistik Terong 2025-09") == unknown.replace("Terong", "Terong 2025-09")


def test_who_gives_stands_by_kind_and_of_the_own_areas(village: Village, programme: Programme) -> None:
    given(village, promised(village, programme, "Badau", 450_000), received_idr=450_000)
    promised(village, programme, "Sijuk", 150_000)
    assert (
        "3 orang tua asuh, 3 anak, Rp1.050.000 sebulan (diterima keluarga Rp450.000)"
        in village.district.say("/statistik jenis")
    )
    assert "2 orang tua asuh, 2 anak, Rp600.000 sebulan (diterima keluarga Rp0)" in village.sijuk.say(
        "/statistik jenis"
    )
    assert "belum ada yang mendukung" in village.district.say("/statistik jenis 2025-09")
