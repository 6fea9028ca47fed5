"""A batch's decisions become rows: one statement a table, in one pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from coterie.events import Happening, Mode, forget_waiting, insert_events, upsert_returned
from coterie.intake.following import sent_by
from coterie.intake.recording import Outcome, Returned, encode, returned_of, returned_of_merge
from coterie.intake.telling import facts_of
from coterie.ledger import (
    Account,
    HoldRecord,
    Lot,
    insert_balances,
    insert_lot_uses,
    insert_lots,
    insert_movements,
    movement_lines,
    update_inactivity,
    update_lots,
    upsert_holds,
)
from coterie.members import (
    forget_persons,
    keep_up,
    return_identities,
    tags_of,
    take_identities,
    write_members,
)
from coterie.metrics import write_counters
from coterie.programme.standing import Decision, Standing
from coterie.storage import Connection, KeyRow, insert_facts, insert_keys, settle_keys
from coterie.tiers import TierChange, insert_changes, write_standings
from coterie.webhooks import Told


class Before(msgspec.Struct, gc=False):
    """What of a standing is compared to find out what must be written."""

    attributes: dict[str, Any]
    currencies: frozenset[str]
    inactive: dict[str, int | None]


def before(standing: Standing) -> Before:
    """Note a standing as it was loaded."""
    return Before(
        standing.member.attributes,
        frozenset(standing.accounts),
        {c: a.inactive_us for c, a in standing.accounts.items() if a.inactive_us is not None},
    )


class Writer:
    """Collects the rows of a batch, then writes them all."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.events: list[tuple[Any, ...]] = []
        self.movements: list[str] = []
        self.uses: list[tuple[int, int, int, int, int]] = []
        self.opened: dict[tuple[int, int], Lot] = {}
        self.touched: dict[tuple[int, int], Lot] = {}
        self.holds: dict[tuple[int, str], HoldRecord] = {}
        self.tiers: list[tuple[int, int, int, int, int, TierChange]] = []
        self.returned: dict[tuple[int, int], Returned] = {}
        self.facts: list[tuple[int, int, str, bool]] = []
        self.follow_ups: list[tuple[int, int]] = []
        self.keys: list[KeyRow] = []
        self.settled: list[KeyRow] = []
        self.identities: list[tuple[tuple[str, int, int], int]] = []

    def record(
        self,
        happening: Happening,
        decision: Decision,
        outcome: Outcome,
        waiting_id: int | None = None,
    ) -> None:
        """Take an event and what was decided about it."""
        self._event(happening, decision, outcome)
        event = happening.event
        key = KeyRow(
            event.source, event.key, happening.digest, happening.member_id, happening.seq, None
        )
        if waiting_id is not None:
            self.settled.append(key)
        elif happening.kind != "due":
            self.keys.append(key)
        if decision.status == "refused":
            return
        self._effects(happening, decision)
        if event.mode is Mode.LIVE and (facts := facts_of(happening, decision)):
            told = Told(
                happening.at_us,
                happening.offset_minutes,
                happening.received_us,
                happening.kind,
                facts,
            )
            self.facts.append((happening.member_id, happening.seq, encode(told), False))
        if decision.identities is not None:
            self.identities.append((decision.identities, happening.received_us))
        if decision.follow_ups:
            place = (happening.member_id, happening.seq)
            self.follow_ups.append(place)
            for what in decision.follow_ups:
                self.facts.append((*place, encode(sent_by(happening, what)), True))

    def _event(self, happening: Happening, decision: Decision, outcome: Outcome) -> None:
        event = happening.event
        self.events.append(
            (
                happening.member_id,
                happening.seq,
                happening.kind,
                event.source,
                event.key,
                happening.at_us,
                happening.offset_minutes,
                happening.received_us,
                happening.as_of_us,
                happening.day,
                happening.booked_day,
                decision.version,
                event.mode,
                decision.status,
                decision.code,
                event.actor,
                event.channel,
                event.store,
                event.operator,
                event.device,
                event.device_sequence,
                event.partner,
                event.campaign,
                getattr(event, "order_ref", None),
                event.caused_by,
                happening.payload.decode(),
                encode(outcome),
            )
        )

    def _effects(self, happening: Happening, decision: Decision) -> None:
        member_id, seq = happening.member_id, happening.seq
        self.movements += movement_lines(
            member_id,
            seq,
            decision.movements,
            version=decision.version,
            store=happening.event.store,
            booked_day=happening.booked_day,
            recorded_us=happening.received_us,
        )
        for use in decision.uses:
            self.uses.append((member_id, seq, use.n, use.lot_no, use.units))
        for lot in decision.opened:
            self.opened[(member_id, lot.lot_no)] = lot
        for lot_no, lot in decision.touched.items():
            if (member_id, lot_no) not in self.opened:
                self.touched[(member_id, lot_no)] = lot
        for hold in decision.holds:
            self.holds[(member_id, hold.hold_ref)] = hold
        for n, change in enumerate(decision.tiers, 1):
            self.tiers.append((member_id, seq, n, happening.at_us, decision.version, change))
        for sale in decision.sales:
            self.returned[(member_id, sale.seq)] = returned_of(sale)
        for merge_seq, sales in decision.merged_sales.items():
            self.returned[(member_id, merge_seq)] = returned_of_merge(sales)
        if decision.undone is not None:
            self.returned[(member_id, decision.undone)] = Returned(undone=True)

    def write(self, db: Connection, standings: Iterable[tuple[Standing, Before]]) -> None:
        """Write everything; the caller commits."""
        changed = [(s, b) for s, b in standings]
        if self.keys:
            insert_keys(db, self.keys)
        if self.events:
            insert_events(db, self.events)
        with db.pipeline():
            if self.settled:
                settle_keys(db, self.settled)
            if self.returned:
                rows = [(i, seq, encode(back)) for (i, seq), back in self.returned.items()]
                upsert_returned(db, rows)
            self._write_ledger(db, changed)
            moved = {
                s.member.member_id for s, b in changed if s.member.attributes is not b.attributes
            }
            write_members(db, [s.member for s, _ in changed], with_attributes=moved)
            counted = [(s.member.member_id, s.counters) for s, _ in changed if s.counters_changed]
            if counted:
                write_counters(db, counted)
            self._write_tiers(db, changed)
        retagged = [
            s.member.member_id
            for s, b in changed
            if s.member.member_id in moved and tags_of(s.member.attributes) != tags_of(b.attributes)
        ]
        if retagged:
            keep_up(db, retagged)
        # What every event adds is copied, which no pipeline can do; movements after the balances
        # they move were opened.
        if self.movements:
            insert_movements(db, self.movements)
        if self.opened:
            insert_lots(db, [(place[0], lot) for place, lot in self.opened.items()])
        if self.facts:
            insert_facts(db, self.facts)
        for (what, merged_id, survivor_id), now_us in self.identities:
            if what == "erase":
                gone = forget_persons(db, merged_id)
                forget_waiting(db, gone)
            elif what == "merge":
                take_identities(db, merged_id, survivor_id, now_us=now_us)
            else:
                return_identities(db, merged_id, survivor_id, now_us=now_us)

    def _write_tiers(self, db: Connection, changed: Sequence[tuple[Standing, Before]]) -> None:
        ranked = [
            (s.member.member_id, ladder, tier)
            for s, _ in changed
            if s.tiers_changed
            for ladder, tier in s.tiers.items()
        ]
        if ranked:
            write_standings(db, ranked)
        if self.tiers:
            insert_changes(db, self.tiers)

    def _write_ledger(self, db: Connection, changed: Sequence[tuple[Standing, Before]]) -> None:
        new = [
            (s.member.member_id, currency)
            for s, b in changed
            if len(s.accounts) != len(b.currencies)
            for currency in s.accounts
            if currency not in b.currencies
        ]
        if new:
            insert_balances(db, new)
        if self.touched:
            update_lots(db, [(place[0], lot) for place, lot in self.touched.items()])
        if self.uses:
            insert_lot_uses(db, self.uses)
        if self.holds:
            upsert_holds(db, [(place[0], hold) for place, hold in self.holds.items()])
        inactive = [
            (s.member.member_id, a.currency, a.inactive_us)
            for s, b in changed
            for a in s.accounts.values()
            if _moved(a, b)
        ]
        if inactive:
            update_inactivity(db, inactive)


def _moved(account: Account, b: Before) -> bool:
    return account.inactive_us != b.inactive.get(account.currency)
