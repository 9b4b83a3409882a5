"""From an HTTP request to typed, known parameters (core.telegram.org/bots/api#making-requests)."""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.types import Receive, Scope

from bot.simulator.telegram.refusal import RefusalError, bad_request
from bot.simulator.telegram.spec import METHODS, REQUIRED, Parameter

BODY_LIMIT = 52 * 1024 * 1024
"""A document of 50 MB and its form around it."""

_INTEGER = re.compile(r"-?\d{1,19}")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with the request."""

    name: str
    mime_type: str
    data: bytes


async def read_request(scope: Scope, receive: Receive) -> tuple[dict[str, Any], dict[str, Upload]]:
    """Return raw parameters and uploads of a GET or POST: query string, form, multipart or JSON.

    Raise RefusalError 413 when the body is too large, 400 when it cannot be read.
    """
    raw: dict[str, Any] = {}
    if query := scope["query_string"]:
        _merge(raw, parse_qsl(query.decode(), keep_blank_values=True))
    if scope["method"] == "GET":
        return raw, {}
    kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"").partition(b";")[
        0
    ]
    body = await _body(receive)
    if kind == b"application/x-www-form-urlencoded":
        _merge(raw, parse_qsl(body.decode(), keep_blank_values=True))
    elif kind == b"multipart/form-data":
        return raw, await _multipart(scope, body, raw)
    elif kind == b"application/json":
        try:
            fields = json.loads(body)
        except ValueError:
            raise bad_request("can't parse JSON object") from None
        if not isinstance(fields, dict):
            raise bad_request("can't parse JSON object: object expected")
        _merge(raw, list(fields.items()))
    elif body:
        raise bad_request(f"unsupported content type {kind.decode()!r}")
    return raw, {}


def _merge(raw: dict[str, Any], pairs: list[tuple[str, Any]]) -> None:
    for name, value in pairs:
        if name in raw:
            raise bad_request(f'parameter "{name}" is given twice')
        raw[name] = value


async def _body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise bad_request("request is incomplete")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > BODY_LIMIT:
            raise RefusalError(413, "Request Entity Too Large")
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


async def _multipart(scope: Scope, body: bytes, raw: dict[str, Any]) -> dict[str, Upload]:
    async def replay() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    uploads: dict[str, Upload] = {}
    async with Request(scope, replay).form(max_part_size=BODY_LIMIT) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                mime_type = value.content_type or "application/octet-stream"
                uploads[name] = Upload(value.filename or "", mime_type, await value.read())
            else:
                _merge(raw, [(name, value)])
    return uploads


def typed(method: str, raw: dict[str, Any], uploads: dict[str, Upload]) -> dict[str, Any]:
    """Return the parameters of a known method, converted to their types; absent ones are absent.

    Raise RefusalError for an unknown, missing, unsimulated or ill-typed parameter, or a stray upload.
    """
    row = METHODS[method]
    params: dict[str, Any] = {}
    left = dict(uploads)
    for name, value in raw.items():
        parameter = row.get(name)
        if parameter is None:
            raise bad_request(f'unknown parameter "{name}" of {method}')
        if not parameter.simulated:
            raise bad_request(f'parameter "{name}" of {method} is not simulated')
        params[name] = (
            _file(name, value, left) if parameter.type == "file" else _value(name, value, parameter)
        )
    for name in list(left):
        if (parameter := row.get(name)) is not None and parameter.type == "file" and parameter.simulated:
            params[name] = left.pop(name)
    if left:
        raise bad_request(f"upload {sorted(left)} belongs to no parameter of {method}")
    for name in REQUIRED[method]:
        if name not in params:
            raise bad_request(_MISSING.get(name) or f'parameter "{name}" is required')
    return params


_MISSING = {
    "text": "message text is empty",
    "chat_id": "chat_id is empty",
    "photo": "there is no photo in the request",
    "document": "there is no document in the request",
    "file_id": "file_id not specified",
}
"""Telegram's own wording, where it has one."""


def _file(name: str, value: Any, uploads: dict[str, Upload]) -> Upload | str:
    text = _text(name, value)
    if text.startswith("attach://"):
        upload = uploads.pop(text.removeprefix("attach://"), None)
        if upload is None:
            raise bad_request(f'parameter "{name}" refers to an upload that is not there')
        return upload
    return text


def _value(name: str, value: Any, parameter: Parameter) -> Any:
    match parameter.type:
        case "int":
            return _integer(name, value)
        case "bool":
            return _boolean(name, value)
        case "json":
            return _json(name, value)
        case "chat":
            return (
                value if isinstance(value, int) and not isinstance(value, bool) else _chat(_text(name, value))
            )
        case _:
            return _text(name, value)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise bad_request(f'parameter "{name}" must be a String')
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise bad_request("strings must be encoded in UTF-8")
    return value


def _chat(text: str) -> int | str:
    if _INTEGER.fullmatch(text):
        return int(text)
    if not text:
        raise bad_request("chat_id is empty")
    return text


def _integer(name: str, value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    raise bad_request(f'parameter "{name}" must be an Integer')


def _boolean(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "True", "1"):
        return True
    if value in ("false", "False", "0"):
        return False
    raise bad_request(f'parameter "{name}" must be a Boolean')


def _json(name: str, value: Any) -> Any:
    if isinstance(value, dict | list):
        return value
    try:
        return json.loads(_text(name, value))
    except ValueError:
        raise bad_request(f'can\'t parse JSON object in parameter "{name}"') from None
