"""F3 /anak: the children I support."""

from handlers.kit.chat import Chat
from handlers.kit.conversation import Audience, conversation
from handlers.texts import Words, join, t
from handlers.wording import SEXES, until
from models.children import Child
from models.entitlement import family_of
from models.errors import NotEntitled
from models.pledges import Pledge, PledgeState, pledges_of

STATES = {
    PledgeState.PENDING: t.mychildren.state_pending(),
    PledgeState.ACTIVE: t.mychildren.state_active(),
}


@conversation("anak", "children", title=t.mychildren.title(), who=Audience.FOSTER_PARENT, menu=30)
def my_children(chat: Chat) -> None:
    """One card a child; the family only when the pledge is active and the family agrees."""
    pledges = pledges_of(chat.db, chat.person_id or 0, chat.now)
    if not pledges:
        chat.say(t.mychildren.none(), buttons=[[(t.signup.choose_child(), "/adopsi")]])
        return
    cards = [_card(chat, promised, child) for promised, child in pledges]
    chat.say(
        t.mychildren.list(cards=join(cards, "\n\n")),
        buttons=[[(t.mychildren.another(), "/adopsi")], [(t.kit.menu(), "/menu")]],
    )


def _card(chat: Chat, promised: Pledge, child: Child) -> Words:
    return t.mychildren.card(
        code=child.code,
        sex=SEXES[child.sex],
        age=child.age_months(chat.today),
        area=child.area,
        state=STATES[promised.state],
        amount=promised.monthly_idr,
        first=promised.first_month,
        until=until(promised.last_month),
        family=_family(chat, promised, child),
    )


def _family(chat: Chat, promised: Pledge, child: Child) -> Words | str:
    if promised.state is not PledgeState.ACTIVE:
        return ""
    try:
        name, guardian = family_of(chat.db, chat.now, chat.month, chat.person_id or 0, child, chat.scope)
    except NotEntitled:
        return t.mychildren.family_later()
    return t.mychildren.family(
        child=name,
        guardian=guardian.name if guardian else "-",
        phone=(guardian.phone if guardian else None) or t.mychildren.no_phone(),
    )
