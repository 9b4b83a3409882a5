"""Outgoing messages in WhatsApp's forms: each is valid by Meta's description and by the limits it is silent about."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.markup import to_whatsapp
from bot.channels.whatsapp.errors import meaning
from bot.channels.whatsapp.rendering import SHARE_PHONE, Content, contents, document, picture
from bot.channels.whatsapp.templates import compare, filled, shown, templates
from bot.simulator.whatsapp import rules, schema
from handlers.kit.messages import NEWS, NEWS_CATEGORY, Button, Outbound
from handlers.texts import LANGUAGES, escape

BACK, CANCEL = Button("‹ Kembali", "q:n:!back"), Button("✕ Batal", "q:n:!cancel")
ENVELOPE = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": "628120000001"}


def rendered(
    message: Outbound,
    image: str | None = None,
    *,
    file: Content | None = None,
    knows_phone: bool = True,
) -> list[dict[str, Any]]:
    """Render, and have every part checked as the local WhatsApp checks it."""
    media = picture(image) if image else file
    parts = contents(message, "id", media=media, knows_phone=knows_phone)
    for part in parts:
        schema.check_message({**ENVELOPE, **part})
        rules.check({**ENVELOPE, **part})
    return parts


def options(count: int, label: str = "Pilihan {}") -> list[list[Button]]:
    return [[Button(label.format(n), f"q:n:{n}")] for n in range(count)]


def titles(part: dict[str, Any]) -> list[str]:
    action = part["interactive"]["action"]
    if "buttons" in action:
        return [button["reply"]["title"] for button in action["buttons"]]
    return [row["title"] for section in action["sections"] for row in section["rows"]]


def test_words_alone_are_a_text() -> None:
    assert rendered(Outbound("halo *Budi*")) == [
        {"type": "text", "text": {"body": "halo *Budi*", "preview_url": False}}
    ]


def test_a_typed_question_shows_its_ways_out_as_buttons() -> None:
    [part] = rendered(Outbound("Nama lengkap?", nav=[BACK, CANCEL]))
    assert part["interactive"]["type"] == "button"
    assert titles(part) == ["‹ Kembali", "✕ Batal"]


def test_up_to_three_choices_are_buttons_and_ways_out_are_typed() -> None:
    [part] = rendered(Outbound("Setuju?", options(3), [BACK, CANCEL]))
    assert titles(part) == ["Pilihan 0", "Pilihan 1", "Pilihan 2"]
    assert part["interactive"]["footer"]["text"] == "Atau ketik: kembali · batal"


def test_more_choices_are_a_list_with_the_ways_out_as_rows() -> None:
    [part] = rendered(Outbound("Yang mana?", options(5), [BACK, CANCEL]))
    assert part["interactive"]["type"] == "list"
    assert part["interactive"]["action"]["button"] == "Pilih"
    assert titles(part)[-2:] == ["‹ Kembali", "✕ Batal"]


def test_a_full_list_tells_the_ways_out_below() -> None:
    [part] = rendered(Outbound("Yang mana?", options(10), [BACK, CANCEL]))
    assert len(titles(part)) == 10
    assert part["interactive"]["footer"]["text"] == "Atau ketik: kembali · batal"


def test_more_than_ten_are_several_lists_and_none_is_lost() -> None:
    parts = rendered(Outbound("Menu", options(23)))
    assert [len(titles(part)) for part in parts] == [10, 10, 3]
    assert [part["interactive"]["body"]["text"] for part in parts] == ["Menu", *["Pilihan lainnya:"] * 2]


def test_a_long_label_is_told_shortly_and_in_full_below() -> None:
    long = Button("Daftar jadi orang tua asuh", "/daftar", "Jadi orang tua asuh")
    [part] = rendered(Outbound("Menu", [[long], *options(4)]))
    row = part["interactive"]["action"]["sections"][0]["rows"][0]
    assert row == {
        "id": "/daftar",
        "title": "Jadi orang tua asuh",
        "description": "Daftar jadi orang tua asuh",
    }


def test_names_that_are_cut_to_the_same_stay_apart() -> None:
    [part] = rendered(Outbound("OPD?", options(3, "Dinas Pendidikan dan Kebudayaan {}")))
    assert len(set(titles(part))) == 3


def test_sharing_the_own_number_is_a_button_only_when_it_is_known() -> None:
    question = Outbound("Nomor HP?", nav=[BACK, CANCEL], share_phone="📱 Bagikan nomor HP saya")
    [known] = rendered(question)
    assert known["interactive"]["action"]["buttons"][0]["reply"]["id"] == SHARE_PHONE
    [hidden] = rendered(question, knows_phone=False)
    assert titles(hidden) == ["‹ Kembali", "✕ Batal"]


def test_a_picture_and_its_buttons_are_one_message() -> None:
    [part] = rendered(Outbound("92 dari 237", options(2), picture=("coverage", {})), image="1")
    assert part["interactive"]["header"] == {"type": "image", "image": {"id": "1"}}
    [captioned] = rendered(Outbound("92 dari 237", picture=("coverage", {})), image="1")
    assert captioned["image"] == {"id": "1", "caption": "92 dari 237"}


def test_a_file_carries_its_words_and_buttons() -> None:
    report = document("7", "Genting Oktober 2025.pdf")
    [captioned] = rendered(Outbound("Laporan Oktober 2025"), file=report)
    assert captioned["document"] == {
        "id": "7",
        "filename": "Genting Oktober 2025.pdf",
        "caption": "Laporan Oktober 2025",
    }
    [part] = rendered(Outbound("Laporan Oktober 2025", options(2)), file=report)
    assert part["interactive"]["header"] == report


def test_a_picture_stands_before_a_list() -> None:
    parts = rendered(Outbound("92 dari 237", options(6), picture=("coverage", {})), image="1")
    assert [part["type"] for part in parts] == ["image", "interactive"]


def test_long_words_go_ahead_and_their_end_stays_with_the_buttons() -> None:
    paragraphs = "\n\n".join(f"Paragraf {n}. " + "kata " * 39 + "kata" for n in range(12))
    before, last = rendered(Outbound(paragraphs, options(2)))
    assert before["type"] == "text"
    body = last["interactive"]["body"]["text"]
    assert body.startswith("Paragraf")
    assert before["text"]["body"] + "\n\n" + body == paragraphs.strip()


def test_a_tick_list_can_be_answered_by_numbers() -> None:
    [part] = rendered(Outbound("Makan apa?", options(5), listed="Boleh juga ketik nomornya: 1 3 5\n1. Padi"))
    assert "1 3 5" in part["interactive"]["body"]["text"]


WORDS = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"], exclude_characters="_~"), max_size=90)


@given(st.lists(WORDS, max_size=100), st.lists(WORDS, max_size=25), st.booleans(), st.booleans())
def test_whatever_is_said_is_valid(
    paragraphs: list[str], labels: list[str], picture: bool, nav: bool
) -> None:
    rows = [[Button(escape(f"A{label}".strip()), f"q:n:{n}")] for n, label in enumerate(labels)]
    words = escape("\n\n".join(["Halo", *paragraphs])).strip()
    rendered(Outbound(words, rows, [BACK, CANCEL] if nav else []), image="1" if picture else None)


@pytest.mark.parametrize(
    ("marked", "shown"),
    [
        ("*tebal* dan _miring_ dan `kode`", "*tebal* dan _miring_ dan `kode`"),
        ("*Nama:* \\_miring\\_", "*Nama:* ˍmiringˍ"),
        ("~coret~ a\\_b@c\\_d.id", "∼coret∼ a_b@c_d.id"),
        ("> kutipan", "› kutipan"),
        ("tak \\*tebal\\*", "tak ∗tebal∗"),
        ("*belum ditutup", "∗belum ditutup"),
        ("a_b@c.id", "a_b@c.id"),
    ],
)
def test_markup(marked: str, shown: str) -> None:
    assert to_whatsapp(marked) == shown


# -- templates ------------------------------------------------------------------------------------------------------

UNSAID = (
    "stunting",
    "gizi",
    "gemuk",
    "kurus",
    "berat",
    "tinggi badan",
    "sakit",
    "nutrition",
    "weight",
    "nik",
    "nip",
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(templates()))
def test_a_template_can_be_registered_filled_and_sent(name: str, language: str) -> None:
    template = templates()[name]
    rules.check_registration(template.registration(name, language))
    message = {**ENVELOPE, **filled(name, template.samples, language)}
    schema.check_message(message)
    rules.check(message)
    text = rules.template_text(template.registration(name, language), message["template"]["components"])
    assert "{{" not in text
    assert template.category == "UTILITY"
    assert not [word for word in UNSAID if word in f" {text} ".casefold().split()], text


def test_a_template_takes_no_line_breaks_and_no_missing_value() -> None:
    [body, _] = filled("news", ["Kabupaten\n Belitung"], "id")["template"]["components"]
    assert body["parameters"][0]["text"] == "Kabupaten Belitung"
    with pytest.raises(ValueError, match="takes 1"):
        filled("news", [], "id")


def test_what_is_registered_is_compared() -> None:
    registered = [
        {**templates()[name].registration(name, language), "status": "APPROVED"}
        for name in templates()
        for language in LANGUAGES
    ]
    assert all(one.usable for one in compare(registered))
    registered[0] |= {"category": "MARKETING"}
    registered[1]["components"][0]["text"] = "other words"
    registered[2] |= {"status": "PAUSED"}
    del registered[3]
    said = [one.says for one in compare(registered) if not one.usable]
    assert said == [
        "recategorised as MARKETING",
        "APPROVED, but its words differ from the file's",
        "paused",
        "not registered",
    ]


# -- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        (130429, "retry"), (131056, "retry"), (80007, "retry"), (4, "retry"), (131048, "retry"), (133016, "retry"),
        (131047, "closed"), (131026, "gone"), (131049, "tomorrow"), (131050, "tomorrow"),
        (132000, "template"), (132001, "template"), (132015, "template"), (132016, "template"),
        (190, "halt"), (368, "halt"), (131000, "again"), (131051, "never"),
    ],
)  # fmt: skip
def test_a_code_says_what_to_do(code: int, wanted: str) -> None:
    error = meaning(code)
    found = (
        "tomorrow" if error.retry_after == 24 * 3600
        else "retry" if error.retry_after
        else "closed" if error.closed
        else "gone" if error.gone
        else "template" if error.template_refused
        else "halt" if error.halt
        else "never" if error.permanent
        else "again"
    )  # fmt: skip
    assert found == wanted


def test_the_template_of_news_is_charged_as_the_cost_of_a_broadcast_says() -> None:
    assert templates()[NEWS].category.lower() == NEWS_CATEGORY


def test_a_template_is_shown_as_it_will_be_read() -> None:
    words, button = shown("transfer_reminder", ["Oktober 2025", "BLT-014"], "id")
    assert "bulan Oktober 2025 untuk kode BLT-014." in words
    assert button == "Lihat"
