"""F8: an organisation's leader agrees to a pledge for several children, or refuses; reached by a one-time code."""

from handlers.kit.chat import Again, Chat, Stopped
from handlers.kit.choices import Choice, Option
from handlers.kit.inputs import FreeText
from handlers.newcomer import ask_name, person_named
from handlers.texts import Plain, Words, join, t
from handlers.wording import until
from models.consents import ConsentKind, give_consent
from models.errors import AlreadyDecided, CodeRefused, NotEntitled
from models.grants import coordinators_of, spend_invitation
from models.joint import decide_together, pledges_together
from models.joint_pledges import JointPledge
from models.organisations import Organisation
from models.people import Person
from models.pledges import PledgeState

AGREE, REFUSE = "yes", "no"


def lead(chat: Chat, code: str, joint_id: int) -> None:
    """Show what is promised, take the decision, tell the contact and, when agreed, the coordinators."""
    joint = chat.db.get_one(JointPledge, joint_id)
    if joint.contact_id == chat.person_id:
        raise Stopped(t.institution.not_yourself())
    waiting = [(p, c) for p, c in pledges_together(chat.db, joint_id) if p.state is PledgeState.PENDING]
    if not waiting:
        raise Stopped(t.institution.too_late())
    name = ask_name(chat, t.institution.leader_name())
    organisation = chat.db.get_one(Organisation, joint.organisation_id).name
    card = t.institution.leader_card(
        organisation=organisation,
        contact=chat.db.get_one(Person, joint.contact_id).name,
        count=len(waiting),
        codes=", ".join(child.code for _, child in waiting),
        amount=sum(promised.monthly_idr for promised, _ in waiting),
        first=joint.first_month,
        until=until(joint.last_month),
    )
    options = [Option(AGREE, t.institution.leader_agree()), Option(REFUSE, t.institution.leader_refuse())]
    agreed = chat.ask("decision", Choice(card, options)) == AGREE
    reason = "" if agreed else chat.ask("why", FreeText(t.institution.leader_why(), least=3, most=200))
    person = person_named(chat, name)
    try:
        invitation = spend_invitation(chat.db, chat.keys, chat.now, code)
        decide_together(chat.db, chat.now, joint_id, leader_id=person.id or 0, agreed=agreed, note=reason)
    except (CodeRefused, AlreadyDecided, NotEntitled):
        raise Again("code", t.role.refused()) from None
    invitation.redeemed_by = person.id
    if agreed:
        give_consent(chat.db, chat.now, person.id or 0, ConsentKind.COMMITMENT, joint.subject)
    _tell(chat, joint, agreed, reason, {child.area for _, child in waiting}, len(waiting), organisation)


def _tell(
    chat: Chat, joint: JointPledge, agreed: bool, reason: str, areas: set[str], count: int, organisation: str
) -> None:
    menu = [[(t.kit.menu(), "/menu")]]
    if not agreed:
        chat.say(t.institution.refused(), buttons=menu)
        chat.tell(joint.contact_id, t.institution.told_refused(reason=Plain(reason)))
        return
    chat.say(t.institution.agreed(count=count), buttons=menu)
    chat.tell(joint.contact_id, t.institution.told_agreed(count=count))
    news: Words = join([t.institution.news(organisation=organisation, count=count)])
    told = {person for area in areas for person in coordinators_of(chat.db, area, chat.now)}
    for coordinator in sorted(told):
        chat.tell(coordinator, news, buttons=[[(t.queue.title(), f"/antrean g{joint.id}")]])
