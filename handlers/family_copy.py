"""K5 `/privasi unduh`: what is kept about a family, written so that the family can read it.

From the values of `models.family_data`, so that nothing stands in the one that is not in the other.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from handlers.checkin import BOUGHT, FOODS, ILLNESSES, SIGNS
from handlers.measuring import CENTIMETRES, KILOGRAMS, amount
from handlers.monthly_sheet import PAYOUTS, STATUSES
from handlers.texts import Plain, Words, join, t
from handlers.visit import CONDITIONS, KINDS, SPENDINGS
from handlers.wording import CONSENTS, SEXES
from models.measurements import MeasurementSource
from models.months import Month

SOURCES: dict[str, Words] = {
    MeasurementSource.VISIT: t.own_copy.source_visit(),
    MeasurementSource.POSYANDU: t.own_copy.source_posyandu(),
    MeasurementSource.IMPORT: t.own_copy.source_import(),
}


def family_copy(data: Mapping[str, Any]) -> list[Words]:
    """Return the lines of a copy of `models.family_data`."""
    lines: list[Words] = [t.own_copy.family(name=_or_none(data["name"]), phone=_or_none(data["phone"]))]
    lines += [_guardian(one) for one in data["guardian"]]
    lines += _part(t.own_copy.consents(), data["consents"], _consent)
    for child in data["children"]:
        lines += _child(child)
    return lines + _part(
        t.own_copy.questions(),
        data["questions"],
        lambda one: t.own_copy.question(at=datetime.fromisoformat(one["at"]), words=Plain(one["words"])),
    )


def _part(title: Words, rows: Iterable[Any], line: Callable[[Any], Words]) -> list[Words]:
    written = [join([Plain("• "), line(row)], "") for row in rows]
    return [Plain(""), title, *written] if written else []


def _or_none(value: str | None) -> Words:
    return Plain(value) if value else t.own_copy.none()


def _guardian(one: Mapping[str, Any]) -> Words:
    return t.own_copy.guardian(
        name=_or_none(one["name"]), relation=_or_none(one["relation"]), phone=_or_none(one["phone"])
    )


def _consent(one: Mapping[str, Any]) -> Words:
    what, version, given = CONSENTS[one["to"]], Plain(one["version"]), datetime.fromisoformat(one["given_at"])
    if one["withdrawn_at"] is None:
        return t.own_copy.consent(what=what, version=version, given=given)
    withdrawn = datetime.fromisoformat(one["withdrawn_at"])
    return t.own_copy.consent_withdrawn(what=what, version=version, given=given, withdrawn=withdrawn)


def _child(child: Mapping[str, Any]) -> list[Words]:
    places = [child["address"], child["desa"], child["kecamatan"]]
    head = t.own_copy.child(
        code=child["code"],
        name=Plain(child["name"]),
        nik=_or_none(child["nik"]),
        sex=SEXES[child["sex"]],
        born=date.fromisoformat(child["born_on"]),
        address=Plain(", ".join(place for place in places if place)),
        status=STATUSES[child["status"]],
        listed=date.fromisoformat(child["listed_on"]),
    )
    return [
        Plain(""),
        head,
        *_part(t.own_copy.measurements(), child["measurements"], _measurement),
        *_part(t.own_copy.visits(), child["visits"], _visit),
        *_part(t.own_copy.payouts(), child["payouts"], _payout),
        *_part(t.own_copy.check_ins(), child["check_ins"], _check_in),
    ]


def _size(weight_g: int | None, length_mm: int | None) -> list[Words]:
    parts: list[Words] = []
    if weight_g is not None:
        parts.append(amount(weight_g, KILOGRAMS))
    if length_mm is not None:
        parts.append(amount(length_mm, CENTIMETRES))
    return parts


def _measurement(one: Mapping[str, Any]) -> Words:
    size = join(_size(one["weight_g"], one["length_mm"]), " · ")
    return t.own_copy.measurement(day=date.fromisoformat(one["on"]), size=size, source=SOURCES[one["source"]])


def _visit(one: Mapping[str, Any]) -> Words:
    return t.own_copy.visit(
        day=date.fromisoformat(one["on"]),
        kind=KINDS[one["kind"]],
        condition=CONDITIONS[one["condition"]],
        spent=_named(one["spent_on"], SPENDINGS),
    )


def _payout(one: Mapping[str, Any]) -> Words:
    return t.own_copy.payout(
        month=Month.parse(one["month"]), amount=one["amount_idr"], state=PAYOUTS[one["state"]]
    )


def _check_in(one: Mapping[str, Any]) -> Words:
    answers: list[Words] = [t.own_copy.foods(list=_named(one["food_groups"], FOODS))]
    if one["exclusive_breastfeeding"]:
        answers = [t.own_copy.breast_only()]
    if one["illnesses"]:
        answers.append(t.own_copy.ill(list=_named(one["illnesses"], ILLNESSES)))
    if one["danger_signs"]:
        answers.append(t.own_copy.signs(list=_named(one["danger_signs"], SIGNS)))
    if one["posyandu"] is not None:
        answers.append(t.own_copy.posyandu_yes() if one["posyandu"] else t.own_copy.posyandu_no())
    answers += _size(one["weight_g"], one["height_mm"])
    if one["bought"]:
        answers.append(t.own_copy.bought(list=_named(one["bought"], BOUGHT)))
    return t.own_copy.check_in(month=Month.parse(one["month"]), answers=join(answers, "; "))


def _named(codes: str | None, labels: Mapping[Any, Words]) -> Words:
    """Write codes joined by commas in words; a code that has no words (any more) as it is."""
    named = [labels.get(code, Plain(code)) for code in (codes or "").split(",") if code]
    return join(named, ", ") if named else t.own_copy.none()
