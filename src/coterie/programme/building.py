"""From a document whose shape is right to a :class:`Programme`, with every default filled in.

Each part is built by itself: a part that the schema refused is left out, so that everything else
can still be checked and all that is wrong is said at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import partial
from typing import Any, TypeVar

from coterie.kernel.errors import Malformed
from coterie.kernel.numbers import Rounding, money_exponent, parse_minor
from coterie.kernel.time import Zone, parse_day
from coterie.programme.conditions import parse_condition
from coterie.programme.document import Document
from coterie.programme.effects import EFFECTS, earned_by
from coterie.programme.findings import step
from coterie.programme.ground import Ground
from coterie.programme.measures import measure_of
from coterie.programme.model import (
    MICRO,
    ActivityKind,
    Cap,
    Condition,
    Currency,
    Debt,
    DebtPolicy,
    Expiry,
    ExpiryModel,
    Field,
    FieldType,
    Late,
    Metric,
    Pending,
    Programme,
    ReturnPolicy,
    Rule,
    Source,
    StateRights,
    Words,
)
from coterie.programme.sections import SECTIONS
from coterie.programme.windows import build_window

STATES = {
    "prospect": StateRights(earn=True, spend=False, receive=True),
    "unverified": StateRights(earn=True, spend=False, receive=True),
    "active": StateRights(earn=True, spend=True, receive=True),
    "paused": StateRights(earn=False, spend=False, receive=True),
    "closed": StateRights(earn=False, spend=False, receive=False),
    "merged": StateRights(earn=False, spend=False, receive=False),
    "erased": StateRights(earn=False, spend=False, receive=False),
}
"""What a member may do where the programme does not say."""

_Part = TypeVar("_Part")


class Builder:
    """Builds what can be built of a document; ``broken`` names what could not."""

    def __init__(self, document: Document, misshapen: Iterable[str]) -> None:
        """Take a document and the paths at which its shape is wrong."""
        self.document = document
        self.misshapen = set(misshapen)
        self.broken: dict[str, set[str]] = {}
        self.exponent = 2
        self.scales: dict[str, int] = {}
        self.ground = Ground(self.exponent, self.scales, {})

    def build(self) -> Programme:
        """Return the programme of all parts that are whole."""
        value = self.document.value
        money, zone = self._money(), self._zone()
        currencies = self._section("currencies", self._currency)
        self.scales = {code: currency.scale for code, currency in currencies.items()}
        metrics = self._section("metrics", self._metric)
        self.ground = Ground(self.exponent, self.scales, metrics)
        rules = self._rules()
        return Programme(
            code=str(value.get("programme", "")),
            name=_words(value["name"]) if self._whole("name") else Words("?", "?"),
            zone=zone,
            money=money,
            currencies=currencies,
            rules=rules,
            caps=self._section("caps", lambda code, raw, path: self._cap(code, raw, path, rules)),
            metrics=metrics,
            attributes=self._section("attributes", _field),
            activities=self._section("activities", _activity),
            states=self._states(),
            sources=self._section("sources", lambda code, raw, _: Source(code, **raw)),
            late=Late(**value["late"]) if self._whole("late") else Late(),
            return_days=value["return_days"] if self._whole("return_days") else 365,
            moves_to=dict(value["moves_to"]) if self._whole("moves_to") else {},
            names=self._names(),
            parts=self._parts(),
        )

    def _parts(self) -> dict[str, dict[str, Any]]:
        """Build the entries of every section that has any."""
        parts = {}
        for name, section in SECTIONS.items():
            build = section.build
            entries = self._section(name, lambda c, raw, at, b=build: b(c, raw, at, self.ground))  # type: ignore[misc]
            if entries:
                parts[name] = entries
        return parts

    def _names(self) -> dict[str, dict[str, Words]]:
        raw = self.document.value["names"] if self._whole("names") else {}
        return {
            kind: {code: _words(words) for code, words in names.items()}
            for kind, names in raw.items()
        }

    def _whole(self, path: str) -> bool:
        """Whether a section is there and nothing in it is misshapen."""
        there = re.split(r"[.\[]", path, maxsplit=1)[0] in self.document.value
        return there and not any(
            bad == path or bad.startswith((path + ".", path + "[")) for bad in self.misshapen
        )

    def _part(self, build: Callable[[], _Part], path: str) -> _Part | None:
        """Build one part; what it refuses is noted at its own place."""
        if path in self.misshapen or not self._whole(path):
            return None
        try:
            return build()
        except Malformed as error:
            self.document.find(error.where or path, error.detail)
            return None

    def _section(self, name: str, build: Callable[[str, Any, str], _Part]) -> dict[str, _Part]:
        raw = self.document.value.get(name)
        if not isinstance(raw, dict):
            return {}
        parts = {}
        for code, inner in raw.items():
            path = step(name, code)
            part = self._part(partial(build, code, inner, path), path)
            if part is None:
                self.broken.setdefault(name, set()).add(code)
            else:
                parts[code] = part
        return parts

    def _money(self) -> str:
        money = self.document.value.get("money")
        if isinstance(money, str):
            try:
                self.exponent = money_exponent(money)
            except Malformed as error:
                self.document.find("money", error.detail)
            else:
                return money
        return "USD"  # some money, so that everything else can be checked

    def _zone(self) -> str:
        zone = self.document.value.get("zone")
        if isinstance(zone, str):
            try:
                Zone(zone)
            except Malformed as error:
                self.document.find("zone", error.detail)
            else:
                return zone
        return "UTC"

    def _states(self) -> dict[str, StateRights]:
        states = dict(STATES)
        if self._whole("states"):
            for state, raw in self.document.value["states"].items():
                usual = STATES[state]
                states[state] = StateRights(
                    earn=raw.get("earn", usual.earn),
                    spend=raw.get("spend", usual.spend),
                    receive=raw.get("receive", usual.receive),
                )
        return states

    def _currency(self, code: str, raw: dict[str, Any], path: str) -> Currency:
        scale = raw.get("scale", 0)
        debt = raw.get("debt", {})
        limit = debt.get("limit_units")
        return Currency(
            code=code,
            name=_words(raw["name"]),
            scale=scale,
            expiry=_expiry(raw.get("expiry", {}), f"{path}.expiry"),
            pending=_pending(raw.get("pending", {}), f"{path}.pending"),
            debt=Debt(
                DebtPolicy(debt.get("policy", DebtPolicy.CLAMP)),
                None
                if limit is None
                else parse_minor(limit, scale, where=f"{path}.debt.limit_units"),
            ),
            returns=ReturnPolicy(raw.get("returns", ReturnPolicy.PROPORTIONAL)),
            return_rounding=Rounding(raw.get("return_rounding", Rounding.DOWN)),
            lapsed_refund=raw.get("lapsed_refund", "lapse"),
            extend_days=raw.get("extend_days", 30),
            hold_minutes=raw.get("hold_minutes", 30),
            transferable=raw.get("transferable", False),
            spendable=raw.get("spendable", True),
            unit_cost_micro=self._unit_cost(raw.get("unit_cost", "0"), scale, path),
            funder=raw.get("funder"),
            worth_minor=parse_minor(raw["worth"], self.exponent, where=f"{path}.worth")
            if "worth" in raw
            else None,
            redeem_from=parse_minor(raw.get("redeem_from", 0), scale, where=f"{path}.redeem_from"),
        )

    def _unit_cost(self, text: str | int, scale: int, path: str) -> int:
        """Return the cost of the scale's last digit in millionths of a minor unit, exactly."""
        cost = Fraction(str(text)) * 10**self.exponent * MICRO / 10**scale
        if cost.denominator != 1:
            raise Malformed(
                "the cost of a unit is finer than a millionth of the money's last digit.",
                where=f"{path}.unit_cost",
            )
        return int(cost)

    def _metric(self, code: str, raw: dict[str, Any], path: str) -> Metric:
        kind = measure_of(raw["measure"])
        if "window" not in raw and not kind.windowless:
            raise Malformed("'window' is missing.", where=path)
        return Metric(
            code=code,
            on=raw.get("on", kind.usual_on),
            measure=raw["measure"],
            window=build_window(raw.get("window", "lifetime"), f"{path}.window"),
            when=_condition(raw, "when", path),
            returns=raw.get("returns", kind.usual_returns),
            name=_words(raw["name"]) if "name" in raw else None,
            of=raw.get("of"),
            rules=tuple(raw.get("rules", ())),
            lines=_condition(raw, "lines", path),
            remembers_year="remember" in raw,
        )

    def _cap(self, code: str, raw: dict[str, Any], path: str, rules: Iterable[Rule]) -> Cap:
        """Build a cap; units are written in the scale of the currency they bound."""
        if ("limit" in raw) == ("parameter" in raw):
            raise Malformed("give either a `limit` or a `parameter`.", where=path)
        measure = raw["measure"]
        scale = 0
        if measure == "amount":
            scale = self.exponent
        elif measure == "units":
            by_code = {rule.code: rule for rule in rules}
            bounds = [earned_by(rule, by_code) for rule in rules if code in rule.caps]
            scale = max((self.scales.get(c, 0) for found in bounds for c in found), default=0)
        return Cap(
            code=code,
            limit=parse_minor(raw.get("limit", 0), scale, where=f"{path}.limit"),
            parameter=raw.get("parameter"),
            measure=measure,
            window=build_window(raw["window"], f"{path}.window"),
            on_return=raw.get("on_return", "release"),
            name=_words(raw["name"]) if "name" in raw else None,
            by=raw.get("by"),
        )

    def _rules(self) -> tuple[Rule, ...]:
        raws = self.document.value.get("rules")
        rules: list[Rule] = []
        for n, raw in enumerate(raws if isinstance(raws, list) else []):
            path = f"rules[{n}]"
            rule = self._part(partial(self._rule, raw, path, rules), path)
            if rule is not None:
                rules.append(rule)
            elif isinstance(raw, dict):
                self.broken.setdefault("rules", set()).add(str(raw.get("code")))
        return tuple(rules)

    def _rule(self, raw: dict[str, Any], path: str, before: list[Rule]) -> Rule:
        kinds = [kind for code, kind in EFFECTS.items() if code in raw]
        if len(kinds) != 1:
            allowed = " or ".join(f"`{code}`" for code in EFFECTS)
            raise Malformed(f"a rule has one effect: {allowed}.", where=path)
        kind = kinds[0]
        on = raw["on"] if "on" in raw else kind.usual_on(raw, before)
        return Rule(
            code=raw["code"],
            name=_words(raw["name"]),
            on=on,
            effect=kind.build(raw[kind.code], f"{path}.{kind.code}", on, self.ground),
            when=_condition(raw, "when", path),
            lines=_condition(raw, "lines", path),
            caps=tuple(raw.get("caps", ())),
            opt_in=raw.get("opt_in", False),
            rest_of=tuple(raw.get("rest_of", ())),
            campaign=raw.get("campaign"),
            funder=raw.get("funder"),
            from_day=_day(raw, "from", path),
            to_day=_day(raw, "to", path),
        )


def _words(raw: dict[str, str]) -> Words:
    return Words(zh=raw["zh"], en=raw["en"])


def _expiry(raw: dict[str, Any], path: str) -> Expiry:
    if "by" in raw and ("attribute" in raw["by"]) == ("ladder" in raw["by"]):
        raise Malformed("give either `attribute` or `ladder`.", where=f"{path}.by")
    dates = tuple((int(text[:2]), int(text[3:])) for text in raw.get("dates", ()))
    return Expiry(
        model=ExpiryModel(raw.get("model", ExpiryModel.NONE)),
        months=raw.get("months", 0),
        days=raw.get("days", 0),
        round_to=raw.get("round_to", "none"),
        dates=dates,
        min_months=raw.get("min_months", 0),
        activities=tuple(raw.get("activities", ())),
        attribute=raw.get("by", {}).get("attribute"),
        ladder=raw.get("by", {}).get("ladder"),
        months_by=dict(raw.get("by", {}).get("months", {})),
    )


def _pending(raw: dict[str, Any], path: str) -> Pending:
    until = raw.get("until")
    return Pending(
        days=raw.get("days", 0),
        until_day=None if until is None else parse_day(until, where=f"{path}.until"),
        expiry_from=raw.get("expiry_from", "earning"),
    )


def _field(code: str, raw: dict[str, Any], path: str) -> Field:
    given = [v if isinstance(v, dict) else {"code": v} for v in raw.get("values", ())]
    values = tuple(value["code"] for value in given)
    for n, value in enumerate(values):
        if value in values[:n]:
            raise Malformed(f"{value!r} stands twice.", where=f"{path}.values[{n}]")
    return Field(
        code=code,
        type=FieldType(raw.get("type", FieldType.TEXT)),
        values=values,
        names={value["code"]: _words(value["name"]) for value in given if "name" in value},
        required=raw.get("required", False),
        minimum=raw.get("minimum"),
        maximum=raw.get("maximum"),
        name=_words(raw["name"]) if "name" in raw else None,
    )


def _activity(code: str, raw: dict[str, Any], path: str) -> ActivityKind:
    fields = {
        name: _field(name, inner, f"{path}.fields.{name}")
        for name, inner in raw.get("fields", {}).items()
    }
    return ActivityKind(code=code, name=_words(raw["name"]), fields=fields)


def _condition(raw: dict[str, Any], key: str, path: str) -> Condition | None:
    return parse_condition(raw[key], f"{path}.{key}") if key in raw else None


def _day(raw: dict[str, Any], key: str, path: str) -> int | None:
    return parse_day(raw[key], where=f"{path}.{key}") if key in raw else None
