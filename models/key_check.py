"""Whether a key ring is the one that a database is sealed with."""

from sqlalchemy import Connection, inspect, select
from sqlmodel import SQLModel

from models.children import Child
from models.contacts import Contact
from models.errors import ConfigurationError
from models.people import Person, RosterEntry

_SEALED: dict[type[SQLModel], str] = {Person: "name", Child: "name", RosterEntry: "name", Contact: "address"}


def check_keys(connection: Connection) -> None:
    """Open one sealed value of each kind, as written last.

    Raises ConfigurationError when the ring does not open it: whoever lost the key file would otherwise seal new
    data with other keys, and learn of it when the old data is wanted.
    """
    try:
        for table, name in _SEALED.items():
            newest = inspect(table).primary_key[0].desc()
            connection.execute(select(getattr(table, name)).order_by(newest).limit(1)).scalar()
    except ConfigurationError:
        raise ConfigurationError(
            "these are not the keys of this database: put back the key file that belongs to it (GENTING_KEY_FILE)"
        ) from None
