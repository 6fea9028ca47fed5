"""The worked cases of real programmes, reproduced by programmes written in YAML and nothing else.

The reference data says cases in words of each programme's own; ``_TELLERS`` say them in the
language of worked cases. Every expected number comes from the reference data.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from coterie.casebook import read_cases, run_cases
from coterie.programme.reading import read_with_warnings

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared" / "data" / "programmes"
Raw = dict[str, Any]
DAY = date(2024, 3, 4)


def cafe(case: Raw) -> Raw:
    """Stamps: days of drinks, drinks on one day, a free drink, a friend."""
    events: list[Raw] = []
    free = 0
    day = DAY
    for event in case["events"]:
        if "days" in event:
            drinks = {"order": "3.50", "times": event["days"], "every": "day"}
            events.append({"at": day.isoformat(), **drinks})
            day += timedelta(days=event["days"])
        elif "same_day_paid_drinks" in event:
            events.append({"at": day.isoformat(), "times": event["same_day_paid_drinks"]})
            events[-1]["order"] = "3.50"
        elif "claim_free" in event:
            free += event["claim_free"]
            events.append({"at": day.isoformat(), "redeem": "free-drink"})
            if "rejected" not in case["expect"]:
                # The drink itself goes over the till for nothing, and must earn nothing.
                events.append({"at": day.isoformat(), "order": "0.00"})
        elif "refer" in event:
            link = {"role": "referrer", "other": "member"}
            events.append({"at": day.isoformat(), "member": event["refer"], "link": link})
        else:
            assert event == {"friend_first_purchase": 1}
            events.append({"at": day.isoformat(), "member": "friend", "order": "3.50"})
    wanted = case["expect"]
    expect: Raw = {"balances": {"stamps": wanted["stamps"]}}
    if "rejected" in wanted:
        assert wanted["rejected"] == "insufficient_points"
        expect["refused"] = "insufficient_units"
    if "free_drinks" in wanted:
        assert wanted["free_drinks"] == free
    if "friend_stamps" in wanted:
        expect["members"] = {"friend": {"balances": {"stamps": wanted["friend_stamps"]}}}
    given = {"balances": {"stamps": case["given"]["stamps"]}}
    return {"given": given, "members": {"friend": {}}, "events": events, "expect": expect}


def hotel(case: Raw) -> Raw:
    """Stays with what they cost; or whole years of nights and base points."""
    given: Raw = {}
    if "tier" in case["given"]:
        given["tiers"] = {"status": case["given"]["tier"]}
    wanted = case["expect"]
    in_order = wanted.get("tiers_in_order", [wanted.get("tier")])
    events: list[Raw] = []
    for number, event in enumerate(case["events"]):
        if "stay" in event:
            at, nights, spend = DAY, event["stay"]["nights"], f"{event['stay']['spend']:.2f}"
        else:
            year = event["year"]
            at = date(year.get("year", 2024 + number), 6, 1)
            nights, spend = year["nights"], f"{year['base_points'] / 5:.2f}"
        stay = {"amount": spend, "category": "room", "quantity": nights}
        events.append({"at": at.isoformat(), "order": stay})
        if "year" in event:
            events[-1]["expect"] = {"tiers": {"status": in_order[number]}}
    expect: Raw = {}
    if "base_points" in wanted:
        expect["gives"] = {"base": wanted["base_points"], "bonus": wanted["bonus_points"]}
    if "total_points" in wanted:
        expect["balances"] = {"points": wanted["total_points"]}
    if "valid_to" in wanted:
        until = wanted["valid_to"].isoformat()
        expect["tiers"] = {"status": {"tier": wanted["tier"], "until": until}}
    return {"given": given, "events": events, "expect": expect}


def supermarket(case: Raw) -> Raw:
    """Receipts, fuel, returns, points into money, silence."""
    given = {"balances": {"points": case["given"]["balance"]}}
    campaign = {"campaign": "ten-times"} if "event_multiplier" in case["given"] else {}
    wanted = case["expect"]
    in_order = list(wanted.get("balances_in_order", ()))
    begins = case["given"].get("last_activity", DAY)
    events: list[Raw] = []
    for number, event in enumerate(case["events"]):
        at: Raw = {"at": (begins + timedelta(days=number)).isoformat()}
        if "grocery" in event:
            order = {"order_ref": "A", "amount": f"{event['grocery']:.2f}"}
            events.append({**at, **campaign, "order": order})
        elif "fuel" in event:
            litres = str(event["fuel"]["litres"])
            fuel = {"amount": "45.00", "category": "fuel", "quantity": litres}
            events.append({**at, "order": fuel})
        elif "return" in event:
            back = {"order_ref": "A", "amount": f"{event['return']['amount']:.2f}"}
            events.append({**at, "return": back})
        elif "redeem_max" in event:
            events.append({**at, "convert": "money-off"})
            if not wanted["gbp"]:
                events[-1]["expect"] = {"refused": "insufficient_units"}
        else:
            looked = {"balances": {"points": in_order.pop(0)}}
            events.append({"at": event["as_of"].isoformat(), "expect": looked})
    expect: Raw = {"balances": {}}
    if "balance" in wanted:
        expect["balances"]["points"] = wanted["balance"]
    if "points" in wanted:
        expect["change"] = {"points": wanted["points"]}
    if "gbp" in wanted:
        expect["balances"]["vouchers"] = f"{wanted['gbp']:.2f}"
    return {"begins": begins.isoformat(), "given": given, "events": events, "expect": expect}


_TELLERS: dict[str, Callable[[Raw], Raw]] = {
    "cafe": cafe,
    "hotel": hotel,
    "supermarket": supermarket,
}


def reference() -> Iterator[tuple[str, Raw]]:
    for path in sorted(SHARED.glob("*.yaml")):
        told = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
        for case in told["cases"]:
            yield told["industry"], case


CASES = list(reference())


@pytest.mark.shared
@pytest.mark.skipif(not CASES, reason="the reference data is not here")
@pytest.mark.parametrize(("industry", "case"), CASES, ids=[f"{i}-{c['id']}" for i, c in CASES])
def test_a_case_of_a_real_programme(tmp_path: Path, industry: str, case: Raw):
    reading = read_with_warnings(HERE / "programmes" / f"{industry}.yaml")
    assert not reading.warnings
    file = tmp_path / "real.cases.yaml"
    told = {"cases": [{"id": case["id"], **_TELLERS[industry](case)}]}
    YAML(typ="safe", pure=True).dump(told, file)
    (result,) = run_cases(reading.programme, read_cases(file, reading.programme))
    assert result.passed, "\n".join(map(str, result.differences))
