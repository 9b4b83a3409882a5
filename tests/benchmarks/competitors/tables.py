"""The tables of the SQLModel competitors."""

from collections.abc import Iterable

from sqlmodel import Field, SQLModel

from tests.benchmarks.script import Registration


class AnswerRow(SQLModel, table=True):
    """One row per step."""

    __tablename__ = "answer"

    id: int | None = Field(default=None, primary_key=True)
    chat_id: int = Field(index=True)
    question: str
    answer: str


class RegistrationRow(SQLModel, table=True):
    """What the dialog is about.

    Nothing in it is unique: most of what the programme's dialogs write (visits, reports, check-ins) has no
    natural key, and what is measured is the bot, not a constraint that saves it.
    """

    __tablename__ = "registration"

    id: int | None = Field(default=None, primary_key=True)
    chat_id: int
    kind: str
    name: str
    nip: str
    organisation: str


def as_registrations(rows: Iterable[RegistrationRow]) -> list[Registration]:
    """Read rows back."""
    return [Registration(row.chat_id, row.kind, row.name, row.nip, row.organisation) for row in rows]
