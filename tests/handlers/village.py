"""A small Sijuk for tests of families: two children of one phone, their foster parent, three coordinators."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from handlers.catalogue import all_conversations
from handlers.kit.chat import Context
from models.children import Child
from models.database import Database, in_session
from models.keys import KeyRing
from models.people import Person
from models.programme import Programme
from tests.builders import (
    a_child,
    a_contact,
    a_coordinator,
    a_family,
    a_foster_parent,
    a_guardian,
    a_pledge,
)
from tests.clock import FixedClock
from tests.handlers.talk import Post, Talk

INVITED = "+628001111111"
"""The phone of the family that has not joined yet."""


@dataclass
class Village:
    """Everybody's chats. `mother` has joined with BLT-001 (14 months); `invited` may join with BLT-002, BLT-003."""

    database: Database
    context: Context
    clock: FixedClock
    mother: Talk
    invited: Talk
    giver: Talk
    district: Talk
    sijuk: Talk
    badau: Talk
    stranger: Talk

    def child(self, code: str) -> Child:
        """Return a child as it stands in the database."""
        query = in_session(lambda s: s.get_one(Child, int(code.removeprefix("BLT-"))))
        return self.database.submit(query).result()

    def code_for(self, child: str) -> str:
        """Have the coordinator of Sijuk invite a family; return the code."""
        self.sijuk.say(f"/undang {child}")
        return self.sijuk.out[-1].text.rpartition("kode ")[2].strip()


def a_village(database: Database, programme: Programme, keys: KeyRing, clock: FixedClock) -> Village:
    """Fill a database; return the chats."""
    all_conversations()

    def work(session: Session) -> None:
        mother = a_family(session, keys, address="mother", name="Ibu Melati Rekaan", contact_agreed=True)
        first = a_child(
            session, code="BLT-001", name="Bintang Rekaan", born_on=date(2024, 8, 10), guardian=mother
        )
        for code, name in (("BLT-002", "Camar Rekaan"), ("BLT-003", "Embun Rekaan")):
            guardian = a_guardian(session, keys, name="Ibu Seruni Rekaan", phone=INVITED)
            a_child(session, code=code, name=name, guardian=guardian)
        a_child(session, code="BLT-004", name="Fajar Rekaan", area="Badau", village="Badau")
        giver = a_foster_parent(session, keys, name="Budi Rekaan")
        a_contact(session, keys, address="giver", person=session.get_one(Person, giver.person_id))
        a_pledge(session, child=first, foster_parent=giver)
        for address, area in (("district", None), ("sijuk", "Sijuk"), ("badau", "Badau")):
            a_contact(session, keys, address=address, person=a_coordinator(session, keys, area=area))

    database.submit(in_session(work)).result()
    context = Context(programme, keys, clock, ("https://t.me/rekaan_bot?start=kode-{code}",))
    post = Post(list)
    names = ("mother", "invited", "giver", "district", "sijuk", "badau", "stranger")
    return Village(database, context, clock, **{name: Talk(database, context, name, post) for name in names})
