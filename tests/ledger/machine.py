"""Tells the product and the oracle the same thing, and holds what they did beside each other."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from coterie.events import model as ev
from coterie.kernel.errors import Refusal
from coterie.kernel.time import from_datetime, to_datetime
from coterie.ledger.model import LotState
from coterie.programme.standing import next_due
from tests.ledger.driver import Drive
from tests.ledger.machine_rules import machine_programme
from tests.ledger.oracle import Policy, Refused
from tests.ledger.oracle_events import Oracle

CURRENCIES = ("points", "growth")
Wire = dict[str, Any]
STARTS = {
    "Asia/Shanghai": datetime(2028, 2, 27, 9, 30, tzinfo=UTC),
    "America/New_York": datetime(2027, 3, 12, 20, tzinfo=UTC),
    "America/Sao_Paulo": datetime(2017, 10, 12, 20, tzinfo=UTC),
    "Pacific/Apia": datetime(2011, 12, 27, 12, tzinfo=UTC),
}

expiries = st.one_of(
    st.just(("none",)),
    st.tuples(
        st.just("fixed"), st.integers(0, 2), st.integers(0, 5),
        st.sampled_from(["none", "none", "month", "quarter"]),
    ),
    st.tuples(
        st.just("calendar"),
        st.sampled_from([((12, 31),), ((3, 1), (11, 1)), ((3, 15), (10, 15), (12, 30))]),
        st.integers(0, 1),
    ),
    st.tuples(
        st.just("inactivity"), st.integers(0, 1),
        st.sampled_from([(), ("order",), ("spend", "capture")]),
    ),
)  # fmt: skip

policies = st.builds(
    Policy,
    expiry=expiries,
    wait_days=st.sampled_from([0, 0, 0, 1, 7]),
    count_from=st.sampled_from(["earning", "release"]),
    debt=st.sampled_from(["clamp", "allow", "refuse"]),
    limit=st.sampled_from([None, 0, 20, 50]),
    returns=st.sampled_from(["proportional", "recompute", "keep"]),
    rounding=st.sampled_from(["down", "up", "half_up", "half_even"]),
    lapsed=st.sampled_from(["lapse", "extend_days"]),
    extend_days=st.sampled_from([0, 2, 30]),
    hold_minutes=st.sampled_from([30, 60 * 30, 60 * 24 * 9]),
    transferable=st.sampled_from([True, True, False]),
)


class Pair:
    """One member, told twice."""

    def __init__(self, zone: str, points: Policy, growth: Policy, *, cap_released: bool) -> None:
        growth.spendable = False
        both = {"points": points, "growth": growth}
        self.drive = Drive(machine_programme(zone, both, cap_released=cap_released))
        self.oracle = Oracle(zone, both, cap_released=cap_released)
        self.now = STARTS[zone]

    def tell(
        self, kind: str, event: type[ev.Event], late: timedelta, wire: Wire, told: Wire
    ) -> str:
        """Submit one event to both; return the code of the refusal, or nothing."""
        at = self.now - late
        try:
            self.oracle.do(kind, at, self.now, **told)
            expected = ""
        except Refused as refused:
            expected = refused.code
        try:
            decision = self.drive.send(event, at.isoformat(), self.now.isoformat(), **wire)
            found = ""
        except Refusal as refused:
            found = refused.code
        assert found == expected
        if not found:
            moved: Counter[tuple[str, str, str, str]] = Counter()
            for m in decision.movements:
                moved[m.currency, m.debit, m.credit, m.reason] += m.units
            assert moved == self.oracle.moved()
        self.check()
        return found

    def pass_time(self, by: timedelta, *, worker: bool) -> None:
        """Let time go by, with a worker that is there or not."""
        self.now += by
        if worker:
            self.drive.due(from_datetime(self.now))
            self.oracle.advance(self.now)
            self.check()

    def picture(self) -> dict[str, Any]:
        standing = self.drive.standing
        return {
            "seq": standing.member.seq,
            "balances": {code: self.drive.balances(code) for code in CURRENCIES},
            "lots": [
                (lot.lot_no, lot.currency, lot.earned_seq, lot.units, lot.remaining, lot.held,
                 lot.lapsed, lot.expires_day and date.fromordinal(lot.expires_day),
                 str(lot.state))
                for _, lot in sorted(standing.lots.items())
            ],
            "holds": {
                ref: (str(hold.state), hold.units, hold.captured)
                for ref, hold in standing.holds.items()
            },
        }  # fmt: skip

    def check(self) -> None:
        assert self.picture() == self.oracle.picture()
        standing = self.drive.standing
        for code, account in standing.accounts.items():
            silent = account.inactive_us and to_datetime(account.inactive_us)
            assert silent == self.oracle.silent.get(code)
            lots = [lot for lot in standing.lots.values() if lot.currency == code]
            by_state: Counter[str] = Counter()
            for lot in lots:
                by_state[lot.state] += lot.remaining
                assert min(lot.remaining, lot.held, lot.lapsed) >= 0
                assert lot.remaining + lot.held + lot.lapsed <= lot.units
                assert (lot.expires_us is None) == (lot.expires_day is None)
            assert account.available == by_state[LotState.OPEN]
            assert account.pending == by_state[LotState.PENDING]
            assert by_state[LotState.CANCELLED] == 0
            held = [h for h in standing.holds.values() if h.currency == code and h.state == "open"]
            assert account.held == sum(lot.held for lot in lots) == sum(h.units for h in held)
            assert account.owed >= 0
            assert not (account.owed and account.available)
        due, known = next_due(standing), standing.member.next_due_us
        assert due is None or (known is not None and known <= due)
