"""Who is only known becomes a member by what they do, in the same decision."""

from __future__ import annotations

import json
from typing import Any

import pytest

from coterie.intake.answers import Answer
from coterie.intake.engine import Engine
from coterie.intake.reading import read_event
from coterie.kernel.time import format_instant, parse_instant
from coterie.members import Newcomer, create_members, load_members
from coterie.programme.plain import plain_words
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.versions import publish
from coterie.programme.writing import canonical_text
from coterie.replay import verify
from coterie.storage import Connection, transaction
from tests.programme.writing_programmes import findings

NOON_US = parse_instant("2026-06-10T12:00:00+08:00")[0]
CLUB = """\
programme: club
name: {zh: 俱乐部, en: Club}
zone: Asia/Shanghai
money: CNY
currencies:
  points: {name: {zh: 积分, en: points}}
activities:
  confirm_phone: {name: {zh: 手机验证, en: Phone confirmed}}
metrics:
  spend: {name: {zh: 累计消费, en: spending}, measure: amount, window: lifetime}
rules:
  - code: base
    name: {zh: 积分, en: Points}
    earn: {currency: points, units: 1, per: "1.00"}
states:
  prospect: {earn: false}
entry:
  big_order:
    name: {zh: 首单入会, en: By one order}
    from: [prospect]
    on: order
    when: {order_amount: {min: "500.00"}}
  spender:
    name: {zh: 累计入会, en: By spending}
    from: [prospect]
    metric: spend
    at: "800.00"
  verified:
    name: {zh: 验证入会, en: By phone}
    from: [unverified]
    on: activity:confirm_phone
"""


class Club:
    """One prospect and one who is unverified."""

    def __init__(self, db: Connection) -> None:
        self.db = db
        self.engine = Engine()
        with transaction(db):
            publish(db, CLUB, 0, 0)
        people = [
            Newcomer((("card", f"CARD{state}"),), enrolled_us=NOON_US, state=state)
            for state in ("prospect", "unverified")
        ]
        with transaction(db):
            made = create_members(db, people, now_us=NOON_US)
        self.ids: dict[str, Any] = dict(zip(("prospect", "unverified"), made, strict=True))
        self.sent = 0

    def send(self, who: str, kind: str, **fields: Any) -> Answer:
        self.sent += 1
        given = {
            "key": f"k{self.sent}",
            "member": {"card": f"CARD{who}"},
            "kind": kind,
            "occurred_at": format_instant(NOON_US, 480),
        }
        raw = json.dumps({**given, **fields}).encode()
        return self.engine.submit(self.db, [read_event(raw, source="t", received_us=NOON_US)])[0]

    def buy(self, who: str, yuan: int) -> Answer:
        lines = [{"amount_minor": yuan * 100}]
        return self.send(who, "order", order_ref=f"O{self.sent}", lines=lines)

    def state(self, who: str) -> str:
        return load_members(self.db, [self.ids[who]])[self.ids[who]].state


@pytest.fixture
def club(db: Connection) -> Club:
    return Club(db)


def test_one_order_is_enough(club: Club, database_url: str) -> None:
    club.buy("prospect", 499)
    assert club.state("prospect") == "prospect"
    entering = club.buy("prospect", 500)
    assert club.state("prospect") == "active"
    assert entering.effects == (), "rules see the member as before the event"
    assert [e.units for e in club.buy("prospect", 10).effects] == [10]
    told = club.db.execute(
        "select outcome ->> 'entered' from events.event where outcome ->> 'entered' is not null"
    ).fetchall()
    assert told == [('["big_order","active"]',)]
    report = verify(database_url, jobs=1, replayed=True)
    assert report.clean, report


def test_or_what_all_of_them_come_to(club: Club) -> None:
    for _ in range(2):
        club.buy("prospect", 300)
    assert club.state("prospect") == "prospect"
    club.buy("prospect", 200)
    assert club.state("prospect") == "active"


def test_each_rule_is_for_its_states(club: Club) -> None:
    club.buy("unverified", 900)
    assert club.state("unverified") == "unverified"
    club.send("unverified", "activity", activity="confirm_phone")
    assert club.state("unverified") == "active"
    club.send("prospect", "activity", activity="confirm_phone")
    assert club.state("prospect") == "prospect"


def test_it_is_written_said_and_kept_as_it_was_read() -> None:
    programme = read_programme("club", CLUB)
    assert read_canonical(canonical_text(programme)) == programme
    assert plain_words(programme, "zh")[-4:-1] == [
        "首单入会：意向客户在下单且订单金额不低于500.00后成为正式会员。",
        "累计入会：意向客户在累计消费达到800.00后成为正式会员。",
        "验证入会：待验证会员在完成“手机验证”后成为正式会员。",
    ]
    assert plain_words(programme, "en")[-4:-1] == [
        (
            "By one order: a prospect becomes an active member when they order and the order's "
            "amount is at least 500.00."
        ),
        "By spending: a prospect becomes an active member when spending reaches 800.00.",
        "By phone: an unverified member becomes an active member when they do “Phone confirmed”.",
    ]


@pytest.mark.parametrize(
    ("old", "new", "path", "problem"),
    [
        ("metric: spend\n", "metric: spent\n", "entry.spender.metric", "unknown metric"),
        ('at: "800.00"', 'at: "0"', "entry.spender.at", "reached zero"),
        ("confirm_phone\n", "confirm\n", "entry.verified.on", "unknown activity"),
        ("    on: order\n", "", "entry.big_order", "give `on`"),
        ("from: [unverified]", "from: [unverified]\n    to: unverified", None, "already"),
    ],
)
def test_what_is_refused(old: str, new: str, path: str | None, problem: str) -> None:
    found = findings(CLUB.replace(old, new))
    assert [problem in f.problem for f in found] == [True]
    assert path is None or found[0].path == path
