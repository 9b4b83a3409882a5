"""What is tidied without anyone asking. Each task may run twice, late, or on two servers: nothing changes."""

from collections import defaultdict

from sqlalchemy import Connection

from handlers.kit.chat import Context
from handlers.second_opinion import place_of
from handlers.texts import t
from jobs.telling import tell
from models.children import Child
from models.conversations import drop_idle
from models.database import session_on
from models.files import sweep_abandoned
from models.growth_watch import watch_growth, watch_silence
from models.held import give_up_held
from models.inbox import forget_handled
from models.months import Month, local_day
from models.outbox import drop_old_bodies
from models.pledges import end_terms, lapse_pledges
from models.quiet import is_hushed
from models.roles import expire_roles


def free_shares(connection: Connection, context: Context) -> int:
    """Free the shares of pledges that nobody approved in a week, and tell their givers; return how many."""
    now = context.clock.now()
    with session_on(connection) as session:
        lapsed = lapse_pledges(session, now)
        together: defaultdict[tuple[int, int], list[Child]] = defaultdict(list)
        for old in lapsed:
            child = session.get_one(Child, old.child_id)
            about = f"child:{child.id}"
            if is_hushed(session, about, old.foster_parent_id, now):
                continue
            if old.joint_id is not None:
                together[old.foster_parent_id, old.joint_id].append(child)
                continue
            tell(session, context, old.foster_parent_id, t.adopt.lapsed(code=child.code), about)
        for (contact_id, _), children in together.items():
            codes = ", ".join(sorted(child.code for child in children))
            tell(session, context, contact_id, t.institution.lapsed(count=len(children), codes=codes))
    return len(lapsed)


def close_roles(connection: Connection, context: Context) -> int:
    """Close the roles whose date has come or that nobody approved, and tell whose they were; return how many."""
    with session_on(connection) as session:
        over = expire_roles(session, context.clock.now())
        for grant in over:
            tell(session, context, grant.person_id, t.role.told_expired(area=place_of(context, grant)))
    return len(over)


def close_terms(connection: Connection, context: Context) -> int:
    """End the pledges whose last month has passed; return how many."""
    now = context.clock.now()
    with session_on(connection) as session:
        return end_terms(session, now, Month.of(local_day(now, context.programme.zone)))


def watch(connection: Connection, context: Context) -> int:
    """Raise what new measurements show, and the children whom nobody visits or measures; return how many alerts."""
    now, programme = context.clock.now(), context.programme
    with session_on(connection) as session:
        return watch_growth(session, now) + watch_silence(session, programme, now)


def forget(connection: Connection, context: Context) -> int:
    """Close idle dialogs, sweep their photos, drop old bodies and keys, give up what is held; return how many."""
    now = context.clock.now()
    closed = drop_idle(connection, now) + sweep_abandoned(connection, now) + give_up_held(connection, now)
    return closed + drop_old_bodies(connection, now) + forget_handled(connection, now)
