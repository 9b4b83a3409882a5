"""Everything a rule of the programme may refuse.

GentingError
├── RuleBroken            a rule of the programme says no; the person is told kindly
│   ├── FullySupported    the child needs less than was offered
│   ├── AlreadyPledged    this foster parent already supports this child in these months
│   ├── AlreadyRegistered the identity (NIP, contact) belongs to somebody already
│   ├── NotAdoptable      the child is not on the list, or not any more
│   ├── NotEntitled       the person may not see or do this
│   ├── LastOne           nobody would be left to do it
│   ├── AlreadyDecided    somebody else has approved or rejected it in the meantime
│   └── CodeRefused       a one-time code is unknown, used or too old
├── BackupRefused         a backup cannot be read, or must not be restored here; for the operator
├── BadInput              what was given cannot be read: says what, and shows an example
└── ConfigurationError    settings, keys or programme file are wrong; for the operator
"""

from typing import Any


class GentingError(Exception):
    """Root of every error that this project raises on purpose."""


class RuleBroken(GentingError):
    """A rule of the programme says no."""


class FullySupported(RuleBroken):
    """The child needs less than was offered.

    `still_needed_idr` is what one could still pledge per month over the wanted term (0 when nothing).
    """

    def __init__(self, still_needed_idr: int) -> None:
        super().__init__(f"still needed: {still_needed_idr}")
        self.still_needed_idr = still_needed_idr


class AlreadyPledged(RuleBroken):
    """This foster parent already has a running pledge for this child in these months."""


class AlreadyRegistered(RuleBroken):
    """The identity belongs to somebody already."""


class NotAdoptable(RuleBroken):
    """The child is not (or no longer) waiting for support."""


class NotEntitled(RuleBroken):
    """The person may not see or do this."""


class LastOne(RuleBroken):
    """Nobody would be left who may do it."""


class AlreadyDecided(RuleBroken):
    """The item is not waiting for a decision any more."""


class CodeRefused(RuleBroken):
    """The one-time code is unknown, used or expired; which of them is not told."""


class BackupRefused(GentingError):
    """A backup cannot be made, read or restored here; the message is one line for the operator."""


class BadInput(GentingError):
    """Given data cannot be read. `code` names what is wrong, `details` what to show with it."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code, details)
        self.code = code
        self.details = details


class ConfigurationError(GentingError):
    """Settings, keys or the programme file are wrong; the message is one line for the operator."""
