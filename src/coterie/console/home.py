"""The first page: what the programme does, in numbers, and where to go next."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, NamedTuple, Protocol

from babel.dates import format_datetime
from babel.numbers import format_decimal
from jinja2 import Environment, PackageLoader, StrictUndefined

from coterie.console.words import phrases
from coterie.insight import MonthPulse, Pulse, months, pulse
from coterie.kernel.time import to_datetime
from coterie.programme.model import Programme, Words
from coterie.programme.versions import load_versions, versions
from coterie.storage import Connection

_LOCALES = {"zh": "zh_CN", "en": "en_GB"}
CHART_WIDTH = 720
CHART_HEIGHT = 160


class Clock(Protocol):
    """Tells this world's time."""

    def now_us(self) -> int:
        """Return microseconds since 1970."""
        ...


class Bar(NamedTuple):
    """A month's bars in a drawing of CHART_WIDTH by CHART_HEIGHT."""

    month: str
    x: float
    width: float
    issued: float
    redeemed: float


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("coterie.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def home_style() -> bytes:
    """Return the style of the page."""
    return (resources.files("coterie.console") / "templates" / "home.css").read_bytes()


def home_page(db: Connection, clock: Clock, language: str) -> str:
    """Return the page as HTML in ``zh`` or ``en``."""
    locale = _LOCALES[language]

    def number(value: int, scale: int = 0) -> str:
        digits = "0" * scale
        pattern = "#,##0" + (f".{digits}" if digits else "")
        return str(format_decimal(Decimal(value).scaleb(-scale), pattern, locale=locale))

    told = _tell(db)
    programme: Programme | None = told["programme"]
    chart: tuple[MonthPulse, ...] = told["months"]
    at = to_datetime(clock.now_us())
    return (
        _environment()
        .get_template("home.html")
        .render(
            {
                **told,
                "say": phrases(language),
                "language": language,
                "number": number,
                "bars": bars(chart),
                "ladders": _ladders(programme, told["pulse"], language),
                "width": CHART_WIDTH,
                "height": CHART_HEIGHT,
                "name": _name(programme, language),
                "currency_name": lambda code: _currency_name(programme, code, language),
                "scale_of": lambda code: _scale(programme, code),
                "as_of": format_datetime(at, "medium", locale=locale) + " UTC",
            }
        )
    )


def _tell(db: Connection) -> dict[str, Any]:
    listed = versions(db, limit=1)
    programme = load_versions(db)[-1].programme if listed else None
    seen = pulse(db)
    main = next(iter(programme.currencies), None) if programme is not None else None
    return {
        "programme": programme,
        "version": listed[0].version if listed else None,
        "pulse": seen,
        "main": main,
        "months": months(db, main) if main is not None else (),
    }


def _ladders(
    programme: Programme | None, seen: Pulse, language: str
) -> list[tuple[str, list[tuple[str, int]]]]:
    """Return each ladder's name, and its tiers from the highest with how many stand there."""
    if programme is None:
        return []
    there = sum(n for state, n in seen.members.items() if state not in ("merged", "erased"))
    told = []
    for code, ladder in programme.parts.get("ladders", {}).items():
        counts = seen.tiers.get(code, {})
        lowest = ladder.tiers[0].code
        if ladder.track is None:
            # Whom the ladder has not moved yet has no row.
            counts = {**counts, lowest: there - sum(n for t, n in counts.items() if t != lowest)}
        rows = [(_pick(t.name, language), counts.get(t.code, 0)) for t in reversed(ladder.tiers)]
        told.append((_pick(ladder.name, language), rows))
    return told


def _pick(words: Words, language: str) -> str:
    return words.zh if language == "zh" else words.en


def _name(programme: Programme | None, language: str) -> str:
    if programme is None:
        return "Coterie"
    return programme.name.zh if language == "zh" else programme.name.en


def _currency_name(programme: Programme | None, code: str, language: str) -> str:
    declared = None if programme is None else programme.currencies.get(code)
    if declared is None:
        return code
    return declared.name.zh if language == "zh" else declared.name.en


def _scale(programme: Programme | None, code: str) -> int:
    declared = None if programme is None else programme.currencies.get(code)
    return 0 if declared is None else declared.scale


def bars(rows: tuple[MonthPulse, ...]) -> list[Bar]:
    """Return the bars of months: heights relative to the largest, both measures on one scale."""
    top = max((max(row.issued, row.redeemed) for row in rows), default=0)
    if top == 0:
        return []
    step = CHART_WIDTH / len(rows)
    return [
        Bar(
            row.month,
            round(i * step, 1),
            round(step * 0.38, 1),
            round(row.issued / top * CHART_HEIGHT, 1),
            round(row.redeemed / top * CHART_HEIGHT, 1),
        )
        for i, row in enumerate(rows)
    ]
