"""One phone on the demo's page, as a person holds it."""

import os
import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

SLOW = 60_000
"""Milliseconds after which even a busy machine has answered."""

RECEIPT = Path(__file__).parents[1] / "scenarios" / "pictures" / "receipt.jpg"


class Phone:
    """One phone on the page."""

    def __init__(self, page: Page, number: int) -> None:
        self.phone = page.locator("section.phone").nth(number)

    def held_by(self, name: str) -> "Phone":
        """Hand the phone to somebody of the cast."""
        self.phone.locator("select.who").select_option(label=name)
        return self

    def tap(self, label: str | re.Pattern[str]) -> None:
        self.phone.get_by_role("button", name=label, exact=isinstance(label, str)).last.click()

    def write(self, text: str) -> None:
        self.phone.locator("textarea").fill(text)
        self.phone.locator("button.send").click()

    def send_photo(self, path: Path) -> None:
        self.phone.locator("input.file").set_input_files(path)
        self.phone.page.get_by_role("button", name="Kirim foto").click()

    def send_file(self, path: Path) -> None:
        self.phone.locator("input.file").set_input_files(path)
        self.phone.page.get_by_role("button", name="Kirim sebagai berkas").click()

    def download(self, name: str, folder: Path) -> Path:
        """Save the newest file of this name; return where."""
        link = self.phone.locator(".log a.document").filter(has_text=name).last
        expect(link).to_be_visible(timeout=SLOW)
        with self.phone.page.expect_download() as started:
            link.click()
        started.value.save_as(folder / name)
        return folder / name

    def sees(self, words: str | re.Pattern[str]) -> Locator:
        found = self.phone.locator(".log").get_by_text(words).last
        expect(found).to_be_visible(timeout=SLOW)
        return found


def photograph(page: Page, name: str) -> None:
    """Keep a screenshot for whoever wants to look (GENTING_SCREENSHOTS names the folder)."""
    if folder := os.environ.get("GENTING_SCREENSHOTS"):
        page.wait_for_timeout(600)
        page.screenshot(path=str(Path(folder) / f"{name}.png"))
