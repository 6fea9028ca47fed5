"""Letting members be looked up who were there before the box that finds them."""

from __future__ import annotations

from collections.abc import Callable

from coterie.members import TakingIn, take_in
from coterie.storage import Connection


def take_in_members(
    db: Connection,
    *,
    on_progress: Callable[[TakingIn], None] | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Take in everybody who is still missing, some hundred members a transaction.

    ``db`` is in autocommit mode. ``stopped`` is asked between transactions: what is done stays
    done. With nothing to do it costs one statement.
    """
    while not stopped():
        at = take_in(db)
        if at is None:
            return
        if on_progress is not None:
            on_progress(at)
