"""What of an event is told to those who subscribed: facts, by the kinds of the catalogue."""

from __future__ import annotations

from typing import Any

from coterie.events import Happening
from coterie.programme.standing import Decision

Fact = dict[str, Any]


def facts_of(happening: Happening, decision: Decision) -> list[Fact]:
    """Return an event's facts: units per reason and currency, tiers and states that changed."""
    told: list[Fact] = []
    if decision.movements:
        sums: dict[tuple[str, str], int] = {}
        for m in decision.movements:
            key = (m.reason, m.currency)
            sums[key] = sums.get(key, 0) + m.units
        told += [
            {"fact": f"units.{reason}", "currency": currency, "units": units}
            for (reason, currency), units in sums.items()
        ]
    told += [
        {
            "fact": "tier.changed",
            "ladder": change.ladder,
            "from": change.from_tier,
            "to": change.to_tier,
            "reason": change.reason,
        }
        for change in decision.tiers
        if change.from_tier != change.to_tier
    ]
    if decision.entered is not None:
        told.append({"fact": "member.state_changed", "state": decision.entered[1]})
    if happening.kind == "state_change":
        told.append({"fact": "member.state_changed", "state": _state_of(happening.event)})
    if decision.identities is not None:
        what, _, survivor_id = decision.identities
        if what == "erase":
            told.append({"fact": "member.erased"})
        else:
            told.append({"fact": f"member.{what}d", "into": survivor_id})
    return told


def _state_of(event: Any) -> str:
    return str(event.state)
