"""Telegram payloads as they come, and as nobody should ever send them."""

import copy
import random
from typing import Any

Json = dict[str, Any]

SENT_ON = 1_760_324_400
ODD_TEXTS = (
    "",
    " ",
    "\x00",
    "\ud83d",
    "\u202e\u0000\uffff",
    "e\u0301" * 500,
    "👨‍👩‍👧‍👦" * 900,
    "*_`[<b>&amp;{0}%s",
    "/",
    "/ /",
    "/daftar@@@ \n\t",
    "/start " + "x" * 5000,
    "/start kode-" + "9" * 300,
    "/kode ' OR 1=1 --",
    "/adopsi {child!r}",
    "/anak BLT-" + "0" * 90,
    "/statistik \u0000",
    "/BATAL now",
    "٣٤٥",
    "²",
    "1e999",
    "-1",
    "Rp" + "9" * 400,
    "kemarin" * 700,
)
ODD_NUMBERS = (0, -1, 2**31, -(2**31) - 1, 2**63, -(2**63) - 1, 2**200, 1.5, 1e308, True)
FORGED = (
    "!page:99999",
    "!page:-1",
    "!page:²",
    "!tick:x",
    "!done",
    "!back",
    "!cancel",
    "",
    ":",
    "yes",
    "#999999",
)


def message(chat_id: int, number: int, **content: Any) -> Json:
    """Return a private message."""
    person = {"id": chat_id, "is_bot": False, "first_name": "Rekaan", "language_code": "id"}
    chat = {"id": chat_id, "type": "private", "first_name": "Rekaan"}
    return {"message_id": number, "from": person, "chat": chat, "date": SENT_ON, **content}


def text(update_id: int, chat_id: int, words: str) -> Json:
    """Return a text as an update."""
    return {"update_id": update_id, "message": message(chat_id, update_id, text=words)}


def tap(update_id: int, chat_id: int, data: str) -> Json:
    """Return a tapped button as an update."""
    shown = message(chat_id, update_id, text="?")
    query = {"id": str(update_id), "from": shown["from"], "chat_instance": "1", "data": data}
    return {"update_id": update_id, "callback_query": {**query, "message": shown}}


def any_update(rng: random.Random, update_id: int, chat_id: int, buttons: list[str]) -> Json:
    """Return something people do: `buttons` is the data of those they see."""
    kind = rng.randrange(7)
    if kind == 0:
        words = rng.choice([*ODD_TEXTS, "/daftar", "/menu", "/bahasa", "/privasi", "ya", "Rekaan", "3"])
        return text(update_id, chat_id, words)
    if kind == 1:
        return tap(update_id, chat_id, _data(rng, buttons))
    if kind == 2:
        contact = {"phone_number": "62812000111", "first_name": "Rekaan", "user_id": chat_id}
        return {"update_id": update_id, "message": message(chat_id, update_id, contact=contact)}
    if kind == 3:
        edited = message(chat_id, update_id - 1, text="Rekaan", edit_date=SENT_ON + 9)
        return {"update_id": update_id, "edited_message": edited}
    if kind == 4:
        shown = message(chat_id, update_id)
        bot = {"id": 1, "is_bot": True, "first_name": "Genting"}
        members = [{"status": status, "user": bot, "until_date": 0} for status in ("member", "kicked")]
        change = {"old_chat_member": members[0], "new_chat_member": members[1]}
        return {"update_id": update_id, "my_chat_member": {**shown, **change}}
    if kind == 5:
        size = {"file_id": "x", "file_unique_id": "y", "width": 90, "height": 90}
        return {"update_id": update_id, "message": message(chat_id, update_id, photo=[size], caption="?")}
    group = {"id": -1000 - chat_id, "type": "supergroup", "title": "Rekaan"}
    return {"update_id": update_id, "message": {**message(chat_id, update_id, text="/daftar"), "chat": group}}


def mutated(rng: random.Random, update: Json) -> Json:
    """Return an update with up to three things in it lost, of another type, or too much; its id stays."""
    update = copy.deepcopy(update)
    for _ in range(rng.randint(0, 3)):
        places = [place for place in _places(update) if place[0] is not update or place[1] != "update_id"]
        if not places:
            break
        holder, key = rng.choice(places)
        if rng.random() < 0.3:
            del holder[key]
        else:
            holder[key] = _odd(rng)
    return update


def _data(rng: random.Random, buttons: list[str]) -> str:
    if not buttons or rng.random() < 0.3:
        return rng.choice(["consent:xxxx:!page:99999", "x", "::", "/kode x", "/", "a:b", "\u0000:\ud83d:1"])
    data = rng.choice(buttons)
    key_and_nonce, _, _ = data.rpartition(":")
    return data if rng.random() < 0.5 else f"{key_and_nonce}:{rng.choice(FORGED)}"


def _odd(rng: random.Random) -> Any:
    nested: Any = "deep"
    for _ in range(rng.randint(1, 200)):
        nested = rng.choice([[nested], {"chat": nested}])
    return rng.choice([None, [], {}, "12", nested, rng.choice(ODD_TEXTS), rng.choice(ODD_NUMBERS)])


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Return every (holder, key) in a JSON value, however deep, without recursion."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        keys = holder.keys() if isinstance(holder, dict) else range(len(holder))
        for key in keys:
            found.append((holder, key))
            if isinstance(holder[key], (dict, list)):
                waiting.append(holder[key])
    return found
