"""Every module that holds a table, imported in one place: whoever needs the whole schema imports this.

A new module with a table is added here; a test finds one that was forgotten.
"""

from sqlalchemy.orm import configure_mappers
from sqlmodel import SQLModel

from models import (
    alerts,
    audit,
    broadcasts,
    checkins,
    children,
    codes,
    consents,
    contacts,
    counted,
    dispatches,
    erasure,
    erasure_requests,
    file_requests,
    files,
    grants,
    joint_pledges,
    measurements,
    messages,
    organisations,
    pauses,
    payouts,
    people,
    pledges,
    recommendations,
    reminders,
    threads,
    visits,
)

MODULES = (
    alerts,
    audit,
    broadcasts,
    checkins,
    children,
    codes,
    consents,
    contacts,
    counted,
    dispatches,
    erasure,
    erasure_requests,
    file_requests,
    files,
    grants,
    joint_pledges,
    measurements,
    messages,
    organisations,
    pauses,
    payouts,
    people,
    pledges,
    recommendations,
    reminders,
    threads,
    visits,
)
"""Named, so that nobody takes the imports for unused."""

metadata = SQLModel.metadata

configure_mappers()
"""Once here; the first query would do it otherwise, for 30 ms within a transaction."""
