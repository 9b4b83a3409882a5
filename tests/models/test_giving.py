"""What partners pledge and what comes of it, recounted from a few rows that say what they should come to."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlmodel import Session

from models.campaigns import children_won, running
from models.database import Database
from models.giving import giving_by_kind, giving_by_partner
from models.grants import WHOLE_DISTRICT, Scope
from models.keys import KeyRing
from models.months import Month
from models.organisations import OrganisationKind
from models.payouts import Payout, PayoutState
from models.people import FosterKind
from models.pledges import PledgeState
from models.programme import Campaign, Programme
from tests.builders import a_child, a_foster_parent, a_pledge, an_organisation, id_of

TODAY = date(2025, 10, 20)
OCTOBER = Month(2025, 10)
BUMD = Campaign(
    name="BUMD", kinds=(FosterKind.BUMD,), children=5, first_month=OCTOBER, last_month=Month(2025, 12)
)


@pytest.fixture
def session(database: Database, keys: KeyRing) -> Iterator[Session]:
    """A bank of the district for two children (one in Badau), an ASN for half of one of them and for none else."""
    with Session(database.engine) as session:
        bank = an_organisation(session, name="Bank Rekaan", kind=OrganisationKind.BUMD)
        contact = a_foster_parent(session, keys, kind=FosterKind.BUMD, organisation=bank)
        asn = a_foster_parent(session, keys)
        first, second = a_child(session, area="Sijuk"), a_child(session, area="Badau", village="Ibul")
        _month(
            session,
            a_pledge(session, child=first, foster_parent=contact, monthly_idr=200_000),
            200_000,
            150_000,
        )
        _month(session, a_pledge(session, child=second, foster_parent=contact), 450_000, None)
        _month(session, a_pledge(session, child=first, foster_parent=asn, monthly_idr=250_000), 0, None)
        a_pledge(session, child=a_child(session), foster_parent=asn, state=PledgeState.PENDING)
        a_pledge(session, child=a_child(session), foster_parent=contact, first_month=Month(2025, 11))
        session.commit()
        yield session


def _month(session: Session, pledge: object, reported: int, received: int | None) -> None:
    session.add(
        Payout(
            pledge_id=id_of(pledge),  # type: ignore[arg-type]
            month=OCTOBER,
            amount_idr=450_000,
            state=PayoutState.CONFIRMED if received else PayoutState.REPORTED,
            reported_idr=reported,
            received_idr=received,
            reported_at=datetime(2025, 10, 10, tzinfo=UTC),
        )
    )
    session.flush()


def test_kinds_are_told_apart_and_a_child_of_two_counts_with_each(session: Session) -> None:
    found = {one.kind: one for one in giving_by_kind(session, TODAY, WHOLE_DISTRICT)}
    assert set(found) == set(FosterKind)
    bumd, asn = found[FosterKind.BUMD], found[FosterKind.ASN]
    assert (bumd.foster_parents, bumd.children, bumd.pledged_idr) == (1, 2, 650_000)
    assert (bumd.reported_idr, bumd.received_idr) == (650_000, 150_000)
    assert (asn.foster_parents, asn.children, asn.pledged_idr, asn.reported_idr) == (1, 1, 250_000, 0)
    assert found[FosterKind.COMPANY].foster_parents == 0


def test_a_partner_stands_by_its_name_and_only_the_own_area_counts(session: Session) -> None:
    names = [(one.name, one.pledged_idr) for one in giving_by_partner(session, TODAY, WHOLE_DISTRICT)]
    assert names[0] == ("Bank Rekaan", 650_000)
    sijuk = giving_by_partner(session, TODAY, Scope(frozenset({"Sijuk"})))
    assert ("Bank Rekaan", 200_000) in [(one.name, one.pledged_idr) for one in sijuk]


def test_a_campaign_counts_children_once_that_its_kinds_have_taken_on_and_support_now(
    session: Session,
) -> None:
    assert children_won(session, BUMD, TODAY, WHOLE_DISTRICT) == 2
    assert children_won(session, BUMD, date(2025, 11, 1), WHOLE_DISTRICT) == 3
    assert children_won(session, BUMD, TODAY, Scope(frozenset({"Badau"}))) == 1
    earlier = BUMD.model_copy(update={"first_month": Month(2025, 1), "last_month": Month(2025, 9)})
    assert children_won(session, earlier, TODAY, WHOLE_DISTRICT) == 0


def test_a_campaign_is_shown_from_its_first_month_until_half_a_year_after_its_last() -> None:
    campaigns = (BUMD,)
    assert running(campaigns, Month(2025, 9)) == []
    assert running(campaigns, OCTOBER) == [BUMD]
    assert running(campaigns, Month(2026, 6)) == [BUMD]
    assert running(campaigns, Month(2026, 7)) == []


def test_the_shipped_campaigns_are_readable(programme: Programme) -> None:
    assert all(one.children > 0 for one in programme.campaigns)
