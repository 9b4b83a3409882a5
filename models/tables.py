"""Every module that holds a table, imported in one place: whoever needs the whole schema imports this.

A new module with a table is added here; a test finds one that was forgotten.
"""

from sqlmodel import SQLModel

from models import (
    audit,
    children,
    codes,
    consents,
    contacts,
    dispatches,
    grants,
    messages,
    organisations,
    people,
    pledges,
)

MODULES = (
    audit,
    children,
    codes,
    consents,
    contacts,
    dispatches,
    grants,
    messages,
    organisations,
    people,
    pledges,
)
"""Named, so that nobody takes the imports for unused."""

metadata = SQLModel.metadata
