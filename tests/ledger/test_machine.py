"""decide against the oracle: any events in any order, at once or late, with or without a worker."""
# ruff: noqa: ANN001 - the strategies beside the arguments say what they are

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from coterie.events import model as ev
from tests.ledger.machine import CURRENCIES, STARTS, Pair, policies

lates = st.sampled_from([timedelta(0)] * 5 + [timedelta(minutes=40), timedelta(days=2, hours=5)])
currencies = st.sampled_from(["points"] * 4 + ["growth"])
units = st.one_of(st.integers(1, 60), st.integers(1, 400))
lines = st.lists(
    st.fixed_dictionaries(
        {
            "amount": st.one_of(st.integers(0, 3000), st.sampled_from([0, 99, 100, 3000, 9999])),
            "tag": st.sampled_from(["x", "y", "z"]),
            "quantity": st.sampled_from([1000, 1000, 3000, 700]),
        }
    ),
    min_size=1,
    max_size=3,
)
days = st.integers(-2, 40)


def written(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


class Machine(RuleBasedStateMachine):
    @initialize(
        zone=st.sampled_from(sorted(STARTS)),
        points=policies,
        growth=policies,
        released=st.booleans(),
    )
    def begin(self, zone, points, growth, released):
        self.pair = Pair(zone, points, growth, cap_released=released)
        self.orders: list[str] = []
        self.holds: list[str] = []
        self.sent: list[int] = []

    def tell(self, kind, event, late, wire, told=None):
        return self.pair.tell(kind, event, late, wire, wire if told is None else told)

    def day(self, after: int) -> date:
        return self.pair.oracle.day(self.pair.now) + timedelta(days=after)

    @rule(hours=st.sampled_from([0, 1, 5, 24, 24 * 6, 24 * 29]), worker=st.booleans())
    def wait(self, hours, worker):
        self.pair.pass_time(timedelta(hours=hours, minutes=7), worker=worker)

    @rule(late=lates, bought=lines)
    def order(self, late, bought):
        ref = f"o{len(self.orders)}"
        wire = tuple(
            ev.OrderLine(b["amount"], quantity_milli=b["quantity"], tags=(b["tag"],))
            for b in bought
        )
        self.orders.append(ref)
        self.tell(
            "order", ev.Order, late,
            {"order_ref": ref, "lines": wire}, {"ref": ref, "lines": bought},
        )  # fmt: skip

    @precondition(lambda self: self.orders)
    @rule(
        late=lates,
        pick=st.integers(0, 2),
        what=st.one_of(
            st.none(),
            st.lists(
                st.tuples(
                    st.integers(0, 2),
                    st.none() | st.sampled_from([1000, 500, 2000, 333]),
                    st.none() | st.sampled_from([0, 50, 700]),
                ),
                min_size=1,
                max_size=2,
            ),
        ),
    )
    def give_back(self, late, pick, what):
        ref = self.orders[-1 - pick % len(self.orders)]
        record = next(r for r in self.pair.oracle.records.values() if r.ref == ref)
        if what is not None:
            what = [(n % len(record.lines), quantity, amount) for n, quantity, amount in what]
        wire = tuple(
            ev.ReturnLine(line=str(n + 1), quantity_milli=quantity, amount_minor=amount)
            for n, quantity, amount in what or ()
        )
        wired = {"order_ref": ref, "lines": wire}
        self.tell("return", ev.Return, late, wired, {"ref": ref, "lines": what})

    @rule(late=lates, currency=currencies, amount=units)
    def spend(self, late, currency, amount):
        self.tell("spend", ev.Spend, late, {"currency": currency, "units": amount})

    @rule(late=lates, currency=currencies, amount=units, minutes=st.none() | st.just(60 * 24 * 3))
    def hold(self, late, currency, amount, minutes):
        if minutes is not None:
            late = timedelta(0)
        ref = f"h{len(self.holds)}"
        wire = {"currency": currency, "units": amount, "hold_ref": ref}
        if minutes is not None:
            wire["expires_at"] = (self.pair.now + timedelta(minutes=minutes)).isoformat()
        told = {"currency": currency, "units": amount, "ref": ref, "minutes": minutes}
        if not self.tell("hold", ev.Hold, late, wire, told):
            self.holds.append(ref)

    @precondition(lambda self: self.holds)
    @rule(late=lates, pick=st.integers(0, 3), part=st.none() | st.integers(1, 40))
    def capture(self, late, pick, part):
        ref = self.holds[-1 - pick % len(self.holds)]
        wire = {"hold_ref": ref, "units": part}
        self.tell("capture", ev.Capture, late, wire, {"ref": ref, "units": part})

    @precondition(lambda self: self.holds)
    @rule(late=lates, pick=st.integers(0, 3))
    def release(self, late, pick):
        ref = self.holds[-1 - pick % len(self.holds)]
        self.tell("release", ev.Release, late, {"hold_ref": ref}, {"ref": ref})

    @rule(late=lates, currency=currencies, amount=units)
    def transfer(self, late, currency, amount):
        told = {"currency": currency, "units": amount}
        wire = {**told, "receiver": ev.MemberRef(id=2)}
        if not self.tell("transfer", ev.Transfer, late, wire, told):
            self.sent.append(self.pair.oracle.seq)

    @precondition(lambda self: self.sent)
    @rule(late=lates)
    def transfer_back(self, late):
        seq = self.sent.pop()
        record = self.pair.oracle.records[seq]
        wire = {
            "currency": record.currency,
            "units": sum(n for _, n in record.parts),
            "transfer_seq": seq,
        }
        self.tell("transfer_back", ev.TransferBack, late, wire, {"seq": seq})

    @rule(late=lates, currency=currencies, amount=units, last=st.none() | days)
    def transfer_in(self, late, currency, amount, last):
        day = None if last is None else self.day(last)
        wire = {"currency": currency, "units": amount, "sender_id": 2}
        wire["expires_on"] = day and day.isoformat()
        told = {"currency": currency, "units": amount, "last": day}
        self.tell("transfer_in", ev.TransferIn, late, wire, told)

    @rule(late=lates, currency=currencies, amount=units, taken=st.booleans())
    def adjust(self, late, currency, amount, taken):
        wire = {"currency": currency, "units": -amount if taken else amount}
        self.tell("adjustment", ev.Adjustment, late, {**wire, "reason": "because"}, wire)

    @rule(
        late=lates,
        currency=currencies,
        brought=st.lists(
            st.tuples(units, st.none() | days, st.none() | st.integers(-70, -3)),
            min_size=1,
            max_size=2,
        ),
    )
    def opening_balance(self, late, currency, brought):
        lots = [
            (n, None if last is None else self.day(last), None if born is None else self.day(born))
            for n, last, born in brought
        ]
        wire = tuple(ev.OpeningLot(n, written(last), written(born)) for n, last, born in lots)
        told = {"currency": currency, "lots": lots}
        sent = {"currency": currency, "lots": wire}
        self.tell("opening_balance", ev.OpeningBalance, late, sent, told)

    @rule(late=lates, currency=currencies, last=days, until=st.none() | days)
    def extend(self, late, currency, last, until):
        told = {
            "currency": currency,
            "last": self.day(last),
            "until": None if until is None else self.day(until),
        }
        wire = {
            "currency": currency,
            "expires_on": told["last"].isoformat(),
            "expiring_until": told["until"] and told["until"].isoformat(),
            "reason": "because",
        }
        self.tell("extend", ev.Extend, late, wire, told)

    @rule(late=lates, currency=currencies, amount=units, last=days)
    def reinstate(self, late, currency, amount, last):
        told = {"currency": currency, "units": amount, "last": self.day(last)}
        wire = {
            "currency": currency,
            "units": amount,
            "expires_on": told["last"].isoformat(),
            "reason": "because",
        }
        self.tell("reinstate", ev.Reinstate, late, wire, told)

    @precondition(lambda self: self.pair.oracle.records)
    @rule(late=lates, pick=st.integers(0, 8))
    def reverse(self, late, pick):
        known = sorted(self.pair.oracle.records)
        seq = known[-1 - pick % len(known)]
        wire = {"reverses_seq": seq, "reason": "because"}
        self.tell("reversal", ev.Reversal, late, wire, {"seq": seq})


assert set(CURRENCIES) == {"points", "growth"}

quick = settings(
    max_examples=60, stateful_step_count=30, suppress_health_check=list(HealthCheck), deadline=None
)
Machine.TestCase.settings = quick
TestQuick = Machine.TestCase


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_long():
    # Shrinking a run of sixty steps takes longer than reading it: the failing steps are printed.
    phases = [phase for phase in Phase if phase is not Phase.shrink]
    more = settings(quick, max_examples=2500, stateful_step_count=60, phases=phases)
    run_state_machine_as_test(Machine, settings=more)
