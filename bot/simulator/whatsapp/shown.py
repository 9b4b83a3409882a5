"""How a WhatsApp message looks on a phone, as the `payload` that the page and `seen` read.

Buttons and rows stand where Telegram's inline keyboard stands; `list_button` is the key that opens a list, `footer`
the small line below, `description` the second line of a row.
"""

import re
from typing import Any

Json = dict[str, Any]

_MARKED = re.compile(r"(?<![\w*_`])([*_`])(\S(?:[^\n]*?\S)?)\1(?![\w*_`])")
_KINDS = {"*": "bold", "_": "italic", "`": "code"}


def formatted(text: str, name: str = "text") -> Json:
    """Return a text without its marks, and where they were; `name` is `text` or `caption`."""
    out, at = "", 0
    entities: list[Json] = []
    for found in _MARKED.finditer(text):
        out += text[at : found.start()]
        inner: Json = formatted(found[2]) if found[1] != "`" else {"text": found[2]}
        offset = _units(out)
        entities.append({"type": _KINDS[found[1]], "offset": offset, "length": _units(inner["text"])})
        entities += [{**entity, "offset": entity["offset"] + offset} for entity in inner.get("entities", [])]
        out += inner["text"]
        at = found.end()
    out += text[at:]
    where = "entities" if name == "text" else "caption_entities"
    return {name: out, **({where: entities} if entities else {})}


def interactive(shown: Json) -> tuple[Json, Json]:
    """Return the content of a message with buttons or a list, and its markup."""
    content = formatted(shown["body"]["text"])
    if "footer" in shown:
        content["footer"] = shown["footer"]["text"]
    action = shown["action"]
    if shown["type"] == "button":
        rows = [[_key(button["reply"])] for button in action["buttons"]]
    else:
        content["list_button"] = action["button"]
        rows = [[_key(row)] for section in action["sections"] for row in section["rows"]]
    return content, {"inline_keyboard": rows}


def _key(thing: Json) -> Json:
    described = {"description": thing["description"]} if "description" in thing else {}
    return {"text": thing["title"], "callback_data": thing["id"], **described}


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
