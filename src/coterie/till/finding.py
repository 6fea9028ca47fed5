"""One field that finds a member: by scan, phone, card, last four digits or name."""

from __future__ import annotations

from coterie.members import MemberState, look_up
from coterie.till.seen import face_of
from coterie.till.visitors import USES
from coterie.web.asking import Ask, Reply
from coterie.web.faces import Pages
from coterie.web.forms import Text, blank

FIND = (Text("q", most=100),)
HITS_MAX = 9
"""As many as there are digits to choose by."""
_GONE = frozenset({MemberState.MERGED.value, MemberState.ERASED.value})


def pages() -> Pages:
    """Return the first page and the one of what was found."""
    area = Pages()

    @area.get("/till", needs=USES)
    def home(ask: Ask) -> Reply:
        return ask.page("till/home.html", entry=blank(FIND), faces=[], more=False, asked="")

    @area.post("/till/find", needs=USES)
    def find(ask: Ask) -> Reply:
        return _find(ask)

    return area


def _find(ask: Ask) -> Reply:
    entry = ask.form.read(FIND)
    if not entry.good:
        return ask.page("till/home.html", 422, entry=entry, faces=[], more=False, asked="")
    found = look_up(ask.db, entry["q"], limit=HITS_MAX)
    hits = [hit for hit in found.hits if hit.state not in _GONE]
    exact = [hit for hit in hits if hit.rank == 0]
    if len(hits) == 1 or (len(exact) == 1 and _is_number(entry["q"])):
        chosen = hits[0] if len(hits) == 1 else exact[0]
        return ask.redirect(f"/till/m/{chosen.member_id}")
    return ask.page(
        "till/home.html",
        entry=entry,
        faces=[face_of(ask, hit) for hit in hits],
        more=found.more,
        asked=entry["q"],
    )


def _is_number(text: str) -> bool:
    """Tell whether a scanner or a whole number was meant, which finds one or nobody."""
    return sum(char.isdigit() for char in text) > 6
