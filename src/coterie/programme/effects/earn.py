"""Give units of a currency: once, or for every so much of what an event brings."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from coterie.kernel.errors import Malformed, nearest
from coterie.kernel.numbers import Rounding, format_minor, money_exponent, parse_minor, parse_ratio
from coterie.programme.conditions.kind import enumeration, label
from coterie.programme.effects.kind import EffectKind, RuleChecker
from coterie.programme.ground import Ground
from coterie.programme.model import (
    Basis,
    Earn,
    FieldType,
    Multiply,
    Programme,
    Rule,
)
from coterie.programme.rating import rate_of
from coterie.programme.saying import ROUNDED, money_words, pick, ratio_text
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

_EACH = {
    "zh": {"order": "整单", "line": "逐行", "unit": "逐件"},
    "en": {"order": "once an order", "line": "line by line", "unit": "piece by piece"},
}


class EarnKind(EffectKind):
    """``earn:`` in a rule."""

    code = "earn"
    struct = Earn

    def schema(self) -> Schema:
        """Return ``{currency, units, per | per_field, blocks, rounding, round_each, basis}``."""
        basis = mapping(
            {
                "tax": BOOL,
                "shipping": BOOL,
                "fees": BOOL,
                "without_tenders": {
                    **listing({"type": "string", "minLength": 1}, 50),
                    "uniqueItems": True,
                },
            }
        )
        return mapping(
            {
                "currency": CODE,
                "units": RATIO,
                "per": {
                    **DECIMAL,
                    "description": 'an amount of money such as "1.00", or, with '
                    "per_field, a whole number of that field",
                },
                "per_field": CODE,
                "blocks": BOOL,
                "rounding": ROUNDING,
                "round_each": choice("order", "line", "unit"),
                "basis": basis,
            },
            ("currency", "units"),
        )

    def build(self, raw: dict[str, Any], path: str, on: str, ground: Ground) -> Earn:
        """Return the effect; units are in the scale of their currency."""
        per, field = raw.get("per"), raw.get("per_field")
        per_minor: int | None = None
        if field is not None:
            per_minor = parse_minor("1" if per is None else per, 0, where=f"{path}.per")
        elif per is not None:
            if on != "order":
                raise Malformed(
                    "an activity has no amount; name its field in `per_field`.", where=f"{path}.per"
                )
            per_minor = ground.money(per, f"{path}.per")
        if per_minor == 0:
            raise Malformed("nothing can be divided by zero.", where=f"{path}.per")
        units = parse_ratio(raw["units"], where=f"{path}.units")
        if units == 0:
            raise Malformed("a rule gives more than nothing.", where=f"{path}.units")
        basis = dict(raw.get("basis", {}))
        basis["without_tenders"] = tuple(basis.get("without_tenders", ()))
        return Earn(
            currency=raw["currency"],
            units=units * 10 ** ground.scales.get(raw["currency"], 0),
            per_minor=per_minor,
            per_field=field,
            blocks=raw.get("blocks", False),
            rounding=Rounding(raw.get("rounding", Rounding.DOWN)),
            round_each=raw.get("round_each", "order"),
            basis=Basis(**basis),
        )

    def plain(self, effect: Earn, programme: Programme) -> dict[str, Any]:
        """Return it as written."""
        scale = programme.currencies[effect.currency].scale
        per = effect.per_minor
        basis = effect.basis
        digits = 0 if effect.per_field is not None else money_exponent(programme.money)
        said: dict[str, Any] = {
            "currency": effect.currency,
            "units": ratio_text(effect.units / 10**scale),
        }
        if per is not None:
            said["per"] = format_minor(per, digits)
        if effect.per_field is not None:
            said["per_field"] = effect.per_field
        return {
            **said,
            "blocks": effect.blocks,
            "rounding": effect.rounding.value,
            "round_each": effect.round_each,
            "basis": {
                "tax": basis.tax,
                "shipping": basis.shipping,
                "fees": basis.fees,
                "without_tenders": list(basis.without_tenders),
            },
        }

    def words(self, rule: Rule, effect: Earn, programme: Programme, lang: str) -> str:
        """Say how much for what, and how it is rounded."""
        zh = lang == "zh"
        currency = programme.currencies[effect.currency]
        units = f"{ratio_text(effect.units / 10**currency.scale)} {pick(currency.name, lang)}"
        if effect.per_minor is None:
            return f"送 {units}" if zh else f"{units}"
        per = _per(rule, effect, programme, lang)
        how = ROUNDED[lang][effect.rounding.value]
        if rule.on == "order":
            each = _EACH[lang][effect.round_each]
            how = _basis(effect, lang) + (f"{each}{how}" if zh else f"{how} {each}")
        if zh:
            return f"每{'满' if effect.blocks else ''} {per} 送 {units}（{how}）"
        return f"{units} for every {'whole ' if effect.blocks else ''}{per} ({how})"

    def check(
        self, rule: Rule, effect: Earn, path: str, checker: RuleChecker, before: Mapping[str, Rule]
    ) -> None:
        """Refuse a currency or field nobody declares, and ways to cut where nothing is cut."""
        del before
        programme = checker.programme
        currencies = programme.currencies
        checker.named("currency", effect.currency, "currencies", currencies, f"{path}.currency")
        if effect.blocks and effect.per_minor is None:
            checker.find(f"{path}.blocks", "without `per` there is nothing to cut into blocks.")
        if effect.round_each != "order" and (rule.on != "order" or effect.per_minor is None):
            problem = "only units per amount of an order are rounded by line."
            checker.find(f"{path}.round_each", problem)
        if effect.per_field is not None:
            _check_field(rule, effect.per_field, path, checker)

    def currencies(self, effect: Earn, rules: Mapping[str, Rule]) -> set[str]:
        """Return its currency."""
        del rules
        return {effect.currency}

    def cost(self, rule: Rule, effect: Earn, programme: Programme) -> Fraction:
        """Return the cost with all bonuses on it."""
        currency = programme.currencies.get(effect.currency)
        if effect.per_minor is None or effect.per_field is not None or currency is None:
            return Fraction(0)
        bonuses = sum(
            max([r.effect.factor, *r.effect.factors.values()]) - 1
            for r in programme.rules
            if isinstance(r.effect, Multiply) and rule.code in r.effect.rules
        )
        digit = unit_value(programme, effect.currency) / Fraction(10**currency.scale)
        return effect.units * digit * (1 + bonuses) / effect.per_minor

    def compile(self, effect: Earn, rule: CompiledRule, cp: CompiledProgramme) -> None:
        """Set the rate."""
        rule.currency = effect.currency
        rule.rounding = effect.rounding
        rule.per = effect.per_minor
        rule.field = effect.per_field
        rule.rate = rate_of(
            effect.units,
            effect.per_minor,
            effect.rounding,
            each=effect.round_each,
            blocks=effect.blocks,
        )
        rule.basis = cp.basis_index(effect.basis)


def _check_field(rule: Rule, field: str, path: str, checker: RuleChecker) -> None:
    activity = checker.programme.activities.get(rule.on.partition(":")[2])
    if rule.on == "order":
        at = f"{path}.per_field"
        checker.find(at, "an order has no declared fields.", "per: an amount")
    elif activity is not None:
        numbers = [f.code for f in activity.fields.values() if f.type is FieldType.INTEGER]
        if field not in numbers:
            what = f"{rule.on!r} has no whole-number field {field!r}."
            checker.find(f"{path}.per_field", what, nearest(field, numbers).strip())


def _per(rule: Rule, effect: Earn, programme: Programme, lang: str) -> str:
    assert effect.per_minor is not None
    if effect.per_field is None:
        return money_words(effect.per_minor, programme)
    activity = programme.activities[rule.on.partition(":")[2]]
    name = label(activity.fields.get(effect.per_field), effect.per_field, lang)
    of = "" if lang == "zh" else "of "
    return f"{effect.per_minor} {of}{name}"


def _basis(earn: Earn, lang: str) -> str:
    zh = lang == "zh"
    basis = earn.basis
    parts = [
        ("含税" if basis.tax else "不含税")
        if zh
        else ("tax included" if basis.tax else "without tax")
    ]
    if basis.shipping:
        parts.append("含运费" if zh else "shipping included")
    if basis.fees:
        parts.append("含手续费" if zh else "fees included")
    if basis.without_tenders:
        listed = enumeration(basis.without_tenders, lang)
        parts.append(f"扣除以{listed}支付的部分" if zh else f"without what was paid by {listed}")
    return "".join(f"{part}，" for part in parts) if zh else "".join(f"{p}, " for p in parts)
