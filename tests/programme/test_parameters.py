"""Numbers of a member's own: a rate, a factor, a bound, a target, assigned by an event."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from coterie import events as ev
from coterie.casebook import read_casebook, run_cases
from coterie.cli import main
from coterie.intake.engine import Engine
from coterie.intake.reading import arrival_of
from coterie.kernel.errors import Malformed
from coterie.kernel.time import DAY_US, format_instant
from coterie.members import Newcomer, create_members
from coterie.programme.errors import ProgrammeInvalid
from coterie.programme.plain import plain_words, rule_words
from coterie.programme.reading import read_canonical, read_programme, read_with_warnings
from coterie.programme.succession import breaks
from coterie.programme.versions import publish
from coterie.programme.writing import canonical_text
from coterie.replay import Question, explain, verify
from coterie.replay.history import load_programmes
from coterie.storage import Connection, transaction
from tests.replay.worlds import START_US

TEXT = """\
programme: personal
name: {zh: 个人化, en: Personal}
zone: Asia/Shanghai
money: CNY
currencies:
  points: {name: {zh: 积分, en: Points}}
parameters:
  rate:
    name: {zh: 积分倍率, en: rate}
    decimals: 2
    minimum: 0.5
    default: 1
    maximum: 5
  bonus: {name: {zh: 加成, en: bonus}, decimals: 1, default: 1, maximum: 3}
  monthly: {name: {zh: 每月上限, en: monthly bound}, default: 300, maximum: 5000}
  target: {name: {zh: 消费目标, en: target}, decimals: 2, default: 0, maximum: 100000}
metrics:
  spend: {name: {zh: 当月消费, en: spend of the month}, measure: amount, window: month}
caps:
  month:
    name: {zh: 月上限, en: the month's bound}
    parameter: monthly
    measure: units
    window: month
rules:
  - code: base
    name: {zh: 消费积分, en: Points for spending}
    earn: {currency: points, parameter: rate, per: "1.00"}
    caps: [month]
  - code: more
    name: {zh: 专属加成, en: Bonus of one's own}
    multiply: {rules: [base], parameter: bonus}
milestones:
  goal:
    name: {zh: 达成目标, en: Target reached}
    metric: spend
    parameter: target
    currency: points
    units: 50
"""
CASES = """\
cases:
  - id: nothing-assigned
    events:
      - {at: 2026-03-01, order: "100.00", expect: {gives: {base: 100}}}
      - {at: 2026-03-02, order: "300.00", expect: {gives: {base: 200}}}
  - id: a-rate-of-its-own
    events:
      - {at: 2026-03-01, assign: {parameters: {rate: "1.25", bonus: "1.5"}}}
      - {at: 2026-03-02, order: "99.00", expect: {gives: {base: 123, more: 61}}}
      - {at: 2026-03-03, assign: {parameters: {rate: null}}}
      - {at: 2026-03-04, order: "10.00", expect: {gives: {base: 10, more: 5}}}
  - id: a-bound-of-its-own
    events:
      - {at: 2026-03-01, assign: {parameters: {monthly: 40}}}
      - {at: 2026-03-02, order: "30.00", expect: {gives: {base: 30}}}
      - {at: 2026-03-03, order: "30.00", expect: {gives: {base: 10}}}
      - {at: 2026-03-04, assign: {parameters: {monthly: 60}}}
      - {at: 2026-03-05, order: "30.00", expect: {gives: {base: 20}}}
  - id: a-target-of-its-own
    events:
      - {at: 2026-03-01, assign: {parameters: {target: "150.00"}, reason: spring mission}}
      - {at: 2026-03-02, order: "149.99", expect: {gives: {base: 149}}}
      - {at: 2026-03-03, order: "0.01", expect: {gives: {goal: 50}}}
      - {at: 2026-03-04, order: "1.00", expect: {gives: {base: 1}}}
  - id: out-of-bounds-changes-nothing
    events:
      - at: 2026-03-01
        assign: {parameters: {bonus: 2, rate: "9.00"}}
        expect: {refused: wrong_value}
      - {at: 2026-03-01, assign: {parameters: {rat: 1}}, expect: {refused: undeclared_name}}
      - {at: 2026-03-02, order: "10.00", expect: {gives: {base: 10}}}
"""


def book(folder: Path) -> Path:
    (folder / "programme.yaml").write_text(TEXT, "utf-8")
    (folder / "personal.cases.yaml").write_text(CASES, "utf-8")
    return folder


def test_rules_take_what_is_assigned(tmp_path: Path):
    cases = read_casebook(book(tmp_path))
    results = list(run_cases(cases.programme, cases.cases))
    assert [str(d) for r in results for d in r.differences] == []
    story = [line for told in results[1].story for line in told.lines]
    assert any("the member's rate is 1.25" in line for line in story)


def test_they_are_said_and_kept():
    programme = read_programme("x", TEXT)
    assert read_canonical(canonical_text(programme)) == programme
    base, more = (rule_words(rule, programme, "en") for rule in programme.rules)
    assert "the member's rate Points for every CNY 1.00" in base
    assert "at most the member's monthly bound Points a month" in base
    assert "“Points for spending” counts the member's bonus times" in more
    base, more = (rule_words(rule, programme, "zh") for rule in programme.rules)
    assert "每 CNY 1.00 送 会员的积分倍率个 积分" in base
    assert "“消费积分”按 会员的加成 倍计" in more
    zh, en = plain_words(programme, "zh"), plain_words(programme, "en")
    assert "积分倍率：可为会员单独设定，0.5至5之间；未设定时为1。" in zh
    assert "rate: can be set for a member, between 0.5 and 5; 1 where it is not." in en
    assert any("当月消费达到会员的消费目标" in line for line in zh)
    assert any("when spend of the month reaches the member's target" in line for line in en)


@pytest.mark.parametrize(
    ("before", "after", "path", "problem"),
    [
        ("parameter: rate", "parameter: rat", "rules[0].earn.parameter", "unknown parameter 'rat'"),
        ("default: 300", "default: 6000", "parameters.monthly.default", "within the bounds"),
        ("monthly: {name", "monthly: {decimals: 1, name", "caps.month.parameter", "is finer"),
        (
            "parameter: monthly",
            "parameter: monthly\n    limit: 1",
            "caps.month",
            "either a `limit`",
        ),
        ("parameter: rate", "units: 1, parameter: rate", "rules[0].earn", "says the units"),
        ("parameter: bonus", "factor: 2, parameter: bonus", "rules[1].multiply", "give one of"),
        ("    parameter: target", "    parameter: target\n    at: 5", "milestones.goal", "one of"),
    ],
)
def test_what_makes_no_sense_is_found(before: str, after: str, path: str, problem: str):
    with pytest.raises(ProgrammeInvalid) as caught:
        read_programme("x", TEXT.replace(before, after, 1))
    (found,) = [f for f in caught.value.findings if not f.warning]
    assert found.path == path
    assert problem in found.problem


def test_what_nothing_takes_is_warned_of():
    text = TEXT.replace("parameters:\n", "parameters:\n  idle: {name: {zh: 闲, en: idle}, "
                        "default: 1, maximum: 2}\n", 1)  # fmt: skip
    (warned,) = read_with_warnings("x", text).warnings
    assert (warned.path, warned.problem) == ("parameters.idle", "nothing takes this parameter.")


def test_what_was_assigned_stays_what_it_was():
    old = read_programme("x", TEXT)
    for before, after, problem in (
        ("maximum: 5\n", "maximum: 4\n", "members may have numbers between 0.50 and 5.00."),
        ("decimals: 2\n    minimum", "decimals: 1\n    minimum", "has 1 decimals now"),
    ):
        (found,) = breaks(old, read_programme("x", TEXT.replace(before, after, 1)))
        assert problem in found
    assert breaks(old, read_programme("x", TEXT.replace("maximum: 5\n", "maximum: 9\n"))) == []


def test_a_number_is_read_within_its_bounds():
    rate = read_programme("x", TEXT).parts["parameters"]["rate"]
    assert rate.read("1.25", "here") == 125
    for wrong in ("0.49", "5.01", "1.255", "many"):
        with pytest.raises(Malformed):
            rate.read(wrong, "here")


def test_a_replay_finds_them_and_an_explanation_tells_them(db: Connection, database_url: str):
    with transaction(db):
        publish(db, TEXT, 0, START_US)
        (member,) = create_members(db, [Newcomer(enrolled_us=START_US)], now_us=START_US)

    assert isinstance(member, int)

    def head(key: str, day: int) -> dict[str, Any]:
        at = format_instant(START_US + day * DAY_US)
        ref = ev.MemberRef(id=member)
        return {"source": "crm", "key": key, "occurred_at": at, "member": ref}

    line = ev.OrderLine(amount_minor=10_000)
    events: list[ev.Event] = [
        ev.Assign(**head("a", 1), parameters={"rate": "2.50"}),
        ev.Order(**head("o", 2), order_ref="o", lines=(line,)),
    ]
    arrivals = [arrival_of(event, received_us=START_US + 3 * DAY_US) for event in events]
    answers = Engine().submit(db, arrivals)
    assert [answer.status for answer in answers] == ["accepted", "accepted"]
    assert all(result.clean for result in verify(database_url, replayed=True).results)
    asked = Question(event=answers[1].event)
    told = explain(db, load_programmes(db), member, asked, START_US + 3 * DAY_US).event
    assert told is not None
    assert told.rules[0].units == 250
    assert "会员的积分倍率为2.5" in told.rules[0].words.zh


def test_a_file_assigns_them(db: Connection, database_url: str, tmp_path: Path):
    with transaction(db):
        publish(db, TEXT, 0, START_US)
        known = ("external", "A1")
        (member,) = create_members(
            db, [Newcomer(enrolled_us=START_US, identities=(known,))], now_us=START_US
        )
    file = tmp_path / "rates.csv"
    file.write_text(
        "kind,key,occurred_at,member.external,parameters.rate\n"
        "assign,1,2026-01-02T00:00:00+08:00,A1,2.25\n"
        "assign,2,2026-01-03T00:00:00+08:00,A1,7\n",
        "utf-8",
    )
    run = CliRunner().invoke(main, ["--database-url", database_url, "import", "events", str(file)])
    assert run.exit_code == 3, run.output
    (row,) = db.execute(
        "select buckets -> 'parameter:rate' from metrics.counters where member_id = %s", (member,)
    ).fetchall()
    assert row[0] == {"0": 226}
