"""Goods that come back: which lines of which sales, and what remains of their grants.

What remains of a grant is a function of what remains bought, so the state after any set of returns
of one sale depends only on the total returned per line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from msgspec.structs import replace

from coterie.events import Happening, Order, OrderLine, Return, ReturnLine
from coterie.kernel.numbers import divide
from coterie.members import Member
from coterie.programme.bounds import CompiledCap
from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.conditions import Scene
from coterie.programme.earning import FEES, SHIPPING, CapRoom, Situation, order_grants
from coterie.programme.errors import ReturnUnmatched, Waits
from coterie.programme.model import ReturnPolicy
from coterie.programme.standing import CapTaken, Grant, Sale, Standing

Returned = Mapping[int, tuple[int, int]]
Piece = tuple[Sale, int, int, int]
"""A sale, a line index, thousandths of a quantity, minor units of an amount."""
SALES_MAX = 1_000
"""Sales a merge brings along, the newest ones; what comes back of older ones is unknown."""


def line_size(order: Order, index: int) -> tuple[int, int]:
    """Return quantity (thousandths) and amount of a line, of shipping or of fees."""
    if index == SHIPPING:
        return 1000, order.shipping_minor
    if index == FEES:
        return 1000, order.fees_minor
    line = order.lines[index]
    return line.quantity_milli, line.amount_minor


def share_left(order: Order, index: int, returned: Returned) -> Fraction:
    """Return which part of a line remains bought: by amount, or by quantity where it was free."""
    back = returned.get(index)
    if back is None:
        return Fraction(1)
    quantity, amount = line_size(order, index)
    if amount:
        return Fraction(amount - back[1], amount)
    return Fraction(quantity - back[0], quantity)


def all_back(order: Order, returned: Returned) -> bool:
    """Tell whether every line of a sale came back."""
    return all(share_left(order, index, returned) == 0 for index in range(len(order.lines)))


def remains(
    programmes: Programmes, sale: Sale, returned: Returned
) -> list[tuple[int, tuple[int, ...]]]:
    """Return per grant the units that should remain, and what remains taken of each of its caps."""
    cp = programmes.numbered(sale.version)
    recomputed: dict[str, Grant] | None = None
    result = []
    for grant in sale.grants:
        policy = cp.currencies[grant.currency].returns
        if policy is ReturnPolicy.KEEP or not returned:
            result.append((grant.units, tuple(cap.taken for cap in grant.caps)))
        elif policy is ReturnPolicy.RECOMPUTE:
            if recomputed is None:
                recomputed = _recompute(cp, sale, returned)
            now = recomputed.get(grant.rule)
            result.append(_recomputed(grant, now))
        else:
            result.append(_proportional(cp, grant, sale.order, returned))
    return result


def _proportional(
    cp: CompiledProgramme, grant: Grant, order: Order, returned: Returned
) -> tuple[int, tuple[int, ...]]:
    whole = sum(basis for _, basis in grant.lines)
    weight = [(index, basis if whole else 1) for index, basis in grant.lines]
    whole = whole or len(weight)
    left = sum((basis * share_left(order, index, returned) for index, basis in weight), Fraction(0))
    rounding = cp.currencies[grant.currency].return_rounding
    units = divide(grant.units * left.numerator, whole * left.denominator, rounding)
    units = min(units, grant.units)
    caps = []
    for cap in grant.caps:
        compiled = cp.caps[cap.cap]
        measure = compiled.measure
        if compiled.by is not None:
            caps.append(_left_of_value(compiled, cap, weight, order, returned))
        elif measure == "units":
            caps.append(min(cap.taken, units))
        elif measure == "applications":
            caps.append(cap.taken if left else 0)
        else:
            caps.append(cap.taken * left.numerator // (whole * left.denominator))
    return units, tuple(caps)


def _left_of_value(
    cap: CompiledCap,
    taken: CapTaken,
    weight: Sequence[tuple[int, int]],
    order: Order,
    returned: Returned,
) -> int:
    """Return what remains taken of one value's bound: by the lines that have the value."""
    of_line = cap.value_of_line
    if of_line is not None:
        lines = order.lines
        weight = [(i, w) for i, w in weight if (of_line(lines[i]) if i >= 0 else "") == taken.key]
    whole = sum(basis for _, basis in weight)
    if not whole:
        return taken.taken
    left = sum((basis * share_left(order, index, returned) for index, basis in weight), Fraction(0))
    if cap.measure == "applications":
        return taken.taken if left else 0
    return int(taken.taken * left / whole)


def _recomputed(grant: Grant, now: Grant | None) -> tuple[int, tuple[int, ...]]:
    if now is None:
        return 0, tuple(0 for _ in grant.caps)
    taken = {(cap.cap, cap.key): cap.taken for cap in now.caps}
    # What a return leaves is never more than the sale gave: a rule that likes smaller orders
    # must not pay for sending goods back.
    return (
        min(now.units, grant.units),
        tuple(min(taken.get((cap.cap, cap.key), 0), cap.taken) for cap in grant.caps),
    )


def _recompute(cp: CompiledProgramme, sale: Sale, returned: Returned) -> dict[str, Grant]:
    order = _reduced(sale.order, returned)
    context = sale.context
    if order is None or context is None:
        return {}
    nobody = Standing(Member(0))  # all that is asked of the member is in the context
    scene = scene_of(order, sale.day)
    situation = Situation(cp, scene, nobody, sale.at_us, context=context, order=order)
    room = CapRoom(cp, {}, situation, context.caps)
    return {grant.rule: grant for grant in order_grants(cp, order, situation, room)}


def _reduced(order: Order, returned: Returned) -> Order | None:
    """Return the order as if only what remains had been bought; None when nothing does."""
    lines = []
    for index, line in enumerate(order.lines):
        left = share_left(order, index, returned)
        back = returned.get(index, (0, 0))
        if left == 0:
            continue
        lines.append(
            replace(
                line,
                amount_minor=line.amount_minor - back[1],
                quantity_milli=max(line.quantity_milli - back[0], 1),
                tax_minor=int(line.tax_minor * left),
                discount_minor=int(line.discount_minor * left),
            )
        )
    if not lines:
        return None
    reduced = replace(
        order,
        lines=tuple(lines),
        shipping_minor=0 if SHIPPING in returned else order.shipping_minor,
        fees_minor=0 if FEES in returned else order.fees_minor,
    )
    before, after = _total(order), _total(reduced)
    if not order.tenders or not before:
        return reduced
    # Every tender keeps its share of what remains.
    tenders = [replace(t, amount_minor=t.amount_minor * after // before) for t in order.tenders]
    return replace(reduced, tenders=tuple(tenders))


def _total(order: Order) -> int:
    lines = sum(line.amount_minor for line in order.lines)
    return lines + order.shipping_minor + order.fees_minor


def scene_of(event: Order, day: int) -> Scene:
    """Return what scene conditions read of a recorded sale."""
    return Scene(event.store, event.channel, event.source, event.partner, event.campaign, day)


# ---------------------------------------------------------------------- which lines


def _left(
    sale: Sale, index: int, taken: Mapping[tuple[int, int], tuple[int, int]]
) -> tuple[int, int]:
    quantity, amount = line_size(sale.order, index)
    before = sale.returned.get(index, (0, 0))
    now = taken.get((sale.seq, index), (0, 0))
    return quantity - before[0] - now[0], amount - before[1] - now[1]


class _Matching:
    """Meets the lines of one return from the lines of sales."""

    def __init__(self) -> None:
        self.taken: dict[tuple[int, int], tuple[int, int]] = {}
        self.pieces: list[Piece] = []
        self.excess: list[tuple[int, int]] = []

    def take(self, sale: Sale, index: int, quantity: int, amount: int) -> None:
        if quantity == 0 and amount == 0:
            return
        before = self.taken.get((sale.seq, index), (0, 0))
        self.taken[(sale.seq, index)] = (before[0] + quantity, before[1] + amount)
        self.pieces.append((sale, index, quantity, amount))

    def _amount_for(self, sale: Sale, index: int, quantity: int) -> int:
        """Return the sale's amount in proportion, so that all parts together are all of it."""
        whole_quantity, whole_amount = line_size(sale.order, index)
        left_quantity, left_amount = _left(sale, index, self.taken)
        back = whole_quantity - left_quantity
        share = (
            whole_amount * (back + quantity) // whole_quantity
            - whole_amount * back // whole_quantity
        )
        return left_amount if quantity == left_quantity else min(share, left_amount)

    def meet(self, number: int, wanted: ReturnLine, places: Iterable[tuple[Sale, int]]) -> None:
        """Take what one returned line asks for from ``places``, in their order."""
        quantity, amount = wanted.quantity_milli, wanted.amount_minor
        if quantity is None and amount is not None:
            rest = self._meet_amount(amount, places)
            if rest:
                self.excess.append((number, 0))
            return
        whole_line = quantity is None
        rest = 2**62 if quantity is None else quantity
        paid = amount
        found = False
        for sale, index in places:
            left_quantity, left_amount = _left(sale, index, self.taken)
            if left_quantity == 0:
                continue
            part = min(left_quantity, rest)
            share = self._amount_for(sale, index, part)
            if paid is not None:
                # A stated amount counts; it is spread over the pieces as they are met.
                share = min(paid * part // rest if rest != part else paid, left_amount)
                paid -= share
            self.take(sale, index, part, share)
            found = True
            rest -= part
            if rest == 0 or whole_line:
                break
        if whole_line:
            if not found:
                self.excess.append((number, 0))
        elif rest:
            self.excess.append((number, rest))

    def _meet_amount(self, amount: int, places: Iterable[tuple[Sale, int]]) -> int:
        for sale, index in places:
            part = min(_left(sale, index, self.taken)[1], amount)
            self.take(sale, index, 0, part)
            amount -= part
            if amount == 0:
                break
        return amount


def _places(
    sales: Sequence[Sale], wanted: ReturnLine, *, any_line: bool
) -> Iterator[tuple[Sale, int]]:
    for sale in sales:
        for index, line in enumerate(sale.order.lines):
            if _is_line(line, index, wanted, any_line=any_line):
                yield sale, index


def _is_line(line: OrderLine, index: int, wanted: ReturnLine, *, any_line: bool) -> bool:
    if wanted.line is None and wanted.product is None:
        return any_line
    # Where both are named, both are meant: a line that is another product is a slip.
    return wanted.line in (None, line.line or str(index + 1)) and wanted.product in (
        None,
        line.product,
    )


def match_return(
    standing: Standing, event: Return, happening: Happening, window_days: int
) -> tuple[list[Piece], list[tuple[int, int]]]:
    """Return the pieces of sales that come back, and the excess per line of the return.

    With a reference only sales of that name are looked at, otherwise the member's sales within
    ``window_days``, newest first. An excess is (line index, thousandths left over).
    """
    matching = _Matching()
    sales = sorted(standing.sales.values(), key=lambda s: (-s.at_us, -s.seq))
    if event.order_ref is not None:
        sales = [sale for sale in sales if sale.order.order_ref == event.order_ref]
        if not event.lines:
            _everything(matching, sales)
            return matching.pieces, matching.excess or ([] if matching.pieces else [(0, 0)])
    else:
        oldest = happening.day - window_days
        sales = [s for s in sales if s.day >= oldest and s.at_us <= happening.at_us]
    for number, wanted in enumerate(event.lines):
        places = _places(sales, wanted, any_line=event.order_ref is not None)
        matching.meet(number, wanted, places)
    return matching.pieces, matching.excess


def _everything(matching: _Matching, sales: Sequence[Sale]) -> None:
    for sale in sales:
        for index in _all_lines(sale.order):
            quantity, amount = _left(sale, index, {})
            matching.take(sale, index, quantity, amount)


def _all_lines(order: Order) -> list[int]:
    lines = list(range(len(order.lines)))
    if order.shipping_minor:
        lines.append(SHIPPING)
    if order.fees_minor:
        lines.append(FEES)
    return lines


def whole_sale(sale: Sale) -> list[Piece]:
    """Return what is left of a sale, as pieces."""
    matching = _Matching()
    _everything(matching, [sale])
    return matching.pieces


def check_excess(
    pieces: Sequence[Piece], excess: Sequence[tuple[int, int]], policy: str, *, approved: bool
) -> None:
    """Refuse, or let wait, a return of more than was bought, as its source's policy says."""
    if not excess:
        return
    where = f"lines[{excess[0][0]}]"
    detail = f"{len(excess)} line(s) ask for more than was bought."
    if policy == "approve" and not approved:
        raise Waits("unmatched_return", detail)
    if policy == "refuse" or not pieces:
        raise ReturnUnmatched(detail, where=where, excess=[list(part) for part in excess])


def sales_of_merge(standing: Standing, merge_seq: int) -> dict[int, Sale]:
    """Return the sales that a merge brought, by their place in its list."""
    return {
        -sale.seq - merge_seq * SALES_MAX: sale
        for sale in standing.sales.values()
        if sale.merge_seq == merge_seq
    }


def changed_sales(
    standing: Standing, sales: Iterable[Sale]
) -> tuple[list[Sale], dict[int, dict[int, Sale]]]:
    """Return sales of which something came back as they are kept: one by one, or by their merge."""
    changed = list(sales)
    own = sorted((s for s in changed if not s.merge_seq), key=lambda s: s.seq)
    merges = sorted({s.merge_seq for s in changed if s.merge_seq})
    return own, {seq: sales_of_merge(standing, seq) for seq in merges}
