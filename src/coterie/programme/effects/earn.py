"""Give units of a currency: once, or for every so much of what an event brings."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from coterie.programme.effects.bands import bands_schema
from coterie.programme.effects.earn_forms import build_earn, check_rate, plain_earn
from coterie.programme.effects.earn_words import earn_words
from coterie.programme.effects.kind import EffectKind, RuleChecker
from coterie.programme.effects.rates import earn_rate, personal_rate
from coterie.programme.effects.tables import table_schema
from coterie.programme.ground import Ground
from coterie.programme.model import Earn, Multiply, Programme, Rule
from coterie.programme.schema_parts import (
    BOOL,
    CODE,
    DECIMAL,
    RATIO,
    ROUNDING,
    Schema,
    choice,
    listing,
    mapping,
)
from coterie.programme.ways import unit_value

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledProgramme, CompiledRule


class EarnKind(EffectKind):
    """``earn:`` in a rule."""

    code = "earn"
    struct = Earn

    def schema(self) -> Schema:
        """Return ``{currency, units | by | bands, per, rounding, basis, ...}``."""
        kinds = {**listing({"type": "string", "minLength": 1}, 50), "uniqueItems": True}
        basis = mapping(
            {
                "tax": BOOL,
                "shipping": BOOL,
                "fees": BOOL,
                "without_tenders": kinds,
                "only_tenders": kinds,
            }
        )
        return mapping(
            {
                "currency": CODE,
                "units": RATIO,
                "parameter": CODE,
                "by": table_schema(),
                "bands": bands_schema(),
                "bands_apply": choice("marginal", "whole"),
                "bands_of": CODE,
                "per": {
                    **DECIMAL,
                    "description": 'an amount of money such as "1.00", or, with '
                    "per_field, a whole number of that field",
                },
                "per_field": CODE,
                "per_quantity": {**DECIMAL, "description": "a quantity such as 1 or 0.5"},
                "blocks": BOOL,
                "round_basis": mapping({"to": DECIMAL, "rounding": ROUNDING}, ("to",)),
                "rounding": ROUNDING,
                "round_each": choice("order", "line", "unit"),
                "at_least": DECIMAL,
                "basis": basis,
            },
            ("currency",),
        )

    def build(self, raw: dict[str, Any], path: str, on: str, ground: Ground) -> Earn:
        """Return the effect; units are in the scale of their currency."""
        return build_earn(raw, path, on, ground)

    def plain(self, effect: Earn, programme: Programme) -> dict[str, Any]:
        """Return it as written."""
        return plain_earn(effect, programme)

    def words(self, rule: Rule, effect: Earn, programme: Programme, lang: str) -> str:
        """Say how much for what, and how it is rounded."""
        return earn_words(rule, effect, programme, lang)

    def check(
        self, rule: Rule, effect: Earn, path: str, checker: RuleChecker, before: Mapping[str, Rule]
    ) -> None:
        """Refuse a currency or field nobody declares, and ways to cut where nothing is cut."""
        del before
        programme = checker.programme
        currencies = programme.currencies
        checker.named("currency", effect.currency, "currencies", currencies, f"{path}.currency")
        check_rate(rule, effect, path, checker)

    def currencies(self, effect: Earn, rules: Mapping[str, Rule]) -> set[str]:
        """Return its currency."""
        del rules
        return {effect.currency}

    def cost(self, rule: Rule, effect: Earn, programme: Programme) -> Fraction:
        """Return the cost with all bonuses on it."""
        currency = programme.currencies.get(effect.currency)
        of_money = effect.per_field is None and not effect.basis.quantity
        if effect.per_minor is None or not of_money or currency is None:
            return Fraction(0)
        bonuses = sum(
            max([r.effect.factor, *r.effect.factors.values()]) - 1
            for r in programme.rules
            if isinstance(r.effect, Multiply) and rule.code in r.effect.rules
        )
        digit = unit_value(programme, effect.currency) / Fraction(10**currency.scale)
        units = max(effect.every_units())
        if effect.parameter is not None:
            found = programme.parts.get("parameters", {}).get(effect.parameter)
            most = 0 if found is None else found.maximum
            units = Fraction(most * 10**currency.scale, 10 ** (found.decimals if found else 0))
        return units * digit * (1 + bonuses) / effect.per_minor

    def compile(self, effect: Earn, rule: CompiledRule, cp: CompiledProgramme) -> None:
        """Set the rate."""
        rule.currency = effect.currency
        rule.rounding = effect.rounding
        rule.per = effect.per_minor
        rule.field = effect.per_field
        if effect.parameter is None:
            rule.rate = earn_rate(effect)
        else:
            parameter = cp.programme.parts["parameters"][effect.parameter]
            scale = cp.currencies[effect.currency].scale
            rule.rate = personal_rate(effect, parameter, scale)
        rule.basis = cp.basis_index(effect.basis)
