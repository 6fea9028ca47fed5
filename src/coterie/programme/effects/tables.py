"""Rates by a table: by cabin, brand, tender, store, the member's tier."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

from coterie.kernel.errors import Malformed, nearest
from coterie.kernel.numbers import parse_ratio
from coterie.programme.conditions.kind import label, outside_names
from coterie.programme.conditions.naming import chosen_by, value_label
from coterie.programme.effects.kind import RuleChecker
from coterie.programme.model import Programme, RateTable, Rule
from coterie.programme.saying import ratio_text
from coterie.programme.schema_parts import CODE, RATIO, Schema, mapping

if TYPE_CHECKING:
    from coterie.events import OrderLine
    from coterie.programme.conditions import Situation

LINE_FIELDS = {
    "brand": ("品牌", "brand"),
    "category": ("品类", "category"),
    "product": ("商品", "product"),
    "tag": ("标签", "tag"),
}
SCENE_FIELDS = {
    "store": ("门店", "store"),
    "channel": ("渠道", "channel"),
    "partner": ("合作方", "partner"),
    "source": ("来源", "source"),
    "campaign": ("活动", "campaign"),
}
TENDER = "tender"
_WAYS = ("field", "attribute", "ladder")
_VALUES_MAX = 500


def table_schema() -> Schema:
    """Return ``{field | attribute | ladder, rates}``."""
    rates = {
        "type": "object",
        "additionalProperties": RATIO,
        "minProperties": 1,
        "maxProperties": _VALUES_MAX,
        "description": "units by value, such as {Y: 1, J: 1.5}",
    }
    return mapping({**dict.fromkeys(_WAYS, CODE), "rates": rates}, ("rates",))


def build_table(raw: dict[str, Any], path: str, scale: int) -> RateTable:
    """Return the table; units are in the scale of their currency."""
    ways = [way for way in _WAYS if way in raw]
    if len(ways) != 1:
        raise Malformed("give one of `field`, `attribute` and `ladder`.", where=path)
    rates = {
        value: parse_ratio(units, where=f"{path}.rates.{value}") * 10**scale
        for value, units in raw["rates"].items()
    }
    return RateTable(ways[0], raw[ways[0]], rates)


def plain_table(table: RateTable, scale: int) -> dict[str, Any]:
    """Return it as written."""
    rates = {value: ratio_text(units / 10**scale) for value, units in table.rates.items()}
    return {table.way: table.code, "rates": rates}


def per_line(table: RateTable) -> bool:
    """Tell whether lines of one order may have different rates."""
    return table.way == "field" and table.code in LINE_FIELDS


def by_tender(table: RateTable) -> bool:
    """Tell whether the parts that different tenders paid have different rates."""
    return table.way == "field" and table.code == TENDER


def check_table(rule: Rule, table: RateTable, path: str, checker: RuleChecker) -> None:
    """Refuse what the event or the member does not have, and values that it cannot have."""
    programme = checker.programme
    values: tuple[str, ...] = ()
    if table.way == "attribute":
        known = programme.attributes
        if not checker.named("attribute", table.code, "attributes", known, f"{path}.attribute"):
            return
        values = known[table.code].values
    elif table.way == "ladder":
        ladders = programme.parts.get("ladders", {})
        if not checker.named("ladder", table.code, "ladders", ladders, f"{path}.ladder"):
            return
        values = tuple(tier.code for tier in ladders[table.code].tiers)
    else:
        activity = programme.activities.get(rule.on.partition(":")[2])
        fields = activity.fields if activity else {}
        own = [*LINE_FIELDS, TENDER] if rule.on == "order" else list(fields)
        if table.code not in own and table.code not in SCENE_FIELDS:
            what = f"{rule.on!r} has no {table.code!r}."
            checker.find(f"{path}.field", what, nearest(table.code, [*own, *SCENE_FIELDS]).strip())
            return
        if table.code in fields:
            values = fields[table.code].values
    for value in table.rates:
        if values and value not in values:
            what = f"{value!r} is not a value of {table.code!r}."
            checker.find(f"{path}.rates.{value}", what, nearest(value, values).strip())


def table_noun(
    rule: Rule, table: RateTable, programme: Programme, lang: str
) -> tuple[str, Callable[[str], str]]:
    """Return what the table is by, and what its values are called."""
    zh = lang == "zh"
    if table.way == "attribute":
        name, called = chosen_by(table.code, None, programme, lang)
        return (f"会员的{name}" if zh else f"the member's {name}"), called
    if table.way == "ladder":
        return chosen_by(None, table.code, programme, lang)
    if table.code == TENDER:
        return ("支付方式" if zh else "means of payment"), _called(TENDER, programme, lang)
    said = {**LINE_FIELDS, **SCENE_FIELDS}.get(table.code)
    if said is not None:
        return (said[0] if zh else said[1]), _called(table.code, programme, lang)
    activity = programme.activities.get(rule.on.partition(":")[2])
    field = activity.fields.get(table.code) if activity else None
    return label(field, table.code, lang), partial(value_label, field, lang=lang)


def _called(kind: str, programme: Programme, lang: str) -> Callable[[str], str]:
    return lambda code: outside_names(kind, [code], lang, programme)[0]


def by_words(code: str, programme: Programme, lang: str) -> str:
    """Return what an event or its lines are told apart by."""
    said = {**LINE_FIELDS, **SCENE_FIELDS}.get(code)
    if said is not None:
        return said[0] if lang == "zh" else said[1]
    fields = [a.fields[code] for a in programme.activities.values() if code in a.fields]
    return label(fields[0] if fields else None, code, lang)


def table_words(
    rates: Mapping[str, Fraction],
    otherwise: Fraction,
    scale: int,
    called: Callable[[str], str],
    lang: str,
) -> str:
    """Return the rows of a table: ``Y 1, J 1.5, others 0.5``; ``called`` names the values."""
    rows = [f"{called(value)} {ratio_text(units / 10**scale)}" for value, units in rates.items()]
    if otherwise:
        rest = ratio_text(otherwise / 10**scale)
        rows.append(f"其他 {rest}" if lang == "zh" else f"others {rest}")
    return ("、" if lang == "zh" else ", ").join(rows)


def of_line(table: RateTable) -> Callable[[OrderLine], Fraction | None]:
    """Return the function from a line to its rate; the first of its values that has one counts."""
    rates, code = table.rates, table.code
    if code in ("brand", "product"):
        return lambda line: rates.get(getattr(line, code) or "")
    several = "categories" if code == "category" else "tags"

    def rate(line: OrderLine) -> Fraction | None:
        return next((rates[v] for v in getattr(line, several) if v in rates), None)

    return rate


def of_event(table: RateTable) -> Callable[[Situation], Fraction | None]:
    """Return the function from an event to its one rate."""
    rates, code = table.rates, table.code
    if table.way == "attribute":
        return lambda situation: rates.get(str(situation.attributes.get(code)))
    if table.way == "ladder":
        return lambda situation: rates.get(situation.tier(code) or "")
    if code in SCENE_FIELDS:
        return lambda situation: rates.get(
            str(situation.fields.get(code, getattr(situation.scene, code)))
        )
    return lambda situation: rates.get(str(situation.fields.get(code)))
