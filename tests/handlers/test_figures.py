"""Coordinators ask for figures in their own words, and see who gives; in their own scope only."""

from datetime import date

from sqlmodel import Session, select

from models.database import in_session
from models.months import Month
from models.pledges import Pledge
from tests.builders import a_visit
from tests.handlers.village import Village


def test_a_coordinator_simply_asks(village: Village) -> None:
    assert "anak* ada di daftar Sijuk" in village.sijuk.say("berapa anak di sijuk?")
    assert "belum didukung sama sekali" in village.district.say("Berapa anak di Sijuk yang belum dapat?")
    assert "terlambat per" in village.district.say("berapa yang terlambat setor")
    assert "kunjungan* di Kabupaten Belitung" in village.district.say("/berapa kunjungan bulan ini")
    assert "lulus selama" in village.district.say("berapa anak lulus")


def test_givers_and_transfers_are_not_answered_with_children(village: Village) -> None:
    assert "orang tua asuh* mendukung anak di Sijuk" in village.district.say("berapa orang tua asuh di Sijuk")
    assert "setoran Oktober 2025* untuk anak" in village.district.say("berapa setoran bulan ini?")
    assert "many children" not in village.district.say("how many foster parents")


def test_children_not_visited_this_month_are_counted_however_new_their_pledges(village: Village) -> None:
    """As /statistik tumbuh counts: supported and visited, supported and not, add up."""

    def figure(question: str) -> int:
        return int(village.district.say(question).partition("*")[2].split()[0])

    before = figure("berapa anak yang belum dikunjungi")
    assert before >= 1
    village.database.submit(in_session(visit_of_a_new_pledge)).result()
    assert figure("berapa anak yang belum dikunjungi") == before - 1


def visit_of_a_new_pledge(session: Session) -> None:
    new = session.exec(select(Pledge).where(Pledge.first_month == Month(2025, 10))).first()
    assert new is not None
    a_visit(session, pledge=new, visited_on=date(2025, 10, 12))


def test_what_is_not_understood_is_named_with_examples(village: Village) -> None:
    said = village.district.say("berapa harga beras")
    assert '"harga"' in said
    assert "berapa anak di Tanjungpandan yang belum dapat?" in said
    assert "berapa anak di Badau yang belum dapat?" in village.badau.say("berapa harga beras"), (
        "of the own scope"
    )


def test_a_foreign_kecamatan_answers_as_an_unknown_word_does(village: Village) -> None:
    foreign = village.badau.say("berapa anak di Sijuk")
    unknown = village.badau.say("berapa anak di Jakarta")
    assert foreign.replace("Sijuk", "Jakarta") == unknown.replace("jakarta", "Jakarta").replace(
        "Sijuk", "Jakarta"
    )
    assert "berapa anak" not in village.badau.say("berapa anak di Badau").partition("/")[0]


def test_others_are_told_who_this_is_for(village: Village) -> None:
    for talk in (village.mother, village.giver, village.stranger):
        assert "koordinator" in talk.say("berapa anak di Sijuk")
        assert "koordinator" in talk.say("/mitra")


def test_pledged_and_given_by_partner(village: Village) -> None:
    said = village.district.say("/mitra")
    assert "ASN" in said
    assert "Dinas Rekaan" in said
    assert "Rp450.000" in said
    assert "50 anak" in said


def test_statistics_foresee(village: Village) -> None:
    assert "bulan terakhir" in village.district.say("/statistik")
