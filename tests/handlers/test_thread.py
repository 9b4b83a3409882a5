"""K4: a question from the family's chat, answered in the same chat."""

from datetime import timedelta

from tests.handlers.village import Village


def test_a_question_reaches_the_own_coordinators_and_the_answer_the_family(village: Village) -> None:
    assert "sudah kami sampaikan" in village.mother.say("tanya Kapan bantuan Oktober datang?")
    assert "Pertanyaan keluarga BLT-001" in village.sijuk.hear()
    assert "Kapan bantuan Oktober datang?" in village.district.hear()
    assert village.badau.hear() == ""
    assert "Tulis jawaban" in village.sijuk.tap("Jawab")
    assert "dikirim ke keluarga" in village.sijuk.say("Hari Jumat, Bu.")
    assert "Hari Jumat, Bu." in village.mother.hear()


def test_replying_to_the_message_answers_and_the_family_goes_on_by_replying(village: Village) -> None:
    village.mother.say("/tanya Kapan posyandu?")
    assert "dikirim ke keluarga" in village.sijuk.reply("Pertanyaan keluarga", "Kamis jam 9")
    village.mother.hear()
    assert "sudah kami sampaikan" in village.mother.reply("Jawaban koordinator", "Di mana, Pak?")
    assert "menambahkan" in village.sijuk.hear()
    village.sijuk.reply("menambahkan", "Di balai desa")
    assert "Di balai desa" in village.mother.hear()
    asked = village.district.say("/jawab")
    assert "Pertanyaan yang mana" in asked
    village.district.tap(next(b.label for row in village.district.out[-1].rows for b in row))
    for words in ("Kapan posyandu?", "Kamis jam 9", "Di mana, Pak?", "Di balai desa"):
        assert words in village.district.out[-1].text


def test_a_reply_to_another_message_is_an_ordinary_answer(village: Village) -> None:
    village.mother.say("/tanya")
    assert "sudah kami sampaikan" in village.mother.reply("Silakan tulis", "Apakah susu boleh?")
    assert "belum mengerti" in village.stranger.take(text="Kabar baik", reply_to="m1")


def test_somebody_elses_message_id_leads_nowhere(village: Village) -> None:
    village.mother.say("/tanya Kapan posyandu?")
    village.sijuk.hear()
    asked = village.sijuk.ids[-1]
    assert "belum mengerti" in village.badau.take(text="Jawaban palsu", reply_to=asked)
    assert village.mother.hear() == ""


def test_a_reply_that_is_a_command_stays_a_command(village: Village) -> None:
    village.mother.say("/tanya Kapan posyandu?")
    assert "Ada yang bisa saya bantu" in village.sijuk.reply("Pertanyaan keluarga", "/menu")


def test_a_coordinator_of_another_area_can_neither_answer_nor_close(village: Village) -> None:
    village.mother.say("/tanya Kapan posyandu?")
    for command in ("/jawab 1 Halo", "/tutup 1", "/jawab 1"):
        assert "ditutup atau tidak ada" in village.badau.say(command)
    assert village.mother.hear() == ""


def test_a_closed_question_is_over_and_the_next_one_opens_a_new_one(village: Village) -> None:
    village.mother.say("/tanya Kapan posyandu?")
    village.sijuk.hear()
    assert "ditutup" in village.sijuk.tap("Selesai")
    assert "sudah ditutup" in village.sijuk.say("/jawab 1 Masih satu lagi")
    assert "Tidak ada pertanyaan" in village.sijuk.say("/jawab")
    village.mother.say("/tanya Satu lagi")
    assert "Pertanyaan keluarga BLT-001" in village.sijuk.hear()


def test_who_stops_after_asking_wants_quiet_and_who_asks_after_stopping_an_answer(village: Village) -> None:
    village.mother.say("/tanya Kapan posyandu?")
    village.clock.advance(timedelta(minutes=1))
    village.mother.say("/stop")
    assert "tidak mau menerima pesan" in village.sijuk.say("/jawab 1 Kamis")
    assert village.mother.hear() == ""
    village.clock.advance(timedelta(minutes=1))
    village.mother.say("/tanya Kapan, ya?")
    assert "dikirim" in village.sijuk.say("/jawab 1 Kamis")
    assert "Kamis" in village.mother.hear()


def test_a_question_is_for_families_and_an_answer_for_coordinators(village: Village) -> None:
    assert "untuk keluarga" in village.stranger.say("/tanya Halo?")
    village.mother.say("/tanya Kapan posyandu?")
    assert "untuk koordinator" in village.giver.say("/jawab 1 Halo")
