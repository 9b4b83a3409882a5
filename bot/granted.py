"""`genting grants` and `genting revoke`: who coordinates what, and taking it back from the terminal.

The terminal is the way out when nobody is left who could approve: a role whose holder cannot be reached is revoked
here, and the next code counts at once.
"""

import json
import sys
from typing import Annotated

import typer
from rich.table import Table

from bot.console import opened_database, out
from models.clock import SystemClock
from models.database import in_session
from models.errors import AlreadyDecided, ConfigurationError
from models.roles import revoke_role, roles_now


def grants(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a script to read.")] = False,
) -> None:
    """List the coordinators' roles that count or wait for approval."""
    with opened_database() as (_, database):
        now = SystemClock().now()
        found = database.submit(in_session(lambda s: roles_now(s, now))).result()
    rows = [
        {
            "id": one.grant.id,
            "name": one.person.name,
            "area": one.grant.area,
            "state": one.grant.state.value,
            "expires_at": one.grant.expires_at.isoformat(),
        }
        for one in found
    ]
    if as_json:
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")
        return
    table = Table("Id", "Name", "Area", "State", "Until")
    for row in rows:
        area = row["area"] or "whole district"
        table.add_row(
            str(row["id"]), str(row["name"]), str(area), str(row["state"]), str(row["expires_at"])[:10]
        )
    out.print(table)


def revoke(role: Annotated[int, typer.Argument(help="The role's id, from `genting grants`.")]) -> None:
    """Take a coordinator's role back, at once."""
    with opened_database() as (_, database):
        now = SystemClock().now()
        try:
            database.submit(in_session(lambda s: revoke_role(s, now, role, by=None))).result()
        except AlreadyDecided:
            raise ConfigurationError(f"there is no role {role} that counts or waits") from None
    out.print(f"Role {role} is revoked.")
