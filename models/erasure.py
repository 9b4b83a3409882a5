"""What is erased of whom: the one index that says of every table what in it belongs to a person or a child.

UU PDP 27/2022, Art. 8 and 16 (2)g: who asks is erased. What must stay for the programme's books (that a pledge
was made, that money went) stays as bare ids: the person's and the child's rows remain, empty, so that no id is ever
given to somebody else and an old backup can be erased again. (Only a backup from before somebody came gives an id
twice, once it is restored: `erasing.erase_again` therefore asks who came when.)

A table that is not named here fails a test, and so does a sealed column that no rule empties.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Field, SQLModel, UniqueConstraint

from models.alerts import AlertKind
from models.columns import Instant, words


class SubjectKind(StrEnum):
    """Who can be erased."""

    PERSON = "person"
    CHILD = "child"


@dataclass(frozen=True, slots=True)
class Subject:
    """A person or a child by id."""

    kind: SubjectKind
    id: int

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.id}"


class Erasure(SQLModel, table=True):
    """That somebody was erased: what must be erased again after an older backup was restored. Ids only."""

    __table_args__ = (UniqueConstraint("kind", "subject_id"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: SubjectKind = Field(sa_type=words(SubjectKind))
    subject_id: int
    erased_at: datetime = Field(sa_type=Instant)


@dataclass(frozen=True, slots=True)
class Delete:
    """The rows that refer to somebody erased go; with `kinds`, only those of these kinds (their column `kind`).

    `through` are the columns that refer: foreign keys, or `column=table.column` for values that meet.
    """

    through: tuple[str, ...]
    kinds: tuple[StrEnum, ...] = ()


@dataclass(frozen=True, slots=True)
class Blank:
    """The rows stay, with these values (none: they only lead on to others).

    Without `through` they are the erased person's or child's own. `names`: the columns by which others speak of them.
    """

    values: Mapping[str, Any]
    through: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unlink:
    """The rows are somebody else's and stay as they are, but for the reference (`through`) and what hangs on it."""

    values: Mapping[str, Any]
    through: str


@dataclass(frozen=True, slots=True)
class Forget:
    """Sealed text of others that may speak of the erased one: a row that does goes, or loses the text."""

    columns: tuple[str, ...]
    row_goes: bool


@dataclass(frozen=True, slots=True)
class Keep:
    """Nothing in it is anybody's, or ids and dates only that the books need."""

    why: str


Rule = Delete | Blank | Unlink | Forget | Keep

RULES: dict[str, tuple[Rule, ...]] = {
    "person": (Blank({"name": "", "phone": None, "phone_index": None}, names=("name", "phone")),),
    "child": (
        Blank(
            {"name": "", "nik": None, "nik_index": None, "address": None, "village": "", "guardian_id": None},
            names=("name", "nik", "address"),
        ),
    ),
    "guardian": (
        Blank(
            {"name": "", "phone": None, "phone_index": None, "person_id": None},
            through=("person_id",),
            names=("name", "phone"),
        ),
    ),
    "foster_parent": (
        Blank({"nip": None, "nip_index": None, "decision_note": ""}, through=("person_id",), names=("nip",)),
        Forget(("decision_note",), row_goes=False),
    ),
    "roster": (Delete(("nip_index=foster_parent.nip_index", "phone_index=person.phone_index")),),
    "contact": (Delete(("person_id",)),),
    "conversation": (Delete(("contact_id",)), Forget(("state",), row_goes=True)),
    "outbox": (Delete(("contact_id",)), Forget(("body",), row_goes=True)),
    "inbox": (Forget(("parked_payload", "parked_error"), row_goes=False),),
    "grant": (Delete(("person_id",)),),
    "file_request": (Delete(("person_id", "contact_id")),),
    "pledge": (
        Blank({"note": ""}, through=("child_id", "foster_parent_id")),
        Unlink({"visitor_id": None, "visitor_approved_at": None}, through="visitor_id"),
        Forget(("note",), row_goes=False),
    ),
    "joint_pledge": (
        Blank({"note": ""}, through=("contact_id", "leader_id")),
        Forget(("note",), row_goes=False),
    ),
    "payout": (Blank({}, through=("pledge_id",)),),
    "payout_move": (
        Blank({"receipt_id": None, "note": ""}, through=("payout_id", "receipt_id")),
        Forget(("note",), row_goes=False),
    ),
    "stored_file": (Delete(("uploaded_by", "id=payout_move.receipt_id", "id=visit.photo_id")),),
    "visit": (
        Delete(("child_id",)),
        Blank({"note": "", "photo_id": None}, through=("visitor_id", "photo_id")),
        Forget(("note",), row_goes=False),
    ),
    "measurement": (Delete(("child_id",)),),
    "check_in": (Delete(("child_id",)),),
    "alert": (
        Delete(("child_id",)),
        Delete(("person_id",), kinds=(AlertKind.QUESTION, AlertKind.UNREACHABLE)),
        Blank({"person_id": None}, through=("person_id",)),  # what they said of a child must be looked at
        Forget(("note",), row_goes=False),
    ),
    "thread_message": (Delete(("alert_id", "by_id")), Forget(("words",), row_goes=False)),
    "reminder": (Delete(("person_id",)),),
    "pause": (Blank({"reason": ""}, through=("pledge_id",)), Forget(("reason",), row_goes=False)),
    "consent": (Keep("which text was agreed to and when, by id: what Art. 22 asks to be shown"),),
    "one_time_code": (Delete(("person_id", "nip_index=foster_parent.nip_index")),),
    "dispatch": (Keep("digests of the platform's ids, and how far a message came: what was charged"),),
    "template_halt": (Keep("names of templates"),),
    "invitation": (Keep("a blind index and ids"),),
    "broadcast": (
        Blank({"contact_id": None, "words": ""}, through=("contact_id", "by_id")),
        Forget(("words",), row_goes=False),
    ),
    "recommendation": (Delete(("person_id",)),),
    "referral": (Delete(("contact_id", "by_id")),),
    "organisation": (Keep("offices and partners are no persons"),),
    "audit": (Keep("ids and codes only"),),
    "counted_month": (Keep("when a month was counted"),),
    "counted_area": (Keep("counts by kecamatan, of lists of many thousands"),),
    "cursor": (Keep("where polling stands"),),
    "erasure_request": (Delete(("person_id",)),),
    "erasure": (Keep("ids and dates: what a restored backup is erased by again"),),
}
"""Of every table, what is erased of it."""
