"""Nine months of a real supermarket, from its files to verified balances.

Goal: money per household and month is what an independent query of the file says, and points are
what an independent calculation says: with goods left out, a day that counts more, and expiry.
Method: the command line imports the files as a person would; DuckDB works the same out from the
files alone (``completejourney_*.sql``); both are compared household by household, to the cent.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.real.worlds import EXAMPLES, LIBRARY, Shop, reference, sql

pytestmark = [pytest.mark.shared, pytest.mark.long, pytest.mark.timeout(3600)]

ROWS, BASKETS, HOUSEHOLDS, PRODUCTS = 1_095_181, 116_704, 2_446, 92_331
LAST_DAY = date(2017, 9, 30)

EARNED = """
with named as (
    select member_id, value as household from members.identity where kind = 'external'
),
orders as (
    select e.member_id, e.seq, to_char(e.day, 'YYYY-MM') as month,
        json_array_length(e.payload -> 'lines') as lines,
        (select coalesce(sum((line ->> 'amount_minor')::bigint), 0)
         from json_array_elements(e.payload -> 'lines') line) as cents
    from events.event e where e.kind = 'order' and e.status = 'accepted'
),
points as (
    select member_id, seq,
        sum(units) filter (where rule = 'base') as base,
        sum(units) filter (where rule = 'wednesday') as bonus
    from ledger.movement where reason = 'earn' and debit = 'issued' group by member_id, seq
)
select household, month, count(*), sum(lines)::bigint, sum(cents)::bigint,
    coalesce(sum(base), 0)::bigint, coalesce(sum(bonus), 0)::bigint
from orders join named using (member_id) left join points using (member_id, seq)
group by household, month order by household collate "C", month
"""
COUNTED = """
select i.value, to_char(make_date(b.key::int / 12, mod(b.key::int, 12) + 1, 1), 'YYYY-MM'),
    b.value::bigint
from metrics.counters c
join members.identity i on i.member_id = c.member_id and i.kind = 'external'
cross join json_each_text(c.buckets -> 'spend_month') b
order by i.value collate "C", 2
"""
DEPARTMENT = "PRODUCE"
BOUGHT = """
with baskets as (
    select e.member_id, e.seq, floor(sum((line ->> 'amount_minor')::bigint) / 100) as points
    from events.event e, json_array_elements(e.payload -> 'lines') line
    where e.kind = 'order' and e.status = 'accepted'
        and line -> 'categories' ->> (json_array_length(line -> 'categories') - 1) = %s
    group by 1, 2
)
select count(distinct member_id), sum(points)::bigint from baskets where points > 0
"""
BALANCES = """
select i.value,
    coalesce((select available - owed from ledger.balance b where b.member_id = i.member_id), 0),
    coalesce((select sum(units) from ledger.movement m
              where m.member_id = i.member_id and m.credit = 'breakage'), 0)::bigint
from members.identity i where i.kind = 'external' order by i.value collate "C"
"""
DAILY = """
select to_char(booked_on, 'YYYY-MM'), rule, sum(units)::bigint from ledger.rollup
where reason = 'earn' and debit = 'issued' group by 1, 2 order by 1, 2
"""


@pytest.fixture
def files(shared_data: Path) -> dict[str, str]:
    folder = shared_data / "completejourney"
    return {
        "transactions": str(folder / "transactions_2017-01_to_2017-09.parquet"),
        "products": str(folder / "products.parquet"),
    }


@pytest.fixture
def lots(files: dict[str, str]) -> duckdb.DuckDBPyConnection:
    """What every basket is worth by the independent calculation."""
    db = reference()
    db.sql(sql("completejourney_lots"), params=files).to_table("lots")
    assert db.sql("select count(*) from lots").fetchall() == [(BASKETS,)]
    return db


def test_nine_months_of_a_supermarket(
    shop: Shop, files: dict[str, str], lots: duckdb.DuckDBPyConnection
):
    _open(shop, files)
    transactions = Path(files["transactions"])
    mapping = EXAMPLES / "completejourney_events.yaml"
    loaded = shop.load("events", transactions, "--jobs", 2, mapping=mapping)
    assert (loaded.accepted, loaded.again, loaded.refused) == (ROWS, 0, 0)
    shop.fall_due()
    shop.settle()
    _compare(shop, lots)
    shop.prove()
    _plan(shop)


def _plan(shop: Shop) -> None:
    """Double the points of one department: who gains, and what that costs, is what was bought."""
    priced = (
        (LIBRARY / "supermarket.yaml")
        .read_text("utf-8")
        .replace(
            "    debt: {policy: allow}\n", '    debt: {policy: allow}\n    unit_cost: "0.01"\n', 1
        )
    )
    live, draft, told = (shop.folder / name for name in ("live.yaml", "draft.yaml", "plan.json"))
    live.write_text(priced, "utf-8")
    shop.run("programme", "publish", live)
    rule = f"""
  - code: department
    name: {{zh: 部门双倍积分, en: Twice the points of a department}}
    lines: {{category: {DEPARTMENT}}}
    multiply: {{rules: [base], factor: 2}}
"""
    draft.write_text(priced.replace("\nlate:", f"{rule}\nlate:", 1), "utf-8")
    shop.run("programme", "plan", live, "--json", told)
    same = json.loads(told.read_text("utf-8"))
    assert same["value"]["winners"] == same["value"]["losers"] == 0
    figures = list(_differences(same))
    assert len(figures) > len(same["rules"])
    assert not any(figures), "a plan of what is in force differs nowhere"
    shop.run("programme", "plan", draft, "--json", told)
    report = json.loads(told.read_text("utf-8"))
    assert (report["members"], report["events"]) == (HOUSEHOLDS, BASKETS)
    ((winners, points),) = shop.rows(BOUGHT.replace("%s", f"'{DEPARTMENT}'"))
    assert (report["value"]["winners"], report["value"]["losers"]) == (winners, 0)
    found = next(rule for rule in report["rules"] if rule["rule"] == "department")
    assert found["units"] == {"live": 0, "draft": points, "difference": points}
    assert found["cost_minor"]["difference"] == points
    assert report["match_minor"] == points
    shop.say(f"  {report['events'] / report['seconds']:,.0f} events/s on both sides at once")


def _differences(report: object) -> Iterator[int]:
    """Every difference between the two sides that a report names, at whatever depth."""
    if isinstance(report, dict):
        if "difference" in report:
            yield report["difference"]
        for inner in report.values():
            yield from _differences(inner)
    elif isinstance(report, list):
        for inner in report:
            yield from _differences(inner)


def _compare(shop: Shop, lots: duckdb.DuckDBPyConnection) -> None:
    """Hold events, movements, counters, balances and daily sums to the calculation."""
    months = lots.sql(sql("completejourney_months")).fetchall()
    assert shop.rows(EARNED) == months
    assert sum(row[2] for row in months) == BASKETS
    assert sum(row[3] for row in months) == ROWS
    spent = [(household, month, cents) for household, month, _, _, cents, _, _ in months if cents]
    assert shop.rows(COUNTED) == spent

    given = {"day": LAST_DAY}
    balances = lots.sql(sql("completejourney_balances"), params=given).fetchall()
    assert len(balances) == HOUSEHOLDS
    assert shop.rows(BALANCES) == balances

    daily: Counter[tuple[str, str]] = Counter()
    for _, month, _, _, _, base, bonus in months:
        daily[month, "base"] += base
        daily[month, "wednesday"] += bonus
    assert {(month, rule): units for month, rule, units in shop.rows(DAILY)} == daily
    _tell(shop, lots, balances)


def _open(shop: Shop, files: dict[str, str]) -> None:
    """Set the time, publish the programme, and bring in who buys and what is sold."""
    shop.run("clock", "set", "2017-09-30T23:59:59-04:00")
    shop.run("programme", "publish", LIBRARY / "supermarket.yaml")
    households = shop.load(
        "members",
        Path(files["transactions"]),
        mapping=EXAMPLES / "completejourney_households.yaml",
    )
    assert (households.accepted, households.refused) == (ROWS, 0)
    assert households.accepted - households.again == HOUSEHOLDS
    tree = shop.folder / "categories.csv"
    given = {"products": files["products"]}
    reference().sql(sql("completejourney_categories"), params=given).write_csv(str(tree))
    assert shop.load("categories", tree).refused == 0
    products = shop.load(
        "products",
        Path(files["products"]),
        "--create",
        mapping=EXAMPLES / "completejourney_products.yaml",
    )
    assert (products.accepted, products.refused) == (PRODUCTS, 0)


def _tell(
    shop: Shop, lots: duckdb.DuckDBPyConnection, balances: list[tuple[str, int, int]]
) -> None:
    shop.say("\nmonth, baskets, dollars, points, points of Wednesdays")
    for row in lots.sql(
        "select month, count(*), sum(cents) / 100, sum(base), sum(bonus) from lots"
        " group by month order by month"
    ).fetchall():
        shop.say("  ", *row)
    shop.say(
        "available", sum(row[1] for row in balances), "lapsed", sum(row[2] for row in balances)
    )
