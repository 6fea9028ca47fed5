"""Rates by ranges of an amount, a quantity or a field: marginal, or on the whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from coterie.kernel.errors import Malformed
from coterie.kernel.numbers import format_minor, parse_minor, parse_ratio
from coterie.programme.model import Band
from coterie.programme.saying import ratio_text
from coterie.programme.schema_parts import DECIMAL, RATIO, Schema, listing, mapping

BANDS_MAX = 50


def bands_schema() -> Schema:
    """Return a list of ``{up_to, units}``."""
    return listing(mapping({"up_to": DECIMAL, "units": RATIO}, ("units",)), BANDS_MAX, least=1)


def build_bands(raws: list[dict[str, Any]], path: str, digits: int, scale: int) -> tuple[Band, ...]:
    """Return the bands: bounds with ``digits`` after the point, units in their currency's scale."""
    bands: list[Band] = []
    for n, raw in enumerate(raws):
        at = f"{path}[{n}]"
        units = parse_ratio(raw["units"], where=f"{at}.units") * 10**scale
        if "up_to" not in raw:
            if n < len(raws) - 1:
                raise Malformed("only the last band is without `up_to`.", where=at)
            bands.append(Band(None, units))
            continue
        up_to = parse_minor(raw["up_to"], digits, where=f"{at}.up_to")
        before = bands[-1].up_to if bands else 0
        assert before is not None  # only the last has no bound
        if up_to <= before:
            raise Malformed("bands go up: this one ends before it begins.", where=f"{at}.up_to")
        bands.append(Band(up_to, units))
    return tuple(bands)


def plain_bands(bands: Sequence[Band], digits: int, scale: int) -> list[dict[str, Any]]:
    """Return them as written."""
    return [
        {
            **({} if band.up_to is None else {"up_to": format_minor(band.up_to, digits)}),
            "units": ratio_text(band.units / 10**scale),
        }
        for band in bands
    ]


def bands_words(
    bands: Sequence[Band], bound: Callable[[int], str], scale: int, lang: str, *, marginal: bool
) -> str:
    """Return the bands as a clause: ``up to 100.00 1, above that 2``; ``bound`` says an end."""
    zh = lang == "zh"
    rows = []
    for n, band in enumerate(bands):
        units = ratio_text(band.units / 10**scale)
        if band.up_to is None:
            first = n == 0
            above = ("" if first else "以上") if zh else ("" if first else "above that ")
            rows.append(f"{above}{'部分' if marginal and above else ''} {units}".strip() if zh
                        else f"{above}{units}")  # fmt: skip
            continue
        end = bound(band.up_to)
        if zh:
            rows.append(f"{end}以内{'的部分' if marginal else ''} {units}")
        else:
            rows.append(f"up to {end} {units}")
    return ("、" if zh else ", ").join(rows)
