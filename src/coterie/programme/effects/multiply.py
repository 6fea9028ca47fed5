"""Give more of what other rules gave: by a factor, or by one that the member's standing chooses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from coterie.kernel.errors import Malformed, nearest
from coterie.kernel.numbers import Rounding, divide, parse_ratio
from coterie.programme.conditions.kind import enumeration
from coterie.programme.conditions.naming import chosen_by
from coterie.programme.effects.kind import Act, EffectKind, RuleChecker
from coterie.programme.ground import Ground
from coterie.programme.model import Earn, Multiply, Programme, Rule
from coterie.programme.personal import check_taken, personal_words
from coterie.programme.rating import BasisLines
from coterie.programme.saying import pick, ratio_text
from coterie.programme.schema_parts import CODE, RATIO, ROUNDING, Schema, listing, mapping

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledProgramme, CompiledRule
    from coterie.programme.earning import Situation
    from coterie.programme.personal import Parameter
    from coterie.programme.standing import Grant


class MultiplyKind(EffectKind):
    """``multiply:`` in a rule."""

    code = "multiply"
    struct = Multiply

    def schema(self) -> Schema:
        """Return ``{rules, factor | attribute or ladder with factors, rounding}``."""
        return mapping(
            {
                "rules": {**listing(CODE, least=1), "uniqueItems": True},
                "factor": RATIO,
                "parameter": CODE,
                "attribute": CODE,
                "ladder": CODE,
                "factors": {"type": "object", "additionalProperties": RATIO, "minProperties": 1},
                "rounding": ROUNDING,
            },
            ("rules",),
        )

    def build(self, raw: dict[str, Any], path: str, on: str, ground: Ground) -> Multiply:
        """Return the effect."""
        del on, ground
        factor, factors = raw.get("factor"), raw.get("factors", {})
        ways = [key for key in ("factor", "parameter", "attribute", "ladder") if key in raw]
        if len(ways) != 1 or (ways[0] in ("attribute", "ladder")) != bool(factors):
            what = "give one of `factor`, `parameter`, or `attribute` or `ladder` with `factors`."
            raise Malformed(what, where=path)
        return Multiply(
            rules=tuple(raw["rules"]),
            factor=Fraction(1) if factor is None else _factor(factor, f"{path}.factor"),
            attribute=raw.get("attribute"),
            ladder=raw.get("ladder"),
            parameter=raw.get("parameter"),
            factors={value: _factor(f, f"{path}.factors.{value}") for value, f in factors.items()},
            rounding=Rounding(raw.get("rounding", Rounding.DOWN)),
        )

    def usual_on(self, raw: dict[str, Any], before: Sequence[Rule]) -> str:
        """Return what the rules it names are about."""
        named = raw[self.code]["rules"]
        return next((rule.on for rule in before if rule.code in named), "order")

    def plain(self, effect: Multiply, programme: Programme) -> dict[str, Any]:
        """Return it as written."""
        del programme
        said: dict[str, Any] = {"rules": list(effect.rules)}
        if effect.parameter is not None:
            said["parameter"] = effect.parameter
        elif not effect.factors:
            said["factor"] = ratio_text(effect.factor)
        else:
            by = "ladder" if effect.attribute is None else "attribute"
            factors = {value: ratio_text(factor) for value, factor in effect.factors.items()}
            said |= {by: effect.attribute or effect.ladder, "factors": factors}
        return {**said, "rounding": effect.rounding.value}

    def words(self, rule: Rule, effect: Multiply, programme: Programme, lang: str) -> str:
        """Say which rules count how many times."""
        del rule
        zh = lang == "zh"
        rules = {found.code: found for found in programme.rules}
        named = enumeration((pick(rules[code].name, lang) for code in effect.rules), lang)
        if not effect.factors:
            factor = ratio_text(effect.factor)
            if effect.parameter is not None:
                factor = personal_words(effect.parameter, programme, lang)
            return f"“{named}”按 {factor} 倍计" if zh else f"“{named}” counts {factor} times"
        noun, called = chosen_by(effect.attribute, effect.ladder, programme, lang)
        factors = [
            _by_value(called(value), factor, lang) for value, factor in effect.factors.items()
        ]
        if zh:
            return f"“{named}”按{noun}计：{'、'.join(factors)}"
        return f"“{named}” counts by the member's {noun}: {', '.join(factors)}"

    def check(
        self,
        rule: Rule,
        effect: Multiply,
        path: str,
        checker: RuleChecker,
        before: Mapping[str, Rule],
    ) -> None:
        """Refuse rules that it cannot multiply, and factors for values that nobody has."""
        currencies = set()
        for n, code in enumerate(effect.rules):
            at = f"{path}.rules[{n}]"
            if not checker.about_earlier(code, before, at):
                continue
            named = before[code]
            if not isinstance(named.effect, Earn):
                problem = f"{code!r} multiplies itself; only what rules earn can be multiplied."
                checker.find(at, problem)
            elif named.on != rule.on:
                checker.find(at, f"{code!r} is about {named.on!r}, this rule about {rule.on!r}.")
            else:
                currencies.add(named.effect.currency)
        if len(currencies) > 1:
            checker.find(
                f"{path}.rules",
                "the named rules earn different currencies.",
                f"one rule a currency: {', '.join(sorted(currencies))}",
            )
        if effect.parameter is not None:
            check_taken(effect.parameter, None, f"{path}.parameter", checker)
        if effect.attribute is not None:
            _check_factors(effect, effect.attribute, path, checker)
        if effect.ladder is not None:
            _check_tiers(effect, effect.ladder, path, checker)

    def currencies(self, effect: Multiply, rules: Mapping[str, Rule]) -> set[str]:
        """Return the currencies of the rules it names."""
        named = [rules[code].effect for code in effect.rules if code in rules]
        return {earn.currency for earn in named if isinstance(earn, Earn)}

    def compile(self, effect: Multiply, rule: CompiledRule, cp: CompiledProgramme) -> None:
        """Set what the bonus stands on."""
        rule.rounding = effect.rounding
        rule.multiplies = tuple(cp.by_code[code] for code in effect.rules)
        first = rule.multiplies[0]
        rule.currency = first.currency
        rule.basis = first.basis
        known = cp.programme.parts.get("parameters", {})
        rule.act = _act(effect, rule, known.get(effect.parameter or ""))


def _factor(text: str | int, where: str) -> Fraction:
    factor = parse_ratio(text, where=where)
    if factor < 1:
        raise Malformed("a factor below one would take away what was earned.", where=where)
    return factor


def _by_value(value: str, factor: Fraction, lang: str) -> str:
    times = ratio_text(factor)
    return f"{value} {times} 倍" if lang == "zh" else f"{value} {times} times"


def _check_factors(effect: Multiply, code: str, path: str, checker: RuleChecker) -> None:
    attributes = checker.programme.attributes
    if not checker.named("attribute", code, "attributes", attributes, f"{path}.attribute"):
        return
    attribute = attributes[code]
    if not attribute.values:
        what = f"{code!r} is not a text with declared values, so its values have no factors."
        checker.find(f"{path}.attribute", what)
        return
    for value in effect.factors:
        if value not in attribute.values:
            what = f"{value!r} is not a value of {code!r}."
            hint = nearest(value, attribute.values).strip()
            checker.find(f"{path}.factors.{value}", what, hint)


def _check_tiers(effect: Multiply, code: str, path: str, checker: RuleChecker) -> None:
    ladders = checker.programme.parts.get("ladders", {})
    if not checker.named("ladder", code, "ladders", ladders, f"{path}.ladder"):
        return
    tiers = [tier.code for tier in ladders[code].tiers]
    for value in effect.factors:
        if value not in tiers:
            hint = nearest(value, tiers).strip()
            checker.find(f"{path}.factors.{value}", f"unknown tier {value!r}.", hint)


def _act(effect: Multiply, rule: CompiledRule, own: Parameter | None) -> Act:
    """Return the function of the bonus: (factor - 1) times what the named rules gave."""
    bonus = _bonus(effect.factor)
    bonuses: dict[Any, tuple[int, int]] = {
        value: _bonus(factor) for value, factor in effect.factors.items()
    }
    attribute, ladder = effect.attribute, effect.ladder
    rounding = effect.rounding
    only = rule.multiplies[0].index if len(rule.multiplies) == 1 and rule.line is None else None

    def act(
        given: Mapping[int, Grant], masks: Sequence[int], situation: Situation
    ) -> tuple[int, BasisLines]:
        if attribute is not None:
            num, den = bonuses.get(situation.attributes.get(attribute), _NOTHING)
        elif ladder is not None:
            num, den = bonuses.get(situation.tier(ladder), _NOTHING)
        elif own is not None:
            den = 10**own.decimals
            num = own.of(situation) - den
        else:
            num, den = bonus
        if num <= 0:
            return 0, []
        if only is not None:
            # Most bonuses: on the whole of one other rule.
            grant = given.get(only)
            return (
                (0, [])
                if grant is None
                else (divide(grant.units * num, den, rounding), grant.lines)
            )
        units, lines = _stands_on(rule, given, masks, situation)
        return divide(units * num, den, rounding), lines

    return act


_NOTHING = (0, 1)


def _bonus(factor: Fraction) -> tuple[int, int]:
    more = factor - 1
    return more.numerator, more.denominator


def _stands_on(
    rule: CompiledRule, given: Mapping[int, Grant], masks: Sequence[int], situation: Situation
) -> tuple[int, BasisLines]:
    """Return what the named rules gave on the lines that the rule matches, and those lines."""
    units = 0
    stands: dict[int, int] = {}
    for base in rule.multiplies:
        grant = given.get(base.index)
        if grant is None:
            continue
        if rule.line is None:
            units += grant.units
            stands.update(grant.lines)
            continue
        bit = rule.bit
        lines = [pair for pair in grant.lines if pair[0] >= 0 and masks[pair[0]] & bit]
        if lines:
            basis = sum([amount for _, amount in lines])
            units += min(base.rate(lines, basis, situation), grant.units)
            stands.update(lines)
    return units, list(stands.items())
