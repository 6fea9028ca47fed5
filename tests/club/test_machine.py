"""Tiers, versions, pools and referrals of several members against an oracle, on PostgreSQL."""
# ruff: noqa: ANN001 - the strategies beside the arguments say what they are

from collections.abc import Callable, Iterator
from datetime import timedelta
from fractions import Fraction
from typing import Any

import psycopg
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

from coterie import events as ev
from coterie.replay import verify
from coterie.storage import Storage, connect
from tests.club.terms import TIERS, ZONES, Shape, Terms
from tests.club.world import World

shapes = st.builds(
    Shape,
    zone=st.sampled_from(ZONES),
    period=st.sampled_from(["month", "quarter"]),
    promote=st.sampled_from(["at_once", "at_once", "at_review"]),
    late=st.sampled_from(["again", "next"]),
    judged=st.sampled_from(["judge", "keep"]),
    valid_months=st.sampled_from([None, None, 2, 4]),
    rollover=st.booleans(),
)
bars = st.sampled_from([(3000, 9000), (1000, 5000), (5000, 6000), (2000, 20000)])
kept_shares = st.sampled_from([100, 100, 50, 70])
gifts = st.tuples(st.sampled_from(["points", "points", "stars"]), st.sampled_from([5, 30, 70]))


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    reach, share = draw(bars), draw(kept_shares)
    friend, referrer = draw(st.none() | gifts), draw(st.none() | gifts)
    debt = draw(st.sampled_from(["allow", "allow", "clamp", "refuse"]))
    return Terms(
        rate=draw(st.sampled_from([1, 2, 3])),
        factors=draw(st.sampled_from([(Fraction(3, 2), Fraction(2)), (Fraction(1), Fraction(3))])),
        reach=reach,
        keep=(reach[0] * share // 100, reach[1] * share // 100),
        demote=draw(st.sampled_from(["one", "fit", "highest_kept", "base"])),
        grace_days=draw(st.sampled_from([0, 9, 45])),
        months=draw(st.sampled_from([1, 2, 6])),
        round_to=draw(st.sampled_from(["none", "month"])),
        wait_days=draw(st.sampled_from([0, 0, 0, 6])),
        debt=debt,
        limit=draw(st.sampled_from([None, 0, 40])) if debt == "allow" else None,
        returns=draw(st.sampled_from(["proportional", "proportional", "keep"])),
        rounding=draw(st.sampled_from(["down", "up", "half_even"])),
        lapsed=draw(st.sampled_from(["lapse", "extend_days"])),
        burn=draw(st.sampled_from(["by_date", "pro_rata"])),
        members_max=draw(st.sampled_from([1, 2, 3, 3])),
        friend=friend,
        referrer=("points", 20) if friend is None and referrer is None else referrer,
        times=draw(st.sampled_from([1, 2])),
        within_days=draw(st.sampled_from([40, 3000])),
    )


people = st.integers(0, 2)
anybody = st.integers(0, 3)
together = st.booleans()
lates = st.sampled_from([timedelta(0)] * 6 + [timedelta(hours=30), timedelta(days=33)])
amounts = st.one_of(st.integers(1, 4000), st.sampled_from([999, 1000, 3000, 6000, 9000]))
units = st.one_of(st.integers(1, 40), st.integers(1, 250))


class Machine(RuleBasedStateMachine):
    def __init__(self, new_database: Callable[[], str]) -> None:
        super().__init__()
        self.new_database = new_database
        self.orders: list[tuple[int, str, int]] = []
        self.holds: list[tuple[int, str]] = []
        self.spendings: list[tuple[int, int]] = []

    @initialize(
        shape=shapes,
        first=terms(),
        worker=st.sampled_from(["on", "late", "never"]),
        founders=st.sampled_from([0, 0, 2, 3]),
    )
    def begin(self, shape, first, worker, founders):
        self.url = self.new_database()
        self.db = connect(self.url)
        self.world = World(self.db, shape, first)
        self.worker = worker
        for who in range(founders):
            self.join(who, wrong=False, together=True)

    def tell(self, kind, who, event, wire, told, together, late=timedelta(0)) -> bool:
        world = self.world
        accepted = world.tell(kind, world.ids[who], event, wire, told, late)
        if not together or len(world.waiting) > 12:
            world.flush()
        return accepted

    @rule(days=st.sampled_from([0, 0, 1, 6]), hours=st.integers(0, 23), some=anybody)
    def wait(self, days, hours, some):
        self.pass_time(days, hours, some)

    @rule(days=st.sampled_from([28, 31, 31, 64]), hours=st.integers(0, 23), some=anybody)
    def wait_long(self, days, hours, some):
        self.pass_time(days, hours, some)

    def pass_time(self, days: int, hours: int, some: int) -> None:
        world = self.world
        world.now += timedelta(days=days, hours=hours)
        if self.worker == "on":
            world.settle(world.ids)
        elif self.worker == "late" and some < 2:
            world.settle(world.ids[some : some + 2])

    @rule(new=terms(), after=st.sampled_from([timedelta(0), timedelta(hours=5), timedelta(days=9)]))
    def publish(self, new, after):
        self.world.publish(new, after)

    # ------------------------------------------------------------------ buying

    @rule(
        who=anybody,
        bought=st.lists(amounts, min_size=1, max_size=3),
        late=lates,
        together=together,
    )
    def order(self, who, bought, late, together):
        ref = f"o{len(self.orders)}"
        self.orders.append((who, ref, len(bought)))
        wire = {"order_ref": ref, "lines": tuple(ev.OrderLine(amount) for amount in bought)}
        self.tell("order", who, ev.Order, wire, {"ref": ref, "amounts": bought}, together, late)

    @precondition(lambda self: self.orders)
    @rule(
        pick=st.integers(0, 4),
        line=st.none() | st.none() | st.integers(0, 2),
        amount=st.none() | st.integers(1, 1500),
        late=lates,
        together=together,
    )
    def give_back(self, pick, line, amount, late, together):
        who, ref, many = self.orders[-1 - pick % len(self.orders)]
        wire: dict[str, Any] = {"order_ref": ref}
        if line is None:
            amount = None
        else:
            line %= many
            wire["lines"] = (ev.ReturnLine(line=str(line + 1), amount_minor=amount),)
        told = {"ref": ref, "line": line, "amount": amount}
        self.tell("return", who, ev.Return, wire, told, together, late)

    @precondition(lambda self: self.orders)
    @rule(pick=st.integers(0, 4), of_spending=st.booleans(), together=together)
    def reverse(self, pick, of_spending, together):
        if of_spending and self.spendings:
            who, seq = self.spendings[-1 - pick % len(self.spendings)]
        else:
            who, ref, _ = self.orders[-1 - pick % len(self.orders)]
            sales = self.world.person(self.world.ids[who]).sales
            seq = next(sale.seq for sale in sales if sale.ref == ref)
        wire = {"reverses_seq": seq, "reason": "because"}
        self.tell("reversal", who, ev.Reversal, wire, {"seq": seq}, together)

    # ------------------------------------------------------------------ spending

    @rule(who=anybody, amount=units, late=lates, together=together)
    def spend(self, who, amount, late, together):
        told = {"currency": "points", "units": amount}
        if self.tell("spend", who, ev.Spend, told, told, together, late):
            seq = self.world.person(self.world.ids[who]).seq
            self.spendings.append((who, seq))

    @rule(who=anybody, amount=units, together=together)
    def hold(self, who, amount, together):
        ref = f"h{len(self.holds)}"
        told = {"currency": "points", "units": amount, "ref": ref}
        wire = {"currency": "points", "units": amount, "hold_ref": ref}
        if self.tell("hold", who, ev.Hold, wire, told, together):
            self.holds.append((who, ref))

    @precondition(lambda self: self.holds)
    @rule(pick=st.integers(0, 3), part=st.none() | st.integers(0, 30), together=together)
    def end_hold(self, pick, part, together):
        who, ref = self.holds[-1 - pick % len(self.holds)]
        if part == 0:
            self.tell("release", who, ev.Release, {"hold_ref": ref}, {"ref": ref}, together)
            return
        wire = {"hold_ref": ref, "units": part}
        self.tell("capture", who, ev.Capture, wire, {"ref": ref, "units": part}, together)

    @rule(who=anybody, receiver=anybody, amount=units, together=together)
    def transfer(self, who, receiver, amount, together):
        if receiver == who:
            receiver = (who + 1) % 4
        other = self.world.ids[receiver]
        wire = {"currency": "points", "units": amount, "receiver": ev.MemberRef(id=other)}
        told = {"units": amount, "receiver": other}
        self.tell("transfer", who, ev.Transfer, wire, told, together)

    # ------------------------------------------------------------------ saving together

    @rule(who=people, wrong=st.sampled_from([False] * 5 + [True]), together=together)
    def join(self, who, wrong, together):
        world = self.world
        pool = world.ids[(who + 1) % 3] if wrong else world.household
        wire = {"scheme": "family", "pool": ev.MemberRef(id=pool)}
        self.tell("pool_join", who, ev.PoolJoin, wire, {"pool": pool}, together)

    @rule(who=people, together=together)
    def leave(self, who, together):
        self.tell("pool_leave", who, ev.PoolLeave, {"scheme": "family"}, {}, together)

    @precondition(lambda self: self.world.person(self.world.household).contributors)
    @rule(share=st.integers(1, 9), together=together)
    def spend_together(self, share, together):
        home = self.world.person(self.world.household)
        amount = max(home.balance("points", "available") * share // 10, 1)
        self.spend(3, amount, timedelta(0), together)

    # ------------------------------------------------------------------ friends and tiers

    @rule(friend=people, referrer=st.none() | people, together=together)
    def link(self, friend, referrer, together):
        other = None if referrer is None else self.world.ids[referrer]
        wire = {"role": "referrer", "other": None if other is None else ev.MemberRef(id=other)}
        self.tell("link", friend, ev.Link, wire, {"other": other}, together)

    @rule(friend=people, referrer=people, bought=amounts, together=together)
    def bring(self, friend, referrer, bought, together):
        """A friend comes and buys: most purchases of most worlds are nobody's first."""
        self.link(friend, referrer, together)
        self.order(friend, [bought], timedelta(0), together)

    @precondition(lambda self: self.qualified())
    @rule(pick=st.integers(0, 3), together=together)
    def regret(self, pick, together):
        """A friend brings back all of what the referrer was rewarded for."""
        found = self.qualified()
        who, seq = found[pick % len(found)]
        sale = next(s for s in self.world.person(self.world.ids[who]).sales if s.seq == seq)
        told = {"ref": sale.ref, "line": None, "amount": None}
        self.tell("return", who, ev.Return, {"order_ref": sale.ref}, told, together)

    def qualified(self) -> list[tuple[int, int]]:
        everybody = [self.world.person(number) for number in self.world.ids]
        return [(n, p.qualified[0]) for n, p in enumerate(everybody) if p.qualified is not None]

    @rule(
        who=anybody,
        action=st.sampled_from(["grant", "grant", "pin", "unpin"]),
        rank=st.integers(0, 2),
        days=st.integers(0, 80),
        together=together,
    )
    def decide_tier(self, who, action, rank, days, together):
        world = self.world
        today = world.today()
        until = today + timedelta(days=days + 1) if action == "grant" else None
        tier = None if action == "unpin" or (action == "pin" and days % 2) else rank
        wire = {
            "ladder": "status",
            "action": action,
            "tier": None if tier is None else TIERS[tier],
            "until": until and until.isoformat(),
            "reason": "because",
        }
        world.now += timedelta(seconds=1)
        told = {"action": action, "rank": tier, "until": until, "today": world.today()}
        self.tell("status_change", who, ev.StatusChange, wire, told, together)

    def teardown(self):
        if hasattr(self, "db"):
            try:
                self.prove()
            finally:
                self.db.close()

    def prove(self) -> None:
        """All dues decided, the proof holds and a replay finds the same."""
        if not hasattr(self, "world") or not self.world.agreed:
            return
        self.world.settle(self.world.ids)
        report = verify(self.url, jobs=1, replayed=True)
        assert report.clean, [r.offenders for r in report.results if not r.clean]


@pytest.fixture
def new_database(
    postgres: Storage, template_database: str, worker_id: str
) -> Iterator[Callable[[], str]]:
    """Give a fresh database for every world, and remove the one before."""
    made: list[str] = []

    def make() -> str:
        while made:
            postgres.drop_database(made.pop())
        name = f"club_{worker_id}"
        with psycopg.connect(postgres.url_for("postgres"), autocommit=True) as db:
            db.execute(f"create database {name} template {template_database} strategy file_copy")
        made.append(name)
        return postgres.url_for(name)

    yield make
    while made:
        postgres.drop_database(made.pop())


quick = settings(
    max_examples=8, stateful_step_count=35, suppress_health_check=list(HealthCheck), deadline=None
)


def machine(new_database: Callable[[], str]) -> type[Machine]:
    class Here(Machine):
        def __init__(self) -> None:
            super().__init__(new_database)

    return Here


def test_quick(new_database):
    run_state_machine_as_test(machine(new_database), settings=quick)


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_long(new_database):
    phases = [phase for phase in Phase if phase is not Phase.shrink]
    more = settings(quick, max_examples=60, stateful_step_count=70, phases=phases)
    run_state_machine_as_test(machine(new_database), settings=more)
