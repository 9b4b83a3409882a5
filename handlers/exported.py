"""What /ekspor can hand out: of each list its columns, which of them name somebody, and its rows in a chat's scope."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from handlers.kit.chat import Chat
from handlers.monthly_sheet import PAYOUTS, STATUSES
from handlers.texts import Text, Words, join, t
from handlers.visit import CONDITIONS, KINDS, SPENDINGS
from handlers.wording import SEXES
from models.children import Severity
from models.listed import (
    check_ins_since,
    families_in,
    measurements_in,
    payouts_since,
    pledges_in,
    visits_since,
)
from models.months import Month
from models.pledges import PledgeState
from models.visits import Spending

MONTHS = 12

RELATIONS = {
    "mother": t.ekspor.relation_mother(),
    "father": t.ekspor.relation_father(),
    "guardian": t.ekspor.relation_guardian(),
}

SEVERITIES = {
    Severity.SEVERE: t.ekspor.severity_severe(),
    Severity.MODERATE: t.ekspor.severity_moderate(),
    Severity.NONE: t.ekspor.severity_none(),
}
"""In the words that an import reads."""

PLEDGES = {
    PledgeState.PENDING: t.ekspor.pledge_pending(),
    PledgeState.ACTIVE: t.ekspor.pledge_active(),
    PledgeState.ENDED: t.ekspor.pledge_ended(),
    PledgeState.REJECTED: t.ekspor.pledge_rejected(),
    PledgeState.LAPSED: t.ekspor.pledge_lapsed(),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list: its title, and whether it names somebody or is rupiah."""

    title: Words
    names: bool = False
    money: bool = False


@dataclass(frozen=True, slots=True)
class List:
    """What can be exported: its title, its columns, and the rows of a chat's scope."""

    title: Text
    columns: tuple[Column, ...]
    rows: Callable[[Chat], list[list[Any]]]


def _children(chat: Chat) -> list[list[Any]]:
    return [
        [
            one.child.code,
            one.child.name,
            SEXES[one.child.sex],
            one.child.born_on.isoformat(),
            one.child.area,
            one.child.village,
            one.child.address,
            STATUSES[one.child.status],
            SEVERITIES[one.child.severity],
            one.child.listed_on.isoformat(),
            one.guardian.name if one.guardian else None,
            RELATIONS.get(one.guardian.relation) if one.guardian else None,
            one.guardian.phone if one.guardian else None,
        ]
        for one in families_in(chat.db, chat.today, chat.month, chat.scope.children())
    ]


def _pledges(chat: Chat) -> list[list[Any]]:
    return [
        [
            child.code,
            child.area,
            giver.name,
            pledge.monthly_idr,
            str(pledge.first_month),
            str(pledge.last_month) if pledge.last_month else None,
            PLEDGES[pledge.state],
        ]
        for pledge, child, giver in pledges_in(chat.db, chat.scope.children())
    ]


def _payouts(chat: Chat) -> list[list[Any]]:
    return [
        [
            str(payout.month),
            child.code,
            child.area,
            giver.name,
            PAYOUTS[payout.state],
            payout.amount_idr,
            payout.reported_idr,
            payout.received_idr,
        ]
        for payout, child, giver in payouts_since(chat.db, _first(chat), chat.scope.children())
    ]


def _visits(chat: Chat) -> list[list[Any]]:
    return [
        [
            visit.visited_on.isoformat(),
            child.code,
            child.area,
            child.name,
            visitor.name,
            KINDS[visit.kind],
            CONDITIONS[visit.condition],
            join([SPENDINGS[Spending(code)] for code in visit.spent_on.split(",") if code], ", "),
        ]
        for visit, child, visitor in visits_since(chat.db, _first(chat).first_day, chat.scope.children())
    ]


def _measurements(chat: Chat) -> list[list[Any]]:
    return [
        [size.measured_on.isoformat(), child.code, child.area, child.name, size.weight_kg, size.length_cm]
        for size, child in measurements_in(chat.db, chat.scope.children())
    ]


def _check_ins(chat: Chat) -> list[list[Any]]:
    return [
        [
            str(check_in.month),
            child.code,
            child.area,
            child.name,
            len(check_in.groups),
            check_in.weight_g / 1000 if check_in.weight_g else None,
            check_in.height_mm / 10 if check_in.height_mm else None,
        ]
        for check_in, child in check_ins_since(chat.db, _first(chat), chat.scope.children())
    ]


def _first(chat: Chat) -> Month:
    return chat.month.plus(1 - MONTHS)


CODE, AREA = Column(t.report.column_code()), Column(t.report.column_area())
NAME, GIVER = Column(t.report.column_name(), names=True), Column(t.report.column_giver(), names=True)
MONTH, DAY = Column(t.ekspor.column_month()), Column(t.ekspor.column_day())

LISTS = {
    "children": List(
        t.ekspor.children(),
        (
            CODE,
            NAME,
            Column(t.ekspor.column_sex()),
            Column(t.report.column_born(), names=True),
            AREA,
            Column(t.ekspor.column_village(), names=True),
            Column(t.ekspor.column_address(), names=True),
            Column(t.report.column_status()),
            Column(t.ekspor.column_severity()),
            Column(t.ekspor.column_listed()),
            Column(t.ekspor.column_guardian(), names=True),
            Column(t.ekspor.column_relation(), names=True),
            Column(t.ekspor.column_guardian_phone(), names=True),
        ),
        _children,
    ),
    "pledges": List(
        t.ekspor.pledges(),
        (
            CODE,
            AREA,
            GIVER,
            Column(t.report.column_pledged(), money=True),
            Column(t.ekspor.column_first()),
            Column(t.ekspor.column_last()),
            Column(t.report.column_state()),
        ),
        _pledges,
    ),
    "payouts": List(
        t.ekspor.payouts(),
        (
            MONTH,
            CODE,
            AREA,
            GIVER,
            Column(t.report.column_state()),
            Column(t.report.column_promised(), money=True),
            Column(t.report.column_reported(), money=True),
            Column(t.report.column_received(), money=True),
        ),
        _payouts,
    ),
    "visits": List(
        t.ekspor.visits(),
        (
            DAY,
            CODE,
            AREA,
            NAME,
            Column(t.ekspor.column_visitor(), names=True),
            Column(t.ekspor.column_kind()),
            Column(t.ekspor.column_condition()),
            Column(t.ekspor.column_spent()),
        ),
        _visits,
    ),
    "measurements": List(
        t.ekspor.measurements(),
        (DAY, CODE, AREA, NAME, Column(t.ekspor.column_weight()), Column(t.ekspor.column_height())),
        _measurements,
    ),
    "check_ins": List(
        t.ekspor.check_ins(),
        (
            MONTH,
            CODE,
            AREA,
            NAME,
            Column(t.ekspor.column_groups()),
            Column(t.ekspor.column_weight()),
            Column(t.ekspor.column_height()),
        ),
        _check_ins,
    ),
}
