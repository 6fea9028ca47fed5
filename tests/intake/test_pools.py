"""Members who save together: joining, earning on, spending by date or in proportion, leaving."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from coterie.intake.answers import Answer
from coterie.intake.engine import Engine
from coterie.intake.reading import Arrival, read_event
from coterie.kernel.time import DAY_US, format_instant, parse_instant
from coterie.members import Newcomer, create_members
from coterie.programme.plain import plain_words
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.succession import breaks
from coterie.programme.versions import publish
from coterie.programme.writing import canonical_text
from coterie.replay import verify
from coterie.storage import Connection, connect, transaction
from tests.intake.world import dump
from tests.programme.writing_programmes import findings

NewDatabase = Callable[[], str]
NOON_US = parse_instant("2026-06-10T12:00:00+08:00")[0]
HOME = """\
programme: home
name: {zh: 一家人, en: Family}
zone: Asia/Shanghai
money: CNY
currencies:
  points:
    name: {zh: 积分, en: points}
    expiry: {model: fixed, months: 3}
    transferable: true
    debt: {policy: allow, limit_units: 200}
  growth:
    name: {zh: 成长值, en: growth}
    spendable: false
metrics:
  spend: {measure: amount, window: year}
rules:
  - code: base
    name: {zh: 积分, en: Points}
    earn: {currency: points, units: 1, per: "1.00"}
  - code: grow
    name: {zh: 成长, en: Growth}
    earn: {currency: growth, units: 1, per: "1.00"}
pools:
  family:
    name: {zh: 家庭账户, en: Family account}
    currencies: [points]
    members_max: 2
"""


class Home:
    """Persons A, B and C, and the household H."""

    def __init__(self, db: Connection, text: str = HOME) -> None:
        self.db = db
        self.engine = Engine()
        with transaction(db):
            publish(db, text, 0, 0)
        people = [
            Newcomer(
                (("card", f"CARD{c}"),),
                enrolled_us=NOON_US - DAY_US,
                kind="household" if c == "H" else "person",
            )
            for c in "ABCH"
        ]
        with transaction(db):
            made = create_members(db, people, now_us=NOON_US)
        self.ids: dict[str, Any] = dict(zip("ABCH", made, strict=True))
        self.sent = 0

    def make(self, who: str, kind: str, at_us: int = NOON_US, **fields: Any) -> Arrival:
        self.sent += 1
        given = {
            "key": f"k{self.sent}",
            "member": {"card": f"CARD{who}"},
            "kind": kind,
            "occurred_at": format_instant(at_us, 480),
        }
        raw = json.dumps({**given, **fields}).encode()
        return read_event(raw, source="till", received_us=at_us)

    def send(self, who: str, kind: str, at_us: int = NOON_US, **fields: Any) -> Answer:
        return self.engine.submit(self.db, [self.make(who, kind, at_us, **fields)])[0]

    def join(self, who: str, pool: str = "H", at_us: int = NOON_US) -> Answer:
        return self.send(who, "pool_join", at_us, scheme="family", pool={"card": f"CARD{pool}"})

    def buy(self, who: str, yuan: int, ref: str, at_us: int = NOON_US) -> Answer:
        lines = [{"amount_minor": yuan * 100}]
        return self.send(who, "order", at_us, order_ref=ref, lines=lines)

    def spend(self, who: str, units: int) -> Answer:
        return self.send(who, "spend", currency="points", units=units)

    def points(self) -> dict[str, int]:
        rows = self.db.execute(
            "select member_id, available - owed from ledger.balance where currency = 'points'"
        ).fetchall()
        found: dict[int, int] = dict(rows)
        return {who: found.get(i, 0) for who, i in self.ids.items()}

    def contributions(self) -> dict[str, int]:
        rows = self.db.execute(
            "select contributor_id, sum(remaining)::int from ledger.lot "
            "where member_id = %s group by 1",
            (self.ids["H"],),
        ).fetchall()
        found: dict[int, int] = dict(rows)
        return {who: found[i] for who, i in self.ids.items() if i in found}


@pytest.fixture
def home(db: Connection) -> Home:
    return Home(db)


def test_units_go_to_the_pool_and_what_is_left_comes_back(home: Home) -> None:
    home.buy("A", 100, "A1")
    home.buy("B", 50, "B1")
    assert home.join("A").status == "accepted"
    assert home.join("B").status == "accepted"
    assert home.points() == {"A": 0, "B": 0, "C": 0, "H": 150}
    bought = home.buy("A", 30, "A2")
    assert [(e.reason, e.currency, e.units, e.credit) for e in bought.effects][-1] == (
        ("pool", "points", 30, "in_transit")
    )
    assert home.contributions() == {"A": 130, "B": 50}
    growth = home.db.execute(
        "select available from ledger.balance where currency = 'growth' and member_id = %s",
        (home.ids["A"],),
    ).fetchone()
    assert growth == (130,), "what is not pooled stays, and so do metrics"
    assert home.spend("A", 1).code == "insufficient_units"
    assert home.spend("H", 110).status == "accepted"
    assert home.contributions() == {"A": 30, "B": 40}
    assert home.send("A", "pool_leave", scheme="family").status == "accepted"
    assert home.points() == {"A": 30, "B": 0, "C": 0, "H": 40}
    home.buy("A", 10, "A3")
    assert home.points()["A"] == 40
    assert home.send("A", "pool_leave", scheme="family").code == "pooled"


def test_in_proportion_to_what_each_has_there(db: Connection) -> None:
    home = Home(db, HOME + "    burn: pro_rata\n")
    for who, yuan in (("A", 100), ("B", 50)):
        home.buy(who, yuan, f"{who}1")
        home.join(who)
    home.spend("H", 31)
    assert home.contributions() == {"A": 79, "B": 40}
    home.send("H", "hold", currency="points", units=60, hold_ref="h")
    assert home.contributions() == {"A": 39, "B": 20}
    home.send("H", "release", hold_ref="h")
    assert home.contributions() == {"A": 79, "B": 40}


def test_who_is_not_let_in_keeps_everything(home: Home) -> None:
    for who in "ABC":
        home.buy(who, 10, f"{who}1")
    home.join("A")
    home.join("B")
    assert home.join("C").status == "accepted", "the pool answers later"
    assert home.points() == {"A": 0, "B": 0, "C": 10, "H": 20}
    refused = "select code from events.event where kind = 'pool_in' and status = 'refused'"
    assert home.db.execute(refused).fetchall() == [("pool_full",)]
    home.buy("C", 5, "C2")
    assert home.points()["C"] == 15
    home.join("C", pool="A")
    assert home.points()["C"] == 15, "a person is no pool"
    assert home.join("A").code == "pooled"
    assert home.join("H", pool="H").code == "self_link"


def test_what_comes_back_is_taken_from_the_pool(home: Home) -> None:
    home.join("A")
    home.buy("A", 300, "A1")
    home.spend("H", 250)
    home.send("A", "return", order_ref="A1")
    # 50 are left and go back, the rest of the 300 is owed up to 200 and written off.
    assert home.points() == {"A": -150, "B": 0, "C": 0, "H": 0}
    home.buy("A", 160, "A2")
    assert home.points() == {"A": 0, "B": 0, "C": 0, "H": 10}


def _stream(home: Home, seed: int, count: int) -> list[Arrival]:
    pick = random.Random(seed)
    at_us, sent, orders = NOON_US, [], 0
    for _ in range(count):
        at_us += pick.randrange(1, 3 * DAY_US)
        who = pick.choice("ABC")
        kind = pick.choice(["buy"] * 4 + ["return", "join", "join", "leave", "spend", "give"])
        if kind == "buy":
            orders += 1
            lines = [{"amount_minor": pick.randrange(1, 20_000)}]
            sent.append(home.make(who, "order", at_us, order_ref=f"{who}{orders}", lines=lines))
        elif kind == "return":
            ref = f"{who}{pick.randrange(orders + 1)}"
            sent.append(home.make(who, "return", at_us, order_ref=ref))
        elif kind == "join":
            pool = {"card": "CARDH"}
            sent.append(home.make(who, "pool_join", at_us, scheme="family", pool=pool))
        elif kind == "leave":
            sent.append(home.make(who, "pool_leave", at_us, scheme="family"))
        elif kind == "spend":
            units = pick.randrange(1, 150)
            sent.append(home.make("H", "spend", at_us, currency="points", units=units))
        else:
            receiver = {"card": "CARDA"}
            units = pick.randrange(1, 50)
            sent.append(
                home.make("H", "transfer", at_us, currency="points", units=units, receiver=receiver)
            )
    return sent


@pytest.mark.parametrize("burn", ["by_date", "pro_rata"])
def test_any_partition_leaves_the_same_and_proves_itself(
    new_database: NewDatabase, burn: str
) -> None:
    left = []
    for size in (1, 60):
        url = new_database()
        with connect(url) as db:
            home = Home(db, HOME + f"    burn: {burn}\n")
            sent = _stream(home, 5, 120)
            answers = []
            for n in range(0, len(sent), size):
                answers += home.engine.submit(db, sent[n : n + size])
            home.engine.settle(db, list(home.ids.values()), NOON_US + 900 * DAY_US)
            left.append((answers, dump(db)))
        report = verify(url, jobs=1, replayed=True)
        assert report.clean, [r for r in report.results if not r.clean]
    assert left[0] == left[1]


def test_it_is_written_said_and_kept_as_it_was_read() -> None:
    programme = read_programme("home", HOME)
    assert read_canonical(canonical_text(programme)) == programme
    assert plain_words(programme, "zh")[-2] == (
        "家庭账户：最多2位成员共用积分，按到期先后扣减；退出时取回本人剩余部分，等级仍按个人计算。"
    )
    assert plain_words(programme, "en")[-2] == (
        "Family account: up to 2 members share points, spent by date; who leaves takes what is "
        "left of their own; tiers stay with each member."
    )
    found = findings(HOME.replace("currencies: [points]", "currencies: [point]"))
    assert [f.path for f in found] == ["pools.family.currencies[0]"]
    twice = HOME + "  zoo:\n    name: {zh: 二, en: Two}\n    currencies: [points]\n"
    assert [f.path for f in findings(twice)] == ["pools.zoo.currencies[0]"]
    other = read_programme("home", HOME.replace("currencies: [points]", "currencies: [growth]"))
    assert len(breaks(programme, other)) == 1


RULED = (
    HOME + "    invite: owner\n    asks_who: true\n    member_limit: {units: 40, window: month}\n"
)


def _card(who: str) -> dict[str, str]:
    return {"card": f"CARD{who}"}


def _change(home: Home, who: str, **fields: Any) -> Answer:
    return home.send("H", "pool_change", scheme="family", contributor=_card(who), **fields)


@pytest.fixture
def ruled(db: Connection) -> Home:
    """A is the owner and has asked B in; the pool has 200 points, 100 of each."""
    home = Home(db, RULED)
    for who in "AB":
        home.buy(who, 100, f"{who}1")
    home.join("A")
    home.send("B", "pool_join", scheme="family", pool=_card("H"), invited_by=_card("A"))
    assert home.points()["H"] == 200
    return home


def _spent(home: Home, units: int, by: str | None, at_us: int = NOON_US) -> str:
    named: dict[str, Any] = {} if by is None else {"by": _card(by)}
    answer = home.send("H", "spend", at_us, currency="points", units=units, **named)
    return answer.code or answer.status


def test_only_who_is_asked_in_joins(db: Connection) -> None:
    home = Home(db, RULED.replace("members_max: 2", "members_max: 4"))
    for who in "ABC":
        home.buy(who, 10, f"{who}1")
    home.join("A")
    home.join("B")
    assert home.points() == {"A": 0, "B": 10, "C": 10, "H": 10}, "nobody asked B in"
    refused = "select code from events.event where kind = 'pool_in' and status = 'refused'"
    assert home.db.execute(refused).fetchall() == [("pool_forbids",)]
    home.send("B", "pool_join", scheme="family", pool=_card("H"), invited_by=_card("A"))
    home.send("C", "pool_join", scheme="family", pool=_card("H"), invited_by=_card("B"))
    assert home.points() == {"A": 0, "B": 0, "C": 10, "H": 20}, "B is no owner"
    unknown: dict[str, Any] = {"invited_by": {"card": "NOBODY"}}
    answer = home.send("C", "pool_join", scheme="family", pool=_card("H"), **unknown)
    assert answer.code == "member_unknown"


def test_a_limit_of_each_member_holds_for_every_way_to_spend(ruled: Home) -> None:
    assert _spent(ruled, 5, None) == "pool_forbids", "the pool asks who"
    assert _spent(ruled, 5, "C") == "pool_forbids", "C does not belong to it"
    assert _spent(ruled, 30, "B") == "accepted"
    assert _spent(ruled, 11, "B") == "limit_reached"
    hold: dict[str, Any] = {"currency": "points", "units": 11, "hold_ref": "h"}
    assert ruled.send("H", "hold", by=_card("B"), **hold).code == "limit_reached"
    gift: dict[str, Any] = {"currency": "points", "units": 11, "receiver": _card("C")}
    assert ruled.send("H", "transfer", by=_card("B"), **gift).code == "limit_reached"
    assert ruled.send("H", "transfer", **gift).code == "pool_forbids"
    assert _spent(ruled, 40, "A") == "accepted", "each has a limit of their own"
    assert _spent(ruled, 10, "B") == "accepted"
    assert _spent(ruled, 1, "B") == "limit_reached"
    assert _spent(ruled, 40, "B", NOON_US + 30 * DAY_US) == "accepted", "the next month is new"
    assert ruled.points()["H"] == 80


def test_an_owner_changes_what_others_may(ruled: Home) -> None:
    assert _change(ruled, "A", role="saver", by=_card("B")).code == "pool_forbids"
    assert _change(ruled, "C", role="saver").code == "not_a_pool"
    assert _change(ruled, "B").code == "malformed", "it says nothing"
    assert _change(ruled, "B", limit_units=60, by=_card("A")).status == "accepted"
    assert _spent(ruled, 60, "B") == "accepted"
    assert _change(ruled, "B", role="saver", by=_card("A")).status == "accepted"
    assert _spent(ruled, 1, "B") == "pool_forbids"
    assert _change(ruled, "B", role="owner").status == "accepted", "the keeper names another"
    assert _change(ruled, "A", role="member", by=_card("B")).status == "accepted"
    assert _change(ruled, "B", limit_units=1, by=_card("A")).code == "pool_forbids"


def test_who_is_let_go_gets_what_is_left_and_earns_alone(ruled: Home) -> None:
    assert _spent(ruled, 40, "A") == "accepted"
    had = ruled.contributions()
    assert _change(ruled, "A", remove=True).status == "accepted"
    assert ruled.points()["A"] == had["A"]
    assert ruled.contributions() == {"A": 0, "B": had["B"]}
    ruled.buy("A", 7, "A2")
    assert ruled.points()["A"] == had["A"] + 7
    assert ruled.send("A", "pool_leave", scheme="family").code == "pooled"
    assert _spent(ruled, 1, "A") == "pool_forbids"


def test_without_rules_everybody_may_and_a_limit_needs_one(home: Home) -> None:
    home.buy("A", 10, "A1")
    home.join("A")
    assert _change(home, "A", limit_units=5).code == "not_offered"
    assert _spent(home, 1, "A") == "accepted"
    assert _spent(home, 1, "B") == "pool_forbids"
    own = home.send("B", "spend", currency="points", units=1, by=_card("A"))
    assert own.code == "insufficient_units"
    assert _change(home, "A", role="saver").status == "accepted"
    assert _spent(home, 1, "A") == "pool_forbids"
    assert _spent(home, 1, None) == "accepted", "the pool itself spends as ever"


def test_a_ruled_pool_proves_itself(new_database: NewDatabase) -> None:
    url = new_database()
    with connect(url) as db:
        home = Home(db, RULED)
        for who in "AB":
            home.buy(who, 100, f"{who}1")
        home.join("A")
        home.send("B", "pool_join", scheme="family", pool=_card("H"), invited_by=_card("A"))
        _change(home, "B", limit_units=70, by=_card("A"))
        assert _spent(home, 70, "B") == "accepted"
        _change(home, "B", remove=True)
    report = verify(url, jobs=1, replayed=True)
    assert report.clean, [r for r in report.results if not r.clean]


def test_rules_of_a_pool_are_written_and_said() -> None:
    programme = read_programme("home", RULED)
    assert read_canonical(canonical_text(programme)) == programme
    assert plain_words(programme, "zh")[-2].endswith(
        "先加入者为主理人，可调整他人权限；须由主理人邀请加入，每次使用须写明由哪位成员使用，"
        "每位成员每月最多40；仅储蓄者不可使用。"
    )
    assert plain_words(programme, "en")[-2].endswith(
        "The first to join is the owner, who changes what others may; others join when asked by "
        "an owner, every spending names its member, each spends at most 40 a month unless told "
        "otherwise; who only saves spends nothing."
    )
    other = read_programme("home", RULED.replace("window: month", "window: day"))
    assert len(breaks(programme, other)) == 1
