"""Campaigns: their days, and a comparison group that nobody chose and everybody can check."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from coterie.casebook import read_casebook, run_cases
from coterie.cli import main
from coterie.kernel.time import DAY_US
from coterie.programme.drawing import SecretDraws, campaign_secret, secret_sha256
from coterie.programme.explaining import trace_words
from coterie.programme.plain import plain_words, rule_words
from coterie.programme.reading import read_canonical, read_programme, read_with_warnings
from coterie.programme.revealing import campaign_draws
from coterie.programme.succession import breaks
from coterie.programme.tracing import Verdict
from coterie.programme.versions import LoadedVersion, load_draws, load_versions, publish, version_at
from coterie.programme.writing import canonical_text
from coterie.replay import Question, explain, verify
from coterie.replay.history import load_programmes
from coterie.replay.planning import plan
from coterie.storage import Connection, transaction
from tests.programme.writing_programmes import finding, with_rule
from tests.replay import worlds

SECRET = bytes(range(32))
RULE = """\
code: double
name: {zh: 夏日双倍, en: Summer double}
campaign: summer
multiply: {rules: [base], factor: 2}"""
SUMMER = """\
campaigns:
  summer:
    name: {zh: 夏日, en: Summer}
    from: 2026-07-01
    to: 2026-07-31
    hold_out: 12.5
"""
TEXT = with_rule(RULE) + SUMMER


@pytest.mark.parametrize("per_mille", [1, 125, 500])
def test_the_share_is_exact_over_many_members(per_mille: int):
    draws, members = SecretDraws(SECRET), 200_000
    first = 100_001
    held = sum(draws.held_out("c", per_mille, first + n) for n in range(members))
    assert abs(held - members * per_mille / 1000) < members / 1000, "to the thousandth"


def test_campaigns_draw_apart_and_a_larger_share_has_the_smaller_within():
    draws, ids = SecretDraws(SECRET), range(1, 20_001)
    one = {n for n in ids if draws.held_out("one", 100, n)}
    other = {n for n in ids if draws.held_out("other", 100, n)}
    assert 120 < len(one & other) < 280, "a tenth of a tenth, as of things apart"
    assert one < {n for n in ids if draws.held_out("one", 200, n)}
    assert not any(draws.held_out("one", 0, n) for n in ids)


def test_anybody_can_draw_again_with_the_secret_of_a_campaign():
    secret = campaign_secret(SECRET, "summer")
    assert secret_sha256(secret) == hashlib.sha256(secret).hexdigest()
    draws = SecretDraws(SECRET)
    for member in range(1, 200):
        said = hmac.new(secret, f"summer|{member}".encode(), hashlib.sha256).digest()
        share = int.from_bytes(said[:8], "big") / 2**64
        assert draws.held_out("summer", 125, member) == (share < 0.125)


CASES = """\
cases:
  - id: takes-part
    events: [{at: 2026-07-31, order: "50.00"}]
    expect: {gives: {base: 50, double: 50}}
  - id: after-its-last-day
    events: [{at: 2026-08-01, order: "50.00"}]
    expect: {gives: {base: 50}}
  - id: in-the-comparison-group
    given: {held_out: [summer]}
    events: [{at: 2026-07-31, order: "50.00"}]
    expect: {gives: {base: 50}}
"""


def test_it_applies_on_its_days_and_not_to_the_comparison_group(tmp_path: Path):
    (tmp_path / "programme.yaml").write_text(TEXT, "utf-8")
    (tmp_path / "summer.cases.yaml").write_text(CASES, "utf-8")
    book = read_casebook(tmp_path)
    results = list(run_cases(book.programme, book.cases))
    assert [str(d) for r in results for d in r.differences] == []
    story = [line for told in results[2].story for line in told.lines]
    assert any("comparison group" in line for line in story)


def test_it_is_said_and_kept():
    programme = read_programme("x", TEXT)
    assert read_canonical(canonical_text(programme)) == programme
    assert (
        "活动“夏日”：2026-07-01起至2026-07-31，包括“夏日双倍”，"
        "随机抽取12.5%的会员作为对照组，不参加活动。" in plain_words(programme, "zh")
    )
    assert (
        "Campaign Summer: from 2026-07-01 through 2026-07-31, with “Summer double”, 12.5% of "
        "members, drawn by lot, are the comparison group and do not take part."
        in plain_words(programme, "en")
    )
    assert "活动“夏日”期间" in rule_words(programme.rules[-1], programme, "zh")
    assert "in the campaign Summer" in rule_words(programme.rules[-1], programme, "en")


def test_the_comparison_group_is_not_changed():
    changed = read_programme("x", TEXT.replace("12.5", "20"))
    assert breaks(read_programme("x", TEXT), changed) == [
        "campaigns.summer: has another comparison group now; a new campaign needs a new code."
    ]
    longer = read_programme("x", TEXT.replace("07-31", "08-31"))
    assert breaks(read_programme("x", TEXT), longer) == []


@pytest.mark.parametrize(
    ("before", "after", "path", "problem"),
    [
        ("campaign: summer", "campaign: sumer", "rules[1].campaign", "unknown campaign 'sumer'."),
        ("hold_out: 12.5", "hold_out: 100", "campaigns.summer.hold_out", "nobody takes part"),
        ("hold_out: 12.5", "hold_out: 12.55", "campaigns.summer.hold_out", "more than 1 digits"),
    ],
)
def test_what_makes_no_sense_is_found(before: str, after: str, path: str, problem: str):
    found = finding(TEXT.replace(before, after))
    assert found.path == path
    assert problem in found.problem


def test_what_is_odd_is_warned_of():
    odd = TEXT.replace("2026-07-31", "2026-06-30").replace("    campaign: summer\n", "")
    found = [w.problem for w in read_with_warnings("x", odd).warnings]
    assert found == [
        "this campaign never takes place: it ends before it begins.",
        "no rule belongs to this campaign.",
    ]


# ------------------------------------------------------------------ in a world


HELD = """\
  - code: trial
    name: {zh: 试验, en: Trial}
    campaign: trial
    earn: {currency: coins, units: 7}
"""
TRIAL = "campaigns: {trial: {name: {zh: 试验, en: Trial}, to: 2025-12-31, hold_out: 40}}\n"
PROGRAMME = worlds.PROGRAMME.replace("late:", f"{HELD}{TRIAL}late:", 1)


@pytest.fixture
def world(db: Connection, monkeypatch: pytest.MonkeyPatch) -> Connection:
    later = worlds.LATER_PROGRAMME.replace("late:", f"{HELD}{TRIAL}late:", 1)
    monkeypatch.setattr(worlds, "PROGRAMME", PROGRAMME)
    monkeypatch.setattr(worlds, "LATER_PROGRAMME", later)
    worlds.build_world(db, members=12, events=500)
    return db


def test_replays_plans_and_explanations_hold_the_same_members_out(
    world: Connection, database_url: str
):
    draws = load_draws(world)
    members = [row[0] for row in world.execute("select member_id from members.member")]
    held = {m for m in members if draws.held_out("trial", 400, m)}
    got = {
        row[0]
        for row in world.execute("select member_id from ledger.movement where rule = 'trial'")
    }
    assert held, "chance would have to be very unkind"
    assert got
    assert not held & got
    assert all(result.clean for result in verify(database_url, replayed=True).results)
    live = version_at(world, worlds.START_US)
    assert live is not None
    report = plan(database_url, live, live.programme, to_us=worlds.START_US + 250 * DAY_US, jobs=1)
    assert report.same

    programmes = load_programmes(world)
    member, seq = world.execute(
        "select member_id, seq from events.event where kind = 'order' and status = 'accepted'"
        " and member_id = any(%s) limit 1",
        (sorted(held),),
    ).fetchone() or (0, 0)
    told = explain(world, programmes, member, Question(event=f"{member}:{seq}"), worlds.START_US)
    assert told.event is not None
    (line,) = [each for each in told.event.rules if each.rule == "trial"]
    assert line.verdict == Verdict.HELD_OUT


def test_a_trace_says_so_in_both_languages():
    from coterie.programme.tracing import TraceLine

    line = TraceLine("double", Verdict.HELD_OUT, "points")
    programme = read_programme("x", TEXT)
    assert trace_words(line, programme, "zh") == "“夏日双倍”：不适用，会员在活动的对照组中"
    assert trace_words(line, programme, "en") == (
        "Summer double: does not apply, the member is in the comparison group of its campaign"
    )


def test_a_secret_is_made_once_and_shown_when_the_campaign_is_over(
    db: Connection, database_url: str
):
    begin = worlds.START_US
    with transaction(db):
        publish(db, PROGRAMME, 0, begin)
    drawn = load_draws(db)
    assert isinstance(drawn, SecretDraws)
    with transaction(db):
        publish(db, PROGRAMME.replace("units: 7", "units: 8"), begin, begin)
    again = load_draws(db)
    assert isinstance(again, SecretDraws)
    assert again.secret == drawn.secret
    (before,) = campaign_draws(db, begin)
    (after,) = campaign_draws(db, begin + 366 * DAY_US)
    secret = campaign_secret(drawn.secret, "trial")
    assert (before.hold_out, before.secret) == (400, None)
    assert before.secret_sha256 == after.secret_sha256 == secret_sha256(secret)
    assert after.secret == secret.hex()
    assert drawn.secret.hex() not in (after.secret, before.secret_sha256)

    with pytest.raises(psycopg.errors.RestrictViolation):
        db.execute("update programme.secret set created_us = 1")
    listed = CliRunner().invoke(
        main, ["--database-url", database_url, "programme", "campaigns", "--json"]
    )
    assert json.loads(listed.stdout)[0]["secret_sha256"] == before.secret_sha256
    table = CliRunner().invoke(main, ["--database-url", database_url, "programme", "campaigns"])
    assert "40%" in table.stdout
    loaded: list[LoadedVersion] = load_versions(db)
    assert loaded[0].programme.parts["campaigns"]["trial"].hold_out == 400
