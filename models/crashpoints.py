"""Named moments at which a fault test may kill the process, as a power cut would.

`GENTING_CRASH_AT=after_send:5` kills it, with no chance to tidy up, when the fifth send has just been made.
"""

import os
import signal

POINTS = ("before_commit", "after_commit", "before_send", "after_send")

_point, _, _count = os.environ.get("GENTING_CRASH_AT", "").partition(":")
_left = int(_count or 0)


def reach(point: str) -> None:
    """Say that a named moment has come."""
    global _left  # noqa: PLW0603 - counts down to the one moment of this process
    if point != _point:
        return
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
