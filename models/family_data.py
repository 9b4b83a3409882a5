"""What is kept about a family, for its own eyes (UU PDP 27/2022, Art. 7: access and a copy).

Not who gives, nor the notes and photos of visits: a note may be about somebody's safety, and is read out by a
coordinator who knows the family. The family is told so beside the copy.
"""

from typing import Any

from sqlmodel import Session, col, select

from models.alerts import Alert
from models.checkins import CheckIn
from models.children import Child
from models.consents import consents_of
from models.families import children_of, guardians_of
from models.measurements import measurements_of
from models.payouts import Payout
from models.people import Person
from models.pledges import Pledge
from models.threads import ThreadMessage
from models.visits import Visit


def family_data(session: Session, person_id: int) -> dict[str, Any]:
    """Return what is kept, as JSON values; instants are UTC."""
    person = session.get_one(Person, person_id)
    guardians = guardians_of(session, person_id)
    return {
        "name": person.name,
        "phone": person.phone,
        "guardian": [{"name": g.name, "phone": g.phone, "relation": g.relation} for g in guardians],
        "consents": [
            {
                "to": consent.kind,
                "version": consent.version,
                "given_at": consent.given_at.isoformat(),
                "withdrawn_at": consent.withdrawn_at.isoformat() if consent.withdrawn_at else None,
            }
            for consent in consents_of(session, person_id)
        ],
        "children": [_child(session, child) for child in children_of(session, guardians)],
        "questions": [
            {"at": message.at.isoformat(), "words": message.words}
            for message in _questions(session, person_id)
        ],
    }


def _child(session: Session, child: Child) -> dict[str, Any]:
    check_ins = session.exec(
        select(CheckIn).where(CheckIn.child_id == child.id).order_by(col(CheckIn.month))
    ).all()
    return {
        "code": child.code,
        "name": child.name,
        "nik": child.nik,
        "sex": child.sex,
        "born_on": child.born_on.isoformat(),
        "kecamatan": child.area,
        "desa": child.village,
        "address": child.address,
        "status": child.status,
        "listed_on": child.listed_on.isoformat(),
        "measurements": [
            {
                "on": one.measured_on.isoformat(),
                "weight_g": one.weight_g,
                "length_mm": one.length_mm,
                "position": one.position,
                "source": one.source,
            }
            for one in measurements_of(session, [child]).get(child.id or 0, [])
        ],
        "visits": [
            {
                "on": one.visited_on.isoformat(),
                "kind": one.kind,
                "condition": one.condition,
                "spent_on": one.spent_on,
            }
            for one in _visits(session, child)
        ],
        "payouts": [
            {
                "month": str(one.month),
                "amount_idr": one.amount_idr,
                "kind": one.kind,
                "state": one.state,
                "reported_idr": one.reported_idr,
                "received_idr": one.received_idr,
            }
            for one in _payouts(session, child)
        ],
        "check_ins": [
            {
                "month": str(one.month),
                "food_groups": one.food_groups,
                "exclusive_breastfeeding": one.exclusive_breastfeeding,
                "illnesses": one.illnesses,
                "danger_signs": one.danger_signs,
                "posyandu": one.posyandu,
                "weight_g": one.weight_g,
                "height_mm": one.height_mm,
                "bought": one.bought,
            }
            for one in check_ins
        ],
    }


def _visits(session: Session, child: Child) -> list[Visit]:
    query = select(Visit).where(Visit.child_id == child.id).order_by(col(Visit.visited_on), col(Visit.id))
    return list(session.exec(query))


def _payouts(session: Session, child: Child) -> list[Payout]:
    query = (
        select(Payout)
        .join(Pledge, col(Payout.pledge_id) == Pledge.id)
        .where(Pledge.child_id == child.id)
        .order_by(col(Payout.month), col(Payout.id))
    )
    return list(session.exec(query))


def _questions(session: Session, person_id: int) -> list[ThreadMessage]:
    query = (
        select(ThreadMessage)
        .join(Alert, col(ThreadMessage.alert_id) == col(Alert.id))
        .where(col(Alert.person_id) == person_id)
        .order_by(col(ThreadMessage.id))
    )
    return list(session.exec(query))
