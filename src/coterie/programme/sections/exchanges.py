"""Exchanges: units for units of another currency or of a partner, at rates that have dates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from coterie.kernel.errors import Malformed
from coterie.kernel.numbers import format_minor
from coterie.kernel.time import format_day, parse_day
from coterie.programme.model import Programme, Words
from coterie.programme.schema_parts import (
    CODE,
    DAY,
    DECIMAL,
    WORDS,
    Schema,
    listing,
    mapping,
)
from coterie.programme.sections.limits import (
    Limit,
    counts_otherwise,
    limit_of,
    limit_words,
    plain_limit,
    units_limit_schema,
)
from coterie.programme.sections.loops import note_loops
from coterie.programme.sections.section import (
    Checker,
    Ground,
    Section,
    plain_words_of,
    words_of,
)

RATES_MAX = 1000


class Rate(Struct, frozen=True):
    """From a day on, ``get`` units come for every ``give``; both in their own last digits."""

    from_day: int
    give: int
    get: int


class Exchange(Struct, frozen=True):
    """Units of ``source`` go, units of ``target`` come.

    With a ``partner`` one of the two may be the partner's own, and is None here. ``step``,
    ``minimum`` and ``limit`` count units given.
    """

    code: str
    name: Words
    source: str | None
    target: str | None
    rates: tuple[Rate, ...]
    partner: str | None
    step: int
    minimum: int
    limit: Limit | None = None

    @property
    def counter(self) -> str:
        """The counter that ``limit`` looks at."""
        return f"exchange:{self.code}"

    @property
    def counted(self) -> str:
        """What the units given are called."""
        return self.source or str(self.partner)

    def rate_on(self, day: int) -> Rate | None:
        """Return the last rate that began by a day; None before the first."""
        begun = [rate for rate in self.rates if rate.from_day <= day]
        return max(begun, key=lambda rate: rate.from_day, default=None)


class Exchanges(Section):
    """``exchanges:`` by code."""

    code = "exchanges"
    noun = "exchange"

    def schema(self) -> Schema:
        """Return ``{name, from, to, partner, rates, step, minimum, limit}``."""
        rate = mapping({"from": DAY, "give": DECIMAL, "get": DECIMAL}, ("from", "give", "get"))
        return mapping(
            {
                "name": WORDS,
                "from": CODE,
                "to": CODE,
                "partner": CODE,
                "rates": listing(rate, RATES_MAX, 1),
                "step": DECIMAL,
                "minimum": DECIMAL,
                "limit": units_limit_schema(),
            },
            ("name", "rates"),
        )

    def build(self, code: str, raw: dict[str, Any], path: str, ground: Ground) -> Exchange:
        """Return the exchange."""
        source, target = raw.get("from"), raw.get("to")
        given, gotten = source or "", target or ""
        rates = []
        for n, rate in enumerate(raw["rates"]):
            at = f"{path}.rates[{n}]"
            give = ground.units(rate["give"], given, f"{at}.give")
            get = ground.units(rate["get"], gotten, f"{at}.get")
            if give == 0 or get == 0:
                raise Malformed("a rate is between more than nothing.", where=at)
            rates.append(Rate(parse_day(rate["from"], where=f"{at}.from"), give, get))
        one = 10 ** ground.scales.get(given, 0)
        step = ground.units(raw["step"], given, f"{path}.step") if "step" in raw else one
        if step == 0:
            raise Malformed("nothing comes in steps of zero.", where=f"{path}.step")
        minimum = step
        if "minimum" in raw:
            minimum = ground.units(raw["minimum"], given, f"{path}.minimum")
        limit = None
        if "limit" in raw:
            most = ground.units(raw["limit"]["units"], given, f"{path}.limit.units")
            limit = limit_of(raw["limit"], most)
        return Exchange(
            code,
            words_of(raw["name"]),
            source,
            target,
            tuple(rates),
            raw.get("partner"),
            step,
            max(minimum, step),
            limit,
        )

    def plain(self, entry: Exchange, programme: Programme) -> dict[str, Any]:
        """Return it as written."""
        given, gotten = _scale(programme, entry.source), _scale(programme, entry.target)
        names = {"from": entry.source, "to": entry.target, "partner": entry.partner}
        found: dict[str, Any] = {
            "name": plain_words_of(entry.name),
            **{key: name for key, name in names.items() if name is not None},
            "rates": [
                {
                    "from": format_day(rate.from_day),
                    "give": format_minor(rate.give, given),
                    "get": format_minor(rate.get, gotten),
                }
                for rate in entry.rates
            ],
            "step": format_minor(entry.step, given),
            "minimum": format_minor(entry.minimum, given),
        }
        if entry.limit is not None:
            found["limit"] = plain_limit(entry.limit, given)
        return found

    def check(self, entry: Exchange, path: str, checker: Checker) -> None:
        """Refuse names nobody declares, an exchange with nobody, and two rates of one day."""
        currencies = checker.programme.currencies
        for key, code in (("from", entry.source), ("to", entry.target)):
            if code is not None:
                checker.named("currency", code, "currencies", currencies, f"{path}.{key}")
        if entry.source is None and entry.target is None:
            checker.find(path, "an exchange is `from` or `to` a currency of this programme.")
        elif entry.source == entry.target:
            checker.find(f"{path}.to", "a currency is not exchanged for itself.")
        elif None in {entry.source, entry.target} and entry.partner is None:
            missing = "from" if entry.source is None else "to"
            checker.find(path, f"without `{missing}` the other side is a `partner`.")
        days = set()
        for n, rate in enumerate(entry.rates):
            if rate.from_day in days:
                checker.find(f"{path}.rates[{n}].from", "two rates begin on this day.")
            days.add(rate.from_day)
        if entry.limit is not None and entry.limit.most < entry.minimum:
            checker.find(f"{path}.limit.units", "this is less than one exchange takes.")
        note_loops(self.code, entry.code, path, checker)

    def words(self, entry: Exchange, programme: Programme, lang: str) -> str:
        """Say what goes for what, since when, and within which bounds."""
        zh = lang == "zh"
        given = _name(programme, entry.source, entry.partner, lang)
        gotten = _name(programme, entry.target, entry.partner, lang)
        scale = _scale(programme, entry.source)
        rates = []
        for rate in sorted(entry.rates, key=lambda rate: rate.from_day):
            give = format_minor(rate.give, scale)
            get = format_minor(rate.get, _scale(programme, entry.target))
            day = format_day(rate.from_day)
            if zh:
                rates.append(f"{day}起{give}{given}换{get}{gotten}")
            else:
                rates.append(f"from {day} {get} {gotten} for {give} {given}")
        parts = ["；".join(rates) if zh else "; ".join(rates)]
        step, minimum = format_minor(entry.step, scale), format_minor(entry.minimum, scale)
        if entry.step > 10**scale:
            parts.append(f"以{step}为单位" if zh else f"in steps of {step}")
        if entry.minimum > entry.step:
            parts.append(f"{minimum}起" if zh else f"{minimum} at least")
        if entry.limit is not None:
            limit = limit_words(entry.limit, lang, scale)
            parts.append(f"{limit}{given}" if zh else f"{limit} of {given}")
        if entry.partner is not None and entry.source is not None and entry.target is not None:
            parts.append(f"由{entry.partner}承接" if zh else f"with {entry.partner}")
        name = entry.name.zh if zh else entry.name.en
        return f"{name}：{'，'.join(parts)}。" if zh else f"{name}: {', '.join(parts)}."

    def breaks(self, old: Exchange, new: Exchange) -> Iterator[str]:
        """What was exchanged is on record between these."""
        if (old.source, old.target, old.partner) != (new.source, new.target, new.partner):
            yield "is between others now; a new exchange needs a new code."
        if counts_otherwise(old.limit, new.limit):
            yield "counts over another window now; a new exchange needs a new code."


def _scale(programme: Programme, currency: str | None) -> int:
    return 0 if currency is None else programme.currencies[currency].scale


def _name(programme: Programme, currency: str | None, partner: str | None, lang: str) -> str:
    if currency is not None:
        return str(getattr(programme.currencies[currency].name, lang))
    return f"{partner}积分" if lang == "zh" else f"points of {partner}"
