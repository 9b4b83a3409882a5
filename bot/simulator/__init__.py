"""A local Telegram and WhatsApp: people with phones on one side, the platforms' APIs, spoken strictly, on the other.

`make demo` shows it as a page of phones; every test above unit level talks to it over HTTP, with the same
clients that talk to the platforms in production. It refuses whatever Telegram refuses, and more: what the
real service silently ignores (unknown parameters, unescaped text) is refused here, because it is always a bug
of ours.

    world       people, chats, messages: what exists
    telegram/   the Bot API over that world
    whatsapp/   the Cloud API over that world
    phones      the control API that the page, the tests and `driver` use to act as a person
    driver      that control API for synchronous tests: `Phone`, `Driver`
    server      everything assembled and served: `Simulator`, `running_simulator`
    page/       the web page
"""

from bot.simulator.pacing import Pace
from bot.simulator.people import Group, Person
from bot.simulator.server import Simulator, running_simulator

__all__ = ["Group", "Pace", "Person", "Simulator", "running_simulator"]
