"""An `Outbound` in WhatsApp's forms: reply buttons, lists, pictures, within its limits.

Limits (Cloud API, interactive messages): three reply buttons of 20 characters, or a list of ten rows of 24 and 72
under a button of 20; 1,024 characters beside either, 4,096 alone; 60 in a footer. Labels are cut by meaning: the
catalogs carry short forms, and only names of places and offices are cut by letters, with the whole name below.
"""

from collections.abc import Iterable
from typing import Any

from bot.channels.markup import literal, to_whatsapp
from handlers.kit.messages import Button, Outbound
from handlers.texts import plain, render, t

Content = dict[str, Any]
"""A message's own part of the request: `type`, and what that type needs."""

BUTTONS, BUTTON_TITLE = 3, 20
ROWS, ROW_TITLE, ROW_DESCRIPTION = 10, 24, 72
TEXT, BODY, CAPTION, FOOTER = 4096, 1024, 1024, 60

BREAKS = ("\n\n", "\n", " ")
"""Where a long text is best cut."""

SHARE_PHONE = "!phone"
"""The data of the button that uses the number of this very chat."""


def units(text: str) -> int:
    """Return a text's length as the platform counts it: UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def picture(media_id: str) -> Content:
    """Return an uploaded picture as a message without words."""
    return {"type": "image", "image": {"id": media_id}}


def document(media_id: str, name: str) -> Content:
    """Return an uploaded file as a message without words."""
    return {"type": "document", "document": {"id": media_id, "filename": name}}


def contents(message: Outbound, language: str, *, media: Content | None, knows_phone: bool) -> list[Content]:
    """Return a message as the fewest messages that WhatsApp can show.

    `media` is its picture or document; `knows_phone`: the recipient's number is known, so it can be offered.
    """
    text = to_whatsapp("\n\n".join(part for part in (message.text, message.listed) if part))
    options = [button for row in message.rows for button in row]
    if message.share_phone is not None and knows_phone:
        options.insert(
            0, Button(message.share_phone, SHARE_PHONE, render(t.kit.share_phone(), language, short=True))
        )
    if not options and not message.nav:
        return _plain(text, media)
    if len(options) + len(message.nav) <= BUTTONS:
        return _with_buttons(text, media, [*options, *message.nav], "")
    if 0 < len(options) <= BUTTONS:
        return _with_buttons(text, media, options, _ways_out(message.nav, language))
    return _with_list(text, media, options, message.nav, language)


def _plain(text: str, media: Content | None) -> list[Content]:
    if media is None:
        return [_text(part) for part in _chunks(text, TEXT)]
    if units(text) <= CAPTION:
        return [_captioned(media, text)]
    return [media, *_plain(text, None)]


def _with_buttons(text: str, media: Content | None, buttons: list[Button], footer: str) -> list[Content]:
    """Show up to three buttons; a picture or document stands above the words in the same message."""
    before, body = _before_and_body(text or "…")
    titles = _distinct([_title(button, BUTTON_TITLE) for button in buttons])
    action = {
        "buttons": [
            {"type": "reply", "reply": {"id": button.data, "title": title}}
            for button, title in zip(buttons, titles, strict=True)
        ]
    }
    header = {"header": media} if media and not before else {}
    first = [media] if media and before else []
    return [*first, *map(_text, before), _interactive("button", body, action, footer, header)]


def _with_list(
    text: str, media: Content | None, options: list[Button], nav: list[Button], language: str
) -> list[Content]:
    """Show a list, several when there are more options than rows; ways out are rows too where there is room."""
    before, body = _before_and_body(text or "…")
    room = len(options) + len(nav) <= ROWS
    rows = [*options, *nav] if room else options
    pages = [rows[start : start + ROWS] for start in range(0, len(rows), ROWS)]
    footer = "" if room else _ways_out(nav, language)
    button = render(t.kit.choose(), language)
    lists = [
        _interactive(
            "list",
            body if number == 0 else render(t.kit.more_choices(), language),
            {"button": button, "sections": [{"rows": [_row(option) for option in page]}]},
            footer if page is pages[-1] else "",
            {},
        )
        for number, page in enumerate(pages)
    ]
    first = [media] if media else []
    return [*first, *map(_text, before), *lists]


def _row(button: Button) -> dict[str, str]:
    label, title = literal(plain(button.label)), _title(button, ROW_TITLE)
    described = {} if title == label else {"description": _cut(label, ROW_DESCRIPTION)}
    return {"id": button.data, "title": title, **described}


def _title(button: Button, most: int) -> str:
    """Return what a button is called: its label, else its short form, else what fits of it."""
    label, short = literal(plain(button.label)), literal(plain(button.short))
    if units(label) <= most:
        return label
    return _cut(short or label, most)


def _cut(words: str, most: int) -> str:
    """Cut a name at a word, with an ellipsis."""
    if units(words) <= most:
        return words
    head = _fitting(words, most - 1)
    whole, _, rest = head.rpartition(" ")
    return f"{(whole if whole and len(rest) < most // 2 else head).rstrip(' ,.(')}…"


def _distinct(titles: list[str]) -> list[str]:
    """WhatsApp wants titles of their own: number those that say the same."""
    made: list[str] = []
    for title in titles:
        number, name = 2, title
        while name in made:
            name, number = f"{_cut(title, BUTTON_TITLE - 2)} {number}", number + 1
        made.append(name)
    return made


def _ways_out(nav: Iterable[Button], language: str) -> str:
    """Write how to get out by typing; the labels' words are what the bot understands."""
    words = [
        " ".join("".join(c if c.isalnum() else " " for c in plain(button.label)).split()).casefold()
        for button in nav
    ]
    return _cut(render(t.kit.or_type(words=" · ".join(words)), language), FOOTER) if words else ""


def _chunks(text: str, most: int) -> list[str]:
    """Split a text at paragraphs, lines or words into parts that fit."""
    parts: list[str] = []
    while units(text) > most:
        head = _fitting(text, most)
        place = next((head.rfind(between) for between in BREAKS if head.rfind(between) > 0), len(head))
        parts.append(text[:place].rstrip())
        text = text[place:].lstrip()
    return [*parts, text]


def _before_and_body(text: str) -> tuple[list[str], str]:
    """Return what has to go ahead as messages of its own, and what fits beside buttons: the end of the text."""
    if units(text) <= BODY:
        return [], text
    tail = _fitting(text[::-1], BODY)[::-1]
    place = next((tail.find(between) for between in BREAKS if 0 <= tail.find(between) < len(tail) - 2), 0)
    cut = len(text) - len(tail) + place
    return _chunks(text[:cut].rstrip(), TEXT), text[cut:].lstrip()


def _fitting(text: str, most: int) -> str:
    """Return as much of a text's beginning as fits."""
    end = min(len(text), most)
    while units(text[:end]) > most:
        end -= 1
    return text[:end]


def _text(body: str) -> Content:
    return {"type": "text", "text": {"body": body, "preview_url": False}}


def _captioned(media: Content, caption: str) -> Content:
    kind = str(media["type"])
    return {**media, kind: {**media[kind], **({"caption": caption} if caption else {})}}


def _interactive(
    kind: str, body: str, action: dict[str, Any], footer: str, header: dict[str, Any]
) -> Content:
    shown = {"footer": {"text": footer}} if footer else {}
    return {
        "type": "interactive",
        "interactive": {"type": kind, **header, "body": {"text": body}, **shown, "action": action},
    }
