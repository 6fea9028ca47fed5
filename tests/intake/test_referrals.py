"""Somebody who was brought by a member: both get units once, up to a limit, and lose them again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from coterie.intake.answers import Answer
from coterie.intake.engine import Engine
from coterie.intake.reading import read_event
from coterie.kernel.time import DAY_US, format_instant, parse_instant
from coterie.members import Newcomer, create_members
from coterie.programme.plain import plain_words
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.succession import breaks
from coterie.programme.versions import publish
from coterie.programme.writing import canonical_text
from coterie.replay import verify
from coterie.storage import Connection, connect, transaction
from tests.programme.writing_programmes import findings, warnings

NOON_US = parse_instant("2026-06-10T12:00:00+08:00")[0]
CAFE = """\
programme: cafe
name: {zh: 咖啡卡, en: Stamp card}
zone: Asia/Shanghai
money: CNY
currencies:
  stamps:
    name: {zh: 印章, en: Stamps}
caps:
  a_day: {limit: 6, measure: units, window: day}
metrics:
  drinks: {measure: count, window: lifetime}
rules:
  - code: drink
    name: {zh: 每杯一章, en: A stamp a drink}
    earn: {currency: stamps, units: 1}
    caps: [a_day]
referrals:
  friends:
    name: {zh: 好友推荐, en: Bring a friend}
    when: {metric: {code: drinks, max: 0}}
    within_days: 30
    friend: {currency: stamps, units: 1}
    referrer: {currency: stamps, units: 2}
    limit: {times: 2, window: month}
"""


class Cafe:
    """Members with the cards A, B, C, ... and a counter for keys."""

    def __init__(self, db: Connection, text: str = CAFE) -> None:
        self.db = db
        self.engine = Engine()
        with transaction(db):
            publish(db, text, 0, 0)
        people = [Newcomer((("card", f"CARD{c}"),), enrolled_us=NOON_US) for c in "ABCDE"]
        with transaction(db):
            made = create_members(db, people, now_us=NOON_US)
        self.ids = dict(zip("ABCDE", made, strict=True))
        self.sent = 0

    def raw(self, who: str, kind: str, at_us: int = NOON_US, **fields: Any) -> Any:
        self.sent += 1
        fields = {
            "key": f"k{self.sent}",
            "member": {"card": f"CARD{who}"},
            "kind": kind,
            "occurred_at": format_instant(at_us, 480),
            **fields,
        }
        return read_event(json.dumps(fields).encode(), source="till", received_us=at_us)

    def send(self, who: str, kind: str, at_us: int = NOON_US, **fields: Any) -> Answer:
        return self.engine.submit(self.db, [self.raw(who, kind, at_us, **fields)])[0]

    def refer(self, friend: str, referrer: str) -> Answer:
        other = {"card": f"CARD{referrer}"}
        return self.send(friend, "link", role="referrer", other=other)

    def buy(self, who: str, ref: str, at_us: int = NOON_US) -> Answer:
        return self.send(who, "order", at_us, order_ref=ref, lines=[{"amount_minor": 2000}])

    def stamps(self, who: str) -> int:
        row = self.db.execute(
            "select available - owed from ledger.balance where member_id = %s", (self.ids[who],)
        ).fetchone()
        return row[0] if row else 0

    def codes(self, who: str) -> list[tuple[str, str, str | None]]:
        return self.db.execute(
            "select kind, status, code from events.event where member_id = %s order by seq",
            (self.ids[who],),
        ).fetchall()


@pytest.fixture
def cafe(db: Connection) -> Cafe:
    return Cafe(db)


def test_the_first_purchase_of_a_friend_rewards_both(cafe: Cafe) -> None:
    for n in range(3):
        cafe.buy("A", f"A{n}")
    assert cafe.refer("B", "A").status == "accepted"
    assert cafe.stamps("A") == 3
    answer = cafe.buy("B", "B1")
    assert [(e.reason, e.units, e.rule) for e in answer.effects] == [
        ("earn", 1, "drink"),
        ("referral", 1, "friends"),
    ]
    assert (cafe.stamps("A"), cafe.stamps("B")) == (5, 2)
    cafe.buy("B", "B2")
    assert (cafe.stamps("A"), cafe.stamps("B")) == (5, 3)


def test_nobody_is_rewarded_without_a_link_a_first_purchase_or_in_time(cafe: Cafe) -> None:
    cafe.buy("B", "B1")
    cafe.refer("B", "A")
    cafe.buy("B", "B2")
    cafe.refer("C", "A")
    cafe.send("C", "link", role="referrer", other=None)
    cafe.buy("C", "C1")
    cafe.refer("D", "A")
    cafe.buy("D", "D1", NOON_US + 31 * DAY_US)
    assert cafe.stamps("A") == 0
    assert cafe.refer("A", "A").code == "self_link"
    odd = cafe.send("A", "link", role="referer", other={"card": "CARDB"})
    assert (odd.code, odd.where, "referrer" in str(odd.detail)) == ("undeclared_name", "role", True)
    nobody = cafe.send("A", "link", role="referrer", other={"card": "NOBODY"})
    assert (nobody.code, nobody.where) == ("member_unknown", "other")


def test_the_limit_and_the_state_of_the_referrer_are_asked(cafe: Cafe) -> None:
    for friend in "BCD":
        cafe.refer(friend, "A")
        cafe.buy(friend, f"{friend}1")
    assert cafe.stamps("A") == 4
    assert cafe.codes("A")[-1] == ("referral", "refused", "referral_limit")
    cafe.send("D", "return", order_ref="D1")
    assert cafe.codes("A")[-1] == ("referral_back", "refused", "nothing_to_undo")
    assert cafe.stamps("A") == 4
    cafe.send("C", "return", order_ref="C1")
    assert (cafe.stamps("A"), cafe.stamps("C")) == (2, 0)
    cafe.buy("C", "C2")
    assert cafe.stamps("A") == 4, "the returned one left room"
    cafe.send("A", "state_change", state="closed")
    cafe.refer("E", "A")
    cafe.buy("E", "E1")
    assert cafe.codes("A")[-1] == ("referral", "refused", "state_forbids")


def test_what_was_spent_of_it_is_written_off_when_the_reason_comes_back(cafe: Cafe) -> None:
    cafe.refer("B", "A")
    cafe.buy("B", "B1")
    cafe.send("A", "spend", currency="stamps", units=2)
    cafe.send("B", "return", order_ref="B1")
    assert (cafe.stamps("A"), cafe.stamps("B")) == (0, 0)
    kinds = [kind for kind, _, _ in cafe.codes("A")]
    assert kinds == ["referral", "spend", "referral_back"]


def test_it_is_kept_where_the_programme_says_so(db: Connection) -> None:
    cafe = Cafe(db, CAFE + "    returned: keep\n")
    cafe.refer("B", "A")
    cafe.buy("B", "B1")
    cafe.send("B", "return", order_ref="B1")
    assert (cafe.stamps("A"), cafe.stamps("B")) == (2, 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("friend: {currency: stamps, units: 1}", "friend: {currency: stamps, units: 5}"),
        ("referrer: {currency: stamps, units: 2}", "referrer: {currency: stamps, units: 7}"),
        ("    friend: {currency: stamps, units: 1}\n", ""),
        (
            "    referrer: {currency: stamps, units: 2}\n    limit: {times: 2, window: month}\n",
            "",
        ),
    ],
)
def test_what_comes_back_is_what_the_version_of_the_purchase_gave(
    db: Connection, database_url: str, old: str, new: str
) -> None:
    cafe = Cafe(db)
    for friend in "BCD":
        cafe.refer(friend, "A")
    cafe.buy("B", "B1")
    cafe.send("A", "adjustment", currency="stamps", units=20, reason="a good start")
    cafe.send("B", "adjustment", currency="stamps", units=20, reason="a good start")
    changed, later_us = CAFE.replace(old, new), NOON_US + DAY_US
    assert changed != CAFE
    with transaction(db):
        publish(db, changed, later_us, NOON_US)
    cafe.send("B", "return", later_us, order_ref="B1")
    assert (cafe.stamps("A"), cafe.stamps("B")) == (20, 20)
    with transaction(db):
        publish(db, CAFE, later_us + DAY_US, later_us)
    for friend in "CD":
        cafe.buy(friend, f"{friend}1", later_us + DAY_US)
    assert cafe.stamps("A") == 24, "what came back left room"
    report = verify(database_url, jobs=1, replayed=True)
    assert report.clean, report


def test_one_batch_or_many_and_a_replay_agree(new_database: Any) -> None:
    states = []
    for size in (1, 40):
        url = new_database()
        with connect(url) as db:
            cafe = Cafe(db)
            other = {"card": "CARDA"}
            sent = [cafe.raw(f, "link", role="referrer", other=other) for f in "BC"]
            for n in range(3):
                for who in "BCA":
                    line = {"amount_minor": 2000}
                    sent.append(cafe.raw(who, "order", order_ref=f"{who}{n}", lines=[line]))
                sent.append(cafe.raw("A", "spend", currency="stamps", units=3))
                sent.append(cafe.raw("B", "return", order_ref=f"B{n}"))
            answers = []
            for at in range(0, len(sent), size):
                answers += cafe.engine.submit(db, sent[at : at + size])
            lots = "select member_id, lot_no, remaining, lapsed, state from ledger.lot order by 1,2"
            states.append((answers, db.execute(lots).fetchall()))
            assert db.execute("select count(*) from storage.outbox where follow_up").fetchone() == (
                0,
            )
        report = verify(url, jobs=1, replayed=True)
        assert report.clean, report
    assert states[0] == states[1]


THIRD = """\
milestones:
  third:
    name: {zh: 第三位好友, en: Third friend}
    metric: brought
    every: 3
    currency: stamps
    units: 30
"""
COUNTED = (
    CAFE.replace("times: 2", "times: 10").replace(
        "metrics:\n",
        "metrics:\n  brought: {on: referral:friends, measure: count, window: year,"
        " name: {zh: 本年推荐好友数, en: friends brought}}\n",
    )
    + THIRD
)


def test_the_third_friend_brings_more_and_counts_once(new_database: Any) -> None:
    url = new_database()
    with connect(url) as db:
        cafe = Cafe(db, COUNTED)
        for friend in "BCD":
            cafe.refer(friend, "A")
        cafe.buy("B", "B1")
        cafe.buy("C", "C1")
        assert cafe.stamps("A") == 4
        cafe.send("C", "return", order_ref="C1")
        assert cafe.stamps("A") == 2
        cafe.buy("D", "D1")
        assert cafe.stamps("A") == 4, "one came back: the third is the second"
        cafe.refer("E", "A")
        cafe.buy("E", "E1")
        assert cafe.stamps("A") == 6 + 30
        cafe.send("E", "return", order_ref="E1")
        assert cafe.stamps("A") == 4 + 30, "what was reached stays"
    report = verify(url, jobs=1, replayed=True)
    assert report.clean, report


def test_what_friends_brought_is_only_counted() -> None:
    programme = read_programme("cafe", COUNTED)
    assert read_canonical(canonical_text(programme)) == programme
    assert any("“好友推荐”成功推荐次数" in line for line in plain_words(programme, "zh"))
    assert any("friends brought (“Bring a friend”)" in s for s in plain_words(programme, "en"))
    for old, new, path in (
        ("referral:friends", "referral:friend", "metrics.brought.on"),
        ("measure: count, window: year,", "measure: amount, window: year,", "metrics.brought."),
        ("window: year,", "window: year, when: {channel: app},", "metrics.brought.when"),
        ("every: 3", "every: 3\n    when: {channel: app}", "milestones.third.when"),
    ):
        assert all(f.path.startswith(path) for f in findings(COUNTED.replace(old, new)))


def test_it_is_written_said_and_kept_as_it_was_read() -> None:
    programme = read_programme("cafe", CAFE)
    assert read_canonical(canonical_text(programme)) == programme
    assert plain_words(programme, "zh")[-2] == (
        "好友推荐：被推荐人注册30天内首次下单且此前的drinks不超过0时，被推荐人获得1印章，"
        "推荐人获得2印章（推荐人每月最多2次）；整单退货则收回。"
    )
    assert plain_words(programme, "en")[-2] == (
        "Bring a friend: when a friend first orders within 30 days of enrolling and drinks before "
        "this is at most 0, the friend gets 1 Stamps and the referrer gets 2 Stamps (the referrer "
        "at most 2 times a month); taken back when the whole order comes back."
    )


@pytest.mark.parametrize(
    ("old", "new", "path", "problem"),
    [
        ("friend: {currency: stamps", "friend: {currency: stamp", "friend.currency", "unknown"),
        ("units: 2}", "units: 0}", "referrer.units", "more than nothing"),
        ("    within_days", "    on: activity:visit\n    within_days", "on", "unknown activity"),
        ("code: drinks", "code: drink", "when.metric.code", "unknown metric"),
        ("    referrer: {currency: stamps, units: 2}\n", "", "limit", "the referrer's"),
    ],
)
def test_what_is_refused(old: str, new: str, path: str, problem: str) -> None:
    found = findings(CAFE.replace(old, new))
    assert [(f.path, problem in f.problem) for f in found] == [(f"referrals.friends.{path}", True)]


def test_what_is_odd_and_what_a_later_version_may_not_do() -> None:
    endless = CAFE.replace("    limit: {times: 2, window: month}\n", "")
    assert [f.path for f in warnings(endless)] == ["referrals.friends"]
    old = read_programme("cafe", CAFE)
    new = read_programme("cafe", CAFE + "    role: household\n")
    assert len(breaks(old, new)) == 1
    yearly = CAFE.replace("{times: 2, window: month}", "{times: 2, window: year}")
    assert len(breaks(old, read_programme("cafe", yearly))) == 1
