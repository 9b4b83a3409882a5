"""What Telegram sends (Bot API: Update), and what we make of it."""

from typing import Any

import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TimedOut,
)

from bot.channels.telegram import failure, parse
from bot.logs import redact
from handlers.kit.messages import Inbound, SharedContact, SharedPhoto

RINA = {"id": 7_000_000_001, "is_bot": False, "first_name": "Rina", "language_code": "id"}
PRIVATE = {"id": 7_000_000_001, "type": "private", "first_name": "Rina"}
GROUP = {"id": -1001, "type": "supergroup", "title": "Grup"}


def message(**more: Any) -> dict[str, Any]:
    return {"message_id": 5, "date": 1_760_320_800, "chat": PRIVATE, "from": RINA, **more}


def inbound(**more: Any) -> Inbound:
    return Inbound("telegram", "7000000001", "9", **{"message_id": "5", **more})


def size(file_id: str, side: int, file_size: int | None = None) -> dict[str, Any]:
    known = {} if file_size is None else {"file_size": file_size}
    return {"file_id": file_id, "file_unique_id": file_id, "width": side, "height": side // 2, **known}


CARD = {"phone_number": "6281200000001", "first_name": "Rina"}
FORWARDED = {"type": "hidden_user", "date": 1, "sender_user_name": "x"}
FILE = {"file_id": "d", "file_unique_id": "u", "file_name": "struk", "file_size": 5_000}
TAP = {"id": "1", "from": RINA, "chat_instance": "1", "data": "kind:ab12cd:asn"}
BLOCK = {"chat": PRIVATE, "from": RINA, "date": 1, "old_chat_member": {"status": "member", "user": RINA}}

TABLE: list[tuple[str, dict[str, Any], Inbound | None]] = [
    ("text", {"message": message(text="halo")}, inbound(text="halo")),
    ("start", {"message": message(text="/start")}, inbound(text="/start")),
    ("deep link with a code", {"message": message(text="/start kode-7KQM-X2RA")}, inbound(text="/kode 7KQM-X2RA")),
    ("deep link with anything else", {"message": message(text="/start xyz")}, inbound(text="/start")),
    ("edited", {"edited_message": message(text="Budi", edit_date=1)}, inbound(text="Budi", edited=True)),
    (
        "own contact",
        {"message": message(contact={**CARD, "user_id": RINA["id"]})},
        inbound(contact=SharedContact("+6281200000001", own=True)),
    ),
    (
        "somebody else's contact",
        {"message": message(contact={**CARD, "user_id": 4})},
        inbound(contact=SharedContact("+6281200000001", own=False)),
    ),
    (
        "a contact without an account",
        {"message": message(contact=CARD)},
        inbound(contact=SharedContact("+6281200000001", own=False)),
    ),
    (
        "own contact, forwarded",
        {"message": message(contact={**CARD, "user_id": RINA["id"]}, forward_origin=FORWARDED)},
        inbound(contact=SharedContact("+6281200000001", own=False)),
    ),
    ("tap", {"callback_query": {**TAP, "message": message(text="?")}}, inbound(choice="kind:ab12cd:asn")),
    ("tap on an inline message", {"callback_query": {**TAP, "inline_message_id": "1"}}, None),
    ("sticker", {"message": message()}, inbound()),
    ("group", {"message": message(chat=GROUP, text="/statistik")},
     Inbound("telegram", "-1001", "9", message_id="5", private=False, text="/statistik")),
    ("a bot", {"message": message(**{"from": {**RINA, "is_bot": True}}, text="x")}, None),
    (
        "blocked",
        {"my_chat_member": {**BLOCK, "new_chat_member": {"status": "kicked", "user": RINA, "until_date": 0}}},
        inbound(message_id="", gone=True),
    ),
    (
        "unblocked",
        {"my_chat_member": {**BLOCK, "new_chat_member": {"status": "member", "user": RINA}}},
        inbound(message_id="", gone=False),
    ),
    (
        "photo: the largest of its sizes",
        {"message": message(photo=[size("m", 320), size("x", 800, 70_000), size("s", 90)], caption="struk")},
        inbound(photo=SharedPhoto("x", 70_000)),
    ),
    (
        "photo: the largest that bots may download",
        {"message": message(photo=[size("x", 800), size("w", 9000, 20 * 1024 * 1024 + 1)])},
        inbound(photo=SharedPhoto("x")),
    ),
    (
        "photo of an album",
        {"message": message(photo=[size("x", 800)], media_group_id="77")},
        inbound(photo=SharedPhoto("x", album="77")),
    ),
    (
        "a picture sent as a file",
        {"message": message(document={**FILE, "mime_type": "image/png"})},
        inbound(photo=SharedPhoto("d", 5_000, document=True)),
    ),
    (
        "another file",
        {"message": message(document={**FILE, "mime_type": "application/pdf"})},
        inbound(photo=SharedPhoto("d", 5_000, document=True, refused="not_a_picture")),
    ),
    (
        "a file of no kind",
        {"message": message(document=FILE)},
        inbound(photo=SharedPhoto("d", 5_000, document=True, refused="not_a_picture")),
    ),
    ("something new", {"unheard_of": {}}, None),
]  # fmt: skip


@pytest.mark.parametrize(("label", "payload", "comes_out"), TABLE, ids=[row[0] for row in TABLE])
def test_an_update_is_read(label: str, payload: dict[str, Any], comes_out: Inbound | None) -> None:
    assert parse({"update_id": 9, **payload}) == comes_out


@pytest.mark.parametrize(
    "broken",
    [
        {"message": 5},
        {"message": {"chat": 1}},
        {"callback_query": {"id": []}},
        {"message": message(photo=[{**size("x", 1), "width": "1"}, size("y", 2)])},
        {"message": message(document={**FILE, "mime_type": 7})},
    ],
)
def test_a_broken_update_is_refused_not_crashed_on(broken: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not an update"):
        parse({"update_id": 9, **broken})


def test_errors_say_what_to_do() -> None:
    assert failure(RetryAfter(7)).retry_after == 7
    assert failure(ChatMigrated(-1002)).moved_to == "-1002"
    assert failure(InvalidToken()).halt
    assert failure(Forbidden("Forbidden: bot was blocked by the user")).gone
    assert failure(BadRequest("Chat not found")).gone
    too_long = failure(BadRequest("Message is too long"))
    assert too_long.permanent
    assert not too_long.gone
    for passing in (TimedOut(), NetworkError("Bad Gateway")):
        again = failure(passing)
        assert [again.permanent, again.gone, again.halt, again.retry_after] == [False, False, False, None]


def test_no_token_phone_or_nip_stands_in_a_log_line() -> None:
    line = "POST https://api.telegram.org/bot123456789:AAF-abcdefghijklmnopqrstuvwxyz0123456/sendMessage"
    assert "AAF" not in redact(line)
    assert redact("nip 198503152010012003, hp +6281234567890") == "nip [number], hp [number]"
