"""The first page: what the programme does, in numbers, and where to go next."""

from __future__ import annotations

from typing import Any

from coterie.console.needing import needs
from coterie.insight import MonthPulse, Pulse, months, pulse
from coterie.programme.model import Programme
from coterie.web import SIGNED_IN, Ask, Pages, Reply, pick

PAGES = Pages()
NOT_HERE = ("merged", "erased")


@PAGES.get("/", needs=SIGNED_IN)
def home(ask: Ask) -> Reply:
    """Show the programme's pulse."""
    programme = ask.programme
    seen = pulse(ask.db)
    main = next(iter(programme.currencies), None) if programme is not None else None
    by_month = months(ask.db, main) if main is not None else ()
    return ask.page(
        "console/home.html",
        needs=needs(ask),
        pulse=seen,
        currencies=[
            (row, name_of(programme, row.currency, ask.language), scale_of(programme, row.currency))
            for row in seen.currencies
        ],
        ladders=_ladders(programme, seen, ask.language),
        main=None if main is None else name_of(programme, main, ask.language),
        main_scale=0 if main is None else scale_of(programme, main),
        labels=[ask.write.month(row.month) for row in by_month],
        series=_series(ask, by_month),
    )


@PAGES.get("/pulse/months.csv", needs=SIGNED_IN)
def months_csv(ask: Ask) -> Reply:
    """Export the months behind the chart, in units of the currency's smallest part."""
    programme = ask.programme
    main = next(iter(programme.currencies), None) if programme is not None else None
    header = [ask.t(f"console.home.{key}") for key in ("month", "issued", "redeemed", "lapsed")]
    rows = months(ask.db, main) if main is not None else ()
    return ask.csv("months", header, [(r.month, r.issued, r.redeemed, r.lapsed) for r in rows])


def _series(ask: Ask, rows: tuple[MonthPulse, ...]) -> list[tuple[str, list[int]]]:
    return [
        (ask.t("console.home.issued"), [row.issued for row in rows]),
        (ask.t("console.home.redeemed"), [row.redeemed for row in rows]),
        (ask.t("console.home.lapsed"), [row.lapsed for row in rows]),
    ]


def _ladders(
    programme: Programme | None, seen: Pulse, language: str
) -> list[tuple[str, list[tuple[str, int]]]]:
    """Return each ladder's name, and its tiers from the highest with how many stand there."""
    if programme is None:
        return []
    there = sum(n for state, n in seen.members.items() if state not in NOT_HERE)
    told = []
    ladders: dict[str, Any] = programme.parts.get("ladders", {})
    for code, ladder in ladders.items():
        counts = seen.tiers.get(code, {})
        lowest = ladder.tiers[0].code
        if ladder.track is None:
            # Whom the ladder has not moved yet has no row.
            counts = {**counts, lowest: there - sum(n for t, n in counts.items() if t != lowest)}
        rows = [(pick(t.name, language), counts.get(t.code, 0)) for t in reversed(ladder.tiers)]
        told.append((pick(ladder.name, language), rows))
    return told


def name_of(programme: Programme | None, code: str, language: str) -> str:
    """Return the name of a currency, or its code where the programme knows it no more."""
    declared = None if programme is None else programme.currencies.get(code)
    return code if declared is None else pick(declared.name, language)


def scale_of(programme: Programme | None, code: str) -> int:
    """Return the decimals of a currency."""
    declared = None if programme is None else programme.currencies.get(code)
    return 0 if declared is None else declared.scale
