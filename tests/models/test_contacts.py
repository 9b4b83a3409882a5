"""Chats: whose they are, which language they speak, whether anything arrives there."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.contacts import Contact, belongs_to, contacts_of, mark_reachable, mark_unreachable, speak
from models.keys import KeyRing
from models.moving import change_address
from tests.builders import a_contact, a_person, id_of
from tests.clock import FixedClock


def test_a_person_is_reached_in_every_chat_that_still_works(
    session: Session, keys: KeyRing, clock: FixedClock
) -> None:
    person, other = a_person(session, keys), a_person(session, keys)
    telegram = a_contact(session, keys, person=person)
    whatsapp = a_contact(session, keys, channel="whatsapp", person=person)
    a_contact(session, keys, person=other)
    a_contact(session, keys)
    assert contacts_of(session, id_of(person)) == [telegram, whatsapp]
    mark_unreachable(session.connection(), clock.now(), id_of(telegram))
    assert contacts_of(session, id_of(person)) == [whatsapp]
    mark_reachable(session.connection(), id_of(telegram))
    assert contacts_of(session, id_of(person)) == [telegram, whatsapp]


def test_a_chat_belongs_to_nobody_until_it_is_tied_to_a_person(session: Session, keys: KeyRing) -> None:
    person, contact = a_person(session, keys), a_contact(session, keys)
    assert contacts_of(session, id_of(person)) == []
    belongs_to(session, id_of(contact), person)
    assert [found.id for found in contacts_of(session, id_of(person))] == [contact.id]


def test_a_chat_changes_its_language_alone(session: Session, keys: KeyRing) -> None:
    one, other = a_contact(session, keys), a_contact(session, keys)
    speak(session, id_of(one), "en")
    session.expire_all()
    assert (one.language, other.language) == ("en", "id")


def test_an_address_exists_once_a_channel(session: Session, keys: KeyRing) -> None:
    a_contact(session, keys, channel="telegram", address="42")
    a_contact(session, keys, channel="whatsapp", address="42")
    with pytest.raises(IntegrityError), session.begin_nested():
        a_contact(session, keys, channel="telegram", address="42")


def test_a_moved_chat_is_found_at_its_new_address_only(
    session: Session, keys: KeyRing, clock: FixedClock
) -> None:
    contact = a_contact(session, keys, address="-4242")
    change_address(session.connection(), keys, clock.now(), id_of(contact), "-1004242")
    session.expire_all()
    assert (contact.address, contact.address_index) == ("-1004242", keys.index("-1004242"))


def test_instants_come_back_as_they_went_in(session: Session, keys: KeyRing, clock: FixedClock) -> None:
    noted = clock.advance(timedelta(microseconds=123_456))
    contact = a_contact(session, keys, created_at=noted)
    session.expire_all()
    found = session.get(Contact, contact.id)
    assert found is not None
    assert found.created_at == noted
    assert found.created_at.utcoffset() == timedelta(0)
