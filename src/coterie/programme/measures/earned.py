"""Units of a currency that rules gave: what qualifies is what was earned, not the balance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from coterie.programme.conditions.kind import enumeration
from coterie.programme.ground import Checker
from coterie.programme.measures.kind import EVERY, MeasureKind, Seen
from coterie.programme.model import Metric, Programme
from coterie.programme.saying import pick

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledMetric


class Earned(MeasureKind):
    """Units of the currency ``of`` that rules gave, or only those that ``rules`` names."""

    code = "earned"
    hint = "a currency"
    usual_on = EVERY

    def scale(self, metric: Metric, exponent: int, scales: Mapping[str, int]) -> int:
        """Return the scale of the currency."""
        del exponent
        return scales.get(metric.of or "", 0)

    def check(self, metric: Metric, path: str, checker: Checker) -> None:
        """Refuse a currency or rule nobody declares."""
        programme = checker.programme
        known = programme.currencies
        checker.named("currency", metric.of or "", "currencies", known, f"{path}.of")
        rules = [rule.code for rule in programme.rules]
        for n, code in enumerate(metric.rules):
            checker.named("rule", code, "rules", rules, f"{path}.rules[{n}]")

    def words(self, metric: Metric, programme: Programme, lang: str) -> str:
        """Say ``Points earned``."""
        currency = programme.currencies.get(metric.of or "")
        name = pick(currency.name, lang) if currency else str(metric.of)
        zh = lang == "zh"
        if not metric.rules:
            return f"获得的{name}" if zh else f"{name} earned"
        rules = {rule.code: rule.name for rule in programme.rules}
        named = enumeration((pick(rules[c], lang) for c in metric.rules if c in rules), lang)
        return f"由“{named}”获得的{name}" if zh else f"{name} earned by “{named}”"

    def value(self, metric: CompiledMetric, seen: Seen) -> int:
        """Sum what is left of the grants that count."""
        return sum(
            [
                units
                for grant, units in zip(seen.grants, seen.units, strict=True)
                if grant.currency == metric.of and (not metric.rules or grant.rule in metric.rules)
            ]
        )
