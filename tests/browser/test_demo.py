"""The demo, as README tells it: sign up, choose a child, approve, ask for statistics, by mouse."""

import re

from playwright.sync_api import Page, expect

from tests.browser.phone import RECEIPT, SLOW, Phone, photograph

ASN, COORDINATOR = "Ratna Simpor Contoh", "Kartika Dahlia Contoh"


def test_the_whole_story_is_done_by_mouse(page: Page) -> None:
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
    expect(coordinator.phone.locator(".log img").last).to_be_visible(timeout=SLOW)
    photograph(page, "demo")


class GreenPhone(Phone):
    """The phone on the page that is on WhatsApp."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, 0)
        self.phone = page.locator("section.phone[data-channel=whatsapp]").first

    def choose(self, row: str) -> None:
        """Open the newest list and tap a row."""
        self.phone.locator("details.list summary").last.click()
        self.phone.locator("details.list").last.get_by_role("button", name=re.compile(row)).first.click()


def test_an_asn_signs_up_and_adopts_on_whatsapp_and_is_told_by_a_template(page: Page) -> None:
    asn, coordinator = GreenPhone(page), Phone(page, 1)
    asn.write("halo")
    asn.sees("Selamat datang")
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
    photograph(page, "whatsapp")


def test_the_page_fits_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("section.phone").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_photo_is_sent_and_the_clock_is_moved_for_everybody(page: Page) -> None:
    giver = Phone(page, 2)
    giver.send_photo(RECEIPT)
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


FAMILY, DISTRICT = 900007, 900001


def test_a_family_on_whatsapp_joins_is_reminded_by_a_template_and_checks_in(page: Page) -> None:
    shown = [{"person": person, "chat": person} for person in (FAMILY, DISTRICT)]
    page.evaluate("phones => localStorage.setItem('genting.phones', JSON.stringify(phones))", shown)
    page.reload()
    family, coordinator = GreenPhone(page), Phone(page, 1)
    coordinator.write("/undang BLT-038")
    coordinator.sees("Undangan Genting").get_by_role("link", name=re.compile(r"wa\.me")).click()
    page.locator("#link-people").get_by_role("button", name=re.compile("Laras Contoh")).click()
    family.sees("orang tua atau wali anak ini")
    family.tap("Ya, saya setuju")
    family.sees("bolehkah orang tua asuh")
    family.tap("Boleh")
    family.sees("sudah bergabung")

    while "20 November" not in (date := page.locator("#date").inner_text()):
        page.get_by_role("button", name="Ke tanggal penyaluran" if "Oktober" in date else "+1 hari").click()
        expect(page.locator("#date")).not_to_have_text(date)
    family.sees("Ada pertanyaan singkat bulan ini untuk kode BLT-038")
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
    photograph(page, "family")
