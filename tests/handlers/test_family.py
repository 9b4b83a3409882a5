"""K1: how a family joins, and how nobody else does."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from models.audit import AuditEntry
from models.children import Guardian
from models.consents import VERSIONS, Consent, ConsentKind, consents_of
from models.contacts import Contact
from models.database import in_session
from models.entitlement import may_see_family
from models.grants import NOTHING, Invitation
from models.people import FosterParent
from tests.builders import a_child, a_guardian
from tests.handlers.talk import Talk, code_in
from tests.handlers.village import INVITED, Village


def joined(village: Village) -> list[str]:
    """Names of the guardians who are linked to somebody."""
    query = select(Guardian).where(col(Guardian.person_id).is_not(None))
    return village.database.submit(in_session(lambda s: sorted(g.name for g in s.exec(query)))).result()


def take_part(talk: Talk, code: str, contact: str = "Boleh") -> str:
    talk.say(f"/kode {code}")
    talk.tap("Ya, saya setuju")
    return talk.tap(contact)


def test_a_coordinator_gets_a_code_with_a_link_to_forward(village: Village) -> None:
    said = village.sijuk.say("/undang blt 2")
    code = village.sijuk.out[-1].text.rpartition("kode ")[2]
    assert f"https://t.me/rekaan_bot?start=kode-{code}" in said.replace("\\", "")
    assert "27 Okt 2025" in said  # fourteen days
    assert [message.to_pass_on for message in village.sijuk.out] == [False, True]
    entries = village.database.submit(in_session(lambda s: list(s.exec(select(AuditEntry))))).result()
    assert [entry.subject for entry in entries if entry.act == "family_invited"] == ["guardian:2"]
    assert "Seruni" not in said
    assert "Camar" not in said


def test_children_outside_the_own_area_are_unknown_like_those_that_are_not_there(village: Village) -> None:
    foreign, unknown = village.badau.say("/undang BLT-002"), village.badau.say("/undang BLT-999")
    assert foreign.replace("BLT-002", "BLT-999") == unknown
    assert "tidak ada di wilayah" in unknown
    assert "untuk koordinator" in village.mother.say("/undang BLT-002")


def test_a_family_joins_with_all_children_of_the_phone_and_its_consent_is_kept(village: Village) -> None:
    code = village.code_for("BLT-002")
    asked = village.invited.say(f"/kode {code}")
    assert "BLT-002, BLT-003" in asked
    assert "Camar" not in asked  # before the consent a child is its code
    village.invited.tap("Ya, saya setuju")
    welcome = village.invited.tap("Jangan dulu")
    assert "Camar Rekaan (BLT-002)" in welcome
    assert "Embun Rekaan (BLT-003)" in welcome

    def check(session: Session) -> None:
        person_id = session.exec(select(Guardian.person_id).where(Guardian.id == 3)).one() or 0
        given = consents_of(session, person_id)
        assert [(c.kind, c.version, c.given_at) for c in given] == [
            (ConsentKind.PARENTAL, VERSIONS[ConsentKind.PARENTAL], village.clock.now())
        ]
        chat = session.exec(select(Contact).where(Contact.person_id == person_id)).one()
        assert chat.address == "invited"

    village.database.submit(in_session(check)).result()
    assert "/pantau" in village.invited.say("/bantuan")
    assert joined(village) == ["Ibu Melati Rekaan", "Ibu Seruni Rekaan", "Ibu Seruni Rekaan"]


def test_declining_links_nothing_and_leaves_the_code_good(village: Village) -> None:
    code = village.code_for("BLT-002")
    village.invited.say(f"/kode {code}")
    assert "Tidak ada yang dihubungkan" in village.invited.tap("Tidak")
    assert joined(village) == ["Ibu Melati Rekaan"]
    kinds = village.database.submit(in_session(lambda s: list(s.exec(select(Consent.kind))))).result()
    assert sorted(kinds) == ["family_contact", "parental"]  # of the family that had joined before
    assert "/pantau" not in village.invited.say("/bantuan")
    assert "sudah bergabung" in take_part(village.invited, code)


def test_guessed_used_overtaken_and_old_codes_answer_alike(village: Village) -> None:
    used = village.code_for("BLT-002")
    take_part(village.invited, used)
    old = village.code_for("BLT-001")  # the mother's phone is lost, say: yes, a new one
    village.sijuk.say("ya")
    old = village.sijuk.out[-1].text.rpartition("kode ")[2]
    village.sijuk.say("/undang BLT-001")
    village.sijuk.say("ya")
    overtaken, old = old, village.sijuk.out[-1].text.rpartition("kode ")[2]
    village.clock.advance(timedelta(days=14))
    answers = {village.stranger.say(f"/kode {code}") for code in ("AAAA-BBBB", used, overtaken, old)}
    assert len(answers) == 1
    assert "tidak berlaku" in answers.pop()
    assert "tidak berlaku" in village.stranger.say("/kode AAAA-CCCC")
    assert "Terlalu banyak" in village.stranger.say("/kode AAAA-DDDD")


def test_of_two_with_the_same_code_the_second_is_refused_at_the_end(village: Village) -> None:
    code = village.code_for("BLT-002")
    for talk in (village.invited, village.stranger):
        talk.say(f"/kode {code}")
        talk.tap("Ya, saya setuju")
    assert "sudah bergabung" in village.invited.tap("Boleh")
    assert "tidak berlaku" in village.stranger.tap("Boleh")
    rows = village.database.submit(
        in_session(lambda s: list(s.exec(select(Invitation.redeemed_by))))
    ).result()
    assert len([one for one in rows if one]) == 1


def test_a_family_code_gives_no_role_and_a_role_code_no_family(village: Village) -> None:
    take_part(village.stranger, village.code_for("BLT-002"))
    assert "untuk koordinator" in village.stranger.say("/antrean")
    assert "untuk keluarga" in village.district.say("/pantau")


def test_a_foster_parent_may_be_a_family_too(village: Village) -> None:
    take_part(village.giver, village.code_for("BLT-002"))
    helped = village.giver.say("/bantuan")
    assert "/anak" in helped
    assert "/pantau" in helped


@pytest.mark.parametrize(("answer", "sees"), [("Boleh", True), ("Jangan dulu", False)])
def test_the_foster_parent_sees_the_family_only_when_it_says_so(
    village: Village, answer: str, sees: bool
) -> None:
    village.sijuk.say("/undang BLT-001")
    village.sijuk.say("ya")
    code = village.sijuk.out[-1].text.rpartition("kode ")[2]
    take_part(village.mother, code, answer)
    today = village.context.programme.rounds[0].first_month
    giver = village.database.submit(in_session(_giver)).result()
    child = village.child("BLT-001")
    shown = village.database.submit(
        in_session(lambda s: may_see_family(s, giver, child, NOTHING, today))
    ).result()
    assert shown is sees
    assert ("Bintang" in village.giver.say("/anak")) is sees


def _giver(session: Session) -> int:
    return session.exec(select(FosterParent.person_id)).one()


# -- whom a code joins, and whom it does not ------------------------------------------------------------------------


def whose(village: Village) -> dict[int, int | None]:
    """Person by guardian."""
    rows = village.database.submit(in_session(lambda s: list(s.exec(select(Guardian))))).result()
    return {guardian.id or 0: guardian.person_id for guardian in rows}


def another_code(village: Village, child: str) -> str:
    """Have a code made for a family that has joined already."""
    village.sijuk.say(f"/undang {child}")
    village.sijuk.say("ya")
    return code_in(village.sijuk.out[-1].text)


def add(village: Village, *, name: str, phone: str) -> None:
    """Write BLT-005 with a guardian (the fourth) who has not joined."""

    def work(session: Session) -> None:
        guardian = a_guardian(session, village.database.keys, name=name, phone=phone)
        a_child(session, code="BLT-005", name="Gerimis Rekaan", guardian=guardian)

    village.database.submit(in_session(work)).result()


@pytest.mark.parametrize(("who", "says"), [("giver", "/anak"), ("badau", "/antrean")])
def test_a_code_of_a_guardian_who_is_more_than_that_lets_no_other_chat_in(
    village: Village, who: str, says: str
) -> None:
    take_part(getattr(village, who), village.code_for("BLT-002"))
    code = another_code(village, "BLT-002")
    assert "/hubungkan" in village.stranger.say(f"/kode {code}")
    refused = village.stranger.say(says)
    assert "Camar" not in refused
    assert "untuk" in refused
    assert "belum menyimpan" in village.stranger.say("/privasi")


def test_a_second_chat_of_a_guardian_is_a_linked_one_and_the_first_is_told(village: Village) -> None:
    assert "sudah bergabung" in take_part(village.stranger, another_code(village, "BLT-001"))
    assert "baru saja dihubungkan" in village.mother.hear()

    def linked_chat(session: Session) -> tuple[str, int | None]:
        entry = session.exec(select(AuditEntry).where(AuditEntry.act == "linked")).one()
        contact = session.get_one(Contact, int(entry.subject.removeprefix("contact:")))
        return contact.address, contact.person_id

    mother = whose(village)[1]
    assert village.database.submit(in_session(linked_chat)).result() == ("stranger", mother)


def test_somebody_elses_chat_does_not_take_a_joined_family_over(village: Village) -> None:
    before = whose(village)
    code = another_code(village, "BLT-001")
    assert "dari obrolan lain" in village.giver.say(f"/kode {code}")
    assert whose(village) == before
    assert "sudah bergabung" in take_part(village.mother, code)  # it is still good for who it was made for


def test_a_cadres_number_beside_other_families_joins_none_of_them(village: Village) -> None:
    add(village, name="Ibu Tanjung Rekaan", phone=INVITED)
    asked = village.invited.say(f"/kode {village.code_for('BLT-002')}")
    assert "BLT-002, BLT-003" in asked
    assert "BLT-005" not in asked
    village.invited.tap("Ya, saya setuju")
    assert "Gerimis" not in village.invited.tap("Boleh")
    assert whose(village)[4] is None


def test_a_guardian_of_the_same_number_and_name_who_has_joined_stays_who_they_are(village: Village) -> None:
    before = whose(village)
    add(village, name="Ibu Melati Rekaan", phone="+628009999999")
    assert "Bintang" not in take_part(village.stranger, village.code_for("BLT-005"))
    after = whose(village)
    assert after[1] == before[1]
    assert after[4] not in {None, before[1]}


def test_a_number_that_a_family_has_typed_itself_proves_nothing(village: Village) -> None:
    for what, value in (("Nama saya", "Ibu Seruni Rekaan"), ("Nomor HP saya", INVITED)):
        village.mother.say("/privasi perbaiki")
        village.mother.tap(what)
        assert "sudah" in village.mother.say(value)
    asked = village.mother.say(f"/kode {another_code(village, 'BLT-001')}")
    assert "BLT-001" in asked
    assert "BLT-002" not in asked
    village.mother.tap("Ya, saya setuju")
    assert "Camar" not in village.mother.tap("Boleh")
    assert (whose(village)[2], whose(village)[3]) == (None, None)


def test_the_contact_card_is_read_by_the_own_coordinator_only_and_audited(village: Village) -> None:
    card = village.sijuk.say("/kontak BLT-001")
    assert "Bintang Rekaan" in card
    assert "Ibu Melati Rekaan" in card
    assert "Bintang" not in village.badau.say("/kontak BLT-001")
    assert "Bintang" not in village.giver.say("/kontak BLT-001")
    entries = village.database.submit(in_session(lambda s: list(s.exec(select(AuditEntry))))).result()
    assert len([entry for entry in entries if entry.act == "family_read"]) == 1


def test_what_is_asked_for_is_what_is_shown(village: Village) -> None:
    village.invited.say(f"/kode {village.code_for('BLT-002')}")
    assert "nama anak, serta nama dan nomor HP" in village.invited.tap("Ya, saya setuju")


def test_a_family_that_agreed_to_fewer_words_names_its_child_when_it_agrees_anew(village: Village) -> None:
    def earlier(session: Session) -> None:
        agreed = session.exec(select(Consent).where(Consent.kind == ConsentKind.FAMILY_CONTACT)).one()
        agreed.version = "2025-10"
        session.add(agreed)

    village.database.submit(in_session(earlier)).result()
    card = village.giver.say("/anak")
    assert "Bintang" not in card
    assert "Ibu Melati Rekaan" in card
    assert "nama anak" in village.mother.say("/privasi kontak")
    village.mother.tap("Boleh")
    assert "Bintang Rekaan" in village.giver.say("/anak")
    assert "sekarang tertutup" in village.mother.say("/privasi kontak")
    assert "Melati" not in village.giver.say("/anak")


def test_a_no_to_the_fuller_words_closes_what_was_open(village: Village) -> None:
    def earlier(session: Session) -> None:
        agreed = session.exec(select(Consent).where(Consent.kind == ConsentKind.FAMILY_CONTACT)).one()
        agreed.version = "2025-10"
        session.add(agreed)

    village.database.submit(in_session(earlier)).result()
    village.mother.say("/privasi kontak")
    assert "sekarang tertutup" in village.mother.tap("Jangan dulu")
    assert "Melati" not in village.giver.say("/anak")


def test_after_a_wrong_code_it_is_asked_again_until_there_were_too_many(village: Village) -> None:
    code = village.code_for("BLT-002")
    said = village.invited.say("/kode AAAA-BBBB")
    assert "tidak berlaku" in said
    assert "ketik kode" in said
    assert "BLT-002" in village.invited.say(code)
    for _ in range(4):
        assert "tidak berlaku" in village.stranger.say("kode AAAA-CCCC")
    assert "Terlalu banyak" in village.stranger.say("AAAA-DDDD")


def test_a_childs_code_is_found_however_it_is_typed(village: Village) -> None:
    for typed in ("2", "002", "blt2", "blt002", "BLT 2", "blt - 2"):
        assert "BLT-002" in village.sijuk.say(f"/undang {typed}")
    assert "tidak ada di wilayah" in village.sijuk.say("/undang xyz2")
