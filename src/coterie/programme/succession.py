"""What a new version may not do to the one before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from coterie.programme.conditions import plain_condition
from coterie.programme.model import Cap, Metric, Programme
from coterie.programme.sections import SECTIONS


def breaks(old: Programme, new: Programme) -> list[str]:
    """Return everything ``new`` would break of what is in use since ``old``; empty: nothing."""
    return [
        *_fixed(old, new),
        *_currencies(old, new),
        *_vanished(old, new),
        *_redefined(old, new),
        *_parts(old, new),
    ]


def rollback_breaks(old: Programme, new: Programme) -> list[str]:
    """Return what going back to ``new`` would break: codes that came since may go unsaid."""
    return [
        *_fixed(old, new),
        *_currencies(old, new),
        *_redefined(old, new),
        *_parts(old, new),
    ]


def _fixed(old: Programme, new: Programme) -> Iterator[str]:
    """Days, months and amounts on record were made with these."""
    for what in ("zone", "money"):
        before, after = getattr(old, what), getattr(new, what)
        if before != after:
            yield f"{what}: cannot change from {before} to {after}."


def _currencies(old: Programme, new: Programme) -> Iterator[str]:
    for code, before in old.currencies.items():
        after = new.currencies.get(code)
        if after is None:
            yield (
                f"currencies.{code}: cannot go away, members hold it. A currency that no rule "
                "earns and that is not spendable is at rest."
            )
        elif after.scale != before.scale:
            yield f"currencies.{code}.scale: cannot change from {before.scale} to {after.scale}."


def _codes(programme: Programme) -> dict[str, list[str]]:
    return {
        "activities": list(programme.activities),
        "attributes": list(programme.attributes),
        "caps": list(programme.caps),
        "metrics": list(programme.metrics),
        "rules": [rule.code for rule in programme.rules],
        **{section: list(programme.parts.get(section, ())) for section in SECTIONS},
    }


def _vanished(old: Programme, new: Programme) -> Iterator[str]:
    after = _codes(new)
    for section, codes in _codes(old).items():
        moved = new.moves_to.get(section, {})
        for code in codes:
            if code not in after[section] and code not in moved:
                yield (
                    f"{section}.{code}: is in use and cannot go away unsaid. Write "
                    f"moves_to: {{{section}: {{{code}: its new code, or null}}}}."
                )


def _redefined(old: Programme, new: Programme) -> Iterator[str]:
    for code, metric in _both(old.metrics, new.metrics):
        if _counts(metric[0]) != _counts(metric[1]):
            yield f"metrics.{code}: counts something else now; a new metric needs a new code."
    for code, cap in _both(old.caps, new.caps):
        if _bounds(cap[0]) != _bounds(cap[1]):
            yield f"caps.{code}: measures something else now; a new cap needs a new code."
    for code, field in _both(old.attributes, new.attributes):
        if field[0].type != field[1].type:
            yield f"attributes.{code}.type: members have values of the other type."
        gone = set(field[0].values) - set(field[1].values)
        if gone and field[1].values:
            yield f"attributes.{code}.values: members may have {', '.join(sorted(gone))}."


def _bounds(cap: Cap) -> tuple[Any, ...]:
    return cap.measure, cap.window, cap.by


def _parts(old: Programme, new: Programme) -> Iterator[str]:
    for name, section in SECTIONS.items():
        pairs = _both(old.parts.get(name, {}), new.parts.get(name, {}))
        for code, (before, after) in pairs:
            for problem in section.breaks(before, after):
                yield f"{name}.{code}: {problem}"


def _both(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Any, Any]]]:
    for code, before in old.items():
        if code in new:
            yield code, (before, new[code])


def _counts(metric: Metric) -> tuple[Any, ...]:
    when = plain_condition(metric.when) if metric.when else None
    lines = plain_condition(metric.lines) if metric.lines else None
    what = (metric.on, metric.measure, metric.of, metric.rules)
    return (*what, metric.window, when, lines, metric.returns, metric.remembers_year)
