"""Every story, on either channel and either database, through the simulator and the whole bot.

No story is left out on WhatsApp. The handlers do not know on which channel they are, so one database is enough there.
"""

from functools import partial
from pathlib import Path

import pytest

from bot.demo.cast import cast
from bot.simulator.pacing import Pace
from bot.simulator.people import Person
from bot.simulator.server import running_simulator
from handlers.catalogue import all_conversations
from models.programme import Programme
from tests.clock import RunningClock
from tests.running import (
    register_templates,
    running_app,
    settings_for,
    settle,
    subscribe_whatsapp,
    whatsapp_settings,
)
from tests.scenarios.player import Player

STORIES = sorted((Path(__file__).parent / "stories").glob("*.txt"))


STAGES = [("telegram", "sqlite_year"), ("telegram", "postgresql_year"), ("whatsapp", "whatsapp_year")]


@pytest.mark.parametrize(("channel", "year"), STAGES)
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.stem)
def test_story(
    story: Path,
    channel: str,
    year: str,
    request: pytest.FixtureRequest,
    keys_text: str,
    programme: Programme,
    running_clock: RunningClock,
) -> None:
    all_conversations()
    year_url = str(request.getfixturevalue(f"{year}_url"))
    people = {member.key: member for member in cast(programme)}
    phones = [
        Person(p.telegram_id, p.name, phone=p.phone.removeprefix("+"), channel=channel, started=True)
        for p in people.values()
    ]
    with running_simulator(running_clock, people=phones, pace=Pace.off()) as simulator:
        more = whatsapp_settings(simulator) if channel == "whatsapp" else {}
        settings = settings_for(simulator, year_url, keys_text, **more)
        if channel == "whatsapp":
            register_templates(settings)
        with running_app(settings, running_clock) as app:
            if channel == "whatsapp":
                subscribe_whatsapp(simulator, settings)
            settled = partial(settle, app, running_clock)
            settled()
            Player(simulator.driver, people, running_clock, programme.zone, settled, channel).play(story)
        assert simulator.driver.whatsapp()["invalid"] == []
        assert simulator.driver.whatsapp()["refused"] == []
