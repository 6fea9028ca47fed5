"""Goods that come back: of an order by its reference, or of a member's recent ones."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from coterie.catalogue import ProductUnknown, read_product
from coterie.events import Order, RecordedSale, Return, ReturnLine, newest_sales
from coterie.insight import orders_of_reference
from coterie.intake.engine import Engine
from coterie.intake.reading import recorded_event
from coterie.kernel.errors import Refusal
from coterie.members import resolve_ids
from coterie.till.ringing import said_of
from coterie.till.seen import known, member_here
from coterie.till.sending import Told, envelope, key_in, send, sent_by, ticket, tried
from coterie.till.visitors import USES, clerk_of
from coterie.web.asking import Ask, Reply
from coterie.web.errors import PageUnknown
from coterie.web.faces import Pages
from coterie.web.forms import Amount, Entry, Invalid, Text, blank

REF = (Text("ref", most=200),)
SALES_SHOWN = 9
SALES_READ = 200
"""How many of a member's newest sales a return is chosen from."""
_QUANTITY = Amount("quantity", scale=3, least=0, most=10**9)


class _Back(msgspec.Struct):
    lines: dict[int, tuple[int, int]] = {}


class LineLeft(NamedTuple):
    """A line of a sale and what of it can come back, in thousandths."""

    line: str
    name: str
    quantity_milli: int
    left_milli: int
    amount_minor: int


class SaleLeft(NamedTuple):
    """A sale and what of it can come back."""

    seq: int
    at_us: int
    order_ref: str
    amount_minor: int
    lines: tuple[LineLeft, ...]

    @property
    def is_open(self) -> bool:
        """Tell whether anything of it can come back."""
        return any(line.left_milli for line in self.lines)


def pages(engine: Engine) -> Pages:
    """Return the pages of returns."""
    area = Pages()

    @area.get("/till/returns", needs=USES)
    def ask_for(ask: Ask) -> Reply:
        return ask.page("till/returns.html", entry=blank(REF))

    @area.post("/till/returns", needs=USES)
    def named(ask: Ask) -> Reply:
        return _named(ask)

    @area.get("/till/m/{member_id:int}/returns", needs=USES)
    def recent(ask: Ask) -> Reply:
        member_id = member_here(ask.db, ask.number("member_id"))
        sales = [_left(ask, each) for each in newest_sales(ask.db, member_id, SALES_SHOWN)]
        return ask.page("till/sales.html", member=known(ask, engine, member_id), sales=sales)

    @area.get("/till/m/{member_id:int}/returns/{seq:int}", needs=USES)
    def choose(ask: Ask) -> Reply:
        return _page(ask, engine, Entry())

    @area.post("/till/m/{member_id:int}/returns/{seq:int}/preview", needs=USES)
    def preview(ask: Ask) -> Reply:
        return _preview(ask, engine)

    @area.post("/till/m/{member_id:int}/returns/{seq:int}", needs=USES)
    def take_back(ask: Ask) -> Reply:
        return _take_back(ask, engine)

    return area


def _named(ask: Ask) -> Reply:
    entry = ask.form.read(REF)
    if entry.good:
        found = orders_of_reference(ask.db, entry["ref"])
        if found:
            member_id = resolve_ids(ask.db, [found[0].member_id]).get(found[0].member_id)
            if member_id == found[0].member_id:
                return ask.redirect(f"/till/m/{member_id}/returns/{found[0].seq}")
            if member_id is not None:
                return ask.redirect(f"/till/m/{member_id}/returns")
        entry.refuse("ref", "till.return.unknown")
    return ask.page("till/returns.html", 422, entry=entry)


def _left(ask: Ask, sale: RecordedSale) -> SaleLeft:
    order = recorded_event(sale.payload)
    assert isinstance(order, Order)
    back = _Back() if sale.returned is None else msgspec.json.decode(sale.returned, type=_Back)
    lines = []
    for number, line in enumerate(order.lines):
        gone, paid = back.lines.get(number, (0, 0))
        left = 0 if 0 < line.amount_minor <= paid else max(0, line.quantity_milli - gone)
        name = _name(ask, line.product) or ask.t("till.return.amount_line")
        code = line.line or str(number + 1)
        lines.append(LineLeft(code, name, line.quantity_milli, left, line.amount_minor))
    total = sum(line.amount_minor for line in order.lines)
    return SaleLeft(sale.seq, sale.at_us, order.order_ref, total, tuple(lines))


def _name(ask: Ask, product: str | None) -> str:
    if product is None:
        return ""
    try:
        return read_product(ask.db, product).name or product
    except ProductUnknown:
        return product


def _sale(ask: Ask) -> SaleLeft:
    member_id, seq = ask.number("member_id"), ask.number("seq")
    for sale in newest_sales(ask.db, member_id, SALES_READ):
        if sale.seq == seq:
            return _left(ask, sale)
    raise PageUnknown


def _page(
    ask: Ask, engine: Engine, entry: Entry, status: int = 200, told: Told | None = None
) -> Reply:
    return ask.page(
        "till/return.html",
        status,
        member=known(ask, engine, ask.number("member_id")),
        sale=_sale(ask),
        entry=entry,
        told=told,
        thousandths=thousandths,
        key=ticket(),
    )


def thousandths(quantity_milli: int) -> str:
    """Return a quantity as a field reads it: ``2``, ``0.5``."""
    whole, rest = divmod(quantity_milli, 1000)
    return f"{whole}.{rest:03d}".rstrip("0").rstrip(".")


def _return(ask: Ask, entry: Entry) -> Return | None:
    sale = _sale(ask)
    whole = all(line.left_milli == line.quantity_milli for line in sale.lines)
    lines = []
    for line in sale.lines:
        text = ask.form.get(f"back-{line.line}")
        entry.raw[f"back-{line.line}"] = text
        try:
            quantity = _QUANTITY.of(text) if text else 0
        except Invalid as invalid:
            entry.wrong["lines"] = invalid.wrong
            continue
        if quantity > line.left_milli:
            left = thousandths(line.left_milli)
            entry.refuse("lines", "till.return.too_many", what=line.name, left=left)
        elif quantity:
            # The whole rest is named without a quantity: nothing is lost to rounding.
            rest = None if quantity == line.left_milli else quantity
            lines.append(ReturnLine(line=line.line, quantity_milli=rest))
            whole = whole and quantity == line.quantity_milli
        else:
            whole = False
    if not lines and not entry.wrong:
        entry.refuse("lines", "till.return.nothing")
    if not entry.good:
        return None
    return Return(
        **envelope(ask, clerk_of(ask), ask.number("member_id"), key_in(ask)),
        order_ref=sale.order_ref,
        lines=() if whole else tuple(lines),
    )


def _preview(ask: Ask, engine: Engine) -> Reply:
    entry = Entry()
    event = _return(ask, entry)
    told = None
    if event is not None:
        try:
            told = tried(ask, engine, event)
        except Refusal as refusal:
            told = Told([], [], [], ask.why(refusal))
    if ask.is_part:
        return ask.page("till/preview.html", told=told, total=None, names=[], entry=entry)
    return _page(ask, engine, entry, 200 if entry.good else 422, told)


def _take_back(ask: Ask, engine: Engine) -> Reply:
    member_id = ask.number("member_id")
    entry = Entry()
    # What this page sent is gone from the sale: a second Enter must not be told so.
    again = sent_by(ask, member_id)
    if again is not None:
        return ask.redirect(f"/till/m/{member_id}/done/{again}", "till.ring.again", tone="info")
    event = _return(ask, entry)
    if event is None:
        return _page(ask, engine, entry, 422)
    try:
        sent = send(ask, engine, event, member_id)
    except Refusal as refusal:
        entry.refusal = refusal
        return _page(ask, engine, entry, 422)
    if sent.seq is None:
        told = Told([], [], [], said_of(ask, sent.answer.code, sent.answer.detail))
        return _page(ask, engine, entry, 422, told)
    return ask.redirect(f"/till/m/{member_id}/done/{sent.seq}")
