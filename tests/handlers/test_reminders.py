"""What a reminder's buttons lead to: every one opens its conversation for the person who was reminded."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from handlers.kit.messages import Outbound
from handlers.texts import plain, render, t
from jobs.claiming import claim_written
from jobs.schedule import run_through
from tests.handlers.village import Village


def reminded(village: Village, now: datetime) -> Iterator[tuple[str, Outbound]]:
    """Let a moment come; yield what leaves then, and to whom."""
    village.clock.set(now)
    village.database.submit(lambda c: run_through(c, village.context)).result()
    _, leaving = village.database.submit(
        lambda c: claim_written(c, village.context, "telegram", 100)
    ).result()
    for message in leaving:
        yield message.address, Outbound.load(json.loads(message.body))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2025, 10, 20, 3, tzinfo=UTC), {"/setor", "/jeda", "/berhenti", "/pantau"}),
        (datetime(2025, 11, 10, 3, tzinfo=UTC), {"/setor", "/tanya"}),
        (datetime(2025, 12, 15, 3, tzinfo=UTC), {"/lanjutkan", "/berhenti"}),
    ],
    ids=["check-in", "due day", "renewal"],
)
def test_every_button_of_a_reminder_opens_its_conversation(
    village: Village, now: datetime, expected: set[str]
) -> None:
    refusals = [
        plain(render(words, "id"))
        for words in (t.checkin.not_yours(), t.transfer.nothing_owed(), t.receipt.settled(), t.pledge.none())
    ]
    opened = set()
    for address, message in reminded(village, now):
        for button in (button for row in message.rows for button in row):
            if address not in {"mother", "giver"}:
                continue
            answer = plain(getattr(village, address).say(button.data))
            assert not any(refusal in answer for refusal in refusals), (button.data, answer)
            opened.add(button.data.partition(" ")[0])
    assert expected <= opened


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (datetime(2025, 11, 10, 3, tzinfo=UTC), "diperkirakan datang sekitar 10 November 2025"),
        (
            datetime(2025, 11, 12, 3, tzinfo=UTC),
            "belum dilaporkan terkirim (semestinya sekitar 10 November 2025)",
        ),
    ],
    ids=["on the day", "caught up after it"],
)
def test_a_family_is_never_told_that_something_is_coming_on_a_day_that_is_over(
    village: Village, now: datetime, says: str
) -> None:
    told = [plain(message.text) for address, message in reminded(village, now) if address == "mother"]
    assert [text for text in told if says in text]
    assert len([text for text in told if "November 2025" in text and "Bantuan" in text]) == 1
