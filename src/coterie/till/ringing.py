"""A member at the till: who they are, ringing up, and what it brought."""

from __future__ import annotations

from typing import Any

from babel.numbers import get_currency_precision

from coterie.catalogue import ProductUnknown, read_product
from coterie.events import EventUnknown, Order, OrderLine, Tender, read_recorded
from coterie.intake.engine import Engine
from coterie.intake.reading import recorded_event
from coterie.kernel.errors import Refusal
from coterie.replay import Question, explain
from coterie.till.seen import known, member_here
from coterie.till.sending import SOURCE, Told, envelope, key_in, send, ticket, told_of, tried
from coterie.till.visitors import USES, clerk_of
from coterie.web.asking import Ask, Reply
from coterie.web.errors import PageUnknown
from coterie.web.faces import Pages
from coterie.web.forms import Amount, Choice, Entry, Invalid, Text, blank
from coterie.web.standing import programme_of

TENDERS = ("cash", "card", "mobile", "gift_card", "other")
LINES_MAX = 8
AMOUNT_MAX = 10**12
_QUANTITY = Amount("count", scale=3, least=1, most=10**9)


def pages(engine: Engine) -> Pages:
    """Return the pages of ringing up."""
    area = Pages()

    @area.get("/till/m/{member_id:int}", needs=USES)
    def member(ask: Ask) -> Reply:
        member_id = member_here(ask.db, ask.number("member_id"))
        if member_id != ask.number("member_id"):
            return ask.redirect(f"/till/m/{member_id}")
        return _page(ask, engine, blank(_fields(ask), tender=TENDERS[0]))

    @area.post("/till/m/{member_id:int}/preview", needs=USES)
    def preview(ask: Ask) -> Reply:
        return _preview(ask, engine)

    @area.post("/till/m/{member_id:int}/ring", needs=USES)
    def ring(ask: Ask) -> Reply:
        return _ring(ask, engine)

    @area.get("/till/m/{member_id:int}/done/{seq:int}", needs=USES)
    def done(ask: Ask) -> Reply:
        return _done(ask, engine)

    return area


def _fields(ask: Ask) -> tuple[Any, ...]:
    scale = money_scale(ask)
    return (
        Amount("amount", required=False, scale=scale, least=1, most=AMOUNT_MAX),
        Choice("tender", TENDERS),
        Text("ref", required=False, most=60),
    )


def money_scale(ask: Ask) -> int:
    """Return how many decimals the programme's money has."""
    return int(get_currency_precision(programme_of(ask).money))


def _page(
    ask: Ask, engine: Engine, entry: Entry, status: int = 200, told: Told | None = None
) -> Reply:
    texts = [ask.form.all(name) for name in ("code", "count", "sum")]
    rows = list(zip(*texts, strict=True)) if len({len(each) for each in texts}) == 1 else []
    rows = [row for row in rows[:LINES_MAX] if any(row)]
    return ask.page(
        "till/member.html",
        status,
        member=known(ask, engine, ask.number("member_id")),
        entry=entry,
        rows=[*rows, *[("", "", "")] * max(0, 4 - len(rows))],
        opened=bool(rows),
        names=_names(ask),
        tenders=[(each, ask.t(f"till.tender.{each}")) for each in TENDERS],
        told=told,
        key=ticket(),
    )


def _names(ask: Ask) -> list[tuple[str, str]]:
    """Return products that were typed with their names; empty for what the catalogue has not."""
    found = []
    for code in dict.fromkeys(each for each in ask.form.all("code")[:LINES_MAX] if each):
        try:
            found.append((code, read_product(ask.db, code).name or code))
        except ProductUnknown:
            found.append((code, ""))
    return found


def _lines(ask: Ask, entry: Entry) -> list[OrderLine]:
    """Read the lines: several by product, or one by its amount alone."""
    texts = [ask.form.all(name)[:LINES_MAX] for name in ("code", "count", "sum")]
    amount = Amount("sum", scale=money_scale(ask), most=AMOUNT_MAX)
    lines: list[OrderLine] = []
    for number, (code, count, paid) in enumerate(zip(*texts, strict=False), start=1):
        if not code and not paid:
            continue
        try:
            quantity = _QUANTITY.of(count) if count else 1000
            product = Text("code", most=100).of(code) or None
            lines.append(OrderLine(_sum(amount, paid, number), f"{number}", product, quantity))
        except Invalid as invalid:
            entry.wrong["lines"] = invalid.wrong
    if entry.values.get("amount"):
        lines.append(OrderLine(entry["amount"], f"{LINES_MAX + 1}"))
    if not lines and "amount" not in entry.wrong and "lines" not in entry.wrong:
        entry.refuse("amount", "till.ring.nothing")
    return lines


def _sum(amount: Amount, text: str, number: int) -> int:
    if not text:
        raise Invalid("till.ring.no_sum", n=number)
    return amount.of(text)


def _order(ask: Ask, entry: Entry) -> Order | None:
    lines = _lines(ask, entry)
    if not entry.good:
        return None
    clerk, key = clerk_of(ask), key_in(ask)
    total = sum(line.amount_minor for line in lines)
    return Order(
        **envelope(ask, clerk, ask.number("member_id"), key),
        order_ref=entry["ref"] or f"{clerk.device.store}-{clerk.device.device_id}-{key[:8]}",
        lines=tuple(lines),
        tenders=(Tender(entry["tender"], total),) if total else (),
    )


def _preview(ask: Ask, engine: Engine) -> Reply:
    entry = ask.form.read(_fields(ask))
    order = _order(ask, entry)
    told = None
    if order is not None:
        try:
            told = tried(ask, engine, order)
        except Refusal as refusal:
            told = Told([], [], [], ask.why(refusal))
    if ask.is_part:
        total = None if order is None else sum(line.amount_minor for line in order.lines)
        return ask.page("till/preview.html", told=told, total=total, names=_names(ask), entry=entry)
    return _page(ask, engine, entry, 200 if entry.good else 422, told)


def _ring(ask: Ask, engine: Engine) -> Reply:
    member_id = ask.number("member_id")
    entry = ask.form.read(_fields(ask))
    order = _order(ask, entry)
    if order is None:
        return _page(ask, engine, entry, 422)
    try:
        sent = send(ask, engine, order, member_id)
    except Refusal as refusal:
        entry.refusal = refusal
        return _page(ask, engine, entry, 422)
    if sent.seq is None:
        told = Told([], [], [], said_of(ask, sent.answer.code, sent.answer.detail))
        return _page(ask, engine, entry, 422, told)
    again = "till.ring.again" if sent.again else ""
    return ask.redirect(f"/till/m/{member_id}/done/{sent.seq}", again, tone="info")


def said_of(ask: Ask, code: str | None, detail: str | None) -> str:
    """Return why an event was refused in a clerk's words; without any of its own: its detail."""
    key = f"till.why.{code}"
    if key in ask.site.catalogue:
        return ask.t(key)
    return ask.t("till.refused", code=code or "", detail=detail or "")


def _done(ask: Ask, engine: Engine) -> Reply:
    member_id, seq = ask.number("member_id"), ask.number("seq")
    try:
        recorded = read_recorded(ask.db, member_id, seq)
    except EventUnknown:
        raise PageUnknown from None
    event = recorded_event(recorded.payload)
    if recorded.source != SOURCE or event.store != clerk_of(ask).device.store:
        raise PageUnknown
    programmes = engine.programmes(ask.db)
    member = known(ask, engine, member_id)
    found = explain(ask.db, programmes, member_id, Question(event=f"{member_id}:{seq}"), ask.now_us)
    assert found.event is not None
    return ask.page(
        "till/done.html",
        member=member,
        told=told_of(ask, found.event),
        kind=recorded.kind,
        event=event,
        at_us=recorded.at_us,
        total=sum(line.amount_minor or 0 for line in event.lines),
    )
