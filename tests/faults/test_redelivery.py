"""Platforms deliver again whatever they are not sure of: the rows must be those of once in order."""

import random
from collections import Counter
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from handlers.inbox import Handled
from handlers.kit.chat import Context
from handlers.kit.messages import Inbound
from models.audit import AuditEntry
from models.children import Child
from models.consents import Consent
from models.database import Database, in_session, open_database
from models.keys import KeyRing
from models.migrations import upgrade
from models.people import FosterParent, Person
from models.pledges import Pledge
from models.programme import Programme
from tests.builders import a_child, a_nip, a_roster_entry, an_organisation
from tests.clock import FixedClock
from tests.faults.chatting import Chats
from tests.faults.signups import Newcomer

SEED = 20_261_124
CHATS, TIMES = 12, 3


def test_updates_that_come_three_times_and_shuffled_leave_the_rows_of_once_in_order(
    database: Database, tmp_path: Path, programme: Programme, keys: KeyRing, clock: FixedClock
) -> None:
    context = Context(programme, keys, clock)
    reference = open_database(f"sqlite:///{tmp_path / 'once.db'}", keys, durable=False)
    try:
        upgrade(reference.engine)
        reference.submit(in_session(lambda s: prepare(s, keys))).result()
        once = Chats(reference, context)
        play_in_order(once)
        wanted, said = left_by(once)
    finally:
        reference.close()

    database.submit(in_session(lambda s: prepare(s, keys))).result()
    often = Chats(database, context)
    repeated = play_shuffled(often, random.Random(SEED))

    assert repeated == {Handled.DUPLICATE: (TIMES - 1) * sum(map(len, SCRIPTS.values()))}
    assert left_by(often) == (wanted, said)
    assert len(wanted["pledges"]) == CHATS


def script(newcomer: Newcomer) -> list[str]:
    """Sign up and adopt a share of one's own child; `Kembali` and a mistake on the way."""
    signing_up = [says for says, _ in newcomer.script()]
    code = f"BLT-{newcomer.number + 1:03d}"
    return [
        *signing_up[:4],
        "1234",
        *signing_up[4:6],
        "kembali",
        *signing_up[5:],
        "/adopsi",
        "[⭐ Paling membutuhkan]",
        code,
        "[Oktober 2025]",
        "[Putaran ini, sampai Desember 2025]",
        f"{150 + newcomer.number} ribu",
        "[Ya, saya setuju]",
        "[Ya, saya berkomitmen]",
    ]


def prepare(session: Session, keys: KeyRing) -> None:
    office = an_organisation(session)
    for number in range(CHATS):
        a_child(session)
        newcomer = Newcomer(number)
        a_roster_entry(session, keys, nip=a_nip(number), name=newcomer.name, organisation=office)


SCRIPTS = {str(number): script(Newcomer(number)) for number in range(CHATS)}


def play_in_order(chats: Chats) -> None:
    """Play one dialog after the other."""
    for address, lines in SCRIPTS.items():
        for line in lines:
            chats.act(address, line)


def play_shuffled(chats: Chats, rng: random.Random) -> Counter[Handled]:
    """Play all dialogs side by side; each update comes `TIMES` times, again at any later moment."""
    left = {address: list(lines) for address, lines in SCRIPTS.items()}
    again: list[Inbound] = []
    repeated: list[Future[Handled]] = []
    while left or again:
        if again and (not left or rng.random() < 1 - 1 / TIMES):
            repeated.append(chats.deliver(again.pop(rng.randrange(len(again)))))
            continue
        address = rng.choice(sorted(left))
        again += [chats.act(address, left[address].pop(0))] * (TIMES - 1)
        if not left[address]:
            del left[address]
    return Counter(future.result(60) for future in repeated)


def left_by(chats: Chats) -> tuple[dict[str, Any], dict[str, int]]:
    """Return the programme's rows, and how many messages each chat got."""
    written = chats.database.submit(in_session(rows)).result()
    return written, {address: len(chats.told(address)) for address in SCRIPTS}


def rows(session: Session) -> dict[str, Any]:
    """Return everything of the programme that the dialogs wrote, without ids."""
    names = {person.id: person.name for person in session.exec(select(Person))}
    codes = {child.id: child.code for child in session.exec(select(Child))}
    givers = session.exec(select(FosterParent)).all()
    pledges = session.exec(select(Pledge)).all()
    return {
        "people": sorted(names.values()),
        "givers": sorted((names[f.person_id], f.kind, f.nip, f.standing) for f in givers),
        "pledges": sorted(
            (
                codes[p.child_id],
                names[p.foster_parent_id],
                p.monthly_idr,
                p.first_month,
                p.last_month,
                p.state,
            )
            for p in pledges
        ),
        "consents": Counter((names[c.person_id], c.kind) for c in session.exec(select(Consent))),
        "audit": Counter((names.get(a.actor_id), a.act, a.note) for a in session.exec(select(AuditEntry))),
    }
