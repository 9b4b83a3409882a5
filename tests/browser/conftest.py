"""The demo in a browser: as its own process, for each file of tests anew."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.browser.phone import photograph

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

if CHROMIUM is None and os.environ.get("CI") != "true":
    collect_ignore_glob = ["test_*.py"]  # apt-get install chromium


@pytest.fixture(scope="module")
def demo() -> Iterator[str]:
    """`genting demo` as its own process; its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "bot.cli", "demo", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "open http" in line:
                break
        yield f"http://127.0.0.1:{port}"
        process.terminate()


@pytest.fixture
def page(demo: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    assert CHROMIUM, "CI needs Chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(demo)
        yield page
        photograph(page, f"end of {request.node.name}")
        browser.close()
