"""What else is written when a send went wrong."""

from sqlalchemy import Connection, select
from sqlmodel import Session

from handlers.kit.messages import Outbound
from jobs.channel import ChannelError
from jobs.endings import Endings
from models.contacts import Contact
from models.database import Database, in_session
from models.keys import KeyRing
from models.messages import Outcome, Priority, outbox
from models.outbox import Outgoing, claim, mark, queue
from tests.builders import a_contact, id_of
from tests.clock import FixedClock


def test_what_a_group_is_told_goes_to_its_supergroup_though_that_has_written_already(
    database: Database, keys: KeyRing, clock: FixedClock
) -> None:
    halted: list[str] = []
    endings = Endings(clock, keys, "telegram", None, halted.append)

    def chats(session: Session) -> tuple[int, int]:
        group, supergroup = (a_contact(session, keys, address=name) for name in ("-42", "-10042"))
        return id_of(group), id_of(supergroup)

    group, supergroup = database.submit(in_session(chats)).result()

    def send(connection: Connection) -> None:
        now = clock.now()
        queue(connection, now, [Outgoing("telegram", group, Priority.REPLY, keys.seal(b"{}"), now)] * 2)
        first, *_ = claim(connection, keys, now, "telegram", 1)
        result, also = endings.of(first, Outbound(""), ChannelError("migrated", moved_to="-10042"))
        mark(connection, now, [result])
        assert also is not None
        also(connection)

    database.submit(send).result()
    rows = database.submit(
        lambda c: c.execute(select(outbox.c.contact_id, outbox.c.outcome).order_by(outbox.c.id)).all()
    ).result()
    assert rows == [(supergroup, Outcome.WAITING)] * 2
    assert [
        message.address
        for message in database.submit(lambda c: claim(c, keys, clock.now(), "telegram", 9)).result()
    ] == ["-10042", "-10042"]
    left = database.submit(in_session(lambda s: s.get_one(Contact, group).unreachable_at)).result()
    assert left == clock.now()
