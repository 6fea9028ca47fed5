"""The kinds of effect: a kind is one file and one line here."""

from __future__ import annotations

from collections.abc import Mapping

from coterie.kernel.numbers import money_exponent
from coterie.programme.effects.earn import EarnKind
from coterie.programme.effects.kind import EffectKind
from coterie.programme.effects.multiply import MultiplyKind
from coterie.programme.model import Cap, Effect, Programme, Rule

EFFECTS: dict[str, EffectKind] = {kind.code: kind for kind in (EarnKind(), MultiplyKind())}


def kind_of(effect: Effect) -> EffectKind:
    """Return the kind of an effect."""
    return next(kind for kind in EFFECTS.values() if kind.struct is type(effect))


def earned_by(rule: Rule, rules: Mapping[str, Rule]) -> set[str]:
    """Return the currencies a rule gives, as far as the rules it names are known."""
    return kind_of(rule.effect).currencies(rule.effect, rules)


def bounded_by(cap: Cap, programme: Programme) -> set[str]:
    """Return the currencies whose rules a cap bounds."""
    rules = {rule.code: rule for rule in programme.rules}
    users = [rule for rule in programme.rules if cap.code in rule.caps]
    return {code for rule in users for code in earned_by(rule, rules)}


def cap_digits(cap: Cap, programme: Programme) -> int:
    """Return the digits in which what a cap bounds is counted."""
    if cap.measure == "amount":
        return money_exponent(programme.money)
    if cap.measure == "applications":
        return 0
    bounded = bounded_by(cap, programme)
    return max((programme.currencies[code].scale for code in bounded), default=0)
