"""C9: a role counts when a second coordinator has approved it; nobody decides on what is their own."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from handlers.kit.chat import Context
from jobs.upkeep import close_roles
from models.audit import AuditEntry
from models.database import Database, in_session
from models.grants import Grant, GrantState, invite
from models.keys import KeyRing
from models.payouts import Payout, PayoutState
from models.people import FosterParent, Person, Standing
from models.pledges import Pledge, PledgeState
from models.roles import WAITING_LASTS
from tests.builders import a_child, a_contact, a_coordinator, a_foster_parent, a_pledge, id_of
from tests.clock import FixedClock
from tests.handlers.talk import Ask, Talk, code_in
from tests.handlers.village import Village

YEAR = timedelta(days=365)
OUR_ACTS = ("invited", "role_asked", "granted", "role_refused", "role_revoked", "role_expired")


@pytest.fixture
def second(village: Village, database: Database, keys: KeyRing) -> Talk:
    """A second coordinator of the district."""

    def work(session: Session) -> None:
        person = a_coordinator(session, keys, name="Wahyu Rekaan")
        a_contact(session, keys, address="second", person=person)

    database.submit(in_session(work)).result()
    return Talk(database, village.context, "second", village.mother.post)


def given(by: Talk, area: str = "Badau") -> str:
    """Have a coordinator make a role's code."""
    by.say("/peran beri")
    by.say(area)
    return code_in(by.say("3 bulan"))


def redeemed(talk: Talk, code: str, name: str = "Calon Rekaan") -> str:
    talk.say(f"/kode {code}")
    return talk.say(name)


def may_coordinate(talk: Talk) -> bool:
    said = talk.say("/statistik")
    talk.say("/batal")
    return "untuk koordinator" not in said


def trace(ask: Ask[Any]) -> list[str]:
    found: list[str] = ask(lambda s: list(s.exec(select(AuditEntry.act).order_by(col(AuditEntry.id)))))
    return [act for act in found if act in OUR_ACTS]


def test_a_role_given_in_chat_counts_when_another_has_approved_it(
    village: Village, second: Talk, ask: Ask[Any]
) -> None:
    code = given(village.district)
    assert "setelah disetujui" in redeemed(village.stranger, code)
    assert not may_coordinate(village.stranger)
    assert "Calon Rekaan memasukkan kode" in second.hear()
    assert "memasukkan kode" not in village.district.hear()
    assert "sekarang koordinator Badau" in second.tap("✓ Setujui")
    assert "Selamat bertugas" in village.stranger.hear()
    assert may_coordinate(village.stranger)
    assert trace(ask) == ["invited", "role_asked", "granted"]


def test_a_refused_role_never_counts_and_its_reason_is_told(
    village: Village, second: Talk, ask: Ask[Any]
) -> None:
    redeemed(village.stranger, given(village.district))
    second.say("/antrean")
    second.tap("✗ Tolak")
    assert "ditolak" in second.say("Orangnya tidak kami kenal")
    assert "Alasan: Orangnya tidak kami kenal" in village.stranger.hear()
    assert not may_coordinate(village.stranger)
    assert "sudah diputuskan" in second.say("/antrean r5 ok")
    assert trace(ask)[-1] == "role_refused"


def test_who_made_the_code_whose_it_is_and_who_has_a_kecamatan_only_cannot_approve(
    village: Village, second: Talk, ask: Ask[Any]
) -> None:
    redeemed(village.sijuk, given(village.district, "Seluruh kabupaten"))
    for talk in (village.district, village.sijuk, village.badau, village.stranger):
        assert "peran" not in talk.say("/antrean").casefold()
        talk.say("/antrean r5 ok")
    assert trace(ask) == ["invited", "role_asked"]
    assert "sekarang koordinator" in second.say("/antrean r5 ok")


def test_a_coordinator_cannot_prolong_the_own_role(village: Village, second: Talk, ask: Ask[Any]) -> None:
    redeemed(second, given(second, "Seluruh kabupaten"))
    assert "sudah diputuskan" in second.say("/antrean r5 ok")
    waiting = ask(lambda s: s.exec(select(Grant.state).where(Grant.id == 5)).one())
    assert waiting is GrantState.WAITING
    assert "sekarang koordinator" in village.district.say("/antrean r5 ok")


def test_the_only_coordinator_gives_no_role(village: Village) -> None:
    assert "Belum ada koordinator kabupaten lain" in village.district.say("/peran beri")


def test_the_operators_first_code_counts_at_once_the_next_ones_wait(
    village: Village, database: Database, keys: KeyRing, clock: FixedClock, ask: Ask[Any]
) -> None:
    def code(_: Session) -> str:
        return invite(_, keys, clock.now(), area=None, role_lasts=YEAR)

    assert "setelah disetujui" in redeemed(village.stranger, ask(code))

    def nobody_else(session: Session) -> None:
        for grant in session.exec(select(Grant)):
            grant.state = GrantState.REVOKED
            session.add(grant)

    ask(nobody_else)
    other = Talk(database, village.context, "other", village.mother.post)
    assert "Selamat bertugas" in redeemed(other, ask(code))
    third = Talk(database, village.context, "third", village.mother.post)
    assert "setelah disetujui" in redeemed(third, ask(code))


def test_a_role_is_taken_back_at_once_and_not_unseen(
    village: Village, second: Talk, database: Database, ask: Ask[Any]
) -> None:
    redeemed(village.stranger, given(village.district))
    second.say("/antrean r5 ok")
    village.stranger.hear()
    village.district.say("/peran cabut")
    village.district.tap("Badau: Calon Rekaan")
    assert "berlaku seketika" in village.district.out[-1].text
    assert "sudah dicabut" in village.district.tap("Ya, cabut")
    assert not may_coordinate(village.stranger)
    assert any("sudah dicabut" in message.text for message in village.stranger.out)
    assert "dicabut oleh" in second.hear()
    assert trace(ask)[-1] == "role_revoked"


def test_a_waiting_role_can_be_taken_back_too(village: Village, second: Talk) -> None:
    redeemed(village.stranger, given(village.district))
    village.district.say("/peran cabut")
    village.district.tap("Badau: Calon Rekaan")
    village.district.tap("Ya, cabut")
    assert "sudah diputuskan" in second.say("/antrean r5 ok")
    assert not may_coordinate(village.stranger)


def test_a_role_that_ends_before_the_yes_is_not_taken_back(
    village: Village, second: Talk, clock: FixedClock, ask: Ask[Any]
) -> None:
    redeemed(village.stranger, given(village.district))
    second.say("/antrean r5 ok")
    village.district.say("/peran cabut")
    village.district.tap("Badau: Calon Rekaan")

    def ended(session: Session) -> None:
        grant = session.get_one(Grant, 5)
        grant.expires_at = clock.now()
        session.add(grant)

    ask(ended)
    assert "sudah tidak ada lagi" in village.district.tap("Ya, cabut")
    assert "role_revoked" not in trace(ask)


def test_the_last_of_the_district_cannot_lay_the_role_down(village: Village) -> None:
    village.district.say("/peran cabut")
    village.district.say("1")
    assert "yang terakhir" in village.district.say("ya, cabut")
    assert may_coordinate(village.district)


def test_a_kecamatans_coordinator_sees_the_own_role_only(village: Village) -> None:
    for words in ("/peran", "/peran beri", "/peran cabut"):
        said = village.badau.say(words)
        assert "Badau" in said
        assert "Sijuk" not in said
        assert "tingkat kabupaten" in said


@pytest.mark.parametrize("approved", [True, False])
def test_roles_end_by_themselves_and_leave_a_trace(
    village: Village, second: Talk, database: Database, clock: FixedClock, ask: Ask[Any], approved: bool
) -> None:
    redeemed(village.stranger, given(village.district))
    if approved:
        second.say("/antrean r5 ok")
    clock.advance(WAITING_LASTS if not approved else timedelta(days=91))
    assert not may_coordinate(village.stranger)
    if not approved:
        assert "sudah diputuskan" in second.say("/antrean r5 ok")
    context: Context = village.context
    assert [database.submit(lambda c: close_roles(c, context)).result() for _ in range(2)] == [1, 0]
    assert "sudah berakhir" in village.stranger.hear()
    assert trace(ask)[-1] == "role_expired"


# -- what is one's own ------------------------------------------------------------------------------------------------


@pytest.fixture
def giving(village: Village, second: Talk, keys: KeyRing, ask: Ask[Any]) -> Village:
    """The district's coordinator (person of `district`) has signed up, pledged, and reported a transfer."""

    def work(session: Session) -> None:
        me = session.exec(
            select(Person).join(Grant, col(Grant.person_id) == Person.id).where(col(Grant.area).is_(None))
        ).first()
        assert me is not None
        mine = a_foster_parent(session, keys, person=me, standing=Standing.PENDING)
        child = a_child(session, code="BLT-005", name="Guntur Rekaan")
        a_pledge(session, child=child, foster_parent=mine, state=PledgeState.PENDING)
        other = a_child(session, code="BLT-006", name="Hujan Rekaan")
        paid = a_pledge(session, child=other, foster_parent=mine)
        session.add(
            Payout(
                pledge_id=id_of(paid),
                month=paid.first_month,
                amount_idr=450_000,
                reported_idr=450_000,
                state=PayoutState.DISPUTED,
            )
        )

    ask(work)
    return village


def own_things(session: Session) -> tuple[str, ...]:
    standing = session.exec(
        select(FosterParent.standing).where(FosterParent.standing == Standing.PENDING)
    ).all()
    pledges = session.exec(select(Pledge.state).where(Pledge.state == PledgeState.PENDING)).all()
    payouts = session.exec(select(Payout.state).where(Payout.state == PayoutState.DISPUTED)).all()
    return (*standing, *pledges, *payouts)


def items(session: Session) -> list[str]:
    person = session.exec(
        select(FosterParent.person_id).where(FosterParent.standing == Standing.PENDING)
    ).one()
    pledge = session.exec(select(Pledge.id).where(Pledge.state == PledgeState.PENDING)).one()
    payout = session.exec(select(Payout.id).where(Payout.state == PayoutState.DISPUTED)).one()
    return [f"p{person}", f"k{pledge}", f"s{payout}"]


def test_nobody_decides_on_their_own_sign_up_pledge_or_payout(giving: Village, ask: Ask[Any]) -> None:
    before = ask(own_things)
    assert "Tidak ada yang menunggu" in giving.district.say("/antrean")
    for item in ask(items):
        for decision in ("", " ok", " no"):
            assert "milik Bapak/Ibu sendiri" in giving.district.say(f"/antrean {item}{decision}")
    assert ask(own_things) == before


def test_another_decides_on_them(giving: Village, second: Talk, ask: Ask[Any]) -> None:
    person, pledge, payout = ask(items)
    assert "diverifikasi" in second.say(f"/antrean {person} ok")
    assert "disetujui" in second.say(f"/antrean {pledge} ok")
    second.say(f"/antrean {payout}")
    second.say("1")
    second.say("Sudah ditelepon")
    assert ask(own_things) == ()
