"""Which families may be asked: one rule, and everybody who asks it gets the same answer."""

from datetime import timedelta

import pytest
from sqlalchemy import true
from sqlmodel import Session

from models.checkins import children_to_ask
from models.children import Child
from models.consents import ConsentKind
from models.families import guardian_to_ask
from models.keys import KeyRing
from models.ledger import reported_unasked
from models.payouts import Payout, PayoutState
from models.reasons import at, reason
from models.reminders import ReminderKind
from tests.builders import OCTOBER, a_child, a_consent, a_foster_parent, a_guardian, a_person, a_pledge
from tests.clock import MONDAY_MORNING


def a_reported_payout(session: Session, keys: KeyRing, child: Child) -> None:
    """Somebody has reported a transfer to the child an hour ago."""
    promised = a_pledge(session, child=child, foster_parent=a_foster_parent(session, keys))
    session.add(
        Payout(
            pledge_id=promised.id or 0,
            month=OCTOBER,
            amount_idr=promised.monthly_idr,
            state=PayoutState.REPORTED,
            reported_idr=promised.monthly_idr,
            reported_at=MONDAY_MORNING - timedelta(hours=1),
        )
    )
    session.flush()


@pytest.mark.parametrize(
    ("joined", "consents", "silent", "asked"),
    [
        pytest.param(True, True, False, True, id="joined, and consents"),
        pytest.param(False, False, False, False, id="not joined"),
        pytest.param(True, False, False, False, id="joined, and took the consent back"),
        pytest.param(True, True, True, False, id="silence about the child"),
    ],
)
def test_whoever_asks_whether_a_family_may_be_asked_gets_the_same_answer(
    session: Session, keys: KeyRing, joined: bool, consents: bool, silent: bool, asked: bool
) -> None:
    mother = a_person(session, keys) if joined else None
    if mother:
        withdrawn = None if consents else MONDAY_MORNING
        a_consent(session, person=mother, kind=ConsentKind.PARENTAL, withdrawn_at=withdrawn)
    child = a_child(session, guardian=a_guardian(session, keys, person=mother))
    child.silent_since = MONDAY_MORNING if silent else None
    a_reported_payout(session, keys, child)
    invited = reason(ReminderKind.CHECK_IN, str(OCTOBER))
    assert (guardian_to_ask(session, child) is not None) == asked
    assert children_to_ask(session, MONDAY_MORNING.date(), true()) == int(asked)
    assert bool(session.execute(invited.query, at(MONDAY_MORNING)).all()) == asked
    # A coordinator finds out where nobody may be asked.
    assert bool(reported_unasked(session, MONDAY_MORNING, true())) != asked
