"""Where free text has its time, every reminder is announced by a template that the platform knows."""

from datetime import date

import pytest
from sqlmodel import Session

from bot.channels.whatsapp.templates import filled, templates
from handlers.kit.chat import Context
from handlers.kit.messages import NEWS
from handlers.reminders import Occasion, template_of
from handlers.texts import LANGUAGES
from models.keys import KeyRing
from models.months import Month
from models.payouts import Payout, PayoutState
from models.programme import Programme
from models.reminders import Reminder, ReminderKind
from tests.builders import a_child, a_foster_parent, a_pledge, id_of
from tests.clock import FixedClock

ABOUT_A_CHILD = {ReminderKind.FAMILY_NOTICE, ReminderKind.CHECK_IN, ReminderKind.CHECK_IN_AGAIN}


@pytest.fixture
def occasions(
    session: Session, keys: KeyRing, programme: Programme, clock: FixedClock
) -> dict[ReminderKind, Occasion]:
    child = a_child(session, code="BLT-014")
    giver = a_foster_parent(session, keys)
    pledge = a_pledge(session, child=child, foster_parent=giver)
    month = Month(2025, 10)
    payout = Payout(pledge_id=id_of(pledge), month=month, amount_idr=450_000, state=PayoutState.REPORTED)
    session.add(payout)
    session.flush()

    def subject(kind: ReminderKind) -> int:
        if kind is ReminderKind.FAMILY_CONFIRM:
            return payout.id or 0
        return id_of(child) if kind in ABOUT_A_CHILD else id_of(pledge)

    context = Context(programme, keys, clock)
    return {
        kind: Occasion(
            session,
            context,
            Reminder(
                kind=kind,
                subject_id=subject(kind),
                period=str(month),
                person_id=giver.person_id,
                ends_on=date(2025, 11, 1),
                planned_ms=0,
            ),
            date(2025, 10, 13),
        )
        for kind in ReminderKind
    }


def test_every_kind_fills_its_template_and_every_template_is_used(
    occasions: dict[ReminderKind, Occasion],
) -> None:
    used = set()
    for kind, occasion in occasions.items():
        for language in LANGUAGES:
            name, values = template_of(occasion, language)
            used.add(name)
            filled(name, values, language)  # refuses too few and too many
            assert ("BLT-" in " ".join(values)) == (name != NEWS), kind
    assert used == set(templates())


def test_what_is_told_outside_a_conversation_names_no_health_and_no_amount(
    occasions: dict[ReminderKind, Occasion],
) -> None:
    for occasion in occasions.values():
        for language in LANGUAGES:
            name, values = template_of(occasion, language)
            words = f"{templates()[name].body(language)} {' '.join(values)}".casefold()
            for telling in ("stunting", "gizi", "nutrition", "rp", "nik", "nip", "berat", "weight"):
                assert telling not in words.split()
