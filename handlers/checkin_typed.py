"""What families type in a check-in instead of tapping; and danger words, wherever in it they are typed.

Only whole words count. What is not understood is named and asked again, with what was understood ticked.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from handlers.kit.choices import Choice, Confirm, Many, Option, Options, folded
from handlers.kit.question import Answer, Prompt, Question, Redraw, View, Wrong
from handlers.texts import Plain, Words, join, render, t
from models.nutrition import DangerSign, Feeding, FoodGroup, Illness

InputWords = Mapping[str, frozenset[str]]
"""By an option's code the words, or phrases, that mean it."""


def _said(words: str) -> frozenset[str]:
    return frozenset(words.split("|"))


# Input words, in both languages, as `folded` and `_even` leave them.
ILL_WORDS: InputWords = {
    Illness.DIARRHOEA: _said("diare|mencret|mencret mencret|diarrhoea|diarrhea"),
    Illness.COUGH: _said("batuk|batuk batuk|batuk pilek|sesak|sesak napas|cough"),
    Illness.FEVER: _said("demam|panas|demam tinggi|panas tinggi|meriang|fever"),
}
WELL = _said("tidak|tidak sakit|sehat|sehat sehat|baik|baik baik|no|none|healthy|well")

SIGN_WORDS: InputWords = {
    DangerSign.CANNOT_DRINK: _said(
        "tidak bisa minum|tidak mau minum|tidak bisa menyusu|tidak mau menyusu|tidak bisa nyusu|tidak mau nyusu"
        "|cannot drink"
    ),
    DangerSign.VOMITS_ALL: _said(
        "muntah|muntah terus|muntah muntah|muntah semua|muntah terus menerus|vomiting"
    ),
    DangerSign.CONVULSIONS: _said("kejang|kejang kejang|step|convulsion|convulsions|seizure"),
    DangerSign.LETHARGIC: _said(
        "lemas|sangat lemas|lemas sekali|tidak sadar|tidak sadarkan diri|pingsan|sulit dibangunkan|unconscious"
    ),
    DangerSign.BREATHING: _said("sesak|sesak napas|napas cepat|napas sesak|dada tertarik|short of breath"),
    DangerSign.SUNKEN_EYES: _said("mata cekung|cekung|sunken eyes"),
    DangerSign.BLOODY_STOOL: _said(
        "tinja berdarah|berak darah|berak berdarah|bab darah|bab berdarah|bloody stool"
    ),
    DangerSign.STIFF_NECK: _said("leher kaku|kaku leher|kaku kuduk|stiff neck"),
    DangerSign.BLEEDING: _said("bintik merah|mimisan|gusi berdarah|nosebleed"),
}
NO_SIGN = _said("tidak|belum|tidak semua|no|none|nothing")

FOOD_WORDS: InputWords = {
    FoodGroup.BREAST_MILK: _said("asi|menyusu|nenen|breast milk"),
    FoodGroup.GRAINS: _said(
        "nasi|bubur|mi|mie|ubi|singkong|roti|kentang|jagung|bihun|biskuit|nasi tim|rice|porridge|noodles|bread"
    ),
    FoodGroup.PULSES: _said("tempe|tahu|kacang|kacang hijau|kacang kacangan|tempeh|tofu|beans|nuts"),
    FoodGroup.DAIRY: _said("susu|susu formula|keju|yoghurt|yogurt|milk|cheese"),
    FoodGroup.FLESH: _said("ikan|ayam|daging|hati|hati ayam|udang|cumi|lele|sapi|fish|chicken|meat|liver"),
    FoodGroup.EGGS: _said("telur|telor|telur puyuh|egg|eggs"),
    FoodGroup.VITAMIN_A: _said(
        "bayam|wortel|labu|labu kuning|pepaya|mangga|kangkung|kelor|daun kelor|spinach|carrot|pumpkin|papaya|mango"
    ),
    FoodGroup.OTHER_PRODUCE: _said(
        "sayur|sayuran|buah|buah buahan|pisang|jeruk|apel|tomat|buncis|semangka|vegetables|fruit|banana|orange"
    ),
}
ATE_NOTHING = _said("tidak|belum|tidak apa apa|apa apa tidak|nothing|none")

DONE_WORDS = _said("selesai|sudah|sudah selesai|itu|done")

FEEDING_WORDS: InputWords = {
    Feeding.BREAST_ONLY: _said("asi saja|hanya asi|asi eksklusif|only breast milk"),
    Feeding.MIXED: _said("campur|campuran|asi campur|mixed"),
    Feeding.NO_BREAST: _said("tidak asi|susu formula|sufor|formula"),
}
POSYANDU_WORDS: InputWords = {"yes": _said("ya|iya|sudah|yes"), "no": _said("belum|tidak|no|not yet")}

BOUGHT_WORDS: InputWords = {
    "food": _said("makanan|makan|beras|lauk|sembako|sayur|telur|ikan|food"),
    "milk": _said("susu|milk"),
    "vitamins": _said("vitamin|vitamins"),
    "advised": _said("saran dokter|dokter|advised"),
}
NOTHING_WORDS = _said("belum|tidak|nothing|not yet")

_DANGER = re.compile(
    r"(?<!tidak )(?<!tidak ada )\b(?:kejang|sesak|tidak sadar|pingsan|tidak (?:mau|bisa) (?:minum|menyusu|nyusu)"
    r"|convulsions?|seizures?|unconscious)\b"
)
_LIST = re.compile(r"[,;/&+.\n]|\b(?:dan|and|serta|sama|tapi|tetapi|but)\b", re.IGNORECASE)
_SPELT = {
    "tdk": "tidak", "gak": "tidak", "ga": "tidak", "nggak": "tidak", "ngga": "tidak", "enggak": "tidak",
    "ndak": "tidak", "dak": "tidak", "nafas": "napas", "blm": "belum", "blum": "belum", "sdh": "sudah",
    "udah": "sudah", "dah": "sudah", "aja": "saja",
}  # fmt: skip
_NEGATIONS = {"tidak", "bukan", "belum", "tanpa", "no", "not"}
_ASIDE = _said(
    "ada|saja|bu|ibu|pak|bapak|kak|mas|mbak|dia|ia|anak|anaknya|saya|juga|ya|iya"
    "|sudah|kok|alhamdulillah|sedikit|agak|lagi|tadi|sekarang|kemarin|makan|minum|cuma|hanya|the|a|only|sakit"
)
"""Words that change nothing about an answer."""
_LONGEST_PHRASE = 5


def is_danger(typed: str | None) -> bool:
    """Tell whether words speak of a child in danger."""
    return bool(_DANGER.search(" ".join(_even(typed or ""))))


def _even(typed: str) -> list[str]:
    """Return the words as they are compared."""
    return [_SPELT.get(word, word) for word in folded(typed).split()]


@dataclass(frozen=True, slots=True)
class Understood:
    """The codes that were named, and the parts that were not understood."""

    codes: frozenset[str]
    left: tuple[str, ...]


def understand(typed: str, words: InputWords) -> Understood:
    """Read a typed list. A part with a "not" that belongs to no phrase is not understood."""
    codes: set[str] = set()
    left: list[str] = []
    for part in _LIST.split(typed):
        found, rest = _read_part(_even(part), words)
        if _NEGATIONS & set(rest):
            left.append(part.strip())
            continue
        codes |= found
        if rest:
            left.append(" ".join(rest))
    return Understood(frozenset(codes), tuple(left))


def _read_part(said: list[str], words: InputWords) -> tuple[set[str], list[str]]:
    """Return the codes named in one part of a list, the longest phrases first, and the words left over."""
    codes: set[str] = set()
    rest: list[str] = []
    while said:
        for length in range(min(_LONGEST_PHRASE, len(said)), 0, -1):
            phrase = " ".join(said[:length])
            fits = {code for code, known in words.items() if phrase in known}
            if fits:
                codes |= fits
                break
        else:
            length = 1
            rest += [] if said[0] in _ASIDE else [said[0]]
        said = said[length:]
    return codes, rest


def _means(typed: str, known: frozenset[str]) -> bool:
    """Tell whether all that was typed is one of these phrases, words aside left out."""
    said = _even(typed)
    return " ".join(said) in known or " ".join(word for word in said if word not in _ASIDE) in known


def _labelled(options: Iterable[Option], words: InputWords) -> InputWords:
    """Return the options' input words and labels, in both languages."""
    labels = {
        option.value: frozenset(
            " ".join(_even(render(option.label, language, short=short)))
            for language in ("id", "en")
            for short in (False, True)
        )
        for option in options
    }
    return {
        code: words.get(code, frozenset()) | labels.get(code, frozenset()) for code in {**labels, **words}
    }


class Watchful(Choice):
    """A question that answers danger words at once, and stays."""

    def read(self, answer: Answer, view: View) -> str:
        """Take a tapped or typed option."""
        if is_danger(answer.typed):
            raise Wrong(t.checkin.urgent_first())
        return super().read(answer, view)


class WatchfulConfirm(Watchful, Confirm):
    """Yes or no."""


class TypedChoice(Watchful):
    """One of several, also by its input words; with `several` a typed list is taken as codes joined by commas."""

    def __init__(
        self,
        words: Words,
        options: Options,
        said: InputWords,
        *,
        columns: int = 1,
        other: Question[str] | None = None,
        several: bool = False,
    ) -> None:
        super().__init__(words, options, columns=columns, other=other)
        self.said, self.several = said, several

    def read(self, answer: Answer, view: View) -> str:
        """Take a tapped or typed option."""
        if answer.typed is not None and not is_danger(answer.typed):
            found = understand(answer.typed, self.said)
            codes = [code for code in self.said if code in found.codes]
            if not found.left and (len(codes) == 1 or (codes and self.several)):
                return ",".join(codes)
        return super().read(answer, view)


class TypedMany(Many):
    """A tick list, also by input words.

    `ticks_none`: the words that tick none. `at_once`: what was understood is the answer, whatever else was typed; and
    a code of `said` counts that is not on the list.
    """

    def __init__(
        self,
        words: Words,
        options: Options,
        said: InputWords,
        *,
        ticks_none: frozenset[str] = frozenset(),
        at_once: bool = False,
        none: Words | None = None,
        page_size: int = 8,
    ) -> None:
        super().__init__(words, options, none=none, page_size=page_size)
        self.ticks_none, self.at_once = ticks_none, at_once
        listed = {option.value for option in self.options()}
        kept = said if at_once else {code: known for code, known in said.items() if code in listed}
        self.said = _labelled(self.options(), kept)

    def show(self, view: View) -> Prompt:
        """Return the options with their ticks; before them, what was typed and not understood."""
        prompt = super().show(replace(view, search=""))
        if not view.search:
            return prompt
        return replace(prompt, words=join([self._unread(view.search), prompt.words], "\n\n"))

    def read(self, answer: Answer, view: View) -> str:
        """Take a tick, done, or what was typed: it comes to what is ticked already."""
        try:
            stored = super().read(answer, replace(view, search=""))
        except Wrong:
            if answer.typed is None:
                raise
            return self._typed_list(answer.typed, view)
        if answer.typed is None or not view.ticks:
            return stored
        if not stored:
            raise Wrong(self._unread(answer.typed))
        return self._joined_with(frozenset(stored.split(",")), view)

    def _typed_list(self, typed: str, view: View) -> str:
        if not view.ticks and _means(typed, self.ticks_none):
            return ""
        if view.ticks and _means(typed, DONE_WORDS):
            return self._joined(view.ticks)
        found = understand(typed, self.said)
        if found.codes and (self.at_once or not found.left):
            return self._joined_with(found.codes, view)
        unread = typed if is_danger(typed) else ", ".join(found.left) or typed
        if not found.codes:
            raise Wrong(self._unread(unread))
        ticks = found.codes | set(view.ticks)
        raise Redraw(View(view.page, tuple(o.value for o in self.options() if o.value in ticks), unread))

    def _joined_with(self, codes: frozenset[str], view: View) -> str:
        """Return what is named and what is ticked, in the options' order; what is not on the list comes last."""
        listed = [option.value for option in self.options()]
        order = [*listed, *(code for code in self.said if code not in listed)]
        return ",".join(code for code in order if code in codes or code in view.ticks)

    def _unread(self, unread: str) -> Words:
        if is_danger(unread):
            return t.checkin.urgent_first()
        return t.checkin.unread(words=Plain(unread[:80]))
