"""C5 /lulus: a child graduates, or moves away; who gave and the family are told. `/lulus BLT-014`."""

from collections.abc import Sequence

from handlers.childquestions import choose_child
from handlers.kit.chat import Chat, Stopped
from handlers.kit.choices import Choice, Option
from handlers.kit.conversation import Audience, conversation
from handlers.texts import Words, t
from handlers.wording import tell_about
from models.children import Child
from models.enrolment import leave_list
from models.errors import AlreadyDecided
from models.families import guardian_to_ask
from models.growth_trends import ready_to_graduate
from models.measurements import measurements_of, points_of
from models.pledges import Pledge, PledgeState
from models.terms import Ending

WHYS = {Ending.GRADUATED: t.children.why_graduated(), Ending.MOVED: t.children.why_moved()}


@conversation("lulus", "graduate", title=t.children.graduate(), who=Audience.COORDINATOR, menu=64)
def graduate(chat: Chat) -> None:
    """Which child, why it leaves, confirm."""
    child = choose_child(chat)
    options = [Option(why.value, label) for why, label in WHYS.items()]
    words = t.children.why(code=child.code, growth=_growth(chat, child))
    why = Ending(chat.ask("why", Choice(words, options)))
    chat.confirm(t.children.leave(code=child.code, why=WHYS[why]), yes=t.children.leave_yes())
    family = guardian_to_ask(chat.db, child)
    try:
        ended = leave_list(chat.db, chat.programme, chat.now, child, why, by=chat.person_id or 0)
    except AlreadyDecided:
        raise Stopped(t.children.left_already()) from None
    told = _tell(chat, child, why, ended, family)
    chat.say(
        t.children.left(code=child.code, why=WHYS[why], told=told),
        buttons=[[(t.kit.menu(), "/menu")]],
    )


def _growth(chat: Chat, child: Child) -> Words:
    """Say whether its measurements say that it may graduate; the coordinator decides."""
    points = points_of(child, measurements_of(chat.db, [child]).get(child.id or 0, []))
    return t.children.growth_ready() if ready_to_graduate(points) else t.children.growth_not()


def _tell(chat: Chat, child: Child, why: Ending, ended: Sequence[Pledge], family: int | None) -> int:
    """Tell who gave, and of a graduation the family; return how many people have a chat where they can be told."""
    graduated = why is Ending.GRADUATED
    words = t.children.giver_graduated if graduated else t.children.giver_moved
    givers = {pledge.foster_parent_id for pledge in ended if pledge.state is not PledgeState.LAPSED}
    more = [[(t.mychildren.another(), "/adopsi")]]
    told = [tell_about(chat, child, giver, words(code=child.code), buttons=more) for giver in sorted(givers)]
    if family is not None and graduated:
        told.append(tell_about(chat, child, family, t.children.family_graduated(name=child.name)))
    return sum(told)
