"""The order's amount lies within bounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from coterie.kernel.errors import Malformed
from coterie.kernel.numbers import money_exponent, parse_minor
from coterie.programme.conditions.comparing import bounds_sentence
from coterie.programme.conditions.kind import Kind, Level, Problem
from coterie.programme.conditions.scene import SituationTest
from coterie.programme.model import Programme

MONEY = {
    "type": ["string", "number"],
    "pattern": r"^\d{1,15}(\.\d{1,9})?$(?!\n)",
    "minimum": 0,
    "description": 'an amount of money such as "12.50"',
}


class OrderAmount(Kind):
    """What all lines of the order cost together lies within bounds, both included."""

    code = "order_amount"
    level = Level.SITUATION
    only_on = "order"
    hint = "money_bounds"

    def schema(self) -> dict[str, Any]:
        """Return ``{min, max}`` in money."""
        return {
            "type": "object",
            "properties": {"min": MONEY, "max": MONEY},
            "minProperties": 1,
            "additionalProperties": False,
            "description": '{min: "100.00", max: "200.00"}, one of them or both',
        }

    def normal(self, raw: Any) -> dict[str, Any]:
        """Return the amounts as text."""
        return {key: str(value) for key, value in raw.items()}

    def plain(self, args: dict[str, Any]) -> Any:
        """Return the amounts as text."""
        return dict(args)

    def check(self, args: dict[str, Any], programme: Programme, on: str) -> Iterator[Problem]:
        """Refuse more digits than the money has, and bounds that nothing lies between."""
        del on
        for key, value in args.items():
            try:
                parse_minor(value, money_exponent(programme.money))
            except Malformed as error:
                yield Problem(f".{key}", error.detail)
                return
        least, most = bounds_minor(args, programme)
        if least is not None and most is not None and least > most:
            yield Problem("", "no amount lies between these bounds.")

    def compile(self, args: dict[str, Any], programme: Programme) -> SituationTest:
        """Return the test."""
        least, most = bounds_minor(args, programme)
        if most is None:
            assert least is not None
            return lambda situation: situation.amount_minor >= least
        low = least or 0
        return lambda situation: low <= situation.amount_minor <= most

    def sentence(self, args: dict[str, Any], lang: str, programme: Programme | None) -> str:
        """Say the bounds."""
        del programme
        noun = "订单金额" if lang == "zh" else "the order's amount"
        return bounds_sentence(noun, args.get("min"), args.get("max"), lang)


def bounds_minor(args: dict[str, Any], programme: Programme) -> tuple[int | None, int | None]:
    """Return ``min`` and ``max``, which are money, in minor units."""
    scale = money_exponent(programme.money)
    least, most = (parse_minor(args[k], scale) if k in args else None for k in ("min", "max"))
    return least, most
