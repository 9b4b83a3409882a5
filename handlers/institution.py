"""F8: an OPD, a company or a community pledges for several children, and sees what it pledged and gave.

`/lembaga` is the organisation's page for its contact; `/adopsi_lembaga` promises for several children at once, which
the leader then agrees to (handlers/leader.py).
"""

from decimal import Decimal

from handlers.adopt import ask_term, charter, held, only_verified
from handlers.kit.chat import Chat, Stopped
from handlers.kit.choices import Choice, Option
from handlers.kit.conversation import Audience, conversation
from handlers.kit.inputs import Number
from handlers.texts import Plain, Words, join, t
from handlers.wording import organisation_name, until
from models.adoption import areas_waiting, children_waiting
from models.consents import ConsentKind, give_consent
from models.errors import NotAdoptable, NotEntitled
from models.giving import giving_of_partner
from models.grants import invite_leader
from models.institutions import Supported, supported_by
from models.joint import MOST_CHILDREN, pledge_together
from models.joint_pledges import JointPledge
from models.pledges import Term

EVERYWHERE = "all"
SHOWN = 30
SPARE = 20
"""So many more candidates than wanted are looked at: somebody may take one meanwhile."""


@conversation("lembaga", "institution", title=t.institution.title(), who=Audience.FOSTER_PARENT, menu=36)
def institution(chat: Chat) -> None:
    """What one's organisation pledged and gave this month, child by child with its visitor."""
    only_verified(chat)
    organisation_id = _organisation(chat)
    found = supported_by(chat.db, organisation_id, chat.today, chat.person_id or 0)
    given = giving_of_partner(chat.db, chat.today, organisation_id)
    name = organisation_name(chat, organisation_id)
    words: list[Words] = [t.institution.empty(name=name, month=chat.month)]
    if given is not None:
        words = [
            t.institution.page(
                name=name,
                month=chat.month,
                children=given.children,
                givers=given.foster_parents,
                pledged=given.pledged_idr,
                reported=given.reported_idr,
                received=given.received_idr,
            ),
            join([_line(one) for one in found[:SHOWN]]),
        ]
    chat.say(
        join(words, "\n\n"),
        buttons=[
            [(t.institution.adopt_many(), "/adopsi_lembaga")],
            [(t.institution.visitor_title(), "/pendamping")],
            [(t.kit.menu(), "/menu")],
        ],
    )


def _line(one: Supported) -> Words:
    visited = t.institution.visited(day=one.visited_on) if one.visited_on else t.institution.unvisited()
    return t.institution.line(
        code=one.code, amount=one.monthly_idr, visitor=Plain(one.visitor or "-"), visited=visited
    )


@conversation("adopsi_lembaga", "adopt_many", title=t.institution.adopt_many(), who=Audience.FOSTER_PARENT)
def adopt_many(chat: Chat) -> None:
    """Where, how many, from when, how long, charter, commitment; then a code for the leader."""
    only_verified(chat)
    _organisation(chat)
    area, count = _which_and_how_many(chat)
    term = ask_term(chat)
    charter(chat)
    needed = chat.programme.monthly_idr(term.first) * count
    chat.review(
        t.institution.commitment(count=count, amount=needed, first=term.first, until=until(term.last)),
        yes=t.adopt.send(),
    )
    joint = _promise(chat, area, count, term)
    code = invite_leader(chat.db, chat.keys, chat.now, joint.id or 0, by=joint.contact_id)
    chat.say(t.institution.asked(count=count), buttons=[[(t.institution.title(), "/lembaga")]])
    links = [Plain(link) for link in chat.context.links(code)]
    chat.say(
        t.institution.leader_invitation(
            district=chat.programme.district.name, count=count, code=code, links=join(links)
        ),
        to_pass_on=True,
    )


def _which_and_how_many(chat: Chat) -> tuple[str | None, int]:
    """Ask for an area (None: everywhere) and a number of its children who wait."""
    waiting = areas_waiting(chat.db, chat.programme, chat.now)
    if not waiting:
        raise Stopped(t.adopt.nobody_waiting())
    named = [Option(name, t.adopt.area(area=name, count=count)) for name, count in sorted(waiting.items())]
    everywhere = Option(EVERYWHERE, t.adopt.most_needed())
    area = chat.ask("where", Choice(t.institution.where(), [everywhere, *named]))
    available = waiting.total() if area == EVERYWHERE else waiting[area]
    most = min(MOST_CHILDREN, available)
    if most < 1:
        raise Stopped(t.adopt.nobody_waiting())
    asked = Number(t.institution.how_many(available=available), least=Decimal(1), most=Decimal(most))
    return None if area == EVERYWHERE else area, int(chat.ask("count", asked))


def _promise(chat: Chat, area: str | None, count: int, term: Term) -> JointPledge:
    """Write the pledges, and what was agreed to with them."""
    contact = chat.foster_parent
    assert contact is not None  # noqa: S101 - the audience
    candidates = children_waiting(
        chat.db,
        chat.programme,
        chat.now,
        area=area,
        held=held(chat),
        not_by=contact.person_id,
        limit=count + SPARE,
    )
    try:
        joint = pledge_together(chat.db, chat.programme, chat.now, contact, candidates, count, term)
    except (NotAdoptable, NotEntitled):
        raise Stopped(t.institution.fewer(count=count)) from None
    for kind in (ConsentKind.CHILD_PROTECTION, ConsentKind.COMMITMENT):
        give_consent(chat.db, chat.now, contact.person_id, kind, joint.subject)
    return joint


def _organisation(chat: Chat) -> int:
    foster_parent = chat.foster_parent
    if foster_parent is None or foster_parent.organisation_id is None:
        raise Stopped(t.institution.none())
    return foster_parent.organisation_id
