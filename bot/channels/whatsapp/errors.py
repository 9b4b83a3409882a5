"""What WhatsApp refuses, by its codes (Cloud API, error codes), as our one error.

The same codes come at once, as the answer to a request, and hours later, in the report of a message that was taken.
"""

from typing import Any

import httpx

from jobs.channel import ChannelError

# Too fast, or too much for now: code -> seconds to wait.
SLOW_DOWN = {
    4: 60.0,  # the app's calls
    80007: 60.0,  # the account's calls
    130429: 5.0,  # the number's throughput
    131048: 3600.0,  # too many of our messages were reported as spam
    131056: 6.0,  # too many to this one person
    133016: 3600.0,  # registered and deregistered too often
}
NOT_TODAY = frozenset({131049, 131050})
"""Held back to keep people's chats healthy, or the person wants less: not again for 24 hours."""
CLOSED = frozenset({131047})
"""More than 24 hours since the person wrote: only a template may be sent."""
UNDELIVERABLE = frozenset({131026, 131030})
"""Not on WhatsApp, an old app, terms not accepted; or not on the test number's list."""
TEMPLATE = frozenset({132000, 132001, 132005, 132007, 132012, 132015, 132016})
"""A template's values do not fit, it does not exist, breaks a policy, is paused or disabled."""
HALT = frozenset({0, 3, 10, 190, 200, 368, 131005, 131031, 131042})
"""The account: token expired or refused, permission missing, restricted, locked, its bill unpaid."""
TEMPORARY = frozenset({1, 2, 131000, 131016, 131057})
"""WhatsApp's own trouble."""

A_DAY = 24 * 3600.0


def meaning(code: int, said: str = "") -> ChannelError:
    """Return our error for a code; one that is not known means that this message is not taken, ever."""
    reason = f"{code} {said}".strip()
    if code in SLOW_DOWN:
        return ChannelError(reason, retry_after=SLOW_DOWN[code])
    if code in NOT_TODAY:
        return ChannelError(reason, retry_after=A_DAY)
    return ChannelError(
        reason,
        closed=code in CLOSED,
        gone=code in UNDELIVERABLE,
        template_refused=code in TEMPLATE,
        halt=code in HALT,
        permanent=code not in TEMPORARY,
    )


def refusal(response: httpx.Response) -> ChannelError:
    """Return our error for an answer that is no success; 429 and 5xx can always be tried again."""
    code, said = _code(response)
    if response.status_code >= 500:
        return ChannelError(f"{response.status_code} {said}".strip(), unsure=True)
    if code is not None:
        return meaning(code, said)
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return ChannelError("429", retry_after=SLOW_DOWN[80007])
    halted = response.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}
    return ChannelError(f"HTTP {response.status_code}", halt=halted, permanent=True)


def unanswered(error: httpx.HTTPError) -> ChannelError:
    """Return our error for a request without an answer; only one that never left surely did not arrive."""
    never_left = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
    return ChannelError(type(error).__name__, unsure=not never_left)


def _code(response: httpx.Response) -> tuple[int | None, str]:
    """Return code and title of an error's body; its free text may quote what was sent, so it is left out."""
    try:
        error: Any = response.json()["error"]
        code = error["code"]
    except (ValueError, KeyError, TypeError):
        return None, ""
    said = str(error.get("type", ""))[:60]
    return (code, said) if isinstance(code, int) else (None, said)
