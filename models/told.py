"""In which chat a person is told things: the one chosen last, else the one used longest, of those that still exist."""

from typing import Any

from sqlalchemy import ScalarSelect, SQLColumnExpression, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from models.contacts import Contact


def told_in(
    person_id: SQLColumnExpression[Any], *, apart_from: SQLColumnExpression[Any] | None = None
) -> ScalarSelect[Any]:
    """Return that chat's id as a subquery (NULL without one); `person_id` is a column of the query around it.

    `apart_from`: not this chat, in which it could not be said. Whether the person wants to be told is asked apart.
    """
    chat = aliased(Contact)
    query = select(col(chat.id)).where(col(chat.person_id) == person_id, col(chat.unreachable_at).is_(None))
    if apart_from is not None:
        query = query.where(col(chat.id) != apart_from)
    chosen_first = query.order_by(col(chat.preferred_at).desc().nulls_last(), col(chat.id))
    return chosen_first.limit(1).correlate_except(chat).scalar_subquery()
