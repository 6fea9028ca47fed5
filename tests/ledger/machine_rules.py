"""The programme that the oracle knows, written for the product."""

from fractions import Fraction
from typing import Any

from coterie.kernel.numbers import Rounding
from coterie.programme.model import (
    Cap,
    Condition,
    Currency,
    Debt,
    DebtPolicy,
    Expiry,
    ExpiryModel,
    Multiply,
    Pending,
    Programme,
    ReturnPolicy,
    Rule,
    Window,
)
from tests.ledger.driver import currency, earn, programme, words
from tests.ledger.oracle import Policy


def tag(name: str) -> Condition:
    return Condition("tag", {"in": [name]})


def _expiry(policy: Policy) -> Expiry:
    model, *rest = policy.expiry
    if model == "fixed":
        months, days, unit = rest
        return Expiry(ExpiryModel.FIXED, months=months, days=days, round_to=unit)
    if model == "calendar":
        dates, least = rest
        return Expiry(ExpiryModel.CALENDAR, dates=dates, min_months=least)
    if model == "inactivity":
        months, kinds = rest
        return Expiry(ExpiryModel.INACTIVITY, months=months, activities=kinds)
    return Expiry()


def declared(code: str, policy: Policy) -> Currency:
    return currency(
        code,
        expiry=_expiry(policy),
        pending=Pending(policy.wait_days, expiry_from=policy.count_from),
        debt=Debt(DebtPolicy(policy.debt), policy.limit),
        returns=ReturnPolicy(policy.returns),
        return_rounding=Rounding(policy.rounding),
        lapsed_refund=policy.lapsed,
        extend_days=policy.extend_days,
        hold_minutes=policy.hold_minutes,
        transferable=policy.transferable,
        spendable=policy.spendable,
    )


def machine_programme(zone: str, policies: dict[str, Policy], *, cap_released: bool) -> Programme:
    half = Rounding.HALF_UP
    rules: list[Any] = [
        earn("base", Fraction(1), 100),
        earn(
            "extra", Fraction(1, 2), 100, rounding=half, round_each="line",
            rule_lines=tag("x"), rule_caps=("monthly",),
        ),
        earn("flat", Fraction(7), rule_when=Condition("order_amount", {"min": "30.00"})),
        Rule("half", words("half"), "order", Multiply(("base",), Fraction(3, 2), rounding=half),
             lines=tag("y")),
        earn("grow", Fraction(2), 100, currency="growth", rounding=Rounding.UP),
    ]  # fmt: skip
    released = "release" if cap_released else "keep"
    return programme(
        zone,
        currencies={code: declared(code, policy) for code, policy in policies.items()},
        rules=tuple(rules),
        caps={"monthly": Cap("monthly", 40, "units", Window("month"), released)},
    )
