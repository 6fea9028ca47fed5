"""Acts by the command line: on record as the user of the machine who ran it."""

from __future__ import annotations

import getpass
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coterie.acts import Result


def act(code: str, args: dict[str, Any], *, reason: str) -> Result:
    """Do an act in the world of this command; whoever has a shell here waits for nobody."""
    from coterie.acts import Acts, shell
    from coterie.app import open_world

    with open_world() as world, world.reading() as db:
        key = str(uuid.uuid4())
        return Acts(world).perform(db, shell(_user()), code, args, reason=reason, key=key)


def account_id(name: str) -> int:
    """Return the number of an account by its number or login. Raises AccountUnknown."""
    from coterie.app import open_world
    from coterie.staff import account_named

    with open_world() as world, world.reading() as db:
        return account_named(db, name).account_id


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run as a number that has no name.
        return "unnamed"
