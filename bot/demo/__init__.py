"""Invented demo data: a district's year with Genting, and the people whom a visitor of the demo plays.

`seed` fills an empty database with the same year every time, ending at the moment it is given: 237 children on the
list, of whom 92 are fully supported that month. `cast` names the people without needing a database.
"""

from bot.demo.cast import DemoPerson, StaffMember, cast, not_signed_up
from bot.demo.district import DemoSeed, seed
from bot.demo.families import CHILDREN
from bot.demo.history import FULLY_SUPPORTED, PARTLY_SUPPORTED

__all__ = [
    "CHILDREN",
    "FULLY_SUPPORTED",
    "PARTLY_SUPPORTED",
    "DemoPerson",
    "DemoSeed",
    "StaffMember",
    "cast",
    "not_signed_up",
    "seed",
]
