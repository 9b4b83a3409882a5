"""A month on the demo's page: reminded, given, confirmed, counted; then the check-in and a visit, by taps."""

import re

from playwright.sync_api import Page, expect

from tests.browser.phone import RECEIPT, SLOW, Phone, photograph

CONFIRMED = re.compile(r"diterima keluarga: (\d+)")


def confirmed(coordinator: Phone, month: str) -> int:
    """How many payouts of the month families have confirmed, as /statistik says."""
    before = coordinator.phone.locator(".log img").count()
    coordinator.write("/statistik")
    expect(coordinator.phone.locator(".log img")).to_have_count(before + 1, timeout=SLOW)
    coordinator.sees(re.compile(f"Penyaluran {month}"))
    return int(CONFIRMED.findall(coordinator.phone.locator(".log").inner_text())[-1])


def test_the_month_runs_from_the_reminder_to_the_statistics(page: Page) -> None:
    family, coordinator = Phone(page, 0).held_by("Wulan Contoh"), Phone(page, 1)
    giver = Phone(page, 2).held_by("Nadia Flamboyan Contoh")
    page.get_by_role("button", name="Ke tanggal penyaluran").click()
    expect(page.locator("#date")).to_have_text("Senin, 10 November 2025")
    giver.sees(re.compile("Waktunya menyalurkan bantuan November 2025|bantuan November 2025"))
    family.sees(re.compile("bantuan November 2025", re.I))
    assert confirmed(coordinator, "November 2025") == 0
    photograph(page, "month-reminded")

    giver.write("/setor")
    giver.tap("BLT-024")
    giver.tap("November 2025 · Rp450.000")
    giver.tap("Rp450.000")
    giver.tap("Uang tunai/transfer")
    giver.sees("foto bukti transfer")
    giver.send_photo(RECEIPT)
    giver.tap("Ya, kirim")
    giver.sees("Kami tanyakan kepada keluarga")
    family.sees("Apakah sudah Ibu/Bapak terima?")
    photograph(page, "month-asked")
    family.tap("✅ Sudah diterima")
    family.sees("terima kasih kabarnya")
    giver.sees("sudah menerima bantuan November 2025")
    assert confirmed(coordinator, "November 2025") == 1
    photograph(page, "month-confirmed")


def test_the_check_in_is_answered_by_taps_only(page: Page) -> None:
    family = Phone(page, 0).held_by("Wulan Contoh")
    while "20 " not in page.locator("#date").inner_text():
        before = page.locator("#date").inner_text()
        page.get_by_role("button", name="+1 hari").click()
        expect(page.locator("#date")).not_to_have_text(before, timeout=SLOW)
    family.sees("pertanyaan singkat")
    family.tap("Jawab sekarang")
    for label in ("✓ Sehat", "☐ Nasi, bubur, mi, ubi, singkong", "☐ Telur", "✓ Selesai", "Sudah", "Makanan"):
        family.tap(label)
    family.sees("sudah tersimpan")
    photograph(page, "check-in")


def test_a_visit_takes_taps_and_two_numbers(page: Page) -> None:
    giver = Phone(page, 0).held_by("Nadia Flamboyan Contoh")
    log_visit(giver, "Hari ini", 1)
    photograph(page, "visit")
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 844})
    log_visit(giver, "Kemarin", 2)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    photograph(page, "visit on a phone")


def log_visit(giver: Phone, day: str, number: int) -> None:
    """Log the `number`-th visit; its answer has the growth in words, and the chart."""
    giver.write("/kunjungan BLT-024")
    giver.tap(day)
    giver.tap("🏠 Rumah")
    giver.sees("Berapa beratnya?")
    giver.write("9,9")
    giver.sees("panjang/tingginya")
    giver.write("80,5")
    giver.tap("Berbaring")
    giver.tap("☐ Makanan bergizi")
    giver.tap("✓ Selesai")
    skip = giver.phone.get_by_role("button", name="Lewati", exact=True)
    others = skip.count()  # under the receipt, which was sent
    giver.tap("😊 Sehat")
    expect(skip).to_have_count(others + 1, timeout=SLOW)
    skip.last.click()
    giver.tap("Tanpa catatan")
    giver.tap("Ya, simpan")
    answers = giver.phone.locator(".log .row").filter(has_text="Kunjungan ke BLT-024 sudah tercatat")
    expect(answers).to_have_count(number, timeout=SLOW)
    expect(answers.last).to_contain_text("TB/U")
    expect(answers.last.locator("img")).to_be_visible(timeout=SLOW)
