"""F8 by chat: a company pledges for several children, its leader agrees, a coordinator approves them as one."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from handlers.catalogue import all_conversations
from handlers.kit.chat import Context
from models.database import Database, in_session
from models.joint_pledges import JointPledge, JointState
from models.keys import KeyRing
from models.organisations import OrganisationKind
from models.people import FosterKind, Person
from models.pledges import Pledge, PledgeState
from models.programme import Programme
from models.visits import Visit
from tests.builders import a_child, a_contact, a_coordinator, a_foster_parent, an_organisation
from tests.clock import FixedClock
from tests.handlers.talk import Ask, Post, Talk


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
    assert "pendamping *BLT-002*" in colleague.tap("Ya, saya setuju")
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
