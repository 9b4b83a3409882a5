"""The control API, the event stream, the page in a real browser, and the process."""

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bot.simulator.driver import Driver, Phone, PhoneError
from bot.simulator.server import RunningSimulator

Api = Callable[..., dict[str, Any]]
RINA, STRANGER = 7_100_000_101, 102
CHROMIUM = shutil.which("chromium")


def events(stream: httpx.Response) -> Iterator[tuple[str, Any]]:
    kind = ""
    for line in stream.iter_lines():
        if line.startswith("event: "):
            kind = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield kind, json.loads(line.removeprefix("data: "))


def test_changes_are_streamed(sim: RunningSimulator, rina: Phone, api: Api) -> None:
    url = f"{sim.url}/control/events?chats={RINA}"
    with httpx.stream("GET", url, trust_env=False, timeout=60) as stream:
        incoming = events(stream)
        kind, state = next(incoming)
        assert kind == "state"
        assert [person["first_name"] for person in state["people"]] == ["Rina", "Stranger", "Blocker", "Gone"]
        assert next(incoming)[0] == "chat"
        api("sendMessage", {"chat_id": RINA, "text": "halo"})
        kind, view = next(incoming)
        assert (kind, view["messages"][0]["payload"]["text"]) == ("chat", "halo")
        rina.send("ya")
        assert next(incoming)[1]["messages"][0]["payload"]["text"] == "ya"


def test_waiting_looks_at_what_came_after_the_last_deed(rina: Phone, api: Api) -> None:
    api("sendMessage", {"chat_id": RINA, "text": "Selamat datang"})
    rina.send("halo")
    with pytest.raises(PhoneError, match="no message with 'Selamat'"):
        rina.wait_for("Selamat", timeout=0.05)
    assert rina.wait_for("Selamat", anywhere=True).id == 1
    api("sendMessage", {"chat_id": RINA, "text": "Selamat pagi"})
    assert rina.wait_for("Selamat").text == "Selamat pagi"
    api("editMessageText", {"chat_id": RINA, "message_id": 1, "text": "Selamat malam"})
    assert rina.wait_for(lambda message: message.edited).text == "Selamat malam"


def test_the_page_lets_nothing_from_elsewhere_in(sim: RunningSimulator) -> None:
    response = httpx.get(sim.url, trust_env=False)
    assert response.status_code == 200
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert "http://" not in response.text.replace("http://www.w3.org", "")
    assert "https://" not in response.text


def test_an_uploaded_page_is_never_served_as_one(sim: RunningSimulator, driver: Driver, rina: Phone) -> None:
    rina.send_document(b"<script>alert(1)</script>", "a.svg", "image/svg+xml")
    file_id = driver.updates()[-1]["message"]["document"]["file_id"]
    response = httpx.get(f"{sim.url}/control/files/{file_id}", trust_env=False)
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["x-content-type-options"] == "nosniff"


def test_another_sites_page_cannot_use_the_phones(sim: RunningSimulator) -> None:
    url, headers = f"{sim.url}/control/people", {"Origin": "https://elsewhere.example"}
    assert httpx.post(url, json={}, headers=headers, trust_env=False).status_code == 403
    assert httpx.post(url, json={}, headers={"Origin": sim.url}, trust_env=False).status_code == 200


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
    ]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()


def opened(browser: Browser, sim: RunningSimulator, width: int, height: int) -> tuple[Page, list[str]]:
    page = browser.new_page(viewport={"width": width, "height": height})
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.goto(sim.url)
    return page, problems


def test_a_visitor_chats_on_three_phones(
    browser: Browser, sim: RunningSimulator, driver: Driver, api: Api
) -> None:
    page, problems = opened(browser, sim, 1440, 900)
    expect(page.locator(".phone")).to_have_count(3)
    rina = page.get_by_role("region", name="Rina Marlina")
    markup = {"inline_keyboard": [[{"text": "Daftar", "callback_data": "signup"}]]}
    attack = "<img src=x onerror=\"document.title='hacked'\">"
    api("sendMessage", {"chat_id": RINA, "text": attack, "reply_markup": markup})
    expect(rina.locator(".text").last).to_have_text(attack)
    rina.get_by_role("textbox").fill("Selamat pagi")
    rina.get_by_role("textbox").press("Enter")
    expect(rina.locator(".out .text").last).to_have_text("Selamat pagi")
    with page.expect_response("**/tap"):
        rina.get_by_role("button", name="Daftar", exact=True).click()
    query = driver.updates()[-1]["callback_query"]
    api("answerCallbackQuery", {"callback_query_id": query["id"], "text": "Tersimpan"})
    expect(rina.get_by_text("Tersimpan")).to_be_visible()
    stranger = page.get_by_role("region", name="Stranger")
    stranger.get_by_role("button", name="MULAI").click()
    expect(stranger.locator(".out .text")).to_have_text("/start")
    page.get_by_role("button", name="Orang baru").click()
    expect(page.get_by_role("region", name="Ayu Pratama")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="New person")).to_be_visible()
    assert page.title() == "Genting — simulator"
    assert page.evaluate("document.documentElement.scrollWidth") == 1440
    assert problems == []
    page.close()


def test_a_narrow_screen_shows_one_phone_and_no_sideways_scroll(
    browser: Browser, sim: RunningSimulator
) -> None:
    page, problems = opened(browser, sim, 390, 844)
    expect(page.locator(".phone")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    nameless = page.evaluate(
        "[...document.querySelectorAll('button, select, textarea, a')].filter((it) => it.offsetParent"
        " && !it.textContent.trim() && !it.getAttribute('aria-label')).length"
    )
    assert nameless == 0
    assert problems == []
    page.close()


def test_it_runs_as_a_process_of_its_own() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "bot.simulator", "--port", str(port), "--token", "123456:ABCdef"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        try:
            transport = httpx.HTTPTransport(retries=8)
            with httpx.Client(transport=transport) as client:
                answer = client.get(f"http://127.0.0.1:{port}/telegram/bot123456:ABCdef/getMe").json()
            assert answer["result"]["id"] == 123456
            with Driver(f"http://127.0.0.1:{port}") as driver:
                phone = driver.phone(driver.add_person())
                phone.start()
                assert driver.pending() == 1
        finally:
            process.terminate()
            process.wait(timeout=60)
