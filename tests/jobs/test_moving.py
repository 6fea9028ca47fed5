"""A whole world leaves in files and moves into an empty one; its members notice nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from coterie.cli import main
from coterie.intake.engine import Engine
from coterie.intake.reading import read_event
from coterie.jobs.errors import ExportTooLong, FormatUnknown
from coterie.jobs.files import export_files
from coterie.kernel.time import DAY_US, format_instant, parse_instant
from coterie.members import Newcomer, create_members
from coterie.programme.versions import publish
from coterie.replay import verify
from coterie.storage import Connection, connect, transaction
from coterie.storage.clock import set_clock

NewDatabase = Callable[[], str]
NOW_US = parse_instant("2026-06-15T12:00:00+08:00")[0]
CLUB = """\
programme: club
name: {zh: 会员, en: Club}
zone: Asia/Shanghai
money: CNY
currencies:
  points: {name: {zh: 积分, en: Points}, expiry: {model: fixed, months: 12}}
  stars: {name: {zh: 星星, en: Stars}}
attributes:
  level: {values: [basic, gold]}
  children: {type: integer}
  smoker: {type: boolean}
metrics:
  spend: {measure: amount, window: {rolling_months: 12}}
  visits: {measure: count, window: year}
  ever: {measure: count, window: lifetime}
ladders:
  club:
    name: {zh: 等级, en: Club}
    review: {at: year_end}
    valid: {months: 12, to: month_end}
    tiers:
      - {code: member, name: {zh: 会员, en: Member}}
      - {code: silver, name: {zh: 银卡, en: Silver}, reach: {spend: 50000}}
      - {code: gold, name: {zh: 金卡, en: Gold}, reach: {spend: 200000}}
rules:
  - code: base
    name: {zh: 积分, en: Points}
    earn: {currency: points, units: 1, per: "1.00"}
  - code: star
    name: {zh: 星星, en: Stars}
    earn: {currency: stars, units: 1}
"""


def settled(url: str, now_us: int = NOW_US) -> None:
    with connect(url) as db, transaction(db):
        set_clock(db, now_us)
        publish(db, CLUB, 0, 0)


def filled(url: str) -> None:
    """Let six members live for a year and a half."""
    settled(url)
    people = [
        Newcomer(
            (("card", f"CARD{n}"), *((("phone", f"+861380013800{n}"),) if n else ())),
            name=f"=张三{n}",
            enrolled_us=NOW_US - (600 - n) * DAY_US,
            attributes={"level": "gold", "children": n, "smoker": n % 2 == 0},
            channel="web",
        )
        for n in range(6)
    ]
    engine = Engine()
    with connect(url) as db:
        with transaction(db):
            create_members(db, people, now_us=NOW_US)
        for n in range(6):
            for k in range(8):
                at_us = NOW_US - (500 - 60 * k - n) * DAY_US
                sale = {"order_ref": f"o{k}", "lines": [{"amount_minor": 4_000 * (n * n + 1)}]}
                send(db, engine, n, "order", at_us, **sale)
        send(db, engine, 2, "spend", NOW_US - DAY_US, currency="points", units=33)
        grant = {"ladder": "club", "action": "grant", "tier": "gold", "until": "2027-03-31"}
        send(db, engine, 0, "status_change", NOW_US - DAY_US, reason="guest", **grant)
        lasting = {"ladder": "club", "action": "lifetime", "tier": "silver"}
        send(db, engine, 1, "status_change", NOW_US - DAY_US, reason="founder", **lasting)
        hold = {"hold_ref": "H", "currency": "points", "units": 10}
        send(db, engine, 5, "hold", NOW_US - DAY_US // 2, expires_at="2026-07-01T00:00:00Z", **hold)


def send(db: Connection, engine: Engine, n: int, kind: str, at_us: int, **fields: Any) -> None:
    given = {"key": f"{kind}{n}{at_us}", "member": {"card": f"CARD{n}"}, "kind": kind}
    raw = json.dumps({**given, "occurred_at": format_instant(at_us, 480), **fields}).encode()
    (answer,) = engine.submit(db, [read_event(raw, source="till", received_us=at_us)])
    assert answer.status == "accepted", answer


def told(url: str) -> dict[str, Any]:
    """Return what a member could notice: what they have, until when, where they stand."""
    asked = {
        "lots": """select currency, sum(remaining + held)::bigint, expires_on::text,
            (to_timestamp(min(earned_us) / 1e6) at time zone 'Asia/Shanghai')::date::text
            from ledger.lot l where remaining + held > 0
            and member_id = %s group by currency, expires_on, earned_us order by 1, 3, 4""",
        "tiers": "select ladder, tier, until_on::text from tiers.standing where member_id = %s",
        "member": """select kind, state, enrolled_us, enrolled_channel, attributes
            from members.member where member_id = %s""",
        "profile": "select name, language from members.profile where member_id = %s",
        "found by": """select kind, value from members.identity
            where member_id = %s and kind <> 'external' order by 1, 2""",
    }
    counters = "select buckets from metrics.counters where member_id = %s"
    found: dict[str, Any] = {}
    with connect(url) as db:
        people = db.execute(
            "select value, member_id from members.identity where kind = 'card' order by 1"
        ).fetchall()
        for card, member_id in people:
            mine: dict[str, Any] = {
                name: db.execute(text, (member_id,)).fetchall() for name, text in asked.items()
            }
            (buckets,) = db.execute(counters, (member_id,)).fetchone() or ({},)
            mine["metrics"] = {c: buckets.get(c) for c in ("spend", "visits", "ever")}
            found[card] = mine
    return found


def call(url: str, *arguments: str) -> str:
    done = CliRunner().invoke(main, ["--database-url", url, *arguments])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize("format_", ["csv", "parquet", "xlsx"])
def test_a_world_moves_in_without_its_members_noticing(
    new_database: NewDatabase, tmp_path: Path, format_: str
):
    old, new = new_database(), new_database()
    filled(old)
    said = call(old, "export", "world", str(tmp_path), "--format", format_)
    assert f"members.{format_}: 6 rows" in said
    assert "10 units are on hold" in said
    # A moment later: what is brought happened before now.
    settled(new, NOW_US + 1_000_000)
    for name in ("members", "balances", "metrics", "tiers"):
        file = tmp_path / f"{name}.{format_}"
        what = "events" if name in ("metrics", "tiers") else name
        call(new, "import", what, str(file), "--mapping", f"{file}.mapping.yaml")
    assert told(new) == told(old)
    report = verify(new, jobs=1, replayed=True)
    assert report.clean, [r for r in report.results if not r.clean]


def test_a_file_has_its_name_only_when_it_is_whole(new_database: NewDatabase, tmp_path: Path):
    url = new_database()
    filled(url)
    target = tmp_path / "events.csv"
    target.write_text("what was there before")

    def stop(_name: str, _rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_files(url, {"events": target}, NOW_US, stop)
    assert target.read_text() == "what was there before"
    assert [path.name for path in tmp_path.iterdir()] == ["events.csv"]
    with pytest.raises(FormatUnknown):
        export_files(url, {"events": tmp_path / "events.doc"}, NOW_US)
    assert "events.csv" in call(url, "export", "events", str(target))
    assert len(target.read_text().splitlines()) > 48
    call(url, "export", "movements", str(tmp_path / "m.parquet"))
    table = pq.read_table(tmp_path / "m.parquet").to_pydict()
    assert (
        sum(u for u, r in zip(table["units"], table["reason"], strict=True) if r == "spend") == 33
    )


def test_excel_shows_what_begins_like_a_formula_and_has_an_end(
    new_database: NewDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    url = new_database()
    filled(url)
    call(url, "export", "members", str(tmp_path / "m.xlsx"))
    sheet = load_workbook(tmp_path / "m.xlsx").active
    assert sheet is not None
    name = next(cell for cell in sheet[2] if cell.value == "=张三0")
    assert name.data_type == "s"
    monkeypatch.setattr("coterie.jobs.files.EXCEL_ROWS_MAX", 3)
    with pytest.raises(ExportTooLong):
        export_files(url, {"members": tmp_path / "m.xlsx"}, NOW_US)


def test_files_leave_and_come_in_as_jobs(
    new_database: NewDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    old, new = new_database(), new_database()
    filled(old)
    settled(new, NOW_US + 1_000_000)
    monkeypatch.setenv("COTERIE_HOME", str(tmp_path))
    call(old, "jobs", "start", "export", '{"what": "world", "name": "june"}')
    call(old, "jobs", "run")
    row = json.loads(call(old, "jobs", "show", "1", "--result"))
    assert row["rows"]["june-members.csv"] == 6
    for what in ("members", "balances"):
        file = f"june-{what}.csv"
        given = {"what": what, "file": file, "mapping": f"{file}.mapping.yaml"}
        call(new, "jobs", "start", "import", json.dumps(given))
    assert call(new, "jobs", "run") == "2 jobs were done.\n"
    for number in (1, 2):
        came = json.loads(call(new, "jobs", "show", str(number), "--result"))
        assert came["refused"] == 0, came
        assert came["accepted"] > 5
    bad = CliRunner().invoke(
        main,
        ["--database-url", new, "jobs", "start", "import", '{"what": "members", "file": "../x"}'],
    )
    assert "file_name_refused" in bad.output or "plain names" in bad.output
