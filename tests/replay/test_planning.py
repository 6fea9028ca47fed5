"""Plans: nothing differs where nothing was changed, and what was changed is reported exactly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest
from click.testing import CliRunner

from coterie.cli import main
from coterie.demo import build_demo
from coterie.kernel.time import DAY_US, parse_instant
from coterie.programme.errors import VersionRefused
from coterie.programme.reading import read_programme
from coterie.programme.versions import LoadedVersion, version_at
from coterie.replay import plan_tables
from coterie.replay.planned import PlanReport
from coterie.replay.planning import plan
from coterie.storage import Storage, connect
from tests.intake.world import dump
from tests.replay.worlds import PROGRAMME, START_US, build_world

DEMO_NOW_US = parse_instant("2026-06-15T12:00:00+08:00")[0]
END_US = START_US + 250 * DAY_US
"""After everything that happened."""


@pytest.fixture(scope="module")
def world(postgres: Storage, template_database: str, worker_id: str) -> Iterator[str]:
    name = f"planned_world_{worker_id}"
    postgres.create_database(name, template=template_database)
    with psycopg.connect(postgres.url_for(name), autocommit=True) as db:
        build_world(db, members=9, events=700)
    yield postgres.url_for(name)
    postgres.drop_database(name)


def live(url: str) -> LoadedVersion:
    with connect(url) as db:
        found = version_at(db, START_US)
    assert found is not None
    return found


def planned(
    url: str, text: str, *, jobs: int = 1, rival: bool = False, from_us: int | None = None
) -> PlanReport:
    draft = read_programme("draft", text)
    return plan(url, live(url), draft, to_us=END_US, jobs=jobs, rival=rival, from_us=from_us)


@pytest.mark.parametrize("from_us", [None, START_US + 20 * DAY_US])
def test_a_plan_of_the_live_version_shows_no_difference(world: str, from_us: int | None):
    with connect(world) as db:
        before = dump(db)
        report = planned(world, PROGRAMME, from_us=from_us)
        assert dump(db) == before, "a plan writes nothing"
    assert report.same
    assert report.members == 9
    assert report.events > 200
    points = next(c for c in report.currencies if c.currency == "points")
    assert points.issued.live > 0
    assert points.expired.live > 0
    assert report.value.same == 9
    assert report.value.quantiles == dict.fromkeys(report.value.quantiles, 0)
    assert [band.members for band in report.value.bands] == [9]


def test_how_many_processes_work_shows_nowhere(world: str):
    text = PROGRAMME.replace("factor: 2", "factor: 3")
    one, two = planned(world, text), planned(world, text, jobs=2)
    assert not one.same
    assert two == replace_seconds(two, one)


def replace_seconds(of: PlanReport, report: PlanReport) -> PlanReport:
    return msgspec.structs.replace(report, seconds=of.seconds)


def test_who_gains_and_who_loses_and_what_it_costs(world: str):
    dearer = planned(world, PROGRAMME.replace("factor: 2", "factor: 4"))
    gold = next(r for r in dearer.rules if (r.currency, r.rule) == ("points", "gold"))
    assert gold.units.live * 2 < gold.units.draft <= gold.units.live * 4
    assert gold.cost_minor.difference == gold.units.difference
    assert dearer.value.winners > 0
    assert dearer.value.best[0].difference >= dearer.value.best[-1].difference > 0
    assert dearer.match_minor == dearer.value.gained
    points = next(c for c in dearer.currencies if c.currency == "points")
    assert points.members.gained - points.members.lost == points.issued.difference
    assert sum(band.members for band in points.members.bands) == 9
    nothing = planned(world, PROGRAMME.replace('units: 1, per: "1.00"', 'units: 0.1, per: "1.00"'))
    assert nothing.value.losers > 0
    assert nothing.value.worst[0].difference < 0
    assert nothing.uncovered.events > 0
    assert nothing.uncovered.units["points"] > 0
    assert ":" in nothing.uncovered.examples[0]
    assert nothing.value.quantiles["p1"] <= nothing.value.quantiles["p99"]


RIVAL = """
programme: rival
name: {zh: 对手, en: Rival}
zone: Asia/Shanghai
money: CNY
currencies:
  stars:
    name: {zh: 星星, en: Stars}
    unit_cost: "0.02"
rules:
  - code: star
    name: {zh: 星星, en: Star}
    earn: {currency: stars, units: 1, per: "1.00"}
"""


def test_a_rival_need_not_follow_and_is_compared_in_money(world: str):
    report = planned(world, RIVAL, rival=True)
    assert report.rival
    stars = next(c for c in report.currencies if c.currency == "stars")
    points = next(c for c in report.currencies if c.currency == "points")
    assert stars.issued.live == points.issued.draft == 0
    assert stars.cost_minor.draft == 2 * stars.issued.draft
    assert report.value.winners > 0
    assert report.match_minor == report.value.gained > 0
    with pytest.raises(VersionRefused, match=r"currencies\.points"):
        planned(world, RIVAL)
    with pytest.raises(VersionRefused, match="money"):
        planned(world, RIVAL.replace("CNY", "USD"), rival=True)


@pytest.fixture(scope="module")
def demo(postgres: Storage, template_database: str, worker_id: str) -> Iterator[str]:
    name = f"planned_demo_{worker_id}"
    postgres.create_database(name, template=template_database)
    url = postgres.url_for(name)
    build_demo(url, now_us=DEMO_NOW_US, report=lambda _: None, people=16)
    yield url
    postgres.drop_database(name)


def test_both_sides_are_what_was_recorded(demo: str):
    """The demo has one version, so its plan must come to what its books say."""
    with connect(demo) as db:
        found = version_at(db, DEMO_NOW_US)
        assert found is not None
        recorded: dict[str, int] = dict(
            db.execute(
                """select currency, sum(units * ((debit = 'issued')::int
                - (credit = 'issued')::int))::bigint from ledger.movement group by 1"""
            ).fetchall()
        )
        left: dict[str, int] = dict(
            db.execute(
                """select currency, sum(available + pending + held - owed)::bigint
                from ledger.balance group by 1"""
            ).fetchall()
        )
    report = plan(demo, found, found.programme, to_us=DEMO_NOW_US, jobs=2)
    assert report.same
    for currency in report.currencies:
        assert currency.issued.live == recorded[currency.currency]
        assert currency.outstanding.draft == left[currency.currency]


def test_it_is_planned_at_the_command_line(demo: str, tmp_path: Path):
    def run(*arguments: str | Path, code: int = 0) -> str:
        told = CliRunner().invoke(
            main, ["--database-url", demo, "programme", *[str(a) for a in arguments]]
        )
        assert told.exit_code == code, told.output
        return told.output

    draft, file = tmp_path / "draft.yaml", tmp_path / "plan.json"
    draft.write_text(run("show", "--text"), "utf-8")
    assert "Nothing differs." in run("plan", draft, "--to", "2026-06-15T12:00:00+08:00")
    text = draft.read_text("utf-8")
    assert '"units": "1"' in text
    draft.write_text(text.replace('"units": "1"', '"units": "2"'), "utf-8")
    told = run("plan", draft, "--lang", "zh", "--json", file, "--jobs", "1")
    assert "会员得失" in told
    report = json.loads(file.read_text("utf-8"))
    assert report["value"]["winners"] > 0
    assert report["value"]["losers"] == 0
    assert "Refused (version_refused)" in run("plan", write(tmp_path, RIVAL), code=1)
    assert "better off" in run("plan", write(tmp_path, RIVAL), "--as", "rival")


def write(folder: Path, text: str) -> Path:
    path = folder / "rival.yaml"
    path.write_text(text, "utf-8")
    return path


def test_members_move_between_tiers(world: str):
    found = live(world)
    same = plan(world, found, found.programme, to_us=END_US, jobs=1)
    assert {move.ladder for move in same.tiers} == {"club"}
    text = PROGRAMME.replace("reach: {orders_month: 3}", "reach: {orders_month: 1}").replace(
        "review: {at: month_end}", "review: {at: never}", 1
    )
    easier = read_programme("draft", text)
    report = plan(world, found, easier, to_us=END_US, jobs=2)
    moves = {(move.live, move.draft): move.members for move in report.tiers}
    assert moves["member", "silver"] > 0
    assert not {("silver", "member"), ("gold", "member")} & set(moves)
    assert sum(moves.values()) <= 9
    tables = {t.title: t for t in plan_tables(report, found.programme, easier, "zh")}
    assert ("club", "member", "silver", str(moves["member", "silver"])) in tables["等级变化"].rows
