"""Fifty people send their commitment for the same last share in the same moment."""

import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from handlers.inbox import Handled
from handlers.kit.chat import Context
from handlers.kit.messages import Inbound
from models.conversations import HELD_FOR
from models.database import Database, in_session, open_database
from models.inbox import count_parked
from models.keys import KeyRing
from models.pledges import Pledge
from models.programme import Programme
from tests.builders import a_child, a_contact, a_foster_parent, a_person, a_pledge
from tests.clock import FixedClock
from tests.faults.chatting import Chats

CHATS = 50
ADDRESSES = [str(7_300_000_000 + number) for number in range(CHATS)]
CONTESTED, OTHER = "BLT-001", "BLT-002"
LAST_SHARE = 150_000
TOO_LATE = (f"kebutuhan {CONTESTED} sudah terpenuhi", f"{CONTESTED} baru saja didukung orang lain")
"""What the others are told: before their promise is tried, or when it fails (PostgreSQL, side by side)."""


@pytest.fixture
def processes(database_url: str, keys: KeyRing) -> Iterator[list[Database]]:
    """What so many processes would hold: one on SQLite, two on PostgreSQL."""
    count = 2 if database_url.startswith("postgresql") else 1
    opened = [open_database(database_url, keys, durable=False) for _ in range(count)]
    yield opened
    for database in opened:
        database.close()


def test_one_of_fifty_gets_the_last_share_and_the_others_are_shown_another_child(
    processes: list[Database], programme: Programme, keys: KeyRing, clock: FixedClock
) -> None:
    context, numbers = Context(programme, keys, clock), itertools.count(1)
    bots = [Chats(database, context, numbers) for database in processes]
    processes[0].submit(in_session(lambda s: prepare(s, keys))).result()
    for address in ADDRESSES:
        known = go_to_the_commitment(bots[0], address)
        clock.advance(HELD_FOR + timedelta(minutes=1))
    open_every_connection(bots, known)
    sent = [bots[0].inbound(address, "[Ya, saya berkomitmen]") for address in ADDRESSES]
    together = threading.Barrier(CHATS)

    def send(number: int) -> Handled:
        together.wait(60)
        return bots[number % len(bots)].deliver(sent[number]).result(60)

    with ThreadPoolExecutor(CHATS) as threads:
        assert set(threads.map(send, range(CHATS))) == {Handled.DONE}

    last = [bots[0].told(address)[-1] for address in ADDRESSES]
    won = [message for message in last if f"*{CONTESTED}* sudah kami terima" in message.text]
    lost = [message for message in last if any(words in message.text for words in TOO_LATE)]
    assert (len(won), len(lost)) == (1, CHATS - 1)
    for message in lost:
        offered = [button.label for row in message.rows for button in row]
        assert [label.split()[0] for label in offered] == [OTHER], message.text
    assert processes[0].submit(in_session(newly_promised)).result() == [LAST_SHARE]
    assert processes[0].submit(count_parked).result() == 0


def prepare(session: Session, keys: KeyRing) -> None:
    """A child that lacks one share, another that nobody supports, and fifty who give."""
    contested, _ = a_child(session, code=CONTESTED), a_child(session, code=OTHER)
    full = 450_000 - LAST_SHARE
    a_pledge(session, child=contested, foster_parent=a_foster_parent(session, keys), monthly_idr=full)
    for address in ADDRESSES:
        person = a_person(session, keys)
        a_foster_parent(session, keys, person=person)
        a_contact(session, keys, person=person, address=address)


def open_every_connection(bots: list[Chats], known: Inbound) -> None:
    """Keep each process busy with a known update in many chats, so that none has to connect during the race."""
    again = [bot.deliver(replace(known, address=address)) for bot in bots for address in ADDRESSES]
    assert {future.result(60) for future in again} == {Handled.DUPLICATE}


def go_to_the_commitment(bot: Chats, address: str) -> Inbound:
    """Choose the contested child's last share, and stop before the last tap; return the last update."""
    for says in (
        "/adopsi",
        "[⭐ Paling membutuhkan]",
        CONTESTED,
        "[Oktober 2025]",
        "[Putaran ini, sampai Desember 2025]",
        "150 ribu",
        "[Ya, saya setuju]",
    ):
        last = bot.act(address, says)
    return last


def newly_promised(session: Session) -> list[int]:
    """Return the monthly amounts promised, without the first."""
    return list(session.exec(select(Pledge.monthly_idr).order_by(Pledge.id)))[1:]  # type: ignore[arg-type]
