"""What WhatsApp sends (Cloud API, webhooks), and what we make of it: one table, a row a quirk.

The payloads stand in `payloads/*.json` as they come over the wire; each file is a whole webhook call.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.channels.whatsapp.reading import Event, Report, TemplateNews, Unreadable, fingerprint, read
from handlers.kit.messages import Inbound, SharedContact, SharedPhoto
from models.dispatches import Rank, Reference

PAYLOADS = Path(__file__).with_name("payloads")
NUMBER_ID = "106540352242922"
SENT = 1_760_320_800
WINDOW = (SENT + 24 * 3600) * 1000


def call(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def inbound(wamid: str, *, address: str = "628120000001", **more: Any) -> Inbound:
    usual: dict[str, Any] = {
        "message_id": wamid,
        "also": "ID.13491208655302741918",
        "phone": "+628120000001",
        "free_until_ms": WINDOW,
        "no_ids": True,
    }
    return Inbound("whatsapp", address, f"m:{fingerprint(wamid)}", **{**usual, **more})


TABLE: list[tuple[str, list[Event]]] = [
    ("text", [inbound("wamid.TEXT", text="daftar")]),
    ("text_with_a_code", [inbound("wamid.CODE", text="/kode 7KQM-X2RA")]),
    (
        "several_messages_in_entries_and_changes",
        [inbound(f"wamid.{n}", text=words) for n, words in enumerate(("satu", "dua", "tiga"), start=1)],
    ),
    ("button_reply", [inbound("wamid.TAP", choice="kind:ab12cd:asn")]),
    ("list_reply", [inbound("wamid.ROW", choice="/adopsi")]),
    ("template_button", [inbound("wamid.OPEN", choice="!show")]),
    ("own_number_button", [inbound("wamid.OWN", contact=SharedContact("+628120000001", own=True))]),
    ("own_contact", [inbound("wamid.CARD", contact=SharedContact("+628120000001", own=True))]),
    ("own_contact_forwarded", [inbound("wamid.CARD", contact=SharedContact("+628120000001", own=False))]),
    ("somebody_elses_contact", [inbound("wamid.CARD", contact=SharedContact("+628120000009", own=False))]),
    ("contact_without_whatsapp", [inbound("wamid.CARD", contact=SharedContact("0812-000-0009", own=False))]),
    ("image", [inbound("wamid.IMAGE", photo=SharedPhoto("2754859441498128"))]),
    ("image_as_document", [inbound("wamid.FILE", photo=SharedPhoto("2754859441498129", document=True))]),
    (
        "document",
        [inbound("wamid.PDF", photo=SharedPhoto("2754859441498130", document=True, refused="not_a_picture"))],
    ),
    ("location", [inbound("wamid.WHERE")]),
    ("reaction", [inbound("wamid.HEART", quiet=True)]),
    ("unsupported", [inbound("wamid.POLL")]),
    ("edit", [inbound("wamid.EDIT", message_id="wamid.BEFORE", text="Budi Santoso", edited=True)]),
    ("in_a_group", [inbound("wamid.GROUP", text="halo", private=False)]),
    (
        "without_a_number",
        [inbound("wamid.HIDDEN", text="halo", address="ID.13491208655302741918", also=None, phone=None)],
    ),
    (
        "user_id_only_among_the_profiles",
        [inbound("wamid.PROFILE", text="halo", address="ID.13491208655302741918", also=None, phone=None)],
    ),
    (
        "user_changed_number",
        [
            Inbound(
                "whatsapp",
                "628120000001",
                f"m:{fingerprint('wamid.MOVED')}",
                also="ID.13491208655302741918",
                free_until_ms=0,
                moved_to=("628120000002", "ID.99999999999999999999"),
            )
        ],
    ),
    (
        "user_changed_user_id",
        [
            Inbound(
                "whatsapp",
                "ID.13491208655302741918",
                f"m:{fingerprint('wamid.RENAMED')}",
                free_until_ms=0,
                moved_to=("ID.99999999999999999999", None),
            )
        ],
    ),
    (
        "statuses",
        [
            Report(fingerprint("wamid.OUT"), Reference(17, 0, 2), Rank.DELIVERED, None, "utility", True),
            Report(fingerprint("wamid.OUT"), Reference(17, 0, 2), Rank.SENT, None, "service", False),
            Report(fingerprint("wamid.OLD"), None, Rank.READ, None, None, None),
        ],
    ),
    ("template_paused", [TemplateNews("news", allowed=False, reason="PAUSED LOW_QUALITY")]),
    ("template_approved", [TemplateNews("news", allowed=True, reason="APPROVED NONE")]),
    ("template_recategorised", [TemplateNews("news", allowed=False, reason="recategorised as MARKETING")]),
    ("another_number", []),
    ("something_new", []),
]  # fmt: skip


@pytest.mark.parametrize(("name", "events"), TABLE, ids=[row[0] for row in TABLE])
def test_a_call_is_read(name: str, events: list[Event]) -> None:
    assert read(call(name), NUMBER_ID) == events


def test_every_payload_stands_in_the_table() -> None:
    assert {path.stem for path in PAYLOADS.glob("*.json")} == {name for name, _ in TABLE} | {
        "failed",
        "odd_message",
    }


def test_a_failure_says_what_to_do() -> None:
    [report] = read(call("failed"), NUMBER_ID)

    assert isinstance(report, Report)
    assert (report.rank, report.reference) == (None, Reference(18, templated=True))
    assert report.failure is not None
    code, error = report.failure
    assert (code, error.closed, error.permanent) == (131047, True, True)


def test_an_odd_message_does_not_lose_its_neighbours() -> None:
    odd, good = read(call("odd_message"), NUMBER_ID)

    assert isinstance(odd, Unreadable)
    assert isinstance(good, Inbound)
    assert good.text == "tetap sampai"


@pytest.mark.parametrize(
    "broken", [{}, {"object": "page"}, {"object": "whatsapp_business_account", "entry": 5}]
)
def test_what_is_no_call_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not a webhook call"):
        read(broken, NUMBER_ID)


def test_no_id_that_we_keep_holds_the_number() -> None:
    # WhatsApp's message ids are base64 of the person's number and more.
    wamid = "wamid.HBgNNjI4MTIwMDAwMDAwMRUCABIYFDNBRkY4NDQxMzQ3RTg1NzFDMTAA"
    assert "NjI4MTIw" not in fingerprint(wamid)
    assert fingerprint(wamid) == fingerprint(wamid)
