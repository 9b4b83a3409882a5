"""/daftar: what is typed is checked, and a no to the summary loses nothing."""

from tests.handlers.village import Village


def test_a_number_is_no_offices_name_and_a_no_to_the_summary_goes_one_question_back(village: Village) -> None:
    new = village.stranger
    new.say("/daftar")
    new.say("ya")
    new.say("perusahaan")
    new.say("Damar Contoh")
    assert "belum terbaca sebagai nama" in new.say("198503152010011001")
    new.say("PT Rekaan")
    wrong = new.say("nomor saya")
    assert "📱" in wrong
    assert "Bagikan" not in wrong
    assert "Damar Contoh" in new.say("0812-0000-0001")
    said = new.say("tidak")
    assert "belum ada yang disimpan" in said
    assert "Lanjutkan?" not in said
    assert "0002" in new.say("0812-0000-0002"), "the phone is asked again"
    new.say("tidak")
    new.say("kembali")
    new.say("PT Contoh Baru")
    summary = new.say("0812-0000-0003")
    assert "PT Contoh Baru" in summary
    assert "Damar Contoh" in summary
    assert "Terima kasih" in new.say("ya")


def test_ending_a_pledge_and_ending_messages_are_told_apart_in_the_menu(village: Village) -> None:
    village.giver.say("menu")
    labels = [button.label for row in village.giver.out[-1].rows for button in row]
    assert "Akhiri dukungan" in labels
    assert "Berhenti" not in labels
