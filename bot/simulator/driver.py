"""Phones for synchronous tests, over HTTP only: the simulator may run in a thread or in another process.

rina = driver.phone(driver.add_person(first_name="Rina", phone="628111"))
rina.start()
rina.wait_for("Selamat datang")
rina.tap("Daftar")
"""

import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Self

import httpx

from bot.simulator.seen import Button, SeenMessage

Json = dict[str, Any]
WAIT = 10.0
"""Seconds that `wait_for` gives the bot unless told otherwise."""


class PhoneError(AssertionError):
    """What was to be done or seen could not be: the message says why, and shows the chat."""


Wanted = str | Callable[[SeenMessage], bool]


class Driver:
    """Everything a test may do to a running simulator. Use as a context manager, or `close` it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(base_url=url, timeout=90, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def call(self, method: str, path: str, **options: Any) -> Any:
        """Call the control API; return its JSON. Raise PhoneError with its reason."""
        response = self._client.request(method, f"/control/{path}", **options)
        if response.is_error:
            raise PhoneError(f"{path}: {response.text}")
        return response.json()

    def add_person(self, **fields: Any) -> int:
        """Add a Person by its fields, or invent an ASN when none is given; return the id."""
        return int(self.call("POST", "people", json=fields)["id"])

    def change_person(self, person_id: int, **fields: Any) -> None:
        """Change language_code, deactivated, phone, … of someone."""
        self.call("PATCH", f"people/{person_id}", json=fields)

    def add_group(self, title: str, members: Iterable[int], *, supergroup: bool = False) -> int:
        """Create a group to which its first member adds the bot; return the chat id."""
        fields = {"title": title, "members": list(members), "supergroup": supergroup}
        return int(self.call("POST", "groups", json=fields)["id"])

    def migrate_group(self, group_id: int) -> int:
        """Turn a basic group into a supergroup; return its new chat id."""
        return int(self.call("POST", f"groups/{group_id}/migrate")["id"])

    def phone(self, person_id: int, *, group_id: int | None = None) -> "Phone":
        """Return someone's phone, showing the chat with the bot or a group."""
        return Phone(self, person_id, group_id)

    def inject(self, *updates: Json) -> list[int]:
        """Queue raw updates in this order; those without an update_id get one. Return the ids."""
        return list(self.call("POST", "updates", json={"updates": updates})["update_ids"])

    def redeliver(self, *update_ids: int) -> None:
        """Deliver past updates once more, whatever offset the bot polls with."""
        self.call("POST", "updates/redeliver", json={"update_ids": update_ids})

    def restart_update_ids(self, next_id: int) -> None:
        """Let the next update have this id, as after a quiet week."""
        self.call("POST", "updates/restart", json={"next_id": next_id})

    def updates(self, since: int = 0) -> list[Json]:
        """Return the updates made so far with an id above `since`."""
        return list(self.call("GET", "updates", params={"since": since}))

    def pending(self) -> int:
        """Return how many updates the bot has not confirmed."""
        return int(self.call("GET", "queue")["pending"])

    def wait_until_confirmed(self, timeout: float = WAIT) -> None:
        """Wait until the bot has confirmed (or, by webhook, accepted) every update. Raise PhoneError."""
        pending = self.call("GET", "queue", params={"empty": 1, "timeout": timeout})["pending"]
        if pending:
            raise PhoneError(f"{pending} updates still pending after {timeout} s")

    def move_clock(self, **wish: Any) -> str:
        """Move the clock for everybody: hours=1, days=1, to="due" or an instant. Return what it shows."""
        return str(self.call("POST", "clock", json=wish)["now"])

    def fault(self, kind: str, **fields: Any) -> None:
        """Put a fault in force: `faults.Fault`'s fields (method, chat_id, times, percent, retry_after, …)."""
        self.call("POST", "faults", json={"kind": kind, **fields})

    def clear_faults(self) -> None:
        """Lift every fault."""
        self.call("DELETE", "faults")

    def ledger(self, **query: Any) -> list[Json]:
        """Return requests, oldest first; filter by method, chat_id, outcome, since (a request's number)."""
        return list(self.call("GET", "ledger", params=query))

    def sends(self, chat_id: int | None = None) -> list[Json]:
        """Return the messages that reached a chat (or any)."""
        entries = self.ledger() if chat_id is None else self.ledger(chat_id=chat_id)
        return [entry for entry in entries if entry["delivered"]]

    def summary(self, *, delivered: int = 0, timeout: float = 0) -> Json:
        """Return the ledger's counts, after waiting up to `timeout` s for `delivered` messages in all."""
        return dict(self.call("GET", "ledger/summary", params={"delivered": delivered, "timeout": timeout}))

    def clear_ledger(self) -> None:
        """Forget the finished requests."""
        self.call("DELETE", "ledger")

    def subscribe_whatsapp(self, url: str) -> None:
        """Have WhatsApp call this address, which must answer the challenge. Raise PhoneError."""
        self.call("POST", "whatsapp/webhook", json={"url": url})

    def whatsapp(self) -> Json:
        """Return what WhatsApp's side knows: requests refused as invalid, events, templates."""
        return dict(self.call("GET", "whatsapp"))

    def change_template(self, name: str, **fields: str) -> None:
        """Give a template another `status` or `category`, and tell the bot."""
        self.call("POST", "whatsapp/templates", json={"name": name, **fields})

    def download(self, file_id: str) -> bytes:
        """Return the bytes of a picture or document seen in a chat."""
        response = self._client.get(f"/control/files/{file_id}")
        if response.is_error:
            raise PhoneError(response.text)
        return response.content


class Phone:
    """One person's view of one chat. Deeds and waits raise PhoneError when they cannot be done."""

    def __init__(self, driver: Driver, person_id: int, group_id: int | None = None) -> None:
        self.driver = driver
        self.person_id = person_id
        self.chat_id = group_id or person_id
        self._mark = 0
        """The chat's revision before the last deed: `wait_for` looks at what came after it."""

    def start(self, payload: str = "") -> None:
        """Press START, or open t.me/<bot>?start=<payload>."""
        self._do("start", json={"payload": payload})

    def send(self, text: str) -> int:
        """Send a text; return its message id."""
        return int(self._do("text", json={"text": text, "chat_id": self.chat_id})["message_id"])

    def reply(self, substring: str, text: str) -> int:
        """Answer the bot's newest message that contains `substring`; return the answer's message id."""
        for message in reversed(self.messages):
            if message.from_bot and substring in message.text:
                fields = {"text": text, "chat_id": self.chat_id, "reply_to": message.id}
                return int(self._do("text", json=fields)["message_id"])
        raise PhoneError(f"no message with {substring!r} to answer; the chat ends:\n{self._ending()}")

    def tap(self, label: str) -> None:
        """Tap the inline button with this label on the newest message that has it."""
        message, button = self._find(label, skip=0)
        self._tap(message, button)

    def tap_old(self, label: str, *, skip: int = 1) -> None:
        """Tap it on an older message: `skip` messages that have the label are passed over, newest first."""
        message, button = self._find(label, skip=skip)
        self._tap(message, button)

    def tap_message(self, message: SeenMessage, label: str) -> None:
        """Tap a button as it was on a message seen earlier, even if it is gone by now."""
        for button in message.buttons:
            if button.label == label and button.data:
                self._tap(message, button, anyway=True)
                return
        raise PhoneError(f"message {message.id} had no button {label!r}: {message.labels}")

    def press(self, label: str) -> None:
        """Press a key of the reply keyboard: sends its label, or the own contact when the key asks for it."""
        for button in self.keyboard:
            if button.label == label:
                if button.request_contact:
                    self.share_contact()
                else:
                    self.send(label)
                return
        raise PhoneError(f"no key {label!r} on the keyboard: {[button.label for button in self.keyboard]}")

    def share_contact(self, of: "Phone | int | None" = None, *, forwarded: bool = False) -> None:
        """Send the own contact, or somebody else's, or pass on the message in which they sent theirs."""
        other = of.person_id if isinstance(of, Phone) else of
        self._do("contact", json={"of": other, "forwarded": forwarded})

    def send_photo(self, data: bytes, caption: str = "") -> int:
        """Send a picture as phones do (shrunk, without metadata); return its message id."""
        params = {"caption": caption, "chat_id": self.chat_id}
        return int(self._do("photo", content=data, params=params)["message_id"])

    def send_document(
        self, data: bytes, name: str, mime_type: str = "application/octet-stream", caption: str = ""
    ) -> int:
        """Send a file as it is; return its message id."""
        params = {"name": name, "type": mime_type, "caption": caption, "chat_id": self.chat_id}
        return int(self._do("document", content=data, params=params)["message_id"])

    def edit(self, message_id: int, text: str) -> None:
        """Edit an own message."""
        self._do("edit", json={"message_id": message_id, "text": text, "chat_id": self.chat_id})

    def block(self) -> None:
        """Block the bot."""
        self._do("block", json={"blocked": True})

    def unblock(self) -> None:
        """Unblock the bot."""
        self._do("block", json={"blocked": False})

    def react(self, message: SeenMessage, emoji: str = "👍") -> None:
        """React to a message (on WhatsApp)."""
        self._do("react", json={"message_id": message.id, "emoji": emoji})

    def change_number(self, phone: str) -> None:
        """Move to another number (on WhatsApp)."""
        self._do("number", json={"phone": phone})

    def let_a_day_pass(self) -> None:
        """Close the window in which free text may be sent here (on WhatsApp)."""
        self._do("window")

    @property
    def view(self) -> Json:
        """Return the whole chat as the control API shows it."""
        return self._look(0, 0)

    @property
    def messages(self) -> list[SeenMessage]:
        """Return every message in the chat, oldest first, without the deleted ones."""
        return _seen(self.view)

    @property
    def last(self) -> SeenMessage:
        """Return the bot's newest message."""
        for message in reversed(self.messages):
            if message.from_bot:
                return message
        raise PhoneError("the bot has not said anything yet")

    @property
    def keyboard(self) -> list[Button]:
        """Return the reply keyboard's keys."""
        rows = (self.view["keyboard"] or {}).get("keyboard", [])
        keys = [{"text": key} if isinstance(key, str) else key for row in rows for key in row]
        return [Button(key["text"], request_contact=bool(key.get("request_contact"))) for key in keys]

    @property
    def commands(self) -> list[Json]:
        """Return the ☰ menu of this chat in the person's language."""
        params = {"chat_id": self.chat_id}
        return list(self.driver.call("GET", f"people/{self.person_id}/commands", params=params))

    def wait_for(self, wanted: Wanted, timeout: float = WAIT, *, anywhere: bool = False) -> SeenMessage:
        """Wait for a bot's message, new or edited since the last deed, that contains or fulfils this.

        With `anywhere`, earlier messages count too. Return the newest that fits. Raise PhoneError.
        """
        after = 0 if anywhere else self._mark
        deadline = time.monotonic() + timeout
        since = after
        while True:
            view = self._look(since, max(0.0, deadline - time.monotonic()))
            for message in reversed(_seen(view)):
                if message.from_bot and message.revision > after and _fits(wanted, message):
                    return message
            since = view["revision"]
            if time.monotonic() >= deadline:
                raise PhoneError(
                    f"no message with {wanted!r} within {timeout} s; the chat ends:\n{self._ending()}"
                )

    def wait_for_toast(self, substring: str = "", timeout: float = WAIT) -> str:
        """Wait for the answer to a tap made since the last deed; return its text, "" for a silent one."""
        deadline = time.monotonic() + timeout
        since = self._mark
        while True:
            view = self._look(since, max(0.0, deadline - time.monotonic()))
            for answer in view["answers"]:
                if answer["person_id"] == self.person_id and substring in answer["text"]:
                    return str(answer["text"])
            since = view["revision"]
            if time.monotonic() >= deadline:
                raise PhoneError(f"no toast with {substring!r} within {timeout} s")

    def picture(self, message: SeenMessage) -> bytes:
        """Return the bytes of a message's picture in full size."""
        return self.driver.download(message.photo)

    def _look(self, since: int, timeout: float) -> Json:
        params = {"since": since, "timeout": timeout}
        return dict(self.driver.call("GET", f"chats/{self.chat_id}", params=params))

    def _do(self, deed: str, **options: Any) -> Any:
        self._mark = int(self._look(2**53, 0)["revision"])
        return self.driver.call("POST", f"people/{self.person_id}/{deed}", **options)

    def _find(self, label: str, *, skip: int) -> tuple[SeenMessage, Button]:
        having = [
            (message, button)
            for message in reversed(self.messages)
            for button in message.buttons
            if button.label == label and button.data
        ]
        if len(having) <= skip:
            raise PhoneError(f"no button {label!r} (passing over {skip}); the chat ends:\n{self._ending()}")
        return having[skip]

    def _tap(self, message: SeenMessage, button: Button, *, anyway: bool = False) -> None:
        fields = {"message_id": message.id, "data": button.data, "chat_id": self.chat_id, "anyway": anyway}
        self._do("tap", json=fields)

    def _ending(self) -> str:
        lines = [
            f"  {'bot' if message.from_bot else 'person'}: {message.text[:200]!r} {message.labels or ''}"
            for message in self.messages[-5:]
        ]
        return "\n".join(lines) or "  (empty)"


def _seen(view: Json) -> list[SeenMessage]:
    return [
        SeenMessage(message["id"], message["revision"], message["from_bot"], message["payload"])
        for message in view["messages"]
        if not message["deleted"]
    ]


def _fits(wanted: Wanted, message: SeenMessage) -> bool:
    return wanted in message.text if isinstance(wanted, str) else wanted(message)
