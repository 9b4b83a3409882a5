"""How far the long tests go.

`make test` plays each of them at a depth that still finds the faults it is there for; `make test-thorough` at the
depth of the figures that README.md claims. Both make the same promises; only numbers and combinations differ.
"""

import os
from typing import TypeVar

T = TypeVar("T")

VARIABLE = "GENTING_TEST_DEPTH"
USUAL, THOROUGH = "usual", "thorough"

_chosen = os.environ.get(VARIABLE) or USUAL
if _chosen not in {USUAL, THOROUGH}:
    raise ValueError(f"{VARIABLE} is {USUAL} or {THOROUGH}, not {_chosen!r}")


def depth(usual: T, *, thorough: T) -> T:
    """Return the one that this run asks for."""
    return thorough if _chosen == THOROUGH else usual
