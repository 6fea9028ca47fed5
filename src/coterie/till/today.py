"""What this till sold today, and taking the last of it back."""

from __future__ import annotations

from coterie.acts import Acts
from coterie.acts.kinds.counter import UNDO_MINUTES
from coterie.events import KeyReused
from coterie.insight import counter_sales
from coterie.kernel.errors import Refusal
from coterie.kernel.time import MINUTE_US, Zone
from coterie.members import masked_name
from coterie.till.visitors import USES, clerk_of
from coterie.web.asking import Ask, Reply
from coterie.web.errors import PageUnknown
from coterie.web.faces import Pages
from coterie.web.standing import programme_of


def pages(acts: Acts) -> Pages:
    """Return the page of today's sales."""
    area = Pages()

    @area.get("/till/today", needs=USES)
    def today(ask: Ask) -> Reply:
        return _page(ask)

    @area.post("/till/today/{member_id:int}/{seq:int}/undo", needs=USES)
    def undo(ask: Ask) -> Reply:
        return _undo(ask, acts)

    return area


def _page(ask: Ask, status: int = 200, refusal: Refusal | None = None) -> Reply:
    zone = Zone(programme_of(ask).zone)
    since_us = zone.day_start_us(zone.day(ask.now_us))
    sales = counter_sales(ask.db, clerk_of(ask).device_code, since_us)
    fresh_us = ask.now_us - UNDO_MINUTES * MINUTE_US
    rows = [
        (sale, masked_name(sale.name) or ask.t("till.nameless", id=sale.member_id), _open)
        for sale in sales
        for _open in (not sale.undone and sale.at_us >= fresh_us,)
    ]
    total = sum(s.amount_minor or 0 for s in sales if s.kind == "order" and not s.undone)
    return ask.page(
        "till/today.html",
        status,
        rows=rows,
        total=total,
        minutes=UNDO_MINUTES,
        refusal=refusal,
    )


def _undo(ask: Ask, acts: Acts) -> Reply:
    clerk = clerk_of(ask)
    member_id, seq = ask.number("member_id"), ask.number("seq")
    args = {"member_id": member_id, "seq": seq, "asked_us": ask.now_us}
    zone = Zone(programme_of(ask).zone)
    since_us = zone.day_start_us(zone.day(ask.now_us))
    own = counter_sales(ask.db, clerk.device_code, since_us)
    if (member_id, seq) not in {(sale.member_id, sale.seq) for sale in own}:
        raise PageUnknown
    key = f"undo:{member_id}:{seq}"
    try:
        result = acts.perform(
            ask.db, clerk.actor(ask), "till.undo", args, reason=ask.t("till.undo.reason"), key=key
        )
    except KeyReused:
        return ask.redirect("/till/today", "till.undo.asked", tone="info")
    except Refusal as refusal:
        return _page(ask, 422, refusal)
    if result.replayed:
        return ask.redirect("/till/today", "till.undo.asked", tone="info")
    if result.status == "waiting":
        return ask.redirect("/till/today", "till.undo.waits", tone="info")
    return ask.redirect("/till/today", "till.undo.done")
