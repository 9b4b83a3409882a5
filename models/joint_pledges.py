"""The decision of an organisation's leader over several pledges at once (F8); what is done with it: `models.joint`."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, Session, SQLModel

from models.columns import Instant, MonthColumn, Sealed, words
from models.months import Month


class JointState(StrEnum):
    """Where a pledge for several children stands with the organisation's leader."""

    ASKED = "asked"
    AGREED = "agreed"
    REFUSED = "refused"


class JointPledge(SQLModel, table=True):
    """One promise for several children; its pledges carry its id. `leader_id`: who decided."""

    __tablename__ = "joint_pledge"

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    contact_id: int = Field(foreign_key="person.id", index=True)
    first_month: Month = Field(sa_type=MonthColumn)
    last_month: Month | None = Field(default=None, sa_type=MonthColumn)
    state: JointState = Field(sa_type=words(JointState))
    asked_at: datetime = Field(sa_type=Instant)
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    leader_id: int | None = Field(default=None, foreign_key="person.id")
    note: str = Field(default="", sa_type=Sealed)

    @property
    def subject(self) -> str:
        """How audit names it."""
        return f"joint:{self.id}"


def leads(session: Session, joint_id: int | None, person_id: int) -> bool:
    """Tell whether somebody has agreed to a joint pledge as its leader: it is theirs as much as the contact's."""
    joint = None if joint_id is None else session.get(JointPledge, joint_id)
    return joint is not None and joint.leader_id == person_id
