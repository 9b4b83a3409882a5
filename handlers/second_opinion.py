"""C2, C9: what waits for a coordinator's yes in /antrean: roles (`r17`) and files with names (`b7`) of others.

And visitors (`v4`, by their pledge) whom the programme does not know, before they meet a family by name.
"""

from handlers.kit.chat import Chat, Context
from handlers.named_files import title_of
from handlers.texts import Plain, Words, t
from handlers.wording import tell_about
from models.contacts import Contact
from models.file_requests import WaitingFile, decide_request, requests_waiting
from models.grants import Grant
from models.people import Person
from models.roles import RoleOf, decide_role, roles_waiting
from models.visitors import WaitingVisitor, decide_visitor, visitors_waiting

Opinion = RoleOf | WaitingFile | WaitingVisitor

REASONS = {
    "r": {
        "unknown": t.role.reason_unknown(),
        "unneeded": t.role.reason_unneeded(),
    },
    "b": {
        "unknown": t.files.reason_unknown(),
        "unneeded": t.files.reason_unneeded(),
    },
    "v": {
        "unknown": t.institution.visitor_reason_unknown(),
        "unreachable": t.queue.reason_unreachable(),
    },
}


def opinions_wanted(chat: Chat) -> dict[str, Opinion]:
    """Return what this coordinator may decide on, by code; nothing of their own."""
    by = chat.person_id or 0
    roles = {f"r{one.grant.id}": one for one in roles_waiting(chat.db, chat.now, by)}
    files = {f"b{one.request.id}": one for one in requests_waiting(chat.db, chat.now, by, chat.scope)}
    visitors = visitors_waiting(chat.db, chat.scope.children(), chat.now, by)
    return {**roles, **files, **{f"v{one.pledge.id}": one for one in visitors}}


def opinion_card(chat: Chat, item: Opinion, left: int) -> Words:
    """Write what is wanted, by whom."""
    if isinstance(item, RoleOf):
        return t.role.card(
            left=left,
            name=item.person.name,
            phone=item.person.phone or "-",
            place=place_of(chat.context, item.grant),
            until=item.grant.expires_at,
            at=item.grant.granted_at,
            asked_by=_asked_by(chat, item.grant),
        )
    if isinstance(item, WaitingVisitor):
        giver = chat.db.get_one(Person, item.pledge.foster_parent_id)
        return t.institution.visitor_card(
            left=left,
            name=item.person.name,
            phone=item.person.phone or "-",
            code=item.child.code,
            area=item.child.area,
            giver=giver.name,
        )
    return t.files.card(
        left=left,
        name=item.person.name,
        what=title_of(item.request),
        place=item.scope.named(chat.programme.district.name),
        at=item.request.asked_at,
    )


def give_opinion(chat: Chat, item: Opinion, reason: Words | None) -> Words:
    """Approve, or with a reason refuse; tell whom it concerns. Raises AlreadyDecided, NotEntitled."""
    if isinstance(item, RoleOf):
        return _decide_role(chat, item, reason)
    if isinstance(item, WaitingVisitor):
        return _decide_visitor(chat, item, reason)
    request = item.request
    by, approved = chat.person_id or 0, reason is None
    decide_request(chat.db, chat.now, request.id or 0, by=by, scope=chat.scope, approved=approved)
    there = chat.db.get_one(Contact, request.contact_id)
    if reason is None:
        chat.tell_chat(
            there,
            t.files.told_approved(what=title_of(request), until=request.expires_at),
            buttons=[[(t.files.take(), f"/berkas {request.id}")]],
        )
        return t.files.approved(name=item.person.name)
    chat.tell_chat(there, t.files.told_rejected(what=title_of(request), reason=reason))
    return t.files.rejected(name=item.person.name)


def place_of(context: Context, grant: Grant) -> Words:
    """Write what a role is over."""
    district = t.role.whole_district(district=context.programme.district.name)
    return Plain(grant.area) if grant.area else district


def _asked_by(chat: Chat, grant: Grant) -> Words:
    asking = chat.db.get(Person, grant.asked_by) if grant.asked_by else None
    return Plain(asking.name) if asking else t.role.operator()


def _decide_role(chat: Chat, item: RoleOf, reason: Words | None) -> Words:
    grant, name = item.grant, item.person.name
    decide_role(chat.db, chat.now, grant.id or 0, by=chat.person_id or 0, approved=reason is None)
    place = place_of(chat.context, grant)
    if reason is None:
        menu = [[(t.kit.menu(), "/menu")]]
        chat.tell(
            grant.person_id, t.role.granted(area=place, until=grant.expires_at), buttons=menu, answers=True
        )
        return t.role.approved(name=name, area=place)
    chat.tell(grant.person_id, t.role.told_refused(area=place, reason=reason), answers=True)
    return t.role.rejected(name=name, area=place)


def _decide_visitor(chat: Chat, item: WaitingVisitor, reason: Words | None) -> Words:
    name, code, visitor_id = item.person.name, item.child.code, item.person.id or 0
    decide_visitor(
        chat.db,
        chat.now,
        item.pledge.id or 0,
        visitor_id=visitor_id,
        by=chat.person_id or 0,
        approved=reason is None,
    )
    if reason is None:
        told = t.institution.visitor_told_approved(code=code)
        tell_about(chat, item.child, visitor_id, told, buttons=[[(t.mychildren.title(), f"/anak {code}")]])
        return t.institution.visitor_approved(name=name, code=code)
    tell_about(chat, item.child, visitor_id, t.institution.visitor_told_rejected(code=code, reason=reason))
    giver_told = t.institution.visitor_giver_told(name=name, code=code, reason=reason)
    tell_about(chat, item.child, item.pledge.foster_parent_id, giver_told)
    return t.institution.visitor_rejected(name=name, code=code)
