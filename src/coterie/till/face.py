"""The till as a face: its areas, and the ways that a key leads to."""

from __future__ import annotations

from coterie.acts import Acts
from coterie.acts.performing import World
from coterie.till import enrolling, entering, finding, returning, ringing, today
from coterie.till.visitors import USES
from coterie.web import Face, NavEntry


def till(world: World) -> Face:
    """Return the face of clerks over a world's engine and acts."""
    engine = world.engine
    return Face(
        name="till",
        package="coterie.till",
        pages=[
            entering.pages(),
            finding.pages(),
            enrolling.pages(engine),
            ringing.pages(engine),
            returning.pages(engine),
            today.pages(Acts(world)),
        ],
        navigation=[
            NavEntry("till.nav.find", "scan", "/till", USES, key="F2"),
            NavEntry("till.nav.enrol", "user-plus", "/till/enrol", USES, key="F3"),
            NavEntry("till.nav.return", "arrow-back-up", "/till/returns", USES, key="F4"),
            NavEntry("till.nav.today", "list", "/till/today", USES, key="F7"),
        ],
        home_url="/till",
        sign_in_url="/till/enter",
        sign_out_url="/till/leave",
    )
