"""Rewards: what units can be spent on, at a price that is said or follows from a value."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from msgspec import Struct

from coterie.kernel.errors import Malformed
from coterie.kernel.numbers import Rounding, divide, format_minor, money_exponent, parse_ratio
from coterie.programme.conditions import parse_condition, plain_condition, sentence
from coterie.programme.model import Condition, Programme, Words
from coterie.programme.saying import ROUNDED, money_words, pick, ratio_text
from coterie.programme.schema_parts import (
    CODE,
    CONDITION,
    DECIMAL,
    RATIO,
    ROUNDING,
    WORDS,
    Schema,
    mapping,
    whole,
)
from coterie.programme.sections.limits import (
    Limit,
    counts_otherwise,
    limit_of,
    limit_words,
    plain_limit,
    times_limit_schema,
)
from coterie.programme.sections.section import (
    Checker,
    Ground,
    Section,
    plain_words_of,
    words_of,
)

GRANTED = "granted:"
"""How the mark begins that counts pieces of a reward the member has without paying."""
FREE_MAX = 1_000


class Reward(Struct, frozen=True):
    """Costs ``units`` of ``currency``, or ``rate`` units for every minor unit of its value.

    A price by value is rounded to multiples of ``step`` and is at least ``least``. Without
    ``value_minor`` such a reward is worth what the event says. Of pieces redeemed together every
    ``every_free``-th costs nothing (0: none). ``share`` is how much of a bill they may pay.
    ``minimum_balance`` is what must be there before anything is redeemed; ``limit`` counts pieces;
    ``when`` says to whom it is offered.
    """

    code: str
    name: Words
    currency: str
    units: int | None
    rate: Fraction = Fraction(0)
    rounding: Rounding = Rounding.UP
    step: int = 1
    least: int = 1
    value_minor: int | None = None
    minimum_balance: int = 0
    limit: Limit | None = None
    when: Condition | None = None
    every_free: int = 0
    share: Fraction | None = None

    @property
    def counter(self) -> str:
        """The counter that ``limit`` looks at."""
        return f"redeem:{self.code}"


def price_of(entry: Reward, value_minor: int) -> int:
    """Return what one piece worth ``value_minor`` costs."""
    if entry.units is not None:
        return entry.units
    exact = entry.rate * value_minor / entry.step
    steps = divide(exact.numerator, exact.denominator, entry.rounding)
    return max(steps * entry.step, entry.least)


def paid_pieces(entry: Reward, quantity: int) -> int:
    """Return how many of so many pieces that are redeemed together are paid for."""
    return quantity - quantity // entry.every_free if entry.every_free else quantity


class Rewards(Section):
    """``rewards:`` by code."""

    code = "rewards"
    noun = "reward"

    def schema(self) -> Schema:
        """Return ``{name, price, value, at_most_share, minimum_balance, limit, when}``."""
        price = mapping(
            {
                "currency": CODE,
                "units": DECIMAL,
                "rate": {**RATIO, "description": "units for 1.00 of money, such as 100 or 3/2"},
                "rounding": ROUNDING,
                "step": DECIMAL,
                "minimum": DECIMAL,
                "every_free": whole(2, FREE_MAX),
            },
            ("currency",),
        )
        return mapping(
            {
                "name": WORDS,
                "price": price,
                "value": DECIMAL,
                "at_most_share": {**RATIO, "description": "how much of a bill, such as 1/2"},
                "minimum_balance": DECIMAL,
                "limit": times_limit_schema(),
                "when": CONDITION,
            },
            ("name", "price"),
        )

    def build(self, code: str, raw: dict[str, Any], path: str, ground: Ground) -> Reward:
        """Return the reward."""
        price, at = raw["price"], f"{path}.price"
        currency = price["currency"]

        def units(key: str, usual: int, among: dict[str, Any] = price, where: str = at) -> int:
            return ground.units(among[key], currency, f"{where}.{key}") if key in among else usual

        if ("units" in price) == ("rate" in price):
            raise Malformed("give either `units` or `rate`.", where=at)
        fixed = units("units", 0) if "units" in price else None
        if fixed is not None and set(price) - {"currency", "units", "every_free"}:
            raise Malformed("a price that is said is not reckoned by other keys.", where=at)
        rate = Fraction(0)
        if fixed is None:
            rate = parse_ratio(price["rate"], where=f"{at}.rate")
            rate = rate * 10 ** ground.scales.get(currency, 0) / 10**ground.exponent
        step = units("step", 1)
        if fixed == 0 or step == 0 or (fixed is None and rate == 0):
            raise Malformed("a reward costs more than nothing.", where=at)
        if fixed is not None and "at_most_share" in raw and "value" not in raw:
            problem = "a share of a bill can be told only where the reward has a `value`."
            raise Malformed(problem, where=f"{path}.at_most_share")
        limit = limit_of(raw["limit"], raw["limit"]["times"]) if "limit" in raw else None
        return Reward(
            code,
            words_of(raw["name"]),
            currency,
            fixed,
            rate,
            Rounding(price.get("rounding", Rounding.UP)),
            step,
            max(units("minimum", 1), 1),
            ground.money(raw["value"], f"{path}.value") if "value" in raw else None,
            units("minimum_balance", 0, raw, path),
            limit,
            parse_condition(raw["when"], f"{path}.when") if "when" in raw else None,
            price.get("every_free", 0),
            _share(raw, f"{path}.at_most_share"),
        )

    def plain(self, entry: Reward, programme: Programme) -> dict[str, Any]:
        """Return it as written."""
        scale = programme.currencies[entry.currency].scale
        exponent = money_exponent(programme.money)
        price: dict[str, Any] = {"currency": entry.currency}
        if entry.units is not None:
            price["units"] = format_minor(entry.units, scale)
        else:
            price["rate"] = ratio_text(entry.rate * 10**exponent / 10**scale)
            price["rounding"] = entry.rounding.value
            price["step"] = format_minor(entry.step, scale)
            price["minimum"] = format_minor(entry.least, scale)
        if entry.every_free:
            price["every_free"] = entry.every_free
        found: dict[str, Any] = {"name": plain_words_of(entry.name), "price": price}
        if entry.value_minor is not None:
            found["value"] = format_minor(entry.value_minor, exponent)
        if entry.share is not None:
            found["at_most_share"] = ratio_text(entry.share)
        found["minimum_balance"] = format_minor(entry.minimum_balance, scale)
        if entry.limit is not None:
            found["limit"] = plain_limit(entry.limit)
        if entry.when is not None:
            found["when"] = plain_condition(entry.when)
        return found

    def check(self, entry: Reward, path: str, checker: Checker) -> None:
        """Refuse a currency nobody declares, and one that only counts."""
        currencies = checker.programme.currencies
        at = f"{path}.price.currency"
        known = checker.named("currency", entry.currency, "currencies", currencies, at)
        if known and not currencies[entry.currency].spendable:
            checker.find(at, f"{entry.currency!r} cannot be spent.")
        checker.condition(entry.when, "redeem")

    def words(self, entry: Reward, programme: Programme, lang: str) -> str:
        """Say what it costs, what it is worth, and to whom and how often it is given."""
        zh = lang == "zh"
        currency = programme.currencies[entry.currency]
        unit = pick(currency.name, lang)
        gap = "" if zh else " "
        parts = []
        if entry.units is not None:
            parts.append(f"{format_minor(entry.units, currency.scale)}{gap}{unit}")
        else:
            parts.append(_price_words(entry, programme, lang))
        if entry.every_free:
            free = entry.every_free
            parts.append(f"一次兑换每满{free}份免1份" if zh else f"one of every {free} is free")
        if entry.value_minor is not None:
            money = money_words(entry.value_minor, programme)
            parts.append(f"价值 {money}" if zh else f"worth {money}")
        if entry.share is not None:
            of = _share_words(entry.share)
            parts.append(f"最多抵扣账单的{of}" if zh else f"for at most {of} of a bill")
        if entry.minimum_balance:
            least = format_minor(entry.minimum_balance, currency.scale)
            parts.append(f"余额满{least}方可兑换" if zh else f"for those who have at least {least}")
        if entry.limit is not None:
            parts.append(limit_words(entry.limit, lang))
        if entry.when is not None:
            said = sentence(entry.when, lang, programme)
            parts.append(f"仅当{said}时提供" if zh else f"when {said}")
        name = entry.name.zh if zh else entry.name.en
        return f"{name}：{'，'.join(parts)}。" if zh else f"{name}: {', '.join(parts)}."

    def breaks(self, old: Reward, new: Reward) -> Iterator[str]:
        """How many were had is on record."""
        if counts_otherwise(old.limit, new.limit):
            yield "counts over another window now; a new reward needs a new code."


def _share(raw: dict[str, Any], where: str) -> Fraction | None:
    if "at_most_share" not in raw:
        return None
    share = parse_ratio(raw["at_most_share"], where=where)
    if not 0 < share <= 1:
        raise Malformed("a share of a bill is more than 0 and at most 1.", where=where)
    return share


def _share_words(share: Fraction) -> str:
    percent = ratio_text(share * 100)
    return ratio_text(share) if "/" in percent else f"{percent}%"


def _price_words(entry: Reward, programme: Programme, lang: str) -> str:
    currency = programme.currencies[entry.currency]
    scale = currency.scale
    rate = ratio_text(entry.rate * 10 ** money_exponent(programme.money) / 10**scale)
    step = format_minor(entry.step, scale)
    least = format_minor(entry.least, scale)
    way = ROUNDED[lang][entry.rounding.value]
    if lang == "zh":
        parts = [f"每 {programme.money} 1 价值收{rate}{currency.name.zh}"]
        parts.append(f"以{step}为单位{way}" if entry.step > 1 else way)
        parts += [f"至少{least}"] if entry.least > entry.step else []
        return "，".join(parts)
    parts = [f"{rate} {currency.name.en} for every {programme.money} 1 of its value"]
    parts.append(way + (f" to multiples of {step}" if entry.step > 1 else ""))
    parts += [f"at least {least}"] if entry.least > entry.step else []
    return ", ".join(parts)
