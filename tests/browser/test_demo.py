"""The demo, as README tells it: sign up, choose a child, approve, ask for statistics, by mouse."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright

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
RECEIPT = Path(__file__).parents[1] / "scenarios" / "pictures" / "receipt.jpg"
ASN, COORDINATOR = "Ratna Simpor Contoh", "Kartika Dahlia Contoh"

if CHROMIUM is None and os.environ.get("CI") != "true":
    pytest.skip("Chromium is not installed (apt-get install chromium)", allow_module_level=True)


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
def page(demo: str) -> Iterator[Page]:
    assert CHROMIUM, "CI needs Chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(demo)
        yield page
        browser.close()


class Phone:
    """One phone on the page."""

    def __init__(self, page: Page, number: int) -> None:
        self.phone = page.locator("section.phone").nth(number)

    def tap(self, label: str) -> None:
        self.phone.get_by_role("button", name=label, exact=True).last.click()

    def write(self, text: str) -> None:
        self.phone.locator("textarea").fill(text)
        self.phone.locator("button.send").click()

    def sees(self, words: str | re.Pattern[str]) -> Locator:
        found = self.phone.locator(".log").get_by_text(words).last
        expect(found).to_be_visible(timeout=20_000)
        return found


def test_the_whole_story_is_done_by_mouse(page: Page, tmp_path: Path) -> None:
    asn, coordinator = Phone(page, 0), Phone(page, 1)
    nip = re.findall(r"\d{18}", asn.sees(re.compile("NIP Anda")).inner_text())[0]
    asn.phone.locator("button.begin").click()
    asn.sees("92 dari 237 anak")
    asn.tap("Daftar jadi orang tua asuh")
    asn.tap("Ya, saya setuju")
    asn.tap("ASN (PNS/PPPK)")
    asn.sees("Nama lengkap")
    asn.write(ASN)
    asn.sees("18 angka, PNS maupun PPPK")
    asn.write(nip)
    asn.tap("Bappeda")
    asn.sees("Nomor HP")
    asn.phone.locator(".keyboard").get_by_role("button", name="Bagikan nomor HP saya").click()
    asn.tap("Ya, daftar")
    asn.sees("langsung terverifikasi")

    asn.tap("Pilih anak asuh")
    asn.tap("⭐ Paling membutuhkan")
    asn.sees("Nama dan alamat baru dibuka")
    asn.phone.get_by_role("button", name=re.compile(r"^BLT-\d+ · Rp450\.000$")).first.click()
    asn.tap("Oktober 2025")
    asn.tap("Putaran ini, sampai Desember 2025")
    asn.tap("Rp450.000")
    asn.sees("Piagam perlindungan anak")
    asn.tap("Ya, saya setuju")
    asn.tap("Ya, saya berkomitmen")
    asn.sees("Koordinator akan menyetujuinya")

    coordinator.sees("Komitmen baru")
    coordinator.tap("✓ Setujui")
    coordinator.sees(re.compile("disetujui"))
    asn.sees(re.compile("sudah disetujui"))
    coordinator.write("/statistik")
    coordinator.sees("93 dari 237 anak")
    expect(coordinator.phone.locator(".log img").last).to_be_visible(timeout=20_000)
    if folder := os.environ.get("GENTING_SCREENSHOTS"):
        page.wait_for_timeout(800)
        page.screenshot(path=str(Path(folder) / "demo.png"))


class GreenPhone(Phone):
    """The phone on the page that is on WhatsApp."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, 0)
        self.phone = page.locator("section.phone[data-channel=whatsapp]").first

    def choose(self, row: str) -> None:
        """Open the newest list and tap a row."""
        self.phone.locator("details.list summary").last.click()
        self.phone.locator("details.list").last.get_by_role("button", name=re.compile(row)).first.click()


def test_an_asn_signs_up_and_adopts_on_whatsapp_and_is_told_by_a_template(page: Page, tmp_path: Path) -> None:
    asn, coordinator = GreenPhone(page), Phone(page, 1)
    asn.write("halo")
    asn.sees("belum mengerti")
    asn.choose("Jadi orang tua asuh")
    asn.tap("Ya, saya setuju")
    asn.sees("sebagai apa")
    asn.choose("ASN")
    asn.sees("Nama lengkap")
    asn.write("Intan Kamboja Contoh")
    asn.sees("OPD")
    asn.choose("Bappeda")
    asn.tap("📱 Pakai nomor ini")
    asn.tap("Ya, daftar")
    asn.sees("langsung terverifikasi")
    asn.tap("Pilih anak asuh")
    asn.sees("Mau memilih yang mana")
    asn.choose("Paling membutuhkan")
    asn.sees("Nama dan alamat baru dibuka")
    asn.choose(r"^BLT-\d+ · Rp450\.000")
    asn.tap("Oktober 2025")
    asn.sees("Untuk berapa lama")
    asn.choose("Putaran ini")
    asn.tap("Rp450.000")
    asn.sees("Piagam perlindungan anak")
    asn.tap("Ya, saya setuju")
    asn.tap("Ya, saya berkomitmen")
    asn.sees("Koordinator akan menyetujuinya")

    asn.phone.locator("button.more").click()
    asn.phone.get_by_role("menuitem", name="Anggap sehari lebih").click()
    coordinator.sees("Komitmen baru")
    coordinator.tap("✓ Setujui")
    asn.sees("Ada kabar untuk Bapak/Ibu")
    asn.tap("Baca")
    asn.sees(re.compile("sudah disetujui"))
    if folder := os.environ.get("GENTING_SCREENSHOTS"):
        page.wait_for_timeout(800)
        page.screenshot(path=str(Path(folder) / "whatsapp.png"))


def test_the_page_fits_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("section.phone").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_photo_is_sent_and_the_clock_is_moved_for_everybody(page: Page) -> None:
    giver = Phone(page, 2)
    giver.phone.locator("input.file").set_input_files(RECEIPT)
    page.get_by_role("button", name="Kirim foto").click()
    expect(giver.phone.locator(".row.out .picture img")).to_be_visible()
    giver.sees("belum mengerti")

    page.get_by_role("button", name="Ke tanggal penyaluran").click()
    expect(page.locator("#date")).to_have_text("Senin, 10 November 2025")
    expect(page.locator("#clock")).to_have_text("09.00 WIB")
    page.get_by_role("button", name="+1 jam").click()
    expect(page.locator("#clock")).to_have_text("10.00 WIB")
    page.get_by_role("button", name="+1 hari").click()
    expect(page.locator("#date")).to_have_text("Selasa, 11 November 2025")
    giver.write("/menu")
    giver.sees("Ada yang bisa saya bantu")


FAMILY, DISTRICT = 900006, 900001


def test_a_family_on_whatsapp_joins_is_reminded_by_a_template_and_checks_in(page: Page) -> None:
    shown = [{"person": person, "chat": person} for person in (FAMILY, DISTRICT)]
    page.evaluate("phones => localStorage.setItem('genting.phones', JSON.stringify(phones))", shown)
    page.reload()
    family, coordinator = GreenPhone(page), Phone(page, 1)
    coordinator.write("/undang BLT-024")
    coordinator.sees("Undangan Genting").get_by_role("link", name=re.compile(r"wa\.me")).click()
    page.locator("#link-people").get_by_role("button", name=re.compile("Wulan Contoh")).click()
    family.sees("orang tua atau wali anak ini")
    family.tap("Ya, saya setuju")
    family.sees("bolehkah orang tua asuh")
    family.tap("Boleh")
    family.sees("sudah bergabung")

    while "20 November" not in (date := page.locator("#date").inner_text()):
        page.get_by_role("button", name="Ke tanggal penyaluran" if "Oktober" in date else "+1 hari").click()
        expect(page.locator("#date")).not_to_have_text(date)
    family.sees("Ada pertanyaan singkat bulan ini untuk kode BLT-024")
    family.tap("Jawab sekarang")
    family.sees("Cukup satu menit, tinggal ketuk")
    family.tap("Jawab sekarang")
    family.sees("apakah ia sakit")
    family.choose("Sehat")
    family.sees("makan apa saja")
    family.write("2 3 5")
    family.sees("sudah ke posyandu")
    family.tap("Belum")
    family.sees("dipakai untuk apa")
    family.choose("Makanan")
    family.sees("sudah tersimpan")
    if folder := os.environ.get("GENTING_SCREENSHOTS"):
        page.wait_for_timeout(800)
        page.screenshot(path=str(Path(folder) / "family.png"))
