"""Rules in each other's way: one that says again what another says, one that comes too late."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from coterie.programme.conditions import plain_condition
from coterie.programme.model import Condition, Earn, Programme, Rule

EVENT = "event"


def shadows(programme: Programme) -> Iterator[tuple[str, str]]:
    """Yield (code of a rule, what is odd) for rules that others stand in the way of."""
    for n, rule in enumerate(programme.rules):
        for earlier in programme.rules[:n]:
            if earlier.on == rule.on and (found := _odd(earlier, rule, programme)):
                yield rule.code, found
                break


def _odd(earlier: Rule, rule: Rule, programme: Programme) -> str | None:
    same = earlier.effect == rule.effect and earlier.caps == rule.caps
    if same and isinstance(rule.effect, Earn) and _scope(earlier) == _scope(rule):
        return f"this rule gives once more what {earlier.code!r} gives, for the same."
    taken = next((code for code in rule.caps if code in earlier.caps and _one(code, programme)), "")
    if taken and _wider(earlier, rule):
        return (
            f"whenever this rule applies, {earlier.code!r} before it has taken what the cap "
            f"{taken!r} allows."
        )
    return None


def _one(code: str, programme: Programme) -> bool:
    """Whether one application an event is all that a cap allows."""
    cap = programme.caps.get(code)
    return (
        cap is not None
        and (cap.measure, cap.limit, cap.by) == ("applications", 1, None)
        and cap.parameter is None
        and cap.window.kind == EVENT
    )


def _wider(earlier: Rule, rule: Rule) -> bool:
    """Whether an earlier rule applies to everything that a later one applies to."""
    first, second = _scope(earlier), _scope(rule)
    return isinstance(earlier.effect, Earn) and all(
        one is None or one == other for one, other in zip(first, second, strict=True)
    )


def _scope(rule: Rule) -> tuple[Any, ...]:
    """Return everything that narrows what a rule applies to; None where nothing does."""
    return (
        _plain(rule.when),
        _plain(rule.lines),
        rule.from_day,
        rule.to_day,
        rule.campaign,
        rule.opt_in or None,
        rule.rest_of or None,
    )


def _plain(condition: Condition | None) -> Any:
    return None if condition is None else plain_condition(condition)
