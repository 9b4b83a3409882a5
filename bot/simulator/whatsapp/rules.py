"""Limits that the published description is silent about (Cloud API: messages, templates).

Lengths are counted in UTF-16 units, the strictest way. What WhatsApp shows as sent and never delivers (a title too
long, an empty body) is refused here, because it is always a bug of ours.
"""

import re
from typing import Any

from bot.simulator.whatsapp.refusal import GraphError, invalid

Json = dict[str, Any]

TEXT, BODY, CAPTION, FOOTER = 4096, 1024, 1024, 60
BUTTON_TITLE, BUTTON_ID, ROWS, ROW_TITLE, ROW_ID, ROW_DESCRIPTION = 20, 256, 10, 24, 200, 72
CALLBACK_DATA = 512
TEMPLATE_BODY = 1024


def check(body: Json) -> None:
    """Refuse a message outside the limits. Raises GraphError."""
    if body.get("messaging_product") != "whatsapp":
        raise invalid("messaging_product must be whatsapp")
    _text("biz_opaque_callback_data", body.get("biz_opaque_callback_data", "-"), CALLBACK_DATA)
    match body["type"]:
        case "text":
            _text("text.body", body["text"].get("body"), TEXT)
        case "image" | "document" as kind:
            if "caption" in body[kind]:
                _text("caption", body[kind]["caption"], CAPTION)
        case "interactive":
            _interactive(body["interactive"])


def _interactive(shown: Json) -> None:
    _text("body", shown.get("body", {}).get("text"), BODY)
    if "footer" in shown:
        _text("footer", shown["footer"].get("text"), FOOTER)
    if shown["type"] == "button":
        replies = [button["reply"] for button in shown["action"]["buttons"]]
        _titles(replies, BUTTON_TITLE, BUTTON_ID)
        if len({reply["title"] for reply in replies}) != len(replies):
            raise invalid("two buttons have the same title")
    elif shown["type"] == "list":
        _list(shown)


def _list(shown: Json) -> None:
    if shown.get("header", {}).get("type", "text") != "text":
        raise invalid("a list's header is a text")
    _text("button", shown["action"]["button"], BUTTON_TITLE)
    sections = shown["action"]["sections"]
    rows = [row for section in sections for row in section.get("rows", [])]
    if not 1 <= len(rows) <= ROWS:
        raise invalid(f"a list has 1-{ROWS} rows in all, not {len(rows)}")
    if len(sections) > 1 and not all(section.get("title") for section in sections):
        raise invalid("several sections need titles")
    _titles(rows, ROW_TITLE, ROW_ID)
    for row in rows:
        if "description" in row:
            _text("description", row["description"], ROW_DESCRIPTION)


def _titles(things: list[Json], longest: int, longest_id: int) -> None:
    ids = [thing["id"] for thing in things]
    if len(set(ids)) != len(ids):
        raise invalid("two ids are the same")
    for thing in things:
        _text("title", thing["title"], longest)
        _text("id", thing["id"], longest_id)
        if thing["id"] != thing["id"].strip():
            raise invalid("an id begins or ends with a space")
        if re.search(r"(?<!\w)([*_~`])\S.*\S?\1(?!\w)", thing["title"]):
            raise invalid("a title takes no markup")


def _text(what: str, given: Any, longest: int) -> None:
    if not isinstance(given, str) or not given.strip():
        raise invalid(f"{what} is empty")
    if (length := len(given.encode("utf-16-le", "surrogatepass")) // 2) > longest:
        raise invalid(f"{what} has {length} characters, at most {longest} are allowed")


def check_registration(body: Json) -> None:
    """Refuse a template that WhatsApp would not register. Raises GraphError."""
    if not re.fullmatch(r"[a-z0-9_]{1,512}", str(body.get("name"))):
        raise invalid("a template's name has 1-512 of a-z 0-9 _")
    if body.get("category") not in {"UTILITY", "MARKETING", "AUTHENTICATION"}:
        raise invalid("no such category")
    components = {c.get("type"): c for c in body.get("components", [])}
    words = components.get("BODY", {}).get("text", "")
    _text("body", words, TEMPLATE_BODY)
    numbers = [int(number) for number in re.findall(r"\{\{(\d+)\}\}", words)]
    if numbers != list(range(1, len(numbers) + 1)):
        raise invalid("values are {{1}}, {{2}}, … in their order")
    if re.match(r"\s*\{\{", words) or re.search(r"\}\}\s*$", words):
        raise invalid("a value may not begin or end the text")
    samples = components["BODY"].get("example", {}).get("body_text", [[]])
    if numbers and (len(samples) != 1 or len(samples[0]) != len(numbers)):
        raise invalid("each value needs a sample")
    for button in components.get("BUTTONS", {}).get("buttons", []):
        _text("button", button.get("text"), 25)


def template_text(template: Json, components: list[Json]) -> str:
    """Return a template's words with the values of a message in them. Raises GraphError when they do not fit."""
    words = next(c["text"] for c in template["components"] if c["type"] == "BODY")
    given: list[Json] = next((c.get("parameters", []) for c in components if c["type"] == "body"), [])
    wanted = len(re.findall(r"\{\{\d+\}\}", words))
    if len(given) != wanted:
        raise GraphError(
            400, 132000, "Number of parameters does not match", f"{len(given)} given, {wanted} wanted"
        )
    for number, value in enumerate(given, start=1):
        text = value.get("text", "") if value.get("type") == "text" else ""
        if not text.strip() or re.search(r"[\n\t]| {5,}", text):
            raise GraphError(400, 132012, "Parameter format does not match", f"value {number}")
        words = words.replace(f"{{{{{number}}}}}", text)
    return str(words)
