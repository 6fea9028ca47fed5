"""Some means of payment paid the order, or at least a part of it."""

from __future__ import annotations

from typing import Any

from coterie.programme.conditions.kind import Kind, Level, enumeration, outside_names
from coterie.programme.conditions.scene import Situation, SituationTest
from coterie.programme.model import Programme

_NAME = {"type": "string", "minLength": 1, "maxLength": 64}
_MOST = 50


class TenderPaid(Kind):
    """Some tenders together paid at least ``percent`` of what all tenders paid (none: anything)."""

    code = "tender"
    level = Level.SITUATION
    only_on = "order"
    hint = "tenders"

    def schema(self) -> dict[str, Any]:
        """Return a kind of payment, a list of them, or ``{in, percent}``."""
        many = {"type": "array", "items": _NAME, "minItems": 1, "maxItems": _MOST}
        share = {
            "type": "object",
            "properties": {
                "in": many,
                "percent": {"type": "integer", "minimum": 1, "maximum": 100},
            },
            "required": ["in", "percent"],
            "additionalProperties": False,
        }
        return {
            "anyOf": [_NAME, many, share],
            "description": "card, [card, wallet], or {in: [card], percent: 50}",
        }

    def normal(self, raw: Any) -> dict[str, Any]:
        """Return ``{in, percent}``; 0 percent is any part."""
        if isinstance(raw, dict):
            return dict(raw)
        return {"in": raw if isinstance(raw, list) else [raw], "percent": 0}

    def plain(self, args: dict[str, Any]) -> Any:
        """Return the list, with the part where there is one."""
        return dict(args) if args["percent"] else list(args["in"])

    def compile(self, args: dict[str, Any], programme: Programme) -> SituationTest:
        """Return the test."""
        del programme
        wanted, percent = frozenset(args["in"]), args["percent"]

        def test(situation: Situation) -> bool:
            tenders = () if situation.order is None else situation.order.tenders
            paid = sum([t.amount_minor for t in tenders if t.kind in wanted])
            return paid > 0 and 100 * paid >= percent * sum([t.amount_minor for t in tenders])

        return test

    def sentence(self, args: dict[str, Any], lang: str, programme: Programme | None) -> str:
        """Say which, and how much of it."""
        named = outside_names("tender", args["in"], lang, programme)
        listed, percent = enumeration(named, lang), args["percent"]
        if lang == "zh":
            return f"以{listed}支付" + (f"至少{percent}%" if percent else "")
        return f"{listed} paid" + (f" at least {percent} %" if percent else "")
