"""A coordinator's first working day of the month, by mouse: what waits, who is late, approvals, a list, the report."""

import re
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser.phone import SLOW, Phone, photograph

COLUMNS = [
    "nama",
    "jenis kelamin",
    "tanggal lahir",
    "kecamatan",
    "desa",
    "status",
    "keparahan",
    "nama ibu/wali",
    "telepon wali",
]
Row = list[str]


def child(name: str, day: int, *, sex: str = "P", month: str = "03", village: str = "Terong") -> Row:
    """One row; the day of birth keeps the phones apart."""
    born = f"{day}/{month}/2024"
    return [
        f"Rekaan {name}",
        sex,
        born,
        "Sijuk",
        village,
        "stunting",
        "pendek",
        f"Ibu {name}",
        f"62800000091{day}",
    ]


RIGHT = [child("Kenari", 11), child("Camar", 12), child("Embun", 13), child("Pelangi", 14)]
WRONG = [child("Fajar", 15, sex="X"), child("Ombak", 31, month="02"), child("Senja", 17, village="Atlantis")]
MENDED = [child("Fajar", 15, sex="L"), child("Ombak", 28, month="02"), child("Senja", 17, village="Keciput")]
MISTAKES = {"B6", "C7", "E8"}
"""The cells of `WRONG`, behind the headings and the four right rows."""


def a_list(path: Path, rows: list[Row]) -> Path:
    """Write a list of children as Excel."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (COLUMNS, *rows):
        sheet.append(row)
    book.save(path)
    return path


def queued(coordinator: Phone) -> int:
    """How many wait in the queue, as the newest digest says: to be approved, disputed, to be made sure of."""
    digest = coordinator.sees("Pekan ini di Kabupaten Belitung").locator(
        "xpath=ancestor::*[contains(@class,'row')][1]"
    )
    found = re.findall(r"(?:persetujuan|dipersoalkan|dipastikan): (\d+)", digest.inner_text())
    assert len(found) == 3
    return sum(int(number) for number in found)


@pytest.fixture
def coordinator(page: Page) -> Phone:
    """The district's coordinator, on the first working day of November."""
    date = page.locator("#date")
    while "3 November" not in (before := date.inner_text()):
        page.get_by_role("button", name="+1 hari").click()
        expect(date).not_to_have_text(before, timeout=SLOW)
    return Phone(page, 1)


def test_a_coordinators_morning(page: Page, coordinator: Phone, tmp_path: Path) -> None:
    coordinator.sees("hasil Oktober 2025")
    coordinator.sees("Laporan Genting Kabupaten Belitung, Oktober 2025")
    waiting = queued(coordinator)
    photograph(page, "morning 1 what waits")

    coordinator.tap("Tunggakan")
    coordinator.sees("Setoran terlambat")
    photograph(page, "morning 2 late")
    coordinator.tap("Berikutnya ›")
    coordinator.tap(re.compile("Ingatkan semua"))
    coordinator.sees("pengingat sudah dikirim")
    photograph(page, "morning 3 reminded")

    for number in range(3):
        coordinator.tap(re.compile(r"^Berikutnya \(")) if number else coordinator.write("/antrean")
        coordinator.sees(f"({waiting - number} menunggu)")
        coordinator.tap("✗ Tolak" if number == 2 else "✓ Setujui")
    coordinator.sees("Apa alasannya?")
    photograph(page, "morning 4 why")
    coordinator.write("Rekaan: nomor teleponnya salah")
    coordinator.sees(re.compile("ditolak"))
    coordinator.write("/antrean")
    coordinator.sees(f"({waiting - 3} menunggu)")
    coordinator.tap("✕ Batal")

    coordinator.write("/impor anak")
    coordinator.sees("Silakan kirim berkas Excel")
    coordinator.send_file(a_list(tmp_path / "anak.xlsx", [*RIGHT, *WRONG]))
    coordinator.sees("3 baris perlu diperbaiki")
    photograph(page, "morning 5 wrong rows")
    marked = load_workbook(coordinator.download("diperiksa-anak.xlsx", tmp_path))
    assert {cell.coordinate for row in marked.worksheets[0] for cell in row if cell.comment} == MISTAKES
    assert all(marked.worksheets[0][cell].fill.fgColor.rgb != "00000000" for cell in MISTAKES)
    assert "Temuan" in marked.sheetnames
    coordinator.tap("Kirim berkas yang sudah diperbaiki")
    coordinator.send_file(a_list(tmp_path / "diperbaiki.xlsx", [*RIGHT, *MENDED]))
    coordinator.sees("7 baris dapat dimasukkan")
    photograph(page, "morning 6 mended")
    coordinator.tap("Ya, simpan")
    coordinator.sees("Tersimpan: 7 baru")

    coordinator.write("/laporan")
    coordinator.sees("Laporan Oktober 2025 selesai")
    photograph(page, "morning 7 report")
    report = PdfReader(coordinator.download("laporan-genting-2025-10.pdf", tmp_path))
    assert 2 <= len(report.pages) <= 4
    words = [sheet.extract_text() for sheet in report.pages]
    assert all(len(text) > 100 or sheet.images for text, sheet in zip(words, report.pages, strict=True))
    assert not any("Rekaan" in text or "BLT-" in text for text in words), "no child in it"
