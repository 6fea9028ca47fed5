"""How much the order holds lies within bounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from coterie.kernel.errors import Malformed
from coterie.kernel.numbers import parse_minor
from coterie.programme.conditions.comparing import bounds_sentence
from coterie.programme.conditions.kind import Kind, Level, Problem
from coterie.programme.conditions.scene import Situation, SituationTest
from coterie.programme.model import Programme

_MILLI_DIGITS = 3
_QUANTITY = {
    "type": ["string", "number"],
    "pattern": r"^\d{1,12}(\.\d{1,3})?$(?!\n)",
    "minimum": 0,
    "description": "a quantity such as 3 or 0.5",
}


class OrderQuantity(Kind):
    """What all lines of the order hold together (pieces, litres) lies within bounds, included."""

    code = "order_quantity"
    level = Level.SITUATION
    only_on = "order"
    hint = "quantity_bounds"

    def schema(self) -> dict[str, Any]:
        """Return ``{min, max}`` in pieces."""
        return {
            "type": "object",
            "properties": {"min": _QUANTITY, "max": _QUANTITY},
            "minProperties": 1,
            "additionalProperties": False,
            "description": "{min: 3, max: 10}, one of them or both",
        }

    def normal(self, raw: Any) -> dict[str, Any]:
        """Return the quantities as text."""
        return {key: str(value) for key, value in raw.items()}

    def plain(self, args: dict[str, Any]) -> Any:
        """Return the quantities as text."""
        return dict(args)

    def check(self, args: dict[str, Any], programme: Programme, on: str) -> Iterator[Problem]:
        """Refuse bounds that nothing lies between."""
        del programme, on
        try:
            least, most = _bounds(args)
        except Malformed as error:
            yield Problem("", error.detail)
            return
        if least is not None and most is not None and least > most:
            yield Problem("", "no quantity lies between these bounds.")

    def compile(self, args: dict[str, Any], programme: Programme) -> SituationTest:
        """Return the test."""
        del programme
        least, most = _bounds(args)

        def test(situation: Situation) -> bool:
            milli = sum([line.quantity_milli for line in situation.lines])
            return (least is None or milli >= least) and (most is None or milli <= most)

        return test

    def sentence(self, args: dict[str, Any], lang: str, programme: Programme | None) -> str:
        """Say the bounds."""
        del programme
        noun = "商品件数" if lang == "zh" else "the order's quantity"
        return bounds_sentence(noun, args.get("min"), args.get("max"), lang)


def _bounds(args: dict[str, Any]) -> tuple[int | None, int | None]:
    least, most = (
        parse_minor(args[key], _MILLI_DIGITS) if key in args else None for key in ("min", "max")
    )
    return least, most
