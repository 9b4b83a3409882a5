"""The dialog that everybody plays: seven updates, and one row at the end.

/daftar → consent → kind → name (text) → NIP (text) → organisation → confirm; what is not a text is a button.
"""

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

BOT_ID = 4_200
TOKEN = f"{BOT_ID}:not-a-real-token-only-for-benchmarks"
SENT_ON = 1_790_000_000
"""Telegram's `date` of every message: the dialog knows no clock."""


class Registration(NamedTuple):
    """What a finished dialog leaves: one row of the programme."""

    chat_id: int
    kind: str
    name: str
    nip: str
    organisation: str


class Button(NamedTuple):
    """A button: what the person reads, and what competitors put behind it."""

    label: str
    data: str


CONSENT = (Button("I agree", "consent:yes"), Button("No", "consent:no"))
KINDS = (Button("Civil servant", "kind:asn"), Button("Company", "kind:company"))
ORGANISATIONS = (
    Button("Health office", "organisation:health"),
    Button("Education office", "organisation:education"),
    Button("Planning agency", "organisation:planning"),
)
CONFIRM = (Button("Correct", "confirm:yes"), Button("Cancel", "confirm:no"))


@dataclass(frozen=True)
class Prompt:
    """What the bot says after a step."""

    text: str
    buttons: tuple[Button, ...] = ()


ASK_CONSENT = Prompt("You are about to register as a foster parent. May we keep your data?", CONSENT)
ASK_KIND = Prompt("Who registers?", KINDS)
ASK_NAME = Prompt("What is your full name?")
ASK_NIP = Prompt("What is your NIP? It has 18 digits.")
ASK_ORGANISATION = Prompt("Where do you work?", ORGANISATIONS)
ASK_CONFIRM = Prompt("Is everything correct?", CONFIRM)
DONE = Prompt("Thank you. The coordinator will look at your registration.")

PROMPTS = (ASK_CONSENT, ASK_KIND, ASK_NAME, ASK_NIP, ASK_ORGANISATION, ASK_CONFIRM, DONE)
"""`PROMPTS[step]` answers the update of that step."""

STEPS = len(PROMPTS)


def expected(chat_id: int) -> Registration:
    """Return the row that the person in this chat means to leave."""
    return Registration(
        chat_id=chat_id,
        kind=KINDS[chat_id % 2].data.partition(":")[2],
        name=f"Siti Rahmawati {chat_id}",
        nip=f"{chat_id:018d}",
        organisation=ORGANISATIONS[chat_id % 3].data.partition(":")[2],
    )


def said(chat_id: int, step: int) -> str | Button:
    """Return what the person does at a step: types a text or taps a button."""
    person = expected(chat_id)
    script: tuple[str | Button, ...] = (
        "/daftar",
        CONSENT[0],
        KINDS[chat_id % 2],
        person.name,
        person.nip,
        ORGANISATIONS[chat_id % 3],
        CONFIRM[0],
    )
    return script[step]


def update(chat_id: int, step: int, tapped: str | None = None) -> bytes:
    """Build Telegram's JSON of a step. `tapped` is the data behind the button that the bot really sent."""
    act = said(chat_id, step)
    update_id = chat_id * 10 + step
    content = (
        {"message": _message(chat_id, step, act)}
        if isinstance(act, str)
        else {"callback_query": _tap(chat_id, step, tapped or act.data)}
    )
    return json.dumps({"update_id": update_id, **content}).encode()


def text_update(chat_id: int, number: int, text: str) -> bytes:
    """Build Telegram's JSON of any text; `number` counts the messages of the chat."""
    return json.dumps(
        {"update_id": chat_id * 100 + number, "message": _message(chat_id, number, text)}
    ).encode()


def _person(chat_id: int) -> dict[str, Any]:
    return {"id": chat_id, "is_bot": False, "first_name": "Siti", "language_code": "id"}


def _chat(chat_id: int) -> dict[str, Any]:
    return {"id": chat_id, "type": "private", "first_name": "Siti"}


def _message(chat_id: int, step: int, text: str) -> dict[str, Any]:
    message: dict[str, Any] = {
        "message_id": step * 2 + 1,
        "from": _person(chat_id),
        "chat": _chat(chat_id),
        "date": SENT_ON + step,
        "text": text,
    }
    if text.startswith("/"):
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text)}]
    return message


def _tap(chat_id: int, step: int, data: str) -> dict[str, Any]:
    asked = PROMPTS[step - 1]
    return {
        "id": str(chat_id * 10 + step),
        "from": _person(chat_id),
        "chat_instance": str(chat_id),
        "data": data,
        "message": {
            "message_id": step * 2,
            "from": {"id": BOT_ID, "is_bot": True, "first_name": "Bench"},
            "chat": _chat(chat_id),
            "date": SENT_ON + step,
            "text": asked.text,
        },
    }
