"""What each kind of event means to the oracle; its programme is that of ``machine_rules.py``."""

from collections import Counter
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from tests.ledger.oracle import Grant, Hold, Ledger, Policy, Record, Refused, rounded

CAP_UNITS = 40
FLAT_FROM = 3000
FLAT_UNITS = 7


class Oracle(Ledger):
    def __init__(self, zone: str, policies: dict[str, Policy], *, cap_released: bool) -> None:
        super().__init__(zone, policies)
        self.records: dict[int, Record] = {}
        self.clock: datetime | None = None
        self.cap_used: Counter[tuple[int, int]] = Counter()
        self.cap_released = cap_released

    def do(self, kind: str, at: datetime, received: datetime, **parts: Any) -> None:
        """Decide one event, or raise :class:`Refused` with what was due already decided."""
        as_of = max(received, self.clock or received)
        self.advance(as_of)
        self.log = []
        self.day_of_event = self.day(at)
        getattr(self, "do_" + kind)(at, **parts)
        self.seq += 1
        self.clock = as_of
        self.note_activity(kind, at)

    # ---------------------------------------------------------------- earning

    def grants(self, lines: list[dict[str, Any]], room: int) -> list[Grant]:
        """Base, a capped extra on x, a flat bonus from 30.00, base times 3/2 on y, and growth."""
        whole = {n: line["amount"] for n, line in enumerate(lines)}
        found = [Grant("base", "points", sum(whole.values()) // 100, whole)]
        of_x = {n: a for n, a in whole.items() if lines[n]["tag"] == "x"}
        each = [rounded(Fraction(amount, 200), "half_up") for amount in of_x.values()]
        extra = min(sum(each), room)
        found.append(Grant("extra", "points", extra, of_x, extra))
        if sum(whole.values()) >= FLAT_FROM:
            found.append(Grant("flat", "points", FLAT_UNITS, whole))
        of_y = {n: a for n, a in whole.items() if lines[n]["tag"] == "y"}
        base_of_y = sum(of_y.values()) // 100
        found.append(Grant("half", "points", rounded(Fraction(base_of_y, 2), "half_up"), of_y))
        found.append(
            Grant("grow", "growth", rounded(Fraction(sum(whole.values()), 50), "up"), whole)
        )
        return [grant for grant in found if grant.units]

    def do_order(self, at: datetime, ref: str, lines: list[dict[str, Any]]) -> None:
        day = self.day(at)
        month = (day.year, day.month)
        room = max(CAP_UNITS - self.cap_used[month], 0)
        grants = self.grants(lines, room)
        lots: dict[str, int] = {}
        for grant in grants:
            policy, rest = self.policies[grant.currency], grant.units
            self.cap_used[month] += grant.capped or 0
            if policy.wait_days:
                self.move(grant.currency, "issued", "pending", rest, "earn")
            else:
                rest = self.repaid(grant.currency, "issued", rest, "earn")
                self.move(grant.currency, "issued", "available", rest, "earn")
            lots[grant.currency] = lots.get(grant.currency, 0) + rest
        for currency, units in lots.items():
            wait = self.policies[currency].wait_days
            opens = self.start(day + timedelta(days=wait)) if wait else None
            if units:
                last = self.last_day(currency, day)
                self.open(currency, units, last, at, self.seq + 1, opens)
        self.records[self.seq + 1] = Record(
            "order", ref=ref, day=day, lines=lines, grants=grants, room=room
        )

    # ---------------------------------------------------------------- what comes back

    def left(self, record: Record, n: int) -> tuple[int, int]:
        line, back = record.lines[n], record.back.get(n, (0, 0))
        return line["quantity"] - back[0], line["amount"] - back[1]

    def share(self, record: Record, n: int) -> Fraction:
        line = record.lines[n]
        quantity, amount = self.left(record, n)
        if line["amount"]:
            return Fraction(amount, line["amount"])
        return Fraction(quantity, line["quantity"])

    def remains(self, record: Record) -> list[tuple[int, int]]:
        """Per grant the units, and the cap's units, that should remain."""
        remaining = [
            {**line, "amount": self.left(record, n)[1]} for n, line in enumerate(record.lines)
        ]
        kept = [line for n, line in enumerate(remaining) if self.share(record, n)]
        again = {g.rule: g for g in self.grants(kept, record.room)} if kept else {}
        found = []
        for grant in record.grants:
            policy = self.policies[grant.currency]
            whole = Fraction(sum(grant.basis.values()))
            if policy.returns == "keep" or not record.back:
                units = grant.units
            elif policy.returns == "recompute":
                now = again.get(grant.rule)
                units = min(now.units, grant.units) if now else 0
            elif whole:
                parts = [b * self.share(record, n) for n, b in grant.basis.items()]
                left = sum(parts, Fraction(0))
                units = rounded(grant.units * left / whole, policy.rounding)
            else:
                lines = list(grant.basis)
                left = sum((self.share(record, n) for n in lines), Fraction(0))
                units = rounded(grant.units * left / len(lines), policy.rounding)
            found.append((units, units if grant.capped else 0))
        return found

    def give_back(self, seq: int, back: dict[int, tuple[int, int]], reason: str) -> None:
        record = self.records[seq]
        before, was = dict(record.back), self.remains(record)
        for n, (quantity, amount) in back.items():
            had = record.back.get(n, (0, 0))
            record.back[n] = (had[0] + quantity, had[1] + amount)
        now = self.remains(record) if reason == "return" else [(0, 0)] * len(record.grants)
        lost = Counter[str]()
        for grant, (old, _), (new, _) in zip(record.grants, was, now, strict=True):
            lost[grant.currency] += old - new
        for currency, units in lost.items():
            if self.policies[currency].debt == "refuse" and units > self.reach(seq, currency):
                record.back = before
                raise Refused("debt_refused")
        for grant, (old, of_cap), (new, left) in zip(record.grants, was, now, strict=True):
            assert old >= new, "the rules of the machine like larger orders"
            self.take_back(seq, grant.currency, old - new, reason, "issued")
            if self.cap_released:
                self.cap_used[record.day.year, record.day.month] -= of_cap - left

    def do_return(
        self, at: datetime, ref: str, lines: list[tuple[int, int | None, int | None]] | None
    ) -> None:
        found = [seq for seq, r in self.records.items() if r.kind == "order" and r.ref == ref]
        if not found:
            raise Refused("return_unmatched")
        seq = found[0]
        record = self.records[seq]
        back: dict[int, tuple[int, int]] = {}
        for n, quantity, amount in lines or []:
            had = back.get(n, (0, 0))
            left_quantity, left_amount = self.left(record, n)
            left_quantity -= had[0]
            left_amount -= had[1]
            if amount is not None and quantity is None:
                if amount > left_amount:
                    raise Refused("return_unmatched")
                back[n] = (had[0], had[1] + amount)
                continue
            if left_quantity == 0 or (quantity or 0) > left_quantity:
                raise Refused("return_unmatched")
            if quantity is None or (amount is None and quantity == left_quantity):
                part = left_amount
            elif amount is not None:
                part = min(amount, left_amount)
            else:
                line = record.lines[n]
                came = line["quantity"] - left_quantity
                rate = Fraction(line["amount"], line["quantity"])
                part = int((came + quantity) * rate) - int(came * rate)
                part = min(part, left_amount)
            back[n] = (had[0] + (quantity or left_quantity), had[1] + part)
        if lines is None:
            back = self.everything(record)
            if not back:
                raise Refused("return_unmatched")
        self.give_back(seq, back, "return")

    def everything(self, record: Record) -> dict[int, tuple[int, int]]:
        rest = {n: self.left(record, n) for n in range(len(record.lines))}
        return {n: part for n, part in rest.items() if part != (0, 0)}

    def do_reversal(self, at: datetime, seq: int) -> None:
        record = self.records.get(seq)
        if record is None:
            raise Refused("nothing_to_undo")
        if record.kind == "order":
            if not (back := self.everything(record)):
                raise Refused("already_undone")
            self.give_back(seq, back, "reversal")
            return
        if record.undone:
            raise Refused("already_undone")
        if record.kind == "transfer":
            raise Refused("nothing_to_undo")
        getattr(self, "undo_" + record.kind)(seq, record, at)
        record.undone = True

    def undo_spend(self, _seq: int, record: Record, at: datetime) -> None:
        self.refund(record.currency, "redeemed", record.parts, "reversal", at)

    undo_capture = undo_spend

    def undo_opening_balance(self, seq: int, record: Record, _at: datetime) -> None:
        units = sum(m[3] for m in record.moves)
        self.check_reach(seq, record.currency, units)
        self.take_back(seq, record.currency, units, "reversal", "issued")

    def undo_adjustment(self, seq: int, record: Record, at: datetime) -> None:
        given = sum(m[3] for m in record.moves if m[1] == "adjusted")
        if given:
            self.check_reach(seq, record.currency, given)
            self.take_back(seq, record.currency, given, "reversal", "adjusted")
        for currency, of, _, units, _ in record.moves:
            if of == "available":
                self.refund(currency, "adjusted", record.parts, "reversal", at)
            elif of == "owed":
                last = self.last_day(currency, self.day(at))
                self.give(currency, units, "adjusted", "reversal", last, at, self.seq + 1)
            elif of == "written_off":
                self.move(currency, "adjusted", of, units, "reversal")

    def check_reach(self, seq: int, currency: str, units: int) -> None:
        if self.policies[currency].debt == "refuse" and units > self.reach(seq, currency):
            raise Refused("debt_refused")

    # ---------------------------------------------------------------- spending

    def spendable(self, currency: str) -> Policy:
        policy = self.policies[currency]
        if not policy.spendable:
            raise Refused("not_spendable")
        return policy

    def keep(self, kind: str, currency: str, parts: list[Any] | None = None) -> None:
        record = Record(kind, currency, parts=parts or [], moves=list(self.log))
        self.records[self.seq + 1] = record

    def do_spend(self, _at: datetime, currency: str, units: int) -> None:
        self.spendable(currency)
        self.need(currency, units)
        self.keep("spend", currency, self.take(currency, "redeemed", units, "spend"))

    def do_hold(
        self, at: datetime, currency: str, units: int, ref: str, minutes: int | None
    ) -> None:
        policy = self.spendable(currency)
        if any(hold.ref == ref for hold in self.holds):
            raise Refused("hold_exists")
        self.need(currency, units)
        parts = self.take(currency, "held", units, "hold")
        for lot, part in parts:
            lot.held += part
        until = at + timedelta(minutes=policy.hold_minutes if minutes is None else minutes)
        self.holds.append(Hold(ref, currency, units, until, parts))

    def open_hold(self, ref: str) -> Hold:
        found = [hold for hold in self.holds if hold.ref == ref]
        if not found:
            raise Refused("hold_unknown")
        if found[0].state != "open":
            raise Refused("hold_finished")
        return found[0]

    def do_capture(self, at: datetime, ref: str, units: int | None) -> None:
        hold = self.open_hold(ref)
        taken = hold.units if units is None else units
        if taken > hold.units:
            raise Refused("insufficient_units")
        self.move(hold.currency, "held", "redeemed", taken, "capture")
        self.end_hold(hold, "captured", "hold_release", at, taken)
        parts, rest = [], taken
        for lot, part in hold.parts:
            parts.append((lot, min(part, rest)))
            rest -= parts[-1][1]
        self.keep("capture", hold.currency, [part for part in parts if part[1]])

    def do_release(self, at: datetime, ref: str) -> None:
        self.end_hold(self.open_hold(ref), "released", "hold_release", at)

    def do_transfer(self, _at: datetime, currency: str, units: int) -> None:
        policy = self.spendable(currency)
        if not policy.transferable:
            raise Refused("not_transferable")
        self.need(currency, units)
        self.keep("transfer", currency, self.take(currency, "in_transit", units, "transfer"))

    def do_transfer_in(self, at: datetime, currency: str, units: int, last: date | None) -> None:
        if last is not None and last < self.day(at):
            raise Refused("expires_too_soon")
        self.give(currency, units, "in_transit", "transfer_in", last, at, self.seq + 1)

    def do_transfer_back(self, at: datetime, seq: int) -> None:
        record = self.records[seq]
        self.refund(record.currency, "in_transit", record.parts, "transfer_back", at)

    # ---------------------------------------------------------------- corrections

    def do_adjustment(self, at: datetime, currency: str, units: int) -> None:
        if units > 0:
            last = self.last_day(currency, self.day(at))
            self.give(currency, units, "adjusted", "adjustment", last, at, self.seq + 1)
            self.keep("adjustment", currency)
            return
        self.check_reach(self.seq + 1, currency, -units)
        before = {lot.no: lot.left for lot in self.lots}
        self.take_back(self.seq + 1, currency, -units, "adjustment", "adjusted")
        parts = [
            (lot, before[lot.no] - lot.left)
            for lot in self.burning_or_empty(currency)
            if before[lot.no] > lot.left
        ]
        self.keep("adjustment", currency, parts)

    def burning_or_empty(self, currency: str) -> list[Any]:
        return [lot for lot in self.lots if lot.currency == currency]

    def do_opening_balance(
        self, at: datetime, currency: str, lots: list[tuple[int, date | None, date | None]]
    ) -> None:
        today = self.day(at)
        if any(last is not None and last < today for _, last, _ in lots):
            raise Refused("expires_too_soon")
        for units, last, earned in lots:
            end = self.last_day(currency, earned or today) if last is None else last
            born = self.start(earned or today)
            self.give(currency, units, "issued", "opening", end, born, self.seq + 1)
        self.keep("opening_balance", currency)

    def do_extend(self, at: datetime, currency: str, last: date, until: date | None) -> None:
        if last < self.day(at):
            raise Refused("expires_too_soon")
        for lot in self.lots:
            live = lot.state == "open" and (lot.left or lot.held)
            if lot.currency != currency or not live or lot.last is None:
                continue
            if lot.last < last and (until is None or lot.last <= until):
                lot.last = last

    def do_reinstate(self, at: datetime, currency: str, units: int, last: date) -> None:
        if last < self.day(at):
            raise Refused("expires_too_soon")
        lots = [lot for lot in self.lots if lot.currency == currency]
        if sum(lot.lapsed for lot in lots) < units:
            raise Refused("not_lapsed")
        rest = units
        for lot in lots:
            part = min(lot.lapsed, rest)
            lot.lapsed -= part
            rest -= part
        self.give(currency, units, "breakage", "reinstate", last, at, self.seq + 1)
