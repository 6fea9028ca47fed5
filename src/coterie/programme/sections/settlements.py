"""Settlements: at a period's end, units by bands on what was accumulated in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from coterie.kernel.errors import Malformed
from coterie.kernel.numbers import Rounding, divide, format_minor, parse_minor, parse_ratio
from coterie.programme.conditions.kind import label
from coterie.programme.measures import measure_of, metric_scale, told_number, written_scale
from coterie.programme.model import Metric, Programme, Window, Words
from coterie.programme.saying import pick, ratio_text, short_number
from coterie.programme.schema_parts import (
    CODE,
    DECIMAL,
    RATIO,
    ROUNDING,
    WORDS,
    Schema,
    choice,
    listing,
    mapping,
    whole,
)
from coterie.programme.sections.periods import DAYS_LEAST, SETTLED, YEARLY
from coterie.programme.sections.periods import WORDS as PERIOD_WORDS
from coterie.programme.sections.section import (
    Checker,
    Ground,
    Section,
    measured_text,
    plain_words_of,
    words_of,
)
from coterie.programme.sections.settling import SettlementStep
from coterie.programme.turn import Step
from coterie.programme.ways import unit_value

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledProgramme

BANDS_MAX = 50
METRICS_MAX = 20
DAYS_MAX = 366
PERCENT_DIGITS = 1
PER_MILLE = 1000


class Band(Struct, frozen=True):
    """From a value on: ``units`` once, or ``rate`` units for every last digit of the value."""

    start: int
    rate: Fraction = Fraction(0)
    units: int = 0


class Settlement(Struct, frozen=True):
    """Pay in ``currency`` for the highest of ``metrics`` in a period, ``days`` after its end.

    ``marginal``: every band pays for the part of the value that lies in it; otherwise the band that
    was reached pays for the whole. Rounded once, ``most`` a period at most.
    """

    code: str
    name: Words
    every: str
    metrics: tuple[str, ...]
    bands: tuple[Band, ...]
    currency: str
    marginal: bool = False
    rounding: Rounding = Rounding.DOWN
    most: int | None = None
    days: int = 0
    pays_on: str = ""
    """``whole`` or ``growth``: bands are of growth against the same period of the year before, in
    thousandths, and pay on all of the value or on what is new. Empty: bands are of the value."""

    @property
    def shift(self) -> int:
        """How many periods before lies the one that is compared with; 0 without growth."""
        return YEARLY[self.every] if self.pays_on else 0

    def units_for(self, value: int, base: int = 0) -> int:
        """Return what a value is worth, for growth against ``base``; nothing for nothing."""
        if value <= 0:
            return 0
        if self.pays_on:
            return self._for_growth(value, base)
        reached = [band for band in self.bands if band.start <= value]
        if not self.marginal:
            exact = reached[-1].rate * value + reached[-1].units if reached else Fraction(0)
        else:
            ends = [band.start for band in reached[1:]] + [value]
            exact = Fraction(0)
            for band, end in zip(reached, ends, strict=False):
                exact += band.rate * (end - band.start) + band.units
        return self._rounded(exact)

    def _for_growth(self, value: int, base: int) -> int:
        """Return what growth is worth; where there was nothing before, nothing has grown."""
        if base <= 0:
            return 0
        grown = value - base
        reached = [band for band in self.bands if grown * PER_MILLE >= band.start * base]
        if not reached:
            return 0
        counted = max(grown, 0) if self.pays_on == "growth" else value
        return self._rounded(reached[-1].rate * counted + reached[-1].units)

    def _rounded(self, exact: Fraction) -> int:
        units = divide(exact.numerator, exact.denominator, self.rounding)
        return units if self.most is None else min(units, self.most)


class Settlements(Section):
    """``settlements:`` by code."""

    code = "settlements"
    noun = "settlement"

    def schema(self) -> Schema:
        """Return ``{name, every, metric | best_of, bands, applies, currency, most, days, ...}``."""
        rate = {**RATIO, "description": "units for each 1 (or 1.00) of the metric"}
        band = mapping({"from": DECIMAL, "rate": rate, "units": DECIMAL}, ("from",))
        return mapping(
            {
                "name": WORDS,
                "every": choice(*SETTLED),
                "metric": CODE,
                "best_of": {**listing(CODE, METRICS_MAX, 2), "uniqueItems": True},
                "bands": listing(band, BANDS_MAX, 1),
                "applies": choice("whole", "marginal"),
                "against": choice("previous_year"),
                "pays_on": choice("whole", "growth"),
                "currency": CODE,
                "rounding": ROUNDING,
                "most": DECIMAL,
                "days": whole(0, DAYS_MAX),
            },
            ("name", "every", "bands", "currency"),
        )

    def build(self, code: str, raw: dict[str, Any], path: str, ground: Ground) -> Settlement:
        """Return the settlement."""
        if ("metric" in raw) == ("best_of" in raw):
            raise Malformed("give either `metric` or `best_of`.", where=path)
        metrics = tuple(raw["best_of"]) if "best_of" in raw else (raw["metric"],)
        currency = raw["currency"]
        growth = "against" in raw
        if growth and ("best_of" in raw or raw.get("applies") == "marginal"):
            what = "growth is of one `metric`, and the band that was reached pays."
            raise Malformed(what, where=path)
        if "pays_on" in raw and not growth:
            raise Malformed("`pays_on` goes with `against`.", where=f"{path}.pays_on")
        return Settlement(
            code,
            words_of(raw["name"]),
            raw["every"],
            metrics,
            tuple(
                _band(band, f"{path}.bands[{n}]", metrics[0], currency, ground, growth=growth)
                for n, band in enumerate(raw["bands"])
            ),
            currency,
            raw.get("applies", "whole") == "marginal",
            Rounding(raw.get("rounding", Rounding.DOWN)),
            ground.units(raw["most"], currency, f"{path}.most") if "most" in raw else None,
            raw.get("days", 0),
            raw.get("pays_on", "whole") if growth else "",
        )

    def plain(self, entry: Settlement, programme: Programme) -> dict[str, Any]:
        """Return it as written."""
        scale = programme.currencies[entry.currency].scale
        found: dict[str, Any] = {"name": plain_words_of(entry.name), "every": entry.every}
        if len(entry.metrics) == 1:
            found["metric"] = entry.metrics[0]
        else:
            found["best_of"] = list(entry.metrics)
        found["bands"] = [
            {
                "from": _start(entry, band, programme),
                **(
                    {"units": format_minor(band.units, scale)}
                    if band.units
                    else {"rate": ratio_text(_rate(entry, band, programme))}
                ),
            }
            for band in entry.bands
        ]
        found["applies"] = "marginal" if entry.marginal else "whole"
        if entry.pays_on:
            found |= {"against": "previous_year", "pays_on": entry.pays_on}
        found["currency"] = entry.currency
        found["rounding"] = entry.rounding.value
        if entry.most is not None:
            found["most"] = format_minor(entry.most, scale)
        found["days"] = entry.days
        return found

    def check(self, entry: Settlement, path: str, checker: Checker) -> None:
        """Refuse unknown names, metrics of another window, and bands that do not rise."""
        programme = checker.programme
        currencies = programme.currencies
        at = f"{path}.currency"
        known = checker.named("currency", entry.currency, "currencies", currencies, at)
        for n, code in enumerate(entry.metrics):
            single = len(entry.metrics) == 1
            at = f"{path}.metric" if single else f"{path}.best_of[{n}]"
            if not checker.named("metric", code, "metrics", programme.metrics, at):
                known = False
            elif not _counts_by(programme.metrics[code], entry.every):
                what = f"{code!r} does not count by `{entry.every}`."
                checker.find(at, what, f"a count or sum with `window: {entry.every}`")
                known = False
            elif entry.pays_on and not programme.metrics[code].remembers_year:
                what = f"{code!r} forgets the year before."
                checker.find(at, what, "a metric with `remember: previous_year`")
        if entry.pays_on and entry.every not in YEARLY:
            checker.find(f"{path}.every", "no year before is like it.", ", ".join(YEARLY))
        least = DAYS_LEAST[entry.every]
        most = least * (1 + programme.late.days // least)
        if entry.days > most:
            what = "by then what was counted in the period is forgotten."
            checker.find(f"{path}.days", what, f"at most {most}, or more `late.days`")
        if known and len({metric_scale(programme, code) for code in entry.metrics}) > 1:
            checker.find(f"{path}.best_of", "amounts and numbers cannot be compared.")
        for n, (band, above) in enumerate(zip(entry.bands, entry.bands[1:], strict=False)):
            if above.start <= band.start:
                checker.find(f"{path}.bands[{n + 1}].from", "bands rise from one to the next.")
        if known and programme.metrics[entry.metrics[0]].measure == "amount":
            scale = 10 ** currencies[entry.currency].scale
            value = unit_value(programme, entry.currency) / scale
            for n, band in enumerate(entry.bands):
                if band.rate * value >= 1:
                    percent = float(round(band.rate * value * 100, 1))
                    what = f"these units cost {percent:g} % of what is paid for them."
                    checker.find(f"{path}.bands[{n}]", what, warning=True)

    def words(self, entry: Settlement, programme: Programme, lang: str) -> str:
        """Say when what is paid for which value."""
        zh = lang == "zh"
        scale = programme.currencies[entry.currency].scale
        unit = pick(programme.currencies[entry.currency].name, lang)
        names = [label(programme.metrics.get(code), code, lang) for code in entry.metrics]
        subject = ("、" if zh else " and ").join(names)
        if entry.pays_on:
            return self._growth_words(entry, subject, unit, programme, lang)
        bands = [_band_words(entry, band, unit, programme, lang) for band in entry.bands]
        when = PERIOD_WORDS[entry.every][0 if zh else 1]
        most = None if entry.most is None else format_minor(entry.most, scale)
        if zh:
            best = f"{subject}中最高的一项" if len(names) > 1 else subject
            parts = [f"{when}结算，按{best}{'分段累计' if entry.marginal else '所达档位计'}："]
            tail = [f"每期最多{most}{unit}"] if most else []
            tail += [f"{entry.days}天后发放"] if entry.days else []
            return f"{entry.name.zh}：{parts[0]}{'，'.join(['；'.join(bands), *tail])}。"
        best = f"the highest of {subject}" if len(names) > 1 else subject
        how = "the part of {} in each band" if entry.marginal else "the whole of {}"
        tail = [f"at most {most} {unit} a time"] if most else []
        tail += [f"paid {entry.days} days later"] if entry.days else []
        return (
            f"{entry.name.en}: {when}, on {how.format(best)}: "
            f"{', '.join(['; '.join(bands), *tail])}."
        )

    def _growth_words(
        self, entry: Settlement, subject: str, unit: str, programme: Programme, lang: str
    ) -> str:
        """Say what growth is paid for, on what, and how much at most."""
        zh = lang == "zh"
        when = PERIOD_WORDS[entry.every][0 if zh else 1]
        bands = [_growth_band(entry, band, unit, programme, lang) for band in entry.bands]
        scale = programme.currencies[entry.currency].scale
        tail = []
        if entry.most is not None:
            most = format_minor(entry.most, scale)
            tail.append(f"每期最多{most}{unit}" if zh else f"at most {most} {unit} a time")
        if entry.days:
            days = entry.days
            tail.append(f"{days}天后发放" if zh else f"paid {days} days later")
        if zh:
            on = "增长部分" if entry.pays_on == "growth" else "全部"
            told = "，".join(["；".join(bands), *tail])
            return f"{entry.name.zh}：{when}结算，按{subject}较上年同期的增长，就{on}计：{told}。"
        on = "what is new" if entry.pays_on == "growth" else "all of it"
        told = ", ".join(["; ".join(bands), *tail])
        return (
            f"{entry.name.en}: {when}, by the growth of {subject} against the same period of the "
            f"year before, on {on}: {told}."
        )

    def breaks(self, old: Settlement, new: Settlement) -> Iterator[str]:
        """What was settled is on record by period and metric."""
        was, now = ((each.every, each.metrics, each.currency, each.shift) for each in (old, new))
        if was != now:
            yield "settles something else now; a new settlement needs a new code."

    def step(self, entries: Mapping[str, Settlement], cp: CompiledProgramme) -> Step | None:
        """Return the step that pays at the ends of periods."""
        return SettlementStep(tuple(entries.values()), cp) if entries else None


def _band(
    raw: dict[str, Any], path: str, metric: str, currency: str, ground: Ground, *, growth: bool
) -> Band:
    if ("rate" in raw) == ("units" in raw):
        raise Malformed("a band gives either a `rate` or `units`.", where=path)
    if growth:
        start = parse_minor(raw["from"], PERCENT_DIGITS, where=f"{path}.from")
    else:
        start = ground.measured(raw["from"], metric, f"{path}.from")
    if "units" in raw:
        units = ground.units(raw["units"], currency, f"{path}.units")
        if units == 0:
            raise Malformed("a band of no units has a `rate` of 0.", where=f"{path}.units")
        return Band(start, units=units)
    found = ground.metrics.get(metric)
    digits = 0 if found is None else written_scale(found, ground.exponent, ground.scales)
    rate = parse_ratio(raw["rate"], where=f"{path}.rate")
    return Band(start, rate * 10 ** ground.scales.get(currency, 0) / 10**digits)


def _start(entry: Settlement, band: Band, programme: Programme) -> str:
    """Return where a band begins as it is written: percent of growth, or a value."""
    if entry.pays_on:
        return format_minor(band.start, PERCENT_DIGITS)
    return measured_text(programme, entry.metrics[0], band.start)


def _growth_band(entry: Settlement, band: Band, unit: str, programme: Programme, lang: str) -> str:
    zh = lang == "zh"
    percent = short_number(band.start, PERCENT_DIGITS)
    if band.units:
        units = format_minor(band.units, programme.currencies[entry.currency].scale)
        return f"增长满{percent}%得{units}{unit}" if zh else f"from {percent}% {units} {unit}"
    rate = ratio_text(_rate(entry, band, programme))
    if zh:
        return f"增长满{percent}%每1得{rate}{unit}"
    return f"from {percent}% {rate} {unit} for each 1"


def _counts_by(metric: Metric, every: str) -> bool:
    return metric.window == Window(every) and measure_of(metric.measure).buckets


def _rate(entry: Settlement, band: Band, programme: Programme) -> Fraction:
    """Return a band's rate as it is written: whole units for each 1 of the metric."""
    digits = metric_scale(programme, entry.metrics[0])
    scale = programme.currencies[entry.currency].scale
    return band.rate * Fraction(10**digits, 10**scale)


def _band_words(entry: Settlement, band: Band, unit: str, programme: Programme, lang: str) -> str:
    start = told_number(programme, entry.metrics[0], band.start)
    scale = programme.currencies[entry.currency].scale
    if band.units:
        units = format_minor(band.units, scale)
        return f"满{start}得{units}{unit}" if lang == "zh" else f"from {start} {units} {unit}"
    rate = ratio_text(_rate(entry, band, programme))
    if lang == "zh":
        return f"满{start}每1得{rate}{unit}"
    return f"from {start} {rate} {unit} for each 1"
