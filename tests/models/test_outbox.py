"""What a claim takes, in which order, and what it costs when a whole district's month is waiting."""

import json
import re
import sys
from datetime import datetime, timedelta
from statistics import median
from time import perf_counter

import pytest
from sqlalchemy import Connection, text

from models.database import Database, in_session
from models.held import release_held
from models.keys import KeyRing
from models.messages import Priority
from models.outbox import (
    LEASE,
    WINDOW,
    Held,
    Outgoing,
    Sent,
    _claim,
    backlog,
    claim,
    fail_contact,
    keep_leases,
    mark,
    queue,
)
from models.programme import Programme
from models.statements import milliseconds
from tests.builders import a_contact, id_of
from tests.clock import FixedClock

WAITING = 100_000
CHATS = 10_000


def chats(database: Database, number: int) -> list[int]:
    return database.submit(
        in_session(lambda s: [id_of(a_contact(s, database.keys, address=str(n))) for n in range(number)])
    ).result()


def put(
    database: Database, now: datetime, contact_id: int, words: str, priority: Priority, at: datetime
) -> None:
    body = database.keys.seal(json.dumps({"text": words}).encode())
    database.submit(lambda c: queue(c, now, [Outgoing("telegram", contact_id, priority, body, at)])).result()


def claimed(database: Database, now: datetime, most: int = 16, self_started: int | None = None) -> list[str]:
    def work(connection: Connection) -> list[str]:
        taken = claim(connection, database.keys, now, "telegram", most, self_started=self_started)
        return [json.loads(message.body)["text"] for message in taken]

    return database.submit(work).result()


def test_replies_go_before_news_and_news_before_reminders(database: Database, clock: FixedClock) -> None:
    now = clock.now()
    one, two, three = chats(database, 3)
    put(database, now, one, "pengingat", Priority.REMINDER, now)
    put(database, now, two, "kabar", Priority.NOTICE, now)
    put(database, now, three, "jawaban", Priority.REPLY, now)
    assert claimed(database, now, most=2) == ["jawaban", "kabar"]
    assert claimed(database, now) == ["pengingat"]


def test_what_is_self_started_takes_only_the_places_that_it_is_given(
    database: Database, clock: FixedClock
) -> None:
    now = clock.now()
    for number, chat in enumerate(chats(database, 12)):
        put(
            database,
            now,
            chat,
            f"{number}",
            (Priority.REPLY, Priority.NOTICE, Priority.REMINDER)[number % 3],
            now,
        )
    assert claimed(database, now, self_started=0) == ["0", "3", "6", "9"]
    assert claimed(database, now, self_started=5) == ["1", "4", "7", "10", "2"]
    assert claimed(database, now, most=2) == ["5", "8"]


def test_in_a_chat_nothing_overtakes_what_was_queued_before_it(database: Database, clock: FixedClock) -> None:
    now, (chat,) = clock.now(), chats(database, 1)
    later = now + timedelta(hours=1)
    put(database, now, chat, "satu", Priority.REMINDER, later)
    put(database, now, chat, "dua", Priority.REMINDER, now)
    assert claimed(database, now) == []
    assert claimed(database, later, most=1) == ["satu"]
    assert claimed(database, later) == []  # the first is being sent
    put(database, later, chat, "jawaban", Priority.REPLY, later)
    assert claimed(database, later) == ["jawaban"]


def test_of_a_chat_that_is_gone_what_waits_is_given_up_and_not_what_is_being_sent(
    database: Database, clock: FixedClock
) -> None:
    now, (chat,) = clock.now(), chats(database, 1)
    put(database, now, chat, "satu", Priority.NOTICE, now)
    put(database, now, chat, "dua", Priority.NOTICE, now)
    assert claimed(database, now, most=1) == ["satu"]
    given_up = database.submit(lambda c: fail_contact(c, now, chat, "gone")).result()
    assert given_up == [2]  # whoever sends the first writes how that ends


def test_what_is_in_flight_is_not_claimed_again_when_the_clock_is_moved(
    database: Database, clock: FixedClock
) -> None:
    now, (chat,) = clock.now(), chats(database, 1)
    put(database, now, chat, "satu", Priority.NOTICE, now)
    assert claimed(database, now) == ["satu"]
    in_flight, tomorrow = [1], now + timedelta(days=1)
    database.submit(lambda c: keep_leases(c, tomorrow, in_flight)).result()
    assert claimed(database, tomorrow) == []
    assert claimed(database, tomorrow + LEASE) == ["satu"]  # its sender is gone


def test_what_was_held_and_released_is_claimed_though_its_sender_still_counts_it_as_in_flight(
    database: Database, clock: FixedClock
) -> None:
    now, (chat,) = clock.now(), chats(database, 1)
    put(database, now, chat, "satu", Priority.NOTICE, now)
    assert claimed(database, now) == ["satu"]
    in_flight = [1]
    database.submit(lambda c: mark(c, now, [Held(1, WINDOW)])).result()
    database.submit(lambda c: release_held(c, now, chat)).result()
    database.submit(lambda c: keep_leases(c, now, in_flight)).result()
    assert claimed(database, now) == ["satu"]


def test_of_many_chats_the_one_whose_time_came_first_goes_first(
    database: Database, clock: FixedClock
) -> None:
    now = clock.now()
    for number, chat in enumerate(chats(database, 3)):
        put(database, now, chat, f"{number}", Priority.REMINDER, now - timedelta(minutes=number))
    assert [claimed(database, now, most=1) for _ in range(3)] == [["2"], ["1"], ["0"]]


def test_what_waits_for_the_morning_is_no_backlog_and_in_the_morning_it_has_just_become_due(
    database: Database, programme: Programme
) -> None:
    evening = datetime.fromisoformat("2025-10-13T19:50+07:00")
    night, morning = evening + timedelta(hours=3), evening + timedelta(hours=11, minutes=11)
    (chat,) = chats(database, 1)
    put(database, evening, chat, "pengingat", Priority.REMINDER, evening)
    put(database, night, chat, "jawaban", Priority.REPLY, night)

    def standing(now: datetime) -> tuple[int, int, int | None]:
        found = database.submit(lambda c: backlog(c, now, programme.awake_since(now))).result()
        return found.waiting, found.due, found.oldest_ms

    assert standing(night) == (2, 1, milliseconds(night))
    assert claimed(database, night, self_started=0) == ["jawaban"]
    database.submit(lambda c: mark(c, night, [Sent(2, "id")])).result()
    assert standing(night) == (1, 0, None)
    assert standing(morning) == (1, 1, milliseconds(morning.replace(hour=7, minute=0)))


A_CONTACT_EACH = text(
    "INSERT INTO contact (id, channel, address_index, address, language, created_at)"
    " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most)"
    " SELECT i, 'telegram', CAST(i AS VARCHAR(32)), :address, 'id', :at FROM n"
)
REMINDERS = text(
    "INSERT INTO outbox (channel, contact_id, priority, body, queued_ms, not_before_ms, leased_until_ms,"
    " attempts, outcome)"
    " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most)"
    " SELECT 'telegram', 1 + i % :chats, 9, :body, :now, :due, 0, 0, 0 FROM n"
)


def a_districts_month(connection: Connection, keys: KeyRing, now: datetime, due: datetime) -> None:
    """Queue `WAITING` reminders to `CHATS` chats."""
    address, body = keys.seal(b"7000000001"), keys.seal(b'{"text":"pengingat"}')
    connection.execute(A_CONTACT_EACH, {"most": CHATS, "address": address, "at": now})
    instants = {"now": milliseconds(now), "due": milliseconds(due)}
    connection.execute(REMINDERS, {"most": WAITING, "chats": CHATS, "body": body, **instants})
    connection.execute(text("ANALYZE"))


@pytest.mark.slow
@pytest.mark.parametrize("due", [True, False], ids=["due", "for tomorrow"])
def test_a_claim_reads_a_few_rows_of_a_hundred_thousand(
    database: Database, clock: FixedClock, due: bool
) -> None:
    now = clock.now()
    tomorrow = now + timedelta(days=1)
    database.submit(lambda c: a_districts_month(c, database.keys, now, now if due else tomorrow)).result()
    took = []
    for _ in range(21):
        begun = perf_counter()
        taken = claimed(database, now)
        took.append(perf_counter() - begun)
        assert len(taken) == (16 if due else 0)
    steps = "\n".join(database.submit(lambda c: plan(c, now)).result())
    sys.stdout.write(
        f"{database.engine.dialect.name}, {due}: {median(took) * 1000:.2f} ms a claim\n{steps}\n"
    )
    assert not re.search(r"SCAN [oe]\b|Seq Scan|TEMP B-TREE|Sort", steps), steps
    assert "outbox_waiting_of_contact" in steps
    assert re.search(r"outbox_waiting\b", steps)
    assert min(took) < 0.05  # a wrong way is slow each time, a busy machine only sometimes


def plan(connection: Connection, now: datetime) -> list[str]:
    """Return how the database goes about a claim."""
    how = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    ms = milliseconds(now)
    values = {"channel": "telegram", "priority": 9, "now": ms, "lease": ms, "most": 16}
    claiming = _claim._element
    return [str(row[-1]) for row in connection.execute(text(f"{how} {claiming}"), values)]
