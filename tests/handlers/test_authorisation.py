"""Who may do what: every command by every role, on the own records and on others'; guesses and forged buttons.

The table is the whole of it: a conversation that is not in it fails.
"""

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from handlers.kit.conversation import CONVERSATIONS, Audience
from handlers.kit.state import Tap
from models.alerts import AlertKind, raise_alert
from models.children import Child
from models.codes import CODE_ALPHABET
from models.contacts import Contact
from models.database import Database, in_session
from models.file_requests import ask_for_approval
from models.grants import Grant
from models.keys import KeyRing
from models.people import Person, Standing
from models.pledges import Pledge
from tests.builders import a_child, a_contact, a_foster_parent, a_pledge, id_of
from tests.clock import MONDAY_MORNING
from tests.depth import depth
from tests.handlers.talk import Talk
from tests.handlers.village import Village

TABLE: dict[Audience, str] = {
    Audience.EVERYONE: "start menu bantuan teruskan bahasa privasi kode daftar hubungkan stop mulai",
    Audience.FOSTER_PARENT: "adopsi setor jeda berhenti lanjutkan lembaga adopsi_lembaga pendamping",
    Audience.VISITOR: "anak kunjungan",
    Audience.SUPPORTER: "ajak",
    Audience.FAMILY: "terima pantau tanya",
    Audience.COORDINATOR: (
        "statistik berapa mitra antrean tunggakan peringatan undang kontak anak_baru ubah_anak lulus hening jawab "
        "tutup laporan impor ekspor siaran berkas peran"
    ),
}
"""For whom each command is."""

ROLES: dict[str, set[Audience]] = {
    "stranger": set(),
    "rejected": set(),
    "pending": {Audience.FOSTER_PARENT, Audience.VISITOR, Audience.SUPPORTER},
    "giver": {Audience.FOSTER_PARENT, Audience.VISITOR, Audience.SUPPORTER},
    "visitor": {Audience.VISITOR},
    "mother": {Audience.FAMILY},
    "badau": {Audience.COORDINATOR, Audience.SUPPORTER},
    "district": {Audience.COORDINATOR, Audience.SUPPORTER},
}
"""What each of the village's people is, beside everyone."""

REFUSALS = ("untuk orang tua asuh", "untuk keluarga", "untuk koordinator")
GUESSES = depth(600, thorough=10_000)


@pytest.fixture
def everyone(village: Village, database: Database, keys: KeyRing) -> dict[str, Talk]:
    """The village, with a sign-up that waits, one that was rejected, and a named visitor of BLT-001."""

    def work(session: Session) -> None:
        for name, standing in (("pending", Standing.PENDING), ("rejected", Standing.REJECTED)):
            parent = a_foster_parent(session, keys, name=f"Orang {name}", standing=standing)
            a_contact(session, keys, address=name, person=session.get_one(Person, parent.person_id))
        visitor = Person(name="Rekan Rekaan", created_at=MONDAY_MORNING)
        session.add(visitor)
        session.flush()
        a_contact(session, keys, address="visitor", person=visitor)
        promised = session.get_one(Pledge, 1)
        promised.visitor_id = visitor.id
        session.add(promised)
        other = a_child(session, code="BLT-005", name="Guntur Rekaan", area="Badau", village="Badau")
        a_pledge(session, child=other, foster_parent=a_foster_parent(session, keys, name="Lain Rekaan"))
        candidate = Person(name="Calon Rekaan", created_at=MONDAY_MORNING)
        session.add(candidate)
        session.flush()
        session.add(
            Grant(
                person_id=id_of(candidate),
                area="Badau",
                granted_at=MONDAY_MORNING,
                expires_at=MONDAY_MORNING + timedelta(days=90),
            )
        )
        sijuk = session.exec(select(Contact).where(Contact.address_index == keys.index("sijuk"))).one()
        ask_for_approval(session, MONDAY_MORNING, sijuk.person_id or 0, id_of(sijuk), "list:children")
        raise_alert(session, MONDAY_MORNING, AlertKind.FALTERING, "child:1", child=session.get_one(Child, 1))

    database.submit(in_session(work)).result()
    context, post = village.context, village.mother.post
    more = {name: Talk(database, context, name, post) for name in ("pending", "rejected", "visitor")}
    return {name: more.get(name) or getattr(village, name) for name in ROLES}


@pytest.mark.usefixtures("village")
def test_the_table_has_every_command() -> None:
    entered = {name: audience for audience, names in TABLE.items() for name in names.split()}
    assert entered == {entry.name: entry.who for entry in CONVERSATIONS.values()}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_has_its_commands_and_no_other(everyone: dict[str, Talk], role: str) -> None:
    talk, wrong = everyone[role], []
    for entry in CONVERSATIONS.values():
        for word in (entry.name, *entry.aliases):
            said = talk.say(f"/{word}")
            refused = any(words in said for words in REFUSALS)
            allowed = entry.who is Audience.EVERYONE or entry.who in ROLES[role]
            if refused is allowed:
                wrong.append(f"{role} /{word}: {said[:80]}")
            talk.say("/batal")
    assert wrong == []


FOREIGN = [
    ("badau", "/kontak {}", "BLT-001"),
    ("badau", "/undang {}", "BLT-001"),
    ("badau", "/ubah_anak {}", "BLT-001"),
    ("badau", "/lulus {}", "BLT-001"),
    ("badau", "/hening {}", "BLT-001"),
    ("badau", "/peringatan {}", "1"),
    ("badau", "/statistik {}", "Sijuk"),
    ("giver", "/anak {}", "BLT-005"),
    ("giver", "/kunjungan {}", "BLT-005"),
    ("giver", "/setor {}", "BLT-005"),
    ("giver", "/jeda {}", "BLT-005"),
    ("giver", "/berhenti {}", "BLT-005"),
    ("giver", "/lanjutkan {}", "BLT-005"),
    ("giver", "/pendamping {}", "BLT-005"),
    ("visitor", "/kunjungan {}", "BLT-005"),
    ("visitor", "/anak {}", "BLT-005"),
    ("mother", "/pantau {}", "BLT-002"),
    ("mother", "/terima {}", "BLT-002"),
]
UNKNOWN = {"BLT-001": "BLT-999", "BLT-002": "BLT-999", "BLT-005": "BLT-999", "1": "999", "Sijuk": "Antah"}


@pytest.mark.parametrize(("role", "command", "foreign"), FOREIGN)
def test_a_foreign_record_answers_as_one_that_does_not_exist(
    everyone: dict[str, Talk], role: str, command: str, foreign: str
) -> None:
    talk, unknown = everyone[role], UNKNOWN[foreign]
    there = talk.say(command.format(foreign)).replace(foreign, "?")
    talk.say("/batal")
    nowhere = talk.say(command.format(unknown)).replace(unknown, "?")
    assert there == nowhere
    assert not any(name in there for name in _foreign_names(role))


SECOND = [
    (item, role, role == "district")
    for item, roles in {"r4": ROLES, "b1": [*ROLES, "sijuk"]}.items()
    for role in roles
]
"""Whether a role may decide on a waiting role, and on the file that Sijuk's coordinator asks for."""


@pytest.mark.parametrize(("item", "role", "allowed"), SECOND)
def test_a_second_opinion_is_the_districts_and_nobodys_own(
    everyone: dict[str, Talk], village: Village, database: Database, item: str, role: str, allowed: bool
) -> None:
    before = database.submit(in_session(_written)).result()
    said = {**everyone, "sijuk": village.sijuk}[role].say(f"/antrean {item} ok")
    assert said.startswith("✓") is allowed
    assert (database.submit(in_session(_written)).result() != before) is allowed


@pytest.mark.parametrize("role", ["stranger", "giver", "mother", "badau"])
def test_guessed_ids_codes_and_forged_buttons_find_nothing(
    everyone: dict[str, Talk], database: Database, role: str
) -> None:
    """Only what is foreign to the role is guessed at; nothing is written and nobody's name is said."""
    chance, talk = random.Random(4), everyone[role]
    before = database.submit(in_session(_written)).result()
    heard = [talk.take(choice=_forged(chance, role)) for _ in range(GUESSES // 4)]
    assert not any(name in said for said in heard for name in _foreign_names(role))
    assert database.submit(in_session(_written)).result() == before


def _forged(chance: random.Random, role: str) -> str:
    kind = chance.randrange(3)
    if kind == 0:
        return f"/{chance.choice(_forbidden()[role])}"
    if kind == 1:
        return f"/kode {''.join(chance.choices(CODE_ALPHABET, k=8))}"
    value = chance.choice(["ok", "yes", "1", "BLT-001", "!back"])
    return str(
        Tap(chance.choice(["child", "confirm", "k1", "decision"]), f"{chance.randrange(16**6):06x}", value)
    )


def _forbidden() -> dict[str, list[str]]:
    """Return what is not for a role, as buttons would say it."""
    words = ["antrean k1 ok", "antrean p2 ok", "antrean g1 ok", "antrean s1", "tunggakan 1", "peringatan 1"]
    words += ["jawab 1 ya", "kontak BLT-001", "antrean r4 ok", "antrean b1 ok", "berkas 1", "peran cabut"]
    kecamatan = ("kontak", "ubah_anak", "lulus", "undang", "hening")
    return {
        "stranger": [*words, "anak BLT-001", "terima 1 ok", "lulus BLT-001", "laporan"],
        "giver": [*words, "anak BLT-005", "setor BLT-005", "kunjungan BLT-005", "terima 1 ok"],
        "mother": [*words, "anak BLT-001", "pantau BLT-002", "terima 2 ok", "setor BLT-001"],
        "badau": ["antrean r4 ok", "antrean b1 ok", "peran beri", "peran cabut"]
        + [f"{word} BLT-00{number}" for word in kecamatan for number in (1, 2, 3)],
    }


def _foreign_names(role: str) -> list[str]:
    names = [
        "Bintang Rekaan",
        "Camar Rekaan",
        "Embun Rekaan",
        "Fajar Rekaan",
        "Guntur Rekaan",
        "Melati",
        "Seruni",
    ]
    own = {key: {"Bintang Rekaan", "Melati"} for key in ("giver", "visitor", "mother")}
    own["badau"] = {"Fajar Rekaan", "Guntur Rekaan"}
    return [name for name in names if name not in own.get(role, set())]


def _written(session: Session) -> list[Any]:
    """Return the rows that a guess could have changed."""
    tables = ("pledge", "child", "payout", "visit", "check_in", '"grant"', "alert", "measurement")
    more = ("file_request", "invitation", "foster_parent")
    connection = session.connection()
    return [connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1").all() for table in tables + more]  # noqa: S608
