"""Requests against Meta's published description of the API (`meta/messages.json`).

As published (v23.0) it refuses every valid message. The repairs, each with its reason:

1. `allOf` of a part with common properties and a part with `additionalProperties: false` can never hold: each part
   forbids the other's properties. `unevaluatedProperties: false` around both says what was meant.
2. A button's `index` has the pattern `^[2-6, 11-14]$`, which is no range and refuses the documented "0": 0-9.
3. Since the description was published a person may be addressed by `recipient` (a business-scoped id) instead of `to`,
   and `biz_opaque_callback_data` may travel with a message.
4. `MediaObject` is written as `oneOf` of two open objects, so it says nothing of `caption` and `filename`.
5. A read mark may carry a `typing_indicator`, which the description shows in an example only.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from bot.simulator.whatsapp.refusal import invalid

Json = dict[str, Any]

KINDS = {
    "text": "TextMessage",
    "image": "ImageMessage",
    "document": "DocumentMessage",
    "interactive": "InteractiveMessage",
    "template": "TemplateMessage",
}
MARK = "MarkMessageRequestPayload"


def check_message(body: Json) -> None:
    """Refuse a message that the description does not allow. Raises GraphError."""
    name = KINDS.get(str(body.get("type")))
    if name is None:
        raise invalid(f"type {body.get('type')!r} is not one that this bot sends")
    _check(name, body)


def check_mark(body: Json) -> None:
    """Refuse a read mark that the description does not allow. Raises GraphError."""
    _check(MARK, body)


def _check(name: str, body: Json) -> None:
    error = best_match(_validator(name).iter_errors(body))
    if error is not None:
        where = "/".join(str(part) for part in error.absolute_path) or "the request"
        raise invalid(f"{where}: {error.message[:300]}")


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator({**repaired(), "$ref": f"#/components/schemas/{name}"})


@cache
def repaired() -> Json:
    """Return the description with its repairs."""
    raw: Json = json.loads((Path(__file__).parent / "meta" / "messages.json").read_text(encoding="utf-8"))
    schemas = raw["components"]["schemas"]
    for name in KINDS.values():
        own = schemas[name]["allOf"][1]
        own.pop("additionalProperties", None)
        schemas[name]["unevaluatedProperties"] = False
    common = schemas["BaseMessageProperties"]
    common["properties"] |= {"recipient": {"type": "string"}, "biz_opaque_callback_data": {"type": "string"}}
    common["required"].remove("to")
    common["oneOf"] = [{"required": ["to"]}, {"required": ["recipient"]}]
    component = schemas["TemplateComponent"]
    component["properties"]["index"]["pattern"] = "^[0-9]$"
    schemas["MediaObject"]["properties"] = {
        name: {"type": "string"} for name in ("id", "link", "caption", "filename")
    }
    schemas["MediaObject"]["additionalProperties"] = False
    mark = schemas[MARK]
    mark["properties"]["status"]["enum"] = ["read"]
    mark["properties"]["typing_indicator"] = {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": ["text"]}},
    }
    mark["additionalProperties"] = False
    return raw
