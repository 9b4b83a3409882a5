"""What both platforms' calls to the bot's own server share: where they may go, and how often they are tried."""

import re
from dataclasses import dataclass

LOCAL = re.compile(r"https?://(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?/\S*")
"""Addresses that the simulator calls: of this machine only."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Real seconds to pause after a failed delivery: `first`, then `factor` times longer, up to `longest`."""

    first: float = 1.0
    factor: float = 2.0
    longest: float = 60.0
