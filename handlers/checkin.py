"""K3 /pantau: the month's nutrition check-in, by taps, in under a minute.

What could be dangerous is asked first, and with a danger sign nothing more is asked: the family is told at once what to
do, and so are the coordinators. The rules stand in `models.nutrition`. `/pantau BLT-024 2025-10` (the buttons under
reminders) names the month that was asked about; `models.checkins` says to which month the answers belong.
"""

import re
from collections.abc import Iterable
from decimal import Decimal

from handlers.checkin_typed import (
    ATE_NOTHING,
    BOUGHT_WORDS,
    FEEDING_WORDS,
    FOOD_WORDS,
    ILL_WORDS,
    NO_SIGN,
    NOTHING_WORDS,
    POSYANDU_WORDS,
    SIGN_WORDS,
    WELL,
    TypedChoice,
    TypedMany,
    Watchful,
    WatchfulConfirm,
)
from handlers.kit.chat import Again, Chat, Stopped
from handlers.kit.choices import Confirm, Option
from handlers.kit.conversation import Audience, conversation
from handlers.kit.inputs import FreeText
from handlers.texts import Plain, Text, Words, join, t
from handlers.wording import tell_area
from models.alerts import AlertKind, open_alert, raise_alert
from models.checkins import Answers, check_in_of, is_supported, month_answered, record_check_in
from models.children import Child, child_with_code
from models.errors import BadInput
from models.families import family_children
from models.months import Month
from models.nutrition import (
    DIVERSITY_BELOW,
    EXCLUSIVE_BELOW,
    Advice,
    DangerSign,
    Feeding,
    FoodGroup,
    Illness,
    advise,
    diversity,
    signs_by_themselves,
    signs_to_ask,
)

ILLNESSES = {
    Illness.DIARRHOEA: t.checkin.ill_diarrhoea(),
    Illness.COUGH: t.checkin.ill_cough(),
    Illness.FEVER: t.checkin.ill_fever(),
}

SIGNS: dict[DangerSign, Text] = {
    DangerSign.CANNOT_DRINK: t.checkin.sign_cannot_drink(),
    DangerSign.VOMITS_ALL: t.checkin.sign_vomits_all(),
    DangerSign.CONVULSIONS: t.checkin.sign_convulsions(),
    DangerSign.LETHARGIC: t.checkin.sign_lethargic(),
    DangerSign.BREATHING: t.checkin.sign_breathing(),
    DangerSign.SUNKEN_EYES: t.checkin.sign_sunken_eyes(),
    DangerSign.BLOODY_STOOL: t.checkin.sign_bloody_stool(),
    DangerSign.STIFF_NECK: t.checkin.sign_stiff_neck(),
    DangerSign.BLEEDING: t.checkin.sign_bleeding(),
    DangerSign.YOUNG_FEVER: t.checkin.sign_young_fever(),
}

FOODS = {
    FoodGroup.BREAST_MILK: t.checkin.food_breast_milk(),
    FoodGroup.GRAINS: t.checkin.food_grains(),
    FoodGroup.PULSES: t.checkin.food_pulses(),
    FoodGroup.DAIRY: t.checkin.food_dairy(),
    FoodGroup.FLESH: t.checkin.food_flesh(),
    FoodGroup.EGGS: t.checkin.food_eggs(),
    FoodGroup.VITAMIN_A: t.checkin.food_vitamin_a(),
    FoodGroup.OTHER_PRODUCE: t.checkin.food_other_produce(),
}

FEEDINGS = {
    Feeding.BREAST_ONLY: t.checkin.fed_breast_only(),
    Feeding.MIXED: t.checkin.fed_mixed(),
    Feeding.NO_BREAST: t.checkin.fed_no_breast(),
}

NAMED_MONTH = re.compile(r"\s*\b((?:19|2\d)\d\d-(?:0[1-9]|1[0-2]))$", re.ASCII)
"""A month behind the child's code."""

SEVERAL, NOTHING = "several", "nothing"
BOUGHT = {
    "food": t.checkin.bought_food(),
    "milk": t.checkin.bought_milk(),
    "vitamins": t.checkin.bought_vitamins(),
    "advised": t.checkin.bought_advised(),
}

ADVICE: dict[Advice, Text] = {
    Advice.EXCLUSIVE_GOOD: t.checkin.advice_exclusive_good(),
    Advice.EXCLUSIVE_RETURN: t.checkin.advice_exclusive_return(),
    Advice.NO_BREAST_ASK: t.checkin.advice_no_breast_ask(),
    Advice.DIVERSE: t.checkin.advice_diverse(),
    Advice.ANIMAL: t.checkin.advice_animal(),
    Advice.EGGS: t.checkin.advice_eggs(),
    Advice.FLESH: t.checkin.advice_flesh(),
    Advice.PULSES: t.checkin.advice_pulses(),
    Advice.VITAMIN_A: t.checkin.advice_vitamin_a(),
    Advice.OTHER_PRODUCE: t.checkin.advice_other_produce(),
    Advice.DAIRY: t.checkin.advice_dairy(),
    Advice.GRAINS: t.checkin.advice_grains(),
    Advice.KEEP_BREASTFEEDING: t.checkin.advice_keep_breastfeeding(),
    Advice.DIARRHOEA: t.checkin.advice_diarrhoea(),
    Advice.COUGH: t.checkin.advice_cough(),
    Advice.FEVER: t.checkin.advice_fever(),
    Advice.POSYANDU: t.checkin.advice_posyandu(),
}


@conversation("pantau", "checkin", title=t.checkin.title(), who=Audience.FAMILY, menu=40)
def check_in(chat: Chat) -> None:
    """Child (if there are several), illness, danger signs, food, posyandu, what the aid bought."""
    child, month = _child(chat), _month(chat)
    if check_in_of(chat.db, child.id or 0, month) is not None:
        again = t.checkin.again(month=month, code=child.code)
        if chat.ask("again", WatchfulConfirm(again)) != Confirm.YES:
            raise Stopped(t.checkin.left_as_it_is())
    answers = Answers(illnesses=_illnesses(chat, child, month))
    answers.danger_signs = _danger_signs(chat, child, answers.illnesses)
    if answers.danger_signs:
        _alarm(chat, child, month, answers)
        return
    if child.age_months(chat.today) < EXCLUSIVE_BELOW:
        answers.feeding = Feeding(
            chat.ask("feeding", TypedChoice(t.checkin.feeding(), _options(FEEDINGS.items()), FEEDING_WORDS))
        )
    else:
        answers.groups = _groups(chat, child)
    answers.posyandu, answers.weight_g, answers.height_mm = _posyandu(chat)
    if is_supported(chat.db, child.id or 0, month):
        answers.bought = _bought(chat)
    _keep(chat, child, month, answers)
    _advise(chat, child, month, answers)


def _month(chat: Chat) -> Month:
    """Return the month that is answered for."""
    named = NAMED_MONTH.search(chat.argument)
    return month_answered(chat.programme, chat.begun_on, Month.parse(named[1]) if named else None)


def _child(chat: Chat) -> Child:
    children = {child.code: child for child in family_children(chat.db, chat.person_id or 0)}
    named = NAMED_MONTH.sub("", chat.argument)
    if named and children:
        found = child_with_code(chat.db, named)
        if found is None or found.code not in children:
            raise Stopped(t.checkin.not_yours())
        named = found.code
    options = [
        Option(code, t.family.child_name(name=child.name, code=code)) for code, child in children.items()
    ]
    which = Watchful(t.checkin.which_child(), options)
    return children[chat.pick("child", which, named=named, none=t.checkin.nobody())]


def _options(labels: Iterable[tuple[str, Words]]) -> list[Option]:
    return [Option(str(code), label) for code, label in labels]


def _illnesses(chat: Chat, child: Child, month: Month) -> frozenset[Illness]:
    question = TypedMany(
        t.checkin.ill(name=child.name, month=month),
        _options(ILLNESSES.items()),
        ILL_WORDS,
        ticks_none=WELL,
        none=t.checkin.healthy(),
    )
    return frozenset(Illness(code) for code in chat.ask("ill", question).split(",") if code)


def _danger_signs(chat: Chat, child: Child, illnesses: frozenset[Illness]) -> list[DangerSign]:
    asked = signs_to_ask(illnesses)
    if not asked:
        return []
    options = _options((sign, SIGNS[sign]) for sign in asked)
    question = TypedMany(
        t.checkin.danger_asked(),
        options,
        SIGN_WORDS,
        ticks_none=NO_SIGN,
        at_once=True,
        none=t.checkin.no_danger(),
        page_size=len(options),
    )
    ticked = chat.ask("danger", question)
    found = {DangerSign(code) for code in ticked.split(",") if code}
    found |= set(signs_by_themselves(child.age_months(chat.today), illnesses))
    return [sign for sign in DangerSign if sign in found]


def _groups(chat: Chat, child: Child) -> frozenset[FoodGroup]:
    weaned = child.age_months(chat.today) >= DIVERSITY_BELOW
    foods = [
        (group, label) for group, label in FOODS.items() if not weaned or group is not FoodGroup.BREAST_MILK
    ]
    question = TypedMany(
        t.checkin.foods(name=child.name), _options(foods), FOOD_WORDS, ticks_none=ATE_NOTHING
    )
    groups = frozenset(FoodGroup(code) for code in chat.ask("foods", question).split(",") if code)
    if not groups:
        nothing = WatchfulConfirm(
            t.checkin.nothing_ticked(), yes=t.checkin.nothing_eaten(), no=t.checkin.will_tick()
        )
        if chat.ask("ate_nothing", nothing) != Confirm.YES:
            raise Again("foods", t.checkin.tick_foods())
    return groups


def _posyandu(chat: Chat) -> tuple[bool, int | None, int | None]:
    """Return whether the child was at the posyandu, with grams and millimetres where the family knows them."""
    typed = FreeText(t.checkin.posyandu(), parse=parse_measures, explain=_measures_wrong)
    choices = [Option("yes", t.checkin.posyandu_yes()), Option("no", t.checkin.posyandu_no())]
    given = chat.ask(
        "posyandu", TypedChoice(t.checkin.posyandu(), choices, POSYANDU_WORDS, columns=2, other=typed)
    )
    if given in {"yes", "no"}:
        return given == "yes", None, None
    weight, _, height = given.partition(" ")
    return True, int(weight) or None, int(height) or None


def parse_measures(text: str) -> str:
    """Read `9,2 kg 78,5 cm`, `9.2 78.5`, or one of the two, into grams and millimetres: `9200 785` (0: not given).

    Raises BadInput('measures') for anything else, and outside 1-34.9 kg and 35-130 cm: by that they are told apart.
    """
    numbers = [Decimal(found.replace(",", ".")) for found in re.findall(r"\d+(?:[.,]\d+)?", text)]
    weights = [number for number in numbers if 1 <= number < 35]
    heights = [number for number in numbers if 35 <= number <= 130]
    if not numbers or len(weights) > 1 or len(heights) > 1 or len(weights) + len(heights) != len(numbers):
        raise BadInput("measures")
    grams = round(weights[0] * 1000) if weights else 0
    millimetres = round(heights[0] * 10) if heights else 0
    return f"{grams} {millimetres}"


def _measures_wrong(_: BadInput) -> Words:
    return t.checkin.measures_wrong()


def _bought(chat: Chat) -> list[str]:
    more = [Option(SEVERAL, t.checkin.bought_several()), Option(NOTHING, t.checkin.bought_nothing())]
    options = [*_options(BOUGHT.items()), *more]
    said = {**BOUGHT_WORDS, NOTHING: NOTHING_WORDS}
    one = chat.ask("bought", TypedChoice(t.checkin.bought(), options, said, columns=2, several=True))
    if one != SEVERAL:
        return [code for code in one.split(",") if code in BOUGHT]
    several = chat.ask(
        "bought_all", TypedMany(t.checkin.bought_which(), _options(BOUGHT.items()), BOUGHT_WORDS)
    )
    return [code for code in several.split(",") if code]


def _keep(chat: Chat, child: Child, month: Month, answers: Answers) -> None:
    record_check_in(chat.db, chat.now, child.id or 0, month, by=chat.person_id or 0, answers=answers)


def _alarm(chat: Chat, child: Child, month: Month, answers: Answers) -> None:
    """A danger sign: nothing more is asked. What to do stands first; the coordinators know at once."""
    _keep(chat, child, month, answers)
    subject = f"child:{child.id}"
    details = ",".join(answers.danger_signs)
    alert = raise_alert(
        chat.db,
        chat.now,
        AlertKind.DANGER_SIGN,
        subject,
        child=child,
        person_id=chat.person_id,
        details=details,
    ) or open_alert(chat.db, AlertKind.DANGER_SIGN, subject)
    signs = join([t.checkin.bullet(words=SIGNS[sign]) for sign in answers.danger_signs])
    tell_area(
        chat,
        child.area,
        t.checkin.news_danger(code=child.code, area=child.area, signs=signs, at=chat.now),
        buttons=[[(t.family.contact_title(), f"/kontak {child.code}")]],
        about=f"alert:{alert.id}" if alert else None,
    )
    chat.say(
        t.checkin.danger(name=child.name, signs=signs),
        buttons=[[(t.thread.title(), "/tanya")], [(t.kit.menu(), "/menu")]],
    )


def _advise(chat: Chat, child: Child, month: Month, answers: Answers) -> None:
    """Thank, measure, and say what helps, specific to what was answered."""
    age = child.age_months(chat.today)
    advice = advise(
        age,
        feeding=answers.feeding,
        groups=answers.groups or frozenset(),
        illnesses=answers.illnesses,
        posyandu=answers.posyandu,
    )
    lines: list[Words] = [t.checkin.thanks(name=child.name, month=month)]
    if answers.groups is not None and not answers.groups:
        lines.append(t.checkin.ate_nothing())
    elif answers.groups is not None:
        measured = diversity(age, answers.groups)
        say = t.checkin.groups if measured.enough is None else t.checkin.groups_measured
        lines.append(say(groups=measured.groups))
    lines.append(join([t.checkin.bullet(words=ADVICE[one]) for one in advice]))
    chat.say(join(lines, "\n\n"), buttons=[*_next_child(chat, child, month), [(t.kit.menu(), "/menu")]])


def _next_child(chat: Chat, done: Child, month: Month) -> list[list[tuple[Words, str]]]:
    """Offer the sibling whose month is still open."""
    for child in family_children(chat.db, chat.person_id or 0):
        if child.id != done.id and check_in_of(chat.db, child.id or 0, month) is None:
            return [[(t.checkin.next_child(name=Plain(child.name)), f"/pantau {child.code} {month}")]]
    return []
