"""Consents: what was agreed to, in which version, and whether it still stands."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from models.consents import VERSIONS, ConsentKind, consents_of, consents_to, give_consent
from models.keys import KeyRing
from tests.builders import a_consent, a_person, id_of
from tests.clock import FixedClock


def test_every_kind_has_a_version() -> None:
    assert set(VERSIONS) == set(ConsentKind)


@pytest.mark.parametrize("kind", list(ConsentKind))
def test_a_consent_holds_what_when_and_which_version(
    session: Session, keys: KeyRing, clock: FixedClock, kind: ConsentKind
) -> None:
    person = id_of(a_person(session, keys))
    give_consent(session, clock.now(), person, kind, subject="pledge:17")
    (consent,) = consents_of(session, person)
    assert (consent.kind, consent.version, consent.subject) == (kind, VERSIONS[kind], "pledge:17")
    assert (consent.given_at, consent.withdrawn_at) == (clock.now(), None)


def test_consents_are_kept_and_listed_oldest_first(
    session: Session, keys: KeyRing, clock: FixedClock
) -> None:
    person, other = id_of(a_person(session, keys)), id_of(a_person(session, keys))
    give_consent(session, clock.now(), person, ConsentKind.COMMITMENT)
    give_consent(session, clock.now() - timedelta(days=1), person, ConsentKind.DATA_USE)
    give_consent(session, clock.now(), other, ConsentKind.DATA_USE)
    assert [c.kind for c in consents_of(session, person)] == [ConsentKind.DATA_USE, ConsentKind.COMMITMENT]


def test_a_consent_stands_until_it_is_withdrawn_and_may_be_given_anew(
    session: Session, keys: KeyRing, clock: FixedClock
) -> None:
    person = a_person(session, keys)
    kind = ConsentKind.FAMILY_CONTACT
    assert not consents_to(session, id_of(person), kind)
    a_consent(session, person=person, kind=ConsentKind.DATA_USE)
    assert not consents_to(session, id_of(person), kind)
    given = a_consent(session, person=person, kind=kind)
    assert consents_to(session, id_of(person), kind)
    given.withdrawn_at = clock.now()
    session.add(given)
    session.flush()
    assert not consents_to(session, id_of(person), kind)
    a_consent(session, person=person, kind=kind)
    assert consents_to(session, id_of(person), kind)
