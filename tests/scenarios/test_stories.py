"""Every story, on SQLite and on PostgreSQL, through the simulator and the whole bot."""

from pathlib import Path

import pytest

from bot.demo.cast import cast
from bot.simulator.pacing import Pace
from bot.simulator.people import Person
from bot.simulator.server import running_simulator
from handlers.catalogue import all_conversations
from models.programme import Programme
from tests.clock import FixedClock
from tests.running import running_app, settings_for
from tests.scenarios.player import Player

STORIES = sorted((Path(__file__).parent / "stories").glob("*.txt"))


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.stem)
def test_story(story: Path, year_url: str, keys_text: str, programme: Programme, clock: FixedClock) -> None:
    all_conversations()
    people = {member.key: member for member in cast(programme)}
    phones = [
        Person(p.telegram_id, p.name, phone=p.phone.removeprefix("+"), started=True) for p in people.values()
    ]
    with running_simulator(clock, people=phones, pace=Pace.off()) as simulator:
        settings = settings_for(simulator, year_url, keys_text)
        with running_app(settings, clock) as app:
            Player(simulator.driver, people, clock, programme.zone, app.time_has_passed).play(story)
