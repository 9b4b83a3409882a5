"""What people do becomes the updates that Telegram would send."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from telegram import Update

from bot.simulator.driver import Driver, Phone, PhoneError
from tests.clock import FixedClock

Api = Callable[..., dict[str, Any]]
RINA, STRANGER = 7_100_000_101, 102


def jpeg(exif: bool = False) -> bytes:
    buffer = io.BytesIO()
    image = Image.new("RGB", (2000, 1000), "teal")
    data = Image.Exif()
    if exif:
        data[0x010E] = "kept by documents only"
    image.save(buffer, "JPEG", exif=data)
    return buffer.getvalue()


def newest(driver: Driver) -> dict[str, Any]:
    update = driver.updates()[-1]
    assert Update.de_json(update, None).to_dict()["update_id"] == update["update_id"]
    return update


def say(api: Api, text: str = "Pilih", **markup: Any) -> int:
    params = {"chat_id": RINA, "text": text, **({"reply_markup": markup} if markup else {})}
    return int(api("sendMessage", params)["result"]["message_id"])


def test_a_command_has_its_entity_and_a_whole_date(driver: Driver, rina: Phone, clock: FixedClock) -> None:
    rina.start("KLG-7Q2M")
    message = newest(driver)["message"]
    assert message["text"] == "/start KLG-7Q2M"
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert message["date"] == int(clock.now().timestamp())
    assert message["from"] == {
        "id": RINA,
        "is_bot": False,
        "first_name": "Rina",
        "last_name": "Marlina",
        "language_code": "id",
    }
    assert message["chat"]["type"] == "private"


@pytest.mark.parametrize("payload", ["a b", "x" * 65, "é", "a=b"])
def test_a_deep_link_has_at_most_64_simple_characters(rina: Phone, payload: str) -> None:
    with pytest.raises(PhoneError, match="deep link"):
        rina.start(payload)


def test_a_tap_is_a_callback_query_that_is_answered_once(driver: Driver, rina: Phone, api: Api) -> None:
    say(api, inline_keyboard=[[{"text": "Ya", "callback_data": "yes"}]])
    rina.tap("Ya")
    query = newest(driver)["callback_query"]
    assert (query["data"], query["from"]["id"], query["message"]["text"]) == ("yes", RINA, "Pilih")
    assert query["chat_instance"]
    answer = {"callback_query_id": query["id"], "text": "Tersimpan"}
    assert api("answerCallbackQuery", answer)["ok"]
    assert rina.wait_for_toast("Tersimpan") == "Tersimpan"
    assert "query is too old" in api("answerCallbackQuery", answer)["description"]


def test_an_old_button_can_be_tapped(driver: Driver, rina: Phone, api: Api) -> None:
    for data in ("first", "second"):
        say(api, inline_keyboard=[[{"text": "Ya", "callback_data": data}]])
    rina.tap_old("Ya")
    assert newest(driver)["callback_query"]["data"] == "first"
    rina.tap("Ya")
    assert newest(driver)["callback_query"]["data"] == "second"
    with pytest.raises(PhoneError, match="no button 'Tidak'"):
        rina.tap("Tidak")


def test_a_button_edited_away_can_still_be_hit(driver: Driver, rina: Phone, api: Api) -> None:
    message_id = say(api, inline_keyboard=[[{"text": "Ya", "callback_data": "gone"}]])
    seen = rina.last
    api("editMessageText", {"chat_id": RINA, "message_id": message_id, "text": "Sudah"})
    assert rina.last.edited
    assert rina.last.buttons == []
    rina.tap_message(seen, "Ya")
    assert newest(driver)["callback_query"]["data"] == "gone"


def test_contacts_own_others_and_forwarded(driver: Driver, rina: Phone, api: Api) -> None:
    other = driver.add_person(id=555, first_name="Yanti", phone="628000000103")
    say(api, keyboard=[[{"text": "Nomor saya", "request_contact": True}], ["Batal"]], one_time_keyboard=True)
    rina.press("Nomor saya")
    own = newest(driver)["message"]
    assert own["contact"]["user_id"] == own["from"]["id"] == RINA
    assert rina.keyboard == []
    rina.share_contact(of=other)
    assert newest(driver)["message"]["contact"]["user_id"] == 555
    rina.share_contact(of=RINA, forwarded=True)
    forwarded = newest(driver)["message"]
    assert forwarded["contact"]["user_id"] == RINA
    assert forwarded["forward_origin"]["type"] == "user"


def test_a_photo_is_shrunk_and_loses_its_metadata(driver: Driver, rina: Phone, api: Api) -> None:
    rina.send_photo(jpeg(exif=True), caption="Bukti")
    message = newest(driver)["message"]
    assert [(size["width"], size["height"]) for size in message["photo"]] == [
        (90, 45),
        (320, 160),
        (800, 400),
        (1280, 640),
    ]
    assert message["caption"] == "Bukti"
    for size in message["photo"]:
        with Image.open(io.BytesIO(driver.download(size["file_id"]))) as image:
            assert image.size == (size["width"], size["height"])
            assert not image.getexif()
    assert api("getFile", {"file_id": message["photo"][0]["file_id"]})["result"]["file_path"]


def test_a_document_stays_as_it_is(driver: Driver, rina: Phone) -> None:
    data = jpeg(exif=True)
    rina.send_document(data, "bukti.jpg", "image/jpeg")
    document = newest(driver)["message"]["document"]
    assert (document["file_name"], document["mime_type"]) == ("bukti.jpg", "image/jpeg")
    assert driver.download(document["file_id"]) == data


def test_an_edit_is_an_edited_message(driver: Driver, rina: Phone, clock: FixedClock) -> None:
    message_id = rina.send("450000")
    clock.advance(timedelta(minutes=1))
    rina.edit(message_id, "400000")
    message = newest(driver)["edited_message"]
    assert (message["message_id"], message["text"]) == (message_id, "400000")
    assert message["edit_date"] - message["date"] == 60


def test_blocking_is_told_and_stops_everything(driver: Driver, rina: Phone, api: Api) -> None:
    rina.block()
    change = newest(driver)["my_chat_member"]
    assert change["old_chat_member"]["status"] == "member"
    assert change["new_chat_member"]["status"] == "kicked"
    assert api("sendMessage", {"chat_id": RINA, "text": "a"})["error_code"] == 403
    with pytest.raises(PhoneError, match="has blocked the bot"):
        rina.send("halo")
    rina.unblock()
    assert newest(driver)["my_chat_member"]["new_chat_member"]["status"] == "member"
    assert api("sendMessage", {"chat_id": RINA, "text": "a"})["ok"]


def test_a_group_shows_the_bot_commands_only(driver: Driver, api: Api) -> None:
    group = driver.add_group("Kader Sijuk", [RINA])
    kinds = [next(key for key in update if key != "update_id") for update in driver.updates()]
    assert kinds == ["my_chat_member", "message"]
    phone = driver.phone(RINA, group_id=group)
    phone.send("halo semua")
    assert "new_chat_members" in newest(driver)["message"]
    phone.send("/menu")
    message = newest(driver)["message"]
    assert (message["chat"]["id"], message["chat"]["type"]) == (group, "group")
    api("sendMessage", {"chat_id": group, "text": "Mari bicara berdua"})
    assert phone.last.text == "Mari bicara berdua"
    with pytest.raises(PhoneError, match="is not in chat"):
        driver.phone(STRANGER, group_id=group).send("a")


def test_a_group_that_grew_refuses_with_its_new_id(driver: Driver, api: Api) -> None:
    group = driver.add_group("Kader Sijuk", [RINA])
    new = driver.migrate_group(group)
    answer = api("sendMessage", {"chat_id": group, "text": "a"})
    assert answer["parameters"] == {"migrate_to_chat_id": new}
    assert new < -(2**31)
    assert api("sendMessage", {"chat_id": new, "text": "a"})["result"]["chat"]["type"] == "supergroup"
    told = [update["message"] for update in driver.updates() if "message" in update]
    assert told[-2]["migrate_to_chat_id"] == new
    assert told[-1]["migrate_from_chat_id"] == group


def test_an_offset_confirms_what_is_below_it(driver: Driver, rina: Phone, api: Api) -> None:
    for text in ("a", "b", "c"):
        rina.send(text)
    first = api("getUpdates")["result"]
    assert [update["message"]["text"] for update in first] == ["a", "b", "c"]
    assert api("getUpdates")["result"] == first
    rest = api("getUpdates", {"offset": first[1]["update_id"], "limit": 1})["result"]
    assert [update["message"]["text"] for update in rest] == ["b"]
    assert driver.pending() == 2
    assert [u["message"]["text"] for u in api("getUpdates", {"offset": -1})["result"]] == ["c"]
    api("getUpdates", {"offset": rest[0]["update_id"] + 2})
    driver.wait_until_confirmed()


def test_an_update_can_come_again_after_it_was_confirmed(driver: Driver, rina: Phone, api: Api) -> None:
    rina.send("a")
    update = api("getUpdates")["result"][0]
    offset = {"offset": update["update_id"] + 1}
    assert api("getUpdates", offset)["result"] == []
    driver.redeliver(update["update_id"])
    assert api("getUpdates", offset)["result"] == [update]
    assert api("getUpdates", offset)["result"] == []


def test_raw_updates_come_in_the_order_given(driver: Driver, api: Api) -> None:
    ids = driver.inject({"update_id": 900_000_005, "x": 1}, {"x": 2}, {"update_id": 3, "x": 3})
    assert ids == [900_000_005, 900_000_006, 3]
    assert [update["x"] for update in api("getUpdates")["result"]] == [3, 1, 2]


def test_ids_that_restart_lower_still_arrive(driver: Driver, rina: Phone, api: Api) -> None:
    rina.send("a")
    high = api("getUpdates")["result"][0]["update_id"]
    api("getUpdates", {"offset": high + 1})
    driver.restart_update_ids(1000)
    rina.send("b")
    assert [u["update_id"] for u in api("getUpdates", {"offset": high + 1})["result"]] == [1000]


def test_allowed_updates_filter_what_comes_later(driver: Driver, rina: Phone, api: Api) -> None:
    rina.send("before")
    api("getUpdates", {"allowed_updates": ["callback_query"]})
    rina.send("after")
    assert [u["message"]["text"] for u in api("getUpdates")["result"]] == ["before"]
    api("getUpdates", {"allowed_updates": []})
    rina.send("again")
    assert len(api("getUpdates")["result"]) == 2


def test_updates_are_kept_for_24_hours(rina: Phone, api: Api, clock: FixedClock) -> None:
    rina.send("a")
    clock.advance(timedelta(hours=24))
    assert len(api("getUpdates")["result"]) == 1
    clock.advance(timedelta(seconds=1))
    assert api("getUpdates")["result"] == []


def test_a_message_is_deleted_within_48_hours(rina: Phone, api: Api, clock: FixedClock) -> None:
    first, second = say(api), say(api, "Kedua")
    assert api("deleteMessage", {"chat_id": RINA, "message_id": first})["result"] is True
    assert [message.id for message in rina.messages] == [second]
    clock.advance(timedelta(hours=48, seconds=1))
    answer = api("deleteMessage", {"chat_id": RINA, "message_id": second})
    assert answer["description"] == "Bad Request: message can't be deleted"


def test_commands_follow_scope_and_language(driver: Driver, rina: Phone, api: Api) -> None:
    def put(name: str, **where: Any) -> None:
        params = {"commands": [{"command": name, "description": name}], **where}
        assert api("setMyCommands", params)["ok"]

    def menu() -> list[str]:
        return [command["command"] for command in rina.commands]

    put("umum")
    put("general", language_code="en")
    assert menu() == ["umum"]
    driver.change_person(RINA, language_code="en")
    assert menu() == ["general"]
    put("mine", scope={"type": "chat", "chat_id": RINA})
    assert menu() == ["mine"]
    api("deleteMyCommands", {"scope": {"type": "chat", "chat_id": RINA}})
    assert menu() == ["general"]
