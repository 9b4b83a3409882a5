"""What is refused, in Telegram's words: one row a rule (core.telegram.org/bots/api)."""

import io
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from PIL import Image

from bot.simulator.server import RunningSimulator
from bot.simulator.telegram.endpoint import HANDLERS
from bot.simulator.telegram.spec import METHODS

Api = Callable[..., dict[str, Any]]

RINA, STRANGER, BLOCKER, GONE = 7_100_000_101, 102, 103, 104
TO = {"chat_id": RINA}


def inline(**button: Any) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "A", **button}]]}


def html(text: str) -> dict[str, Any]:
    return {**TO, "text": text, "parse_mode": "HTML"}


def commands(*rows: tuple[str, str]) -> dict[str, Any]:
    return {"commands": [{"command": command, "description": description} for command, description in rows]}


REFUSED: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("unknown method", "sendMesage", {}, 404, "Not Found: method not found"),
    ("unknown parameter", "sendMessage", {**TO, "text": "a", "txt": "b"}, 400, 'unknown parameter "txt"'),
    (
        "unsimulated parameter",
        "sendMessage",
        {**TO, "text": "a", "message_thread_id": 1},
        400,
        "not simulated",
    ),
    ("no chat", "sendMessage", {"text": "a"}, 400, "chat_id is empty"),
    ("unknown chat", "sendMessage", {"chat_id": 999, "text": "a"}, 400, "Bad Request: chat not found"),
    ("user name", "sendMessage", {"chat_id": "@rina", "text": "a"}, 400, "Bad Request: chat not found"),
    ("text of wrong type", "sendMessage", {**TO, "text": 5}, 400, "must be a String"),
    ("boolean of wrong type", "sendMessage", {**TO, "text": "a", "protect_content": "ya"}, 400, "a Boolean"),
    ("integer of wrong type", "getUpdates", {"offset": "1.5"}, 400, "must be an Integer"),
    (
        "never started",
        "sendMessage",
        {"chat_id": STRANGER, "text": "a"},
        403,
        "Forbidden: bot can't initiate conversation with a user",
    ),
    (
        "blocked",
        "sendMessage",
        {"chat_id": BLOCKER, "text": "a"},
        403,
        "Forbidden: bot was blocked by the user",
    ),
    ("deactivated", "sendMessage", {"chat_id": GONE, "text": "a"}, 403, "Forbidden: user is deactivated"),
    ("no text", "sendMessage", TO, 400, "Bad Request: message text is empty"),
    ("empty text", "sendMessage", {**TO, "text": ""}, 400, "Bad Request: message text is empty"),
    ("blank text", "sendMessage", {**TO, "text": " \n "}, 400, "Bad Request: text must be non-empty"),
    ("long text", "sendMessage", {**TO, "text": "a" * 4097}, 400, "Bad Request: message is too long"),
    (
        "long in UTF-16 units",
        "sendMessage",
        {**TO, "text": "👶" * 2049},
        400,
        "Bad Request: message is too long",
    ),
    (
        "Markdown",
        "sendMessage",
        {**TO, "text": "*a*", "parse_mode": "MarkdownV2"},
        400,
        "unsupported parse_mode",
    ),
    ("unknown tag", "sendMessage", html("a <h1>b</h1>"), 400, 'Unsupported start tag "h1" at byte offset 2'),
    ("unclosed tag", "sendMessage", html("<b>a"), 400, 'find end tag corresponding to start tag "b"'),
    ("crossed tags", "sendMessage", html("<b><i>a</b></i>"), 400, 'expected "</i>", found "</b>"'),
    ("end without start", "sendMessage", html("a</b>"), 400, "Unexpected end tag at byte offset 1"),
    ("half a tag", "sendMessage", html("a <b"), 400, "Unclosed start tag at byte offset 2"),
    ("less-than sign", "sendMessage", html("z < -2"), 400, "can't parse entities"),
    ("bare ampersand", "sendMessage", html("A & B"), 400, "can't parse entities"),
    ("unknown character entity", "sendMessage", html("a&nbsp;b"), 400, "can't parse entities"),
    ("greater-than sign", "sendMessage", html("é a > b"), 400, 'Unescaped ">" at byte offset 5'),
    ("format inside code", "sendMessage", html("<code><b>a</b></code>"), 400, "can't be nested"),
    ("link to nowhere", "sendMessage", html('<a href="javascript:x">a</a>'), 400, "Wrong link address"),
    ("attribute", "sendMessage", html('<b class="x">a</b>'), 400, "Unsupported attribute"),
    (
        "entity outside",
        "sendMessage",
        {**TO, "text": "ab", "entities": [{"type": "bold", "offset": 1, "length": 2}]},
        400,
        "MessageEntity",
    ),
    (
        "reply to nothing",
        "sendMessage",
        {**TO, "text": "a", "reply_parameters": {"message_id": 999}},
        400,
        "message to be replied not found",
    ),
    (
        "callback data of 65 bytes",
        "sendMessage",
        {**TO, "text": "a", "reply_markup": inline(callback_data="é" * 33)},
        400,
        "Bad Request: BUTTON_DATA_INVALID",
    ),
    (
        "empty callback data",
        "sendMessage",
        {**TO, "text": "a", "reply_markup": inline(callback_data="")},
        400,
        "BUTTON_DATA_INVALID",
    ),
    (
        "button without action",
        "sendMessage",
        {**TO, "text": "a", "reply_markup": inline()},
        400,
        "Text buttons are unallowed in the inline keyboard",
    ),
    (
        "button with two actions",
        "sendMessage",
        {**TO, "text": "a", "reply_markup": inline(callback_data="x", url="https://a.id")},
        400,
        "exactly one action",
    ),
    (
        "button with a broken link",
        "sendMessage",
        {**TO, "text": "a", "reply_markup": inline(url="not a link")},
        400,
        "Wrong HTTP URL",
    ),
    (
        "button without label",
        "sendMessage",
        {**TO, "text": "a", "reply_markup": {"inline_keyboard": [[{"text": " ", "callback_data": "x"}]]}},
        400,
        "inline keyboard button text must be non-empty",
    ),
    (
        "row of nine",
        "sendMessage",
        {
            **TO,
            "text": "a",
            "reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "x"}] * 9]},
        },
        400,
        "reply markup is too long",
    ),
    (
        "keyboard not of rows",
        "sendMessage",
        {**TO, "text": "a", "reply_markup": {"keyboard": ["a"]}},
        400,
        "Array of Arrays",
    ),
    (
        "two keyboards",
        "sendMessage",
        {**TO, "text": "a", "reply_markup": {"inline_keyboard": [], "keyboard": [["a"]]}},
        400,
        "exactly one of",
    ),
    (
        "unknown markup field",
        "sendMessage",
        {**TO, "text": "a", "reply_markup": {"keyboard": [["a"]], "resize": True}},
        400,
        "unknown reply markup fields",
    ),
    (
        "edit of nothing",
        "editMessageText",
        {**TO, "message_id": 999, "text": "a"},
        400,
        "message to edit not found",
    ),
    (
        "deletion of nothing",
        "deleteMessage",
        {**TO, "message_id": 999},
        400,
        "message to delete not found",
    ),
    (
        "answer to no query",
        "answerCallbackQuery",
        {"callback_query_id": "1"},
        400,
        "query is too old and response timeout expired or query ID is invalid",
    ),
    ("chat action", "sendChatAction", {**TO, "action": "dancing"}, 400, "wrong parameter action in request"),
    ("capital command", "setMyCommands", commands(("Daftar", "x")), 400, "BOT_COMMAND_INVALID"),
    ("long command", "setMyCommands", commands(("a" * 33, "x")), 400, "BOT_COMMAND_INVALID"),
    (
        "no description",
        "setMyCommands",
        commands(("daftar", "")),
        400,
        "BOT_COMMAND_DESCRIPTION_INVALID",
    ),
    ("101 commands", "setMyCommands", commands(*((f"c{n}", "x") for n in range(101))), 400, "too much"),
    ("same command twice", "setMyCommands", commands(("a", "x"), ("a", "y")), 400, "twice"),
    (
        "unknown scope",
        "setMyCommands",
        {**commands(("a", "x")), "scope": {"type": "everyone"}},
        400,
        "unsupported type specified",
    ),
    ("language", "setMyCommands", {**commands(("a", "x")), "language_code": "ind"}, 400, "language code"),
    ("long name", "setMyName", {"name": "x" * 65}, 400, "NAME_TOO_LONG"),
    ("unknown file", "getFile", {"file_id": "x"}, 400, "invalid file_id"),
    ("photo by unknown id", "sendPhoto", {**TO, "photo": "x"}, 400, "wrong file identifier/HTTP URL"),
    ("photo by address", "sendPhoto", {**TO, "photo": "https://a.id/x.jpg"}, 400, "wrong file identifier"),
    ("no photo", "sendPhoto", TO, 400, "there is no photo in the request"),
    ("webhook elsewhere", "setWebhook", {"url": "https://example.org/"}, 400, "bad webhook"),
    (
        "webhook secret",
        "setWebhook",
        {"url": "http://127.0.0.1:1/", "secret_token": "a b"},
        400,
        "secret token contains unallowed characters",
    ),
    ("too many updates", "getUpdates", {"limit": 101}, 400, "limit must be 1-100"),
    ("unknown kind of update", "getUpdates", {"allowed_updates": ["messages"]}, 400, "unknown kinds"),
]


@pytest.mark.parametrize(
    ("method", "params", "code", "why"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_mistake_is_refused(
    shared_api: Api, method: str, params: dict[str, Any], code: int, why: str
) -> None:
    answer = shared_api(method, params)
    assert answer["ok"] is False
    assert answer["error_code"] == code
    assert why in answer["description"]


ACCEPTED: list[tuple[str, str, dict[str, Any]]] = [
    ("4096 characters", "sendMessage", {**TO, "text": "a" * 4096}),
    ("4096 after parsing", "sendMessage", html("<b>" + "a" * 4096 + "</b>")),
    (
        "64 bytes of callback data",
        "sendMessage",
        {**TO, "text": "a", "reply_markup": inline(callback_data="é" * 32)},
    ),
    (
        "every tag",
        "sendMessage",
        html("<b><i><u><s>a</s></u></i></b><code>b</code><tg-spoiler>c</tg-spoiler>"),
    ),
    ("code block", "sendMessage", html('<pre><code class="language-python">x = 1</code></pre>')),
    ("escaped", "sendMessage", html("A &amp; B &lt; C &gt; D &quot; &#39;")),
    ("form of remove", "sendMessage", {**TO, "text": "a", "reply_markup": {"remove_keyboard": True}}),
    ("force reply", "sendMessage", {**TO, "text": "a", "reply_markup": {"force_reply": True}}),
    (
        "contact key in a private chat",
        "sendMessage",
        {**TO, "text": "a", "reply_markup": {"keyboard": [[{"text": "x", "request_contact": True}], ["y"]]}},
    ),
    ("copy button", "sendMessage", {**TO, "text": "a", "reply_markup": inline(copy_text={"text": "KLG"})}),
    ("chat action", "sendChatAction", {**TO, "action": "typing"}),
    ("getChat", "getChat", TO),
    ("menu button", "setChatMenuButton", {"menu_button": {"type": "commands"}}),
]


@pytest.mark.parametrize(
    ("method", "params"), [row[1:] for row in ACCEPTED], ids=[row[0] for row in ACCEPTED]
)
def test_what_telegram_allows_is_accepted(shared_api: Api, method: str, params: dict[str, Any]) -> None:
    answer = shared_api(method, params)
    assert answer["ok"] is True, answer


def test_a_wrong_token_is_unauthorized(shared_sim: RunningSimulator) -> None:
    response = httpx.get(f"{shared_sim.base_url}1:wrong/getMe", trust_env=False)
    assert (response.status_code, response.json()["description"]) == (401, "Unauthorized")


def test_every_method_of_the_table_has_a_handler() -> None:
    assert set(HANDLERS) == set(METHODS)


def test_a_phone_number_is_asked_for_in_private_only(sim: RunningSimulator, api: Api) -> None:
    group = sim.driver.add_group("Kader Sijuk", [RINA])
    markup = {"keyboard": [[{"text": "Nomor", "request_contact": True}]]}
    answer = api("sendMessage", {"chat_id": group, "text": "a", "reply_markup": markup})
    assert "phone number can be requested in private chats only" in answer["description"]


def picture(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("1", (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


PHOTOS = [
    ("not a picture", b"GIF89a but no", "IMAGE_PROCESS_FAILED"),
    ("cut off", picture(300, 300)[:60], "IMAGE_PROCESS_FAILED"),
    ("too wide and high", picture(9000, 1001), "PHOTO_INVALID_DIMENSIONS"),
    ("too narrow", picture(2100, 100), "PHOTO_INVALID_DIMENSIONS"),
    ("too heavy", b"x" * (10 * 1024 * 1024 + 1), "too big for a photo"),
    ("empty", b"", "file must be non-empty"),
]


@pytest.mark.parametrize(("data", "why"), [row[1:] for row in PHOTOS], ids=[row[0] for row in PHOTOS])
def test_a_bad_photo_is_refused(shared_api: Api, data: bytes, why: str) -> None:
    answer = shared_api("sendPhoto", data={"chat_id": RINA}, files={"photo": ("a.png", data)})
    assert why in answer["description"]


def test_a_caption_has_1024_characters(shared_api: Api) -> None:
    files = {"photo": ("a.png", picture(10, 10))}
    fits = shared_api("sendPhoto", data={"chat_id": RINA, "caption": "a" * 1024}, files=files)
    assert fits["ok"]
    long = shared_api("sendPhoto", data={"chat_id": RINA, "caption": "a" * 1025}, files=files)
    assert long["description"] == "Bad Request: message caption is too long"


def test_a_document_of_more_than_50_mb_is_refused(shared_api: Api) -> None:
    files = {"document": ("a.bin", b"x" * (50 * 1024 * 1024 + 1))}
    assert "too big" in shared_api("sendDocument", data={"chat_id": RINA}, files=files)["description"]


def test_an_upload_that_nobody_asked_for_is_refused(shared_api: Api) -> None:
    answer = shared_api("sendMessage", data={"chat_id": RINA, "text": "a"}, files={"x": ("x", b"x")})
    assert "belongs to no parameter" in answer["description"]


def test_an_edit_must_change_something(api: Api) -> None:
    message = api("sendMessage", {**TO, "text": "a", "reply_markup": inline(callback_data="x")})["result"]
    where = {**TO, "message_id": message["message_id"]}
    same = api("editMessageText", {**where, "text": "a", "reply_markup": inline(callback_data="x")})
    assert same["description"].startswith("Bad Request: message is not modified")
    edited = api("editMessageText", {**where, "text": "a"})
    assert "reply_markup" not in edited["result"]
    assert "no caption in the message" in api("editMessageCaption", {**where, "caption": "b"})["description"]


def test_a_message_with_a_reply_keyboard_cannot_be_edited(api: Api) -> None:
    message = api("sendMessage", {**TO, "text": "a", "reply_markup": {"keyboard": [["x"]]}})["result"]
    answer = api("editMessageText", {**TO, "message_id": message["message_id"], "text": "b"})
    assert answer["description"] == "Bad Request: message can't be edited"


def test_form_multipart_json_and_query_mean_the_same(shared_sim: RunningSimulator, shared_api: Api) -> None:
    fields = {"chat_id": str(RINA), "text": "halo", "reply_markup": '{"inline_keyboard": []}'}
    url = f"{shared_sim.base_url}{shared_sim.token}/sendMessage"
    answers = [
        shared_api("sendMessage", data=fields),
        shared_api("sendMessage", json={**TO, "text": "halo", "reply_markup": {"inline_keyboard": []}}),
        shared_api("sendMessage", files={name: (None, value) for name, value in fields.items()}),
        httpx.get(url, params=fields, trust_env=False).json(),
    ]
    assert [answer["result"]["text"] for answer in answers] == ["halo"] * 4
