"""Who is signed in."""

from __future__ import annotations

from coterie.signins import rules, store
from coterie.signins.model import Visit
from coterie.storage import Connection


def visit_of(db: Connection, token: str, *, now_us: int) -> Visit | None:
    """Return the visit of a token and note that it was seen; None: there is none, or it is over."""
    read = rules.read_token(token)
    if read is None:
        return None
    visit = store.find_visit(db, *read, now_us, now_us - rules.IDLE_US)
    if visit is not None:
        store.touch_visit(db, visit.member_id, visit.token_digest, now_us)
    return visit


def list_visits(db: Connection, member_id: int, *, now_us: int) -> list[Visit]:
    """Return where a member is signed in, the latest first; at most VISITS_MAX."""
    return store.list_visits(db, member_id, now_us, rules.VISITS_MAX)
