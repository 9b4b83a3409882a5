"""The Bot API over HTTP: one raw ASGI endpoint, kept lean because load tests go through it."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from bot.simulator.faults import Fault, Faults
from bot.simulator.ledger import SENDS, Entry, Ledger
from bot.simulator.telegram import methods, profile
from bot.simulator.telegram.account import Account
from bot.simulator.telegram.refusal import RefusalError, bad_request, too_many_requests
from bot.simulator.telegram.request import Upload, read_request, typed
from bot.simulator.telegram.rules import allowed_updates
from bot.simulator.telegram.spec import METHODS

Json = dict[str, Any]
Handler = Callable[[Account, Json], Any]
Cut = Callable[[Scope], Awaitable[None]]
"""Breaks the connection of a request without an answer."""

LONGEST_POLL: Final = 50


async def get_updates(account: Account, params: Json) -> list[Json]:
    """Carry out getUpdates."""
    if account.webhook.url:
        raise RefusalError(
            409,
            "Conflict: can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first",
        )
    limit, timeout = params.get("limit", 100), params.get("timeout", 0)
    if not 1 <= limit <= 100 or not 0 <= timeout <= LONGEST_POLL:
        raise bad_request(f"limit must be 1-100 and timeout 0-{LONGEST_POLL}")
    if "allowed_updates" in params:
        account.queue.allowed = allowed_updates(params["allowed_updates"])
    return await account.queue.poll(params.get("offset", 0), limit, timeout)


async def set_webhook(account: Account, params: Json) -> bool:
    """Carry out setWebhook."""
    allowed = (
        allowed_updates(params["allowed_updates"]) if "allowed_updates" in params else account.queue.allowed
    )
    if params.get("drop_pending_updates"):
        account.queue.drop()
    await account.webhook.set(params)
    account.queue.allowed = allowed
    return True


async def delete_webhook(account: Account, params: Json) -> bool:
    """Carry out deleteWebhook."""
    await account.webhook.stop()
    if params.get("drop_pending_updates"):
        account.queue.drop()
    return True


HANDLERS: Final[dict[str, Handler]] = {
    "getMe": profile.get_me,
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": lambda account, _: account.webhook.info(),
    "sendMessage": methods.send_message,
    "sendPhoto": methods.send_photo,
    "sendDocument": methods.send_document,
    "sendChatAction": methods.send_chat_action,
    "editMessageText": methods.edit_message_text,
    "editMessageCaption": methods.edit_message_caption,
    "editMessageReplyMarkup": methods.edit_message_reply_markup,
    "deleteMessage": methods.delete_message,
    "answerCallbackQuery": methods.answer_callback_query,
    "setMyCommands": profile.set_my_commands,
    "getMyCommands": profile.get_my_commands,
    "deleteMyCommands": profile.delete_my_commands,
    "setMyName": partial(profile.set_text, "name"),
    "getMyName": partial(profile.get_text, "name"),
    "setMyDescription": partial(profile.set_text, "description"),
    "getMyDescription": partial(profile.get_text, "description"),
    "setMyShortDescription": partial(profile.set_text, "short_description"),
    "getMyShortDescription": partial(profile.get_text, "short_description"),
    "setChatMenuButton": profile.set_chat_menu_button,
    "getChatMenuButton": profile.get_chat_menu_button,
    "getFile": profile.get_file,
    "getChat": profile.get_chat,
}
"""One handler for each method of `spec.METHODS`."""

_ASYNC: Final = frozenset({"getUpdates", "setWebhook", "deleteWebhook"})


class BotApi:
    """`/telegram/bot<token>/<method>`: check, meet faults and pace, carry out, note in the ledger."""

    def __init__(self, account: Account, ledger: Ledger, faults: Faults, cut: Cut) -> None:
        self.account = account
        self.ledger = ledger
        self.faults = faults
        self.cut = cut

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path = scope["path_params"]
        method: str = path["method"]
        entry = self.ledger.open(method)
        try:
            answer = await self._answer(path["token"], method, entry, scope, receive)
        except RefusalError as refusal:
            self.ledger.close(entry, "refused", refusal.code, refusal.description)
            if refusal.code == 502:
                await _reply(
                    send, 502, b"<html><head><title>502 Bad Gateway</title></head></html>", b"text/html"
                )
                return
            await _reply(send, refusal.code, json.dumps(refusal.as_json()).encode())
            return
        except BaseException as error:
            self.ledger.close(entry, "lost", 0, repr(error))
            raise
        if answer is None:
            self.ledger.close(entry, "lost")
            await self.cut(scope)
            return
        self.ledger.close(entry, "ok")
        await _reply(send, 200, answer)

    async def _answer(
        self, token: str, method: str, entry: Entry, scope: Scope, receive: Receive
    ) -> bytes | None:
        """Return the body of the answer, None when the connection is to be cut."""
        if token != self.account.token:
            raise RefusalError(401, "Unauthorized")
        if method not in METHODS:
            raise RefusalError(404, "Not Found: method not found")
        raw, uploads = await read_request(scope, receive)
        if self.ledger.keep_params:
            entry.params = _shown(raw, uploads)
        params = typed(method, raw, uploads)
        chat_id = params.get("chat_id")
        entry.chat_id = chat_id if isinstance(chat_id, int) else None
        fault = await self._trouble(method, entry) if self.faults.rules else ""
        if fault == "dropped":
            return None
        if method in SENDS:
            self._pace(entry)
        result = HANDLERS[method](self.account, params)
        if method in _ASYNC:
            result = await result
        if method in SENDS:
            self.ledger.deliver(entry, result["message_id"])
        return None if fault == "answer_lost" else json.dumps({"ok": True, "result": result}).encode()

    async def _trouble(self, method: str, entry: Entry) -> str:
        """Let a fault strike, if one does: wait, raise what it answers with, or return its kind."""
        fault = self.faults.strike(method, entry.chat_id)
        if fault is None:
            return ""
        entry.fault = fault.kind
        if fault.seconds:
            await asyncio.sleep(fault.seconds)
        _raise(fault)
        return fault.kind

    def _pace(self, entry: Entry) -> None:
        if entry.chat_id is not None and entry.chat_id in self.account.world.chats:
            wait = self.account.pacer.admit(entry.chat_id, time.monotonic())
            if wait is not None:
                raise too_many_requests(wait)


def _shown(raw: Json, uploads: dict[str, Upload]) -> Json:
    return {**raw, **{name: f"<{len(upload.data)} bytes {upload.name}>" for name, upload in uploads.items()}}


def _raise(fault: Fault) -> None:
    """Raise what a fault answers with, if it does."""
    match fault.kind:
        case "too_many_requests":
            raise too_many_requests(fault.retry_after)
        case "blocked":
            raise RefusalError(403, "Forbidden: bot was blocked by the user")
        case "deactivated":
            raise RefusalError(403, "Forbidden: user is deactivated")
        case "chat_not_found":
            raise bad_request("chat not found")
        case "migrated":
            raise RefusalError(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                {"migrate_to_chat_id": fault.migrate_to_chat_id},
            )
        case "server_error":
            raise RefusalError(502, "Bad Gateway")
        case _:
            return


async def _reply(send: Send, status: int, body: bytes, kind: bytes = b"application/json") -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class FileDownload:
    """`/telegram/file/bot<token>/<path>`: what getFile's file_path leads to."""

    def __init__(self, account: Account) -> None:
        self.account = account

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Serve one file, 404 when the token or path is wrong."""
        path = scope["path_params"]
        file = self.account.world.files.at_path(path["path"]) if path["token"] == self.account.token else None
        if file is None:
            await _reply(send, 404, json.dumps(RefusalError(404, "Not Found").as_json()).encode())
        else:
            await _reply(send, 200, self.account.world.files.content(file), b"application/octet-stream")
