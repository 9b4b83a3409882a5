"""F8 by chat: a company pledges for several children, its leader agrees, a coordinator approves them as one."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from handlers.catalogue import all_conversations
from handlers.kit.chat import Context
from jobs.upkeep import free_shares
from models.children import Child
from models.database import Database, in_session
from models.grants import Grant, GrantState
from models.joint_pledges import JointPledge, JointState
from models.keys import KeyRing
from models.months import Month
from models.organisations import Organisation, OrganisationKind
from models.people import FosterKind, FosterParent, Person, Standing
from models.pledges import Pledge, PledgeState
from models.programme import Programme
from models.visits import Visit
from tests.builders import (
    LONG_AGO,
    a_child,
    a_contact,
    a_coordinator,
    a_foster_parent,
    a_pledge,
    a_visit,
    an_organisation,
)
from tests.clock import FixedClock
from tests.handlers.talk import Ask, Post, Talk, code_in
from tests.handlers.village import Village


@pytest.fixture
def talks(database: Database, programme: Programme, keys: KeyRing, clock: FixedClock) -> dict[str, Talk]:
    """A company's contact, somebody new (its leader), a colleague, coordinators of the district and of Badau."""
    all_conversations()

    def work(session: Session) -> None:
        company = an_organisation(session, name="PT Timah Rekaan", kind=OrganisationKind.COMPANY)
        contact = a_foster_parent(session, keys, kind=FosterKind.COMPANY, organisation=company)
        a_contact(session, keys, address="contact", person=session.get_one(Person, contact.person_id))
        a_contact(session, keys, address="district", person=a_coordinator(session, keys))
        a_contact(session, keys, address="badau", person=a_coordinator(session, keys, area="Badau"))
        for number in range(4):
            area = "Badau" if number == 3 else "Sijuk"
            a_child(
                session, code=f"BLT-00{number + 1}", area=area, village="Ibul" if area == "Badau" else area
            )

    database.submit(in_session(work)).result()
    context, post = Context(programme, keys, clock), Post(list)
    return {
        name: Talk(database, context, name, post)
        for name in ("contact", "leader", "colleague", "district", "badau")
    }


def promise(talks: dict[str, Talk], count: str = "4") -> str:
    """Go through /adopsi_lembaga; return the leader's code."""
    contact = talks["contact"]
    contact.say("/adopsi_lembaga")
    contact.tap("⭐ Paling membutuhkan")
    contact.say(count)
    contact.tap("Oktober 2025")
    contact.tap("Putaran ini, sampai Desember 2025")
    contact.tap("Ya, saya setuju")
    assert "kami simpan 7 hari" in contact.tap("Ya, saya berkomitmen")
    return contact.out[-1].text.partition("/kode ")[2].split()[0]


def states(session: Session) -> list[tuple[PledgeState, bool]]:
    return [(p.state, p.awaits_leader) for p in session.exec(select(Pledge).order_by(Pledge.child_id))]  # type: ignore[arg-type]


def test_contact_leader_coordinator(talks: dict[str, Talk], ask: Ask[Any]) -> None:
    code = promise(talks)
    assert ask(states) == [(PledgeState.PENDING, True)] * 4
    assert "PT Timah" not in talks["district"].say("/antrean"), "a coordinator is asked before the leader"

    leader = talks["leader"]
    assert "Siapa nama" in leader.say(f"/kode {code}")
    said = leader.say("Bu Pimpinan Rekaan")
    assert "PT Timah Rekaan" in said
    assert "Rp1.800.000" in said
    assert "kami teruskan kepada koordinator" in leader.tap("✓ Setuju")
    assert "Pimpinan sudah menyetujui" in talks["contact"].hear()

    assert "4 anak" in talks["district"].hear()
    card = talks["district"].say("/antrean")
    assert "BLT-001, BLT-002, BLT-003, BLT-004" in card
    talks["district"].tap("✓ Setujui")
    assert ask(states) == [(PledgeState.ACTIVE, False)] * 4
    assert "4 anak oleh 1 orang" in talks["contact"].say("/lembaga")


def test_a_kecamatan_coordinator_decides_on_the_own_children_only(
    talks: dict[str, Talk], ask: Ask[Any]
) -> None:
    leader = talks["leader"]
    leader.say(f"/kode {promise(talks)}")
    leader.say("Bu Pimpinan Rekaan")
    leader.tap("✓ Setuju")
    card = talks["badau"].say("/antrean")
    assert "BLT-004" in card
    assert "BLT-001" not in card
    talks["badau"].tap("✓ Setujui")
    assert [state for state, _ in ask(states)] == [PledgeState.PENDING] * 3 + [PledgeState.ACTIVE]


def test_a_leader_who_coordinates_too_does_not_approve_what_they_have_agreed_to(
    talks: dict[str, Talk], ask: Ask[Any]
) -> None:
    leader = talks["district"]
    leader.say(f"/kode {promise(talks)}")
    leader.tap("✓ Setuju")
    assert "PT Timah" not in leader.say("/antrean")
    assert "milik Bapak/Ibu sendiri" in leader.say("/antrean g1 ok")
    assert [state for state, _ in ask(states)] == [PledgeState.PENDING] * 4
    assert "BLT-004" in talks["badau"].say("/antrean")


def test_a_leader_refuses_with_a_reason_and_the_children_are_free(
    talks: dict[str, Talk], ask: Ask[Any]
) -> None:
    leader = talks["leader"]
    leader.say(f"/kode {promise(talks)}")
    leader.say("Bu Pimpinan Rekaan")
    leader.tap("✕ Belum setuju")
    leader.say("anggaran belum ada")
    assert "anggaran belum ada" in talks["contact"].hear()
    assert [state for state, _ in ask(states)] == [PledgeState.REJECTED] * 4
    assert ask(lambda s: s.exec(select(JointPledge)).one().state) is JointState.REFUSED
    assert promise(talks), "the children can be promised again"


def test_the_contact_cannot_be_the_leader_and_a_code_is_for_once(
    talks: dict[str, Talk], ask: Ask[Any]
) -> None:
    code = promise(talks)
    assert "bukan untuk penghubung" in talks["contact"].say(f"/kode {code}")
    leader = talks["leader"]
    leader.say(f"/kode {code}")
    leader.say("Bu Pimpinan Rekaan")
    leader.tap("✓ Setuju")
    assert "tidak berlaku" in talks["colleague"].say(f"/kode {code}")
    assert ask(states) == [(PledgeState.PENDING, False)] * 4


def test_more_children_than_wait_are_not_promised(talks: dict[str, Talk], ask: Ask[Any]) -> None:
    contact = talks["contact"]
    contact.say("/adopsi_lembaga")
    contact.tap("⭐ Paling membutuhkan")
    assert "antara 1 dan 4" in contact.say("5")
    assert ask(states) == []


def test_a_week_without_the_leader_frees_the_children(
    talks: dict[str, Talk], ask: Ask[Any], clock: FixedClock
) -> None:
    code = promise(talks)
    clock.advance(timedelta(days=8))
    assert "tidak berlaku" in talks["leader"].say(f"/kode {code}")


def test_a_colleague_is_named_to_visit(talks: dict[str, Talk], ask: Ask[Any]) -> None:
    leader, contact, colleague = talks["leader"], talks["contact"], talks["colleague"]
    leader.say(f"/kode {promise(talks)}")
    leader.say("Bu Pimpinan Rekaan")
    leader.tap("✓ Setuju")
    talks["district"].say("/antrean")
    talks["district"].tap("✓ Setujui")

    assert "orang tua asuh" in colleague.say("/kunjungan"), "nobody visits uninvited"
    contact.say("/pendamping BLT-002")
    code = contact.out[-1].text.partition("/kode ")[2].split()[0]
    colleague.say(f"/kode {code}")
    colleague.say("Rekan Rekaan")
    assert "sekarang pendamping *BLT-002*" in colleague.tap("Ya, saya setuju")
    assert "Rekan Rekaan" in contact.hear()
    assert "Rekan Rekaan" in contact.say("/lembaga")

    assert "BLT-002" in colleague.say("/anak")
    assert not any("/setor" in b.data for m in colleague.out for row in m.rows for b in row), (
        "a visitor pays nothing"
    )
    colleague.say("/kunjungan")
    colleague.tap("Hari ini")
    colleague.tap("📞 Telepon")
    colleague.tap("✓ Selesai")
    colleague.tap("😊 Sehat")
    colleague.tap("Tanpa catatan")
    colleague.tap("Ya, simpan")
    assert ask(lambda s: len(s.exec(select(Visit)).all())) == 1
    assert "orang tua asuh" in colleague.say("/setor")


@pytest.fixture
def strangers(village: Village, ask: Ask[Any]) -> Village:
    """The village; a stranger holds the code that its giver has made for a visitor of BLT-001."""
    village.giver.say("/pendamping BLT-001")
    code = code_in(village.giver.out[-1].text)
    village.stranger.say(f"/kode {code}")
    village.stranger.say("Siapa Saja")
    return village


def test_a_stranger_with_a_forwarded_code_sees_no_name_and_no_number_until_a_coordinator_approves(
    strangers: Village,
) -> None:
    stranger, coordinator = strangers.stranger, strangers.sijuk
    assert "setelah koordinator menyetujui" in stranger.tap("Ya, saya setuju")
    card = stranger.say("/anak")
    assert "BLT-001" in card
    assert "setelah koordinator menyetujui Bapak/Ibu sebagai pendamping" in card
    for secret in ("Bintang", "Melati", "+62800", "Rp"):
        assert secret not in card

    assert "Siapa Saja" in coordinator.hear()
    assert "Siapa Saja" not in strangers.badau.say("/antrean")
    card = coordinator.say("/antrean")
    assert "Siapa Saja untuk *BLT-001*" in card
    assert "Budi Rekaan" in card
    assert "disetujui sebagai pendamping" in coordinator.tap("✓ Setujui")
    assert "sudah menyetujui" in stranger.hear()
    card = stranger.say("/anak")
    assert "Bintang Rekaan" in card
    assert "Ibu Melati Rekaan" in card
    assert "Siapa Saja" not in coordinator.say("/antrean")


def test_a_visitor_whom_the_coordinator_refuses_visits_no_more(strangers: Village) -> None:
    strangers.stranger.tap("Ya, saya setuju")
    coordinator = strangers.sijuk
    coordinator.hear()
    coordinator.tap("✗ Tolak")
    assert "bukan lagi pendamping" in coordinator.tap("Penunjuknya tidak mengenal")
    assert "Penunjuknya tidak mengenal" in strangers.stranger.hear()
    assert "Siapa Saja" in strangers.giver.hear()
    assert "orang tua asuh" in strangers.stranger.say("/anak")


def test_a_giver_who_coordinates_does_not_approve_the_own_visitor(strangers: Village, ask: Ask[Any]) -> None:
    def gives(session: Session) -> None:
        giver = session.exec(select(Pledge)).one().foster_parent_id
        far = strangers.clock.now() + timedelta(days=90)
        session.add(Grant(person_id=giver, granted_at=LONG_AGO, expires_at=far, state=GrantState.ACTIVE))

    ask(gives)
    strangers.stranger.tap("Ya, saya setuju")
    strangers.giver.hear()
    assert "sudah tidak menunggu" in strangers.giver.say("/antrean v1 ok")
    assert "Siapa Saja" in strangers.district.say("/antrean")


def test_who_has_only_signed_up_reads_no_offices_list(
    talks: dict[str, Talk], ask: Ask[Any], database: Database, programme: Programme, keys: KeyRing
) -> None:
    leader = talks["leader"]
    leader.say(f"/kode {promise(talks)}")
    leader.say("Bu Pimpinan Rekaan")
    leader.tap("✓ Setuju")
    talks["district"].say("/antrean")
    talks["district"].tap("✓ Setujui")

    def signed_up(session: Session) -> None:
        company = session.exec(select(Organisation)).one()
        one = a_foster_parent(session, keys, organisation=company, standing=Standing.PENDING)
        a_contact(session, keys, address="candidate", person=session.get_one(Person, one.person_id))

    ask(signed_up)
    candidate = Talk(database, talks["contact"].context, "candidate", talks["contact"].post)
    said = candidate.say("/lembaga")
    assert "masih diperiksa koordinator" in said
    assert "BLT-" not in said
    assert "Rp" not in said


def test_a_joint_pledge_that_lapses_is_one_message_that_names_its_own_command(
    talks: dict[str, Talk], database: Database, clock: FixedClock
) -> None:
    promise(talks)
    contact = talks["contact"]
    contact.hear()
    clock.advance(timedelta(days=8))
    assert database.submit(lambda connection: free_shares(connection, contact.context)).result() == 4
    before = len(contact.out)
    said = contact.hear()
    assert len(contact.out) == before + 1
    assert "*4 anak* (BLT-001, BLT-002, BLT-003, BLT-004)" in said
    assert "/adopsi_lembaga" in said


def test_a_visit_before_the_renewal_is_still_a_visit_of_the_organisation(
    talks: dict[str, Talk], ask: Ask[Any], keys: KeyRing
) -> None:
    def renewed(session: Session) -> None:
        giver = session.exec(select(FosterParent)).one()
        child = session.exec(select(Child).where(Child.code == "BLT-001")).one()
        old = a_pledge(
            session,
            child=child,
            foster_parent=giver,
            state=PledgeState.ENDED,
            first_month=Month(2025, 7),
            last_month=Month(2025, 9),
        )
        a_visit(session, pledge=old, visited_on=date(2025, 9, 20))
        a_pledge(session, child=child, foster_parent=giver)

    ask(renewed)
    page = talks["contact"].say("/lembaga")
    assert "dikunjungi 20 September 2025" in page
    assert "belum dikunjungi" not in page
