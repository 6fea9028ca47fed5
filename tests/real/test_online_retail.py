"""A year of a mail order shop as it left its till: sales, cancellations, and rows that are neither.

Goal: every row is accepted or refused with a reason, what comes back is matched to what was bought
by a policy that is written down, and points follow.
Method: the command line imports the raw file; DuckDB reads the same rows under the same policy
(``online_retail_*.sql``) and a loop of a few lines matches them (``matching.py``). Compared are
every refused row with its reason, every cancellation with what was met of it, every customer's
points.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from tests.real.matching import Outcome, match
from tests.real.worlds import EXAMPLES, HERE, REFUSED_ROWS, Counts, Shop, reference, sql

pytestmark = [pytest.mark.shared, pytest.mark.long, pytest.mark.timeout(1800)]

ROWS = 525_461
GUIDE = HERE.parents[1] / "docs" / "guides" / "real-data.md"

RETURNS = """
select split_part(e.key, ':', 2)::bigint, e.status,
    coalesce(r.pieces_milli, 0), coalesce(r.pence, 0), coalesce(x.left_milli, 0)
from events.event e
left join lateral (
    select sum((part ->> 2)::bigint)::bigint as pieces_milli,
        sum((part ->> 3)::bigint)::bigint as pence
    from json_array_elements(e.outcome -> 'returned') part
) r on true
left join lateral (
    select sum((part ->> 1)::bigint)::bigint as left_milli
    from json_array_elements(e.outcome -> 'excess') part
) x on true
where e.kind = 'return' order by 1
"""
POINTS = """
select i.value, coalesce(b.available - b.owed, 0)
from members.identity i left join ledger.balance b using (member_id) where i.kind = 'external'
"""
ORDERS = """
select e.status, count(*), coalesce(sum(json_array_length(e.payload -> 'lines')), 0)::bigint
from events.event e where e.kind = 'order' group by 1
"""


@pytest.fixture
def file(shared_data: Path) -> Path:
    return shared_data / "online_retail" / "online_retail_2009-12_to_2010-12.parquet"


@pytest.fixture
def rows(file: Path) -> duckdb.DuckDBPyConnection:
    """Every row under the policy, by the independent query."""
    db = reference()
    db.sql(sql("online_retail_rows"), params={"file": str(file)}).to_table("rows")
    assert db.sql("select count(*) from rows").fetchall() == [(ROWS,)]
    return db


def test_a_year_of_sales_and_cancellations(shop: Shop, file: Path, rows: duckdb.DuckDBPyConnection):
    shop.run("clock", "set", "2010-12-10T00:00:00+00:00")
    shop.run("programme", "publish", HERE / "online_retail_programme.yaml")
    mapping = EXAMPLES / "online_retail.yaml"
    loaded = shop.load("events", file, "--jobs", 2, mapping=mapping, ends=REFUSED_ROWS)
    shop.settle()
    reasons = _compare(shop, loaded, rows)
    assert _refused_rows(shop.folder / f"{file.name}.refused.csv") == _expected_refusals(rows)

    again = shop.load("events", file, "--jobs", 2, mapping=mapping, ends=REFUSED_ROWS)
    assert (again.accepted, again.again) == (loaded.accepted, loaded.accepted)
    assert again.reasons == reasons
    shop.prove()


def _compare(shop: Shop, loaded: Counts, rows: duckdb.DuckDBPyConnection) -> Counter[str]:
    """Hold what was recorded to the policy; return how many rows it refuses by reason."""
    expected = _lived(rows)
    reasons = Counter(_expected_refusals(rows).values())
    assert loaded.accepted + loaded.refused == ROWS
    assert loaded.again == 0
    assert loaded.reasons == reasons
    told = GUIDE.read_text(encoding="utf-8")
    for code, count in reasons.items():
        assert f"| `{code}` | {count:,} |" in told, "the guide tells other counts"
    lines = rows.sql("select count(*) from rows where refused is null and not comes_back")
    assert shop.rows(ORDERS) == [("accepted", expected.orders, *lines.fetchall()[0])]
    assert _returns(shop) == expected.met
    assert dict(shop.rows(POINTS)) == expected.points
    _tell(shop, reasons, loaded.accepted, expected)
    return reasons


def _lived(rows: duckdb.DuckDBPyConnection) -> Outcome:
    return match(rows.sql(sql("online_retail_happenings")).fetchall())


def _expected_refusals(rows: duckdb.DuckDBPyConnection) -> dict[int, str]:
    """Every refused row by the policy, with its reason."""
    found = rows.sql("select place, refused from rows where refused is not null").fetchall()
    unmatched = (place for place, met in _lived(rows).met.items() if not met[1])
    return dict(found) | dict.fromkeys(unmatched, "return_unmatched")


def _refused_rows(path: Path) -> dict[int, str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {int(row["refused_row"]): row["refused_code"] for row in csv.DictReader(file)}


def _returns(shop: Shop) -> dict[int, tuple[int, int, int]]:
    """Every cancellation as the policy tells of it: pieces asked for, pieces and pence met."""
    wanted = shop.rows(
        "select split_part(key, ':', 2)::bigint,"
        " (payload -> 'lines' -> 0 ->> 'quantity_milli')::bigint"
        " from events.event where kind = 'return'"
    )
    asked = dict(wanted)
    found: dict[int, tuple[int, int, int]] = {}
    for place, status, met_milli, pence, left_milli in shop.rows(RETURNS):
        if status == "accepted":
            assert met_milli + left_milli == asked[place], f"row {place}"
        found[place] = (asked[place] // 1000, met_milli // 1000, pence)
    return found


def _tell(shop: Shop, reasons: Counter[str], accepted: int, expected: Outcome) -> None:
    shop.say(f"\naccepted {accepted} + refused {sum(reasons.values())} = {ROWS}")
    for code, count in reasons.most_common():
        shop.say(f"  {code}: {count}")
    met = expected.met.values()
    partly = [(asked, found) for asked, found, _ in met if 0 < found < asked]
    shop.say(f"orders {expected.orders}, cancellations {len(expected.met)}")
    shop.say(f"pieces brought back {sum(m[0] for m in met)}, matched {sum(m[1] for m in met)}")
    shop.say(f"  excess {sum(m[0] - m[1] for m in met)} pieces, of which")
    shop.say(f"  {sum(m[0] for m in met if not m[1])} in rows refused whole,")
    shop.say(f"  {sum(a - f for a, f in partly)} in {len(partly)} rows matched in part")
    shop.say(f"customers {len(expected.points)}, points {sum(expected.points.values())}")
