"""A programme's canonical text: one JSON document (which is YAML) with every default spelt out.

Two texts that mean the same have the same canonical text, and so the same hash; and a published
version keeps its meaning when a later Coterie chooses other defaults.
"""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from typing import Any

from coterie.kernel.numbers import format_minor, money_exponent
from coterie.kernel.time import format_day
from coterie.programme.conditions import plain_condition
from coterie.programme.effects import cap_digits, kind_of
from coterie.programme.measures.kind import EVERY, NO_EVENT
from coterie.programme.model import (
    MICRO,
    ActivityKind,
    Cap,
    Currency,
    Field,
    Metric,
    Pending,
    Programme,
    Rule,
    Words,
)
from coterie.programme.saying import ratio_text
from coterie.programme.sections import SECTIONS
from coterie.programme.windows import plain_window


def canonical_text(programme: Programme) -> str:
    """Return the text that reading turns into this programme again."""
    return json.dumps(programme_document(programme), ensure_ascii=False, indent=1) + "\n"


def text_sha256(text: str) -> str:
    """Return the name of a text: its SHA-256 in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def programme_document(programme: Programme) -> dict[str, Any]:
    """Return a programme as plain values in the form of its text."""
    p = programme
    exponent = money_exponent(p.money)
    late = p.late
    return {
        "programme": p.code,
        "name": _words(p.name),
        "zone": p.zone,
        "money": p.money,
        "currencies": {code: _currency(c, exponent) for code, c in p.currencies.items()},
        "attributes": {code: _field(f) for code, f in p.attributes.items()},
        "activities": {code: _activity(a) for code, a in p.activities.items()},
        "metrics": {code: _metric(m) for code, m in p.metrics.items()},
        "caps": {code: _cap(c, cap_digits(c, p)) for code, c in p.caps.items()},
        "rules": [_rule(rule, p) for rule in p.rules],
        **{
            code: {name: section.plain(entry, p) for name, entry in p.parts[code].items()}
            for code, section in SECTIONS.items()
            if code in p.parts
        },
        **({"names": _names(p)} if p.names else {}),
        "late": {
            "days": late.days,
            "beyond": late.beyond,
            "future_minutes": late.future_minutes,
        },
        "sources": {
            code: {
                "on_unknown_member": s.on_unknown_member,
                "unmatched_returns": s.unmatched_returns,
            }
            for code, s in p.sources.items()
        },
        "states": {
            code: {"earn": r.earn, "spend": r.spend, "receive": r.receive}
            for code, r in p.states.items()
        },
        "return_days": p.return_days,
        "moves_to": p.moves_to,
    }


def _names(programme: Programme) -> dict[str, Any]:
    return {
        kind: {code: _words(words) for code, words in names.items()}
        for kind, names in programme.names.items()
    }


def _words(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


def _present(**values: Any) -> dict[str, Any]:
    """Leave out what is not there: for these keys, absence is the only way to say none."""
    return {key: value for key, value in values.items() if value is not None}


def _name(words: Words | None) -> dict[str, Any]:
    return _present(name=None if words is None else _words(words))


def _pending(pending: Pending) -> dict[str, Any]:
    until = pending.until_day
    return {
        "days": pending.days,
        **_present(until=None if until is None else format_day(until)),
        "expiry_from": pending.expiry_from,
    }


def _currency(currency: Currency, exponent: int) -> dict[str, Any]:
    e, debt = currency.expiry, currency.debt
    limit, worth = debt.limit_units, currency.worth_minor
    cost = Fraction(currency.unit_cost_micro * 10**currency.scale, MICRO * 10**exponent)
    expiry: dict[str, Any] = {
        "model": e.model.value,
        "months": e.months,
        "days": e.days,
        "round_to": e.round_to,
        **({"dates": [f"{month:02d}-{day:02d}" for month, day in e.dates]} if e.dates else {}),
        "min_months": e.min_months,
        "activities": list(e.activities),
    }
    if e.attribute is not None:
        expiry["by"] = {"attribute": e.attribute, "months": dict(e.months_by)}
    elif e.ladder is not None:
        expiry["by"] = {"ladder": e.ladder, "months": dict(e.months_by)}
    return {
        "name": _words(currency.name),
        "scale": currency.scale,
        "expiry": expiry,
        "pending": _pending(currency.pending),
        "debt": {
            "policy": debt.policy.value,
            "limit_units": None if limit is None else format_minor(limit, currency.scale),
        },
        "returns": currency.returns.value,
        "return_rounding": currency.return_rounding.value,
        "lapsed_refund": currency.lapsed_refund,
        "extend_days": currency.extend_days,
        "hold_minutes": currency.hold_minutes,
        "transferable": currency.transferable,
        "spendable": currency.spendable,
        "unit_cost": ratio_text(cost),
        **_present(funder=currency.funder),
        **({} if worth is None else {"worth": format_minor(worth, exponent)}),
        "redeem_from": format_minor(currency.redeem_from, currency.scale),
    }


def _field(field: Field) -> dict[str, Any]:
    return {
        **_name(field.name),
        "type": field.type.value,
        **({"values": [_value(field, value) for value in field.values]} if field.values else {}),
        "required": field.required,
        **_present(minimum=field.minimum, maximum=field.maximum),
    }


def _value(field: Field, value: str) -> Any:
    named = field.names.get(value)
    return value if named is None else {"code": value, "name": _words(named)}


def _activity(activity: ActivityKind) -> dict[str, Any]:
    fields = {code: _field(field) for code, field in activity.fields.items()}
    return {"name": _words(activity.name), "fields": fields}


def _metric(metric: Metric) -> dict[str, Any]:
    return {
        **_name(metric.name),
        **({} if metric.on in (EVERY, NO_EVENT) else {"on": metric.on}),
        "measure": metric.measure,
        **_present(of=metric.of),
        **({"rules": list(metric.rules)} if metric.rules else {}),
        "window": plain_window(metric.window),
        **({"when": plain_condition(metric.when)} if metric.when else {}),
        **({"lines": plain_condition(metric.lines)} if metric.lines else {}),
        "returns": metric.returns,
        **({"remember": "previous_year"} if metric.remembers_year else {}),
    }


def _cap(cap: Cap, scale: int) -> dict[str, Any]:
    return {
        **_name(cap.name),
        **(
            {"limit": format_minor(cap.limit, scale)}
            if cap.parameter is None
            else {"parameter": cap.parameter}
        ),
        "measure": cap.measure,
        "window": plain_window(cap.window),
        "on_return": cap.on_return,
        **_present(by=cap.by),
    }


def _rule(rule: Rule, programme: Programme) -> dict[str, Any]:
    kind = kind_of(rule.effect)
    return {
        "code": rule.code,
        "name": _words(rule.name),
        "on": rule.on,
        **({"when": plain_condition(rule.when)} if rule.when else {}),
        **({"lines": plain_condition(rule.lines)} if rule.lines else {}),
        kind.code: kind.plain(rule.effect, programme),
        "caps": list(rule.caps),
        **({"opt_in": True} if rule.opt_in else {}),
        **({"rest_of": list(rule.rest_of)} if rule.rest_of else {}),
        **_present(
            campaign=rule.campaign,
            funder=rule.funder,
            **{
                "from": None if rule.from_day is None else format_day(rule.from_day),
                "to": None if rule.to_day is None else format_day(rule.to_day),
            },
        ),
    }
