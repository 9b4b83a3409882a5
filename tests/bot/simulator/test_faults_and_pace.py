"""Trouble on demand, rate limits, and the ledger that bears witness."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bot.simulator import Pace, Person, running_simulator
from bot.simulator.driver import Driver, Phone, PhoneError
from bot.simulator.pacing import Pacer
from bot.simulator.server import RunningSimulator

Api = Callable[..., dict[str, Any]]
RINA = 7_100_000_101
HELLO = {"chat_id": RINA, "text": "halo"}

ANSWERED: list[tuple[str, dict[str, Any], int, dict[str, Any] | None]] = [
    ("too_many_requests", {"retry_after": 7}, 429, {"retry_after": 7}),
    ("blocked", {}, 403, None),
    ("deactivated", {}, 403, None),
    ("chat_not_found", {}, 400, None),
    ("migrated", {"migrate_to_chat_id": -1001}, 400, {"migrate_to_chat_id": -1001}),
]


@pytest.mark.parametrize(("kind", "fields", "code", "parameters"), ANSWERED, ids=[row[0] for row in ANSWERED])
def test_a_fault_answers_as_telegram_would(
    driver: Driver, rina: Phone, api: Api, kind: str, fields: dict[str, Any], code: int, parameters: Any
) -> None:
    driver.fault(kind, **fields)
    answer = api("sendMessage", HELLO)
    assert (answer["error_code"], answer.get("parameters")) == (code, parameters)
    assert rina.messages == []
    assert api("sendMessage", HELLO)["ok"]


def test_a_broken_gateway_does_not_answer_json(driver: Driver, sim: RunningSimulator) -> None:
    driver.fault("server_error")
    response = httpx.post(f"{sim.base_url}{sim.token}/sendMessage", json=HELLO, trust_env=False)
    assert (response.status_code, response.text[:6]) == (502, "<html>")


@pytest.mark.parametrize(("kind", "delivered"), [("dropped", 0), ("answer_lost", 1)])
def test_a_cut_connection_tells_nothing(
    driver: Driver, rina: Phone, api: Api, kind: str, delivered: int
) -> None:
    driver.fault(kind)
    with pytest.raises(httpx.RemoteProtocolError):
        api("sendMessage", HELLO)
    assert len(rina.messages) == len(driver.sends(RINA)) == delivered
    entry = driver.ledger(method="sendMessage")[-1]
    assert (entry["outcome"], entry["fault"]) == ("lost", kind)


def test_faults_choose_method_chat_and_number(driver: Driver, api: Api) -> None:
    driver.fault("blocked", method="sendMessage", chat_id=RINA, times=2)
    assert api("getMe")["ok"]
    assert [api("sendMessage", HELLO)["ok"] for _ in range(3)] == [False, False, True]
    driver.fault("chat_not_found", method="*", times=None)
    assert not api("getMe")["ok"]
    driver.clear_faults()
    assert api("getMe")["ok"]
    with pytest.raises(PhoneError, match="unknown fault"):
        driver.fault("earthquake")


def test_a_percentage_of_sends_is_turned_away(driver: Driver, api: Api) -> None:
    driver.fault("too_many_requests", percent=30, times=None)
    refused = sum(not api("sendMessage", HELLO)["ok"] for _ in range(60))
    assert 5 <= refused <= 35
    assert driver.summary()["too_many_requests"] == refused


def test_the_ledger_keeps_what_was_asked_and_what_came_of_it(driver: Driver, api: Api) -> None:
    api("sendMessage", HELLO)
    api("sendMessage", {**HELLO, "text": ""})
    good, bad = driver.ledger(chat_id=RINA)
    assert (good["outcome"], good["message_id"], good["params"]) == ("ok", 1, HELLO)
    assert (bad["outcome"], bad["code"]) == ("refused", 400)
    assert good["received"] <= good["finished"] <= bad["received"]
    summary = driver.summary(delivered=1, timeout=60)
    assert summary["delivered_by_chat"] == {str(RINA): 1}
    assert (summary["in_flight"], summary["most_in_flight"]) == (0, 1)
    driver.clear_ledger()
    assert driver.ledger() == []


def admitted(pace: Pace, sends: list[tuple[int, float]]) -> list[int | None]:
    pacer = Pacer(pace)
    return [pacer.admit(chat_id, now) for chat_id, now in sends]


PACED: list[tuple[str, Pace, list[tuple[int, float]], list[int | None]]] = [
    (
        "a burst, then one a second",
        Pace(chat_burst=2),
        [(1, 0), (1, 0), (1, 0.5), (1, 1.0)],
        [None, None, 1, None],
    ),
    ("chats apart", Pace(chat_burst=1), [(1, 0), (2, 0), (1, 0)], [None, None, 1]),
    ("thirty overall", Pace(), [(chat, 0) for chat in range(1, 32)], [None] * 30 + [1]),
    ("twenty a minute in a group", Pace(), [(-1, 0)] * 21, [None] * 20 + [3]),
    ("off", Pace.off(), [(1, 0)] * 100, [None] * 100),
    ("ten times as generous", Pace(chat_burst=1).scaled(10), [(1, 0), (1, 0.1)], [None, None]),
]


@pytest.mark.parametrize(
    ("pace", "sends", "answers"), [row[1:] for row in PACED], ids=[row[0] for row in PACED]
)
def test_the_pace_is_telegrams(pace: Pace, sends: list[tuple[int, float]], answers: list[int | None]) -> None:
    assert admitted(pace, sends) == answers


def test_too_fast_is_answered_with_the_seconds_to_wait() -> None:
    people = [Person(RINA, "Rina", started=True)]
    with running_simulator(pace=Pace(chat_burst=3), people=people) as simulator:
        url = f"{simulator.base_url}{simulator.token}/sendMessage"
        with httpx.Client(trust_env=False) as client:
            answers = [client.post(url, json=HELLO) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[-1].json()["parameters"] == {"retry_after": 1}
        assert answers[-1].json()["description"] == "Too Many Requests: retry after 1"
        assert len(simulator.driver.sends(RINA)) == 3
