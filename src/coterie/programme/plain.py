"""A programme in plain words, Chinese or English: what members may read, from what is computed."""

from __future__ import annotations

from functools import partial

from coterie.kernel.numbers import format_minor
from coterie.kernel.time import format_day
from coterie.programme.conditions import sentence
from coterie.programme.conditions.birthday import date_noun
from coterie.programme.conditions.kind import enumeration, label
from coterie.programme.conditions.naming import chosen_by
from coterie.programme.effects import bounded_by, kind_of
from coterie.programme.effects.tables import by_words
from coterie.programme.measures import metric_words
from coterie.programme.model import (
    Cap,
    Currency,
    DebtPolicy,
    ExpiryModel,
    Programme,
    Rule,
)
from coterie.programme.personal import personal_words
from coterie.programme.saying import money_words, pick, short_number
from coterie.programme.sections import SECTIONS
from coterie.programme.sections.campaigns import days_words
from coterie.programme.windows import window_words

LANGUAGES = ("zh", "en")

_ROUND_TO = {
    "zh": {"month": "月末", "quarter": "季末", "year": "年末"},
    "en": {"month": "month", "quarter": "quarter", "year": "year"},
}


def plain_words(programme: Programme, lang: str) -> list[str]:
    """Return the whole programme, a line each for every currency, metric and rule."""
    zh = lang == "zh"
    lines = [pick(programme.name, lang)]
    lines += [currency_words(c, programme, lang) for c in programme.currencies.values()]
    lines += [metric_words(metric, programme, lang) for metric in programme.metrics.values()]
    lines += [rule_words(rule, programme, lang) for rule in programme.rules]
    for code, section in SECTIONS.items():
        entries = programme.parts.get(code, {}).values()
        lines += [section.words(entry, programme, lang) for entry in entries]
    days = programme.return_days
    lines.append(
        f"退货在购买后{days}天内可对应到原订单。"
        if zh
        else f"What comes back is matched to its sale for {days} days."
    )
    return lines


def currency_words(currency: Currency, programme: Programme, lang: str) -> str:
    """Return what a currency promises: its worth, when it lapses, when and how it can be spent."""
    zh = lang == "zh"
    parts = []
    if currency.worth_minor is not None:
        money = money_words(currency.worth_minor, programme)
        parts.append(f"每100个价值 {money}" if zh else f"100 are worth {money}")
    parts.append(_expiry(currency, programme, lang))
    if currency.pending.days:
        days = currency.pending.days
        parts.append(f"获得{days}天后可用" if zh else f"can be spent after {days} days")
    if currency.pending.until_day is not None:
        day = format_day(currency.pending.until_day)
        parts.append(f"{day}起可用" if zh else f"can be spent from {day}")
    if not currency.spendable:
        parts.append("不可兑换" if zh else "cannot be spent")
    if currency.redeem_from:
        least = format_minor(currency.redeem_from, currency.scale)
        parts.append(f"满{least}方可兑换" if zh else f"can be spent once there are {least}")
    if currency.transferable:
        parts.append("可转赠" if zh else "can be given to others")
    parts.append(_debt(currency, lang))
    name = pick(currency.name, lang)
    return f"{name}：{'；'.join(parts)}。" if zh else f"{name}: {'; '.join(parts)}."


def rule_words(rule: Rule, programme: Programme, lang: str) -> str:
    """Return one rule as a sentence: for what, under which conditions, what, within which caps."""
    zh = lang == "zh"
    say = partial(sentence, lang=lang, programme=programme)
    parts = [_occasion(rule, programme, lang)]
    if rule.from_day is not None or rule.to_day is not None:
        parts.append(_span(rule, lang))
    campaign = programme.parts.get("campaigns", {}).get(rule.campaign or "")
    if campaign is not None:
        named = pick(campaign.name, lang)
        parts.append(f"活动“{named}”期间" if zh else f"in the campaign {named}")
    when = rule.condition
    if when is not None:
        parts.append(f"若{say(when)}" if zh else f"when {say(when)}")
    if rule.lines is not None:
        parts.append(f"仅计{say(rule.lines)}的商品" if zh else f"on lines where {say(rule.lines)}")
    if rule.rest_of:
        parts.append(_rest(rule, programme, lang))
    parts.append(kind_of(rule.effect).words(rule, rule.effect, programme, lang))
    if rule.caps:
        caps = [cap_words(programme.caps[code], programme, lang) for code in rule.caps]
        parts.append("、".join(caps) if zh else " and ".join(caps))
    name = pick(rule.name, lang)
    return f"{name}：{'，'.join(parts)}。" if zh else f"{name}: {', '.join(parts)}."


def cap_words(cap: Cap, programme: Programme, lang: str) -> str:
    """Return a cap as a clause."""
    zh = lang == "zh"
    period = window_words(cap.window, lang)
    if cap.window.attribute:
        noun = date_noun(cap.window.attribute, lang, programme)
        period = f"每逢{noun}" if zh else f"around each return of {noun}"
    if cap.parameter is not None:
        limit = _personal_bound(cap, programme, lang)
    elif cap.measure == "amount":
        limit = money_words(cap.limit, programme)
    elif cap.measure == "applications":
        limit = f"{cap.limit}次" if zh else f"{cap.limit} time{'s' * (cap.limit != 1)}"
    else:
        limit = _units_bound(cap, programme, lang)
    if cap.by is not None:
        value = by_words(cap.by, programme, lang)
        period = f"每个{value}{period}" if zh else f"{period} for each {value}"
    shared = f"“{label(cap, cap.code, lang)}”" if zh else f" ({label(cap, cap.code, lang)})"
    return f"{shared}{period}最多{limit}" if zh else f"at most {limit} {period}{shared}"


def _personal_bound(cap: Cap, programme: Programme, lang: str) -> str:
    zh = lang == "zh"
    number = personal_words(cap.parameter or "", programme, lang)
    if cap.measure == "amount":
        return f"{programme.money} {number}"
    if cap.measure == "applications":
        return f"{number}次" if zh else f"{number} times"
    bounded = [programme.currencies[code] for code in sorted(bounded_by(cap, programme))]
    unit = pick(bounded[0].name, lang) if len(bounded) == 1 else ("单位" if zh else "units")
    return f"{number}个{unit}" if zh else f"{number} {unit}"


def _units_bound(cap: Cap, programme: Programme, lang: str) -> str:
    bounded = [programme.currencies[code] for code in sorted(bounded_by(cap, programme))]
    number = short_number(cap.limit, max((currency.scale for currency in bounded), default=0))
    if len(bounded) == 1:
        name = pick(bounded[0].name, lang)
        return f" {number} {name}" if lang == "zh" else f"{number} {name}"
    return f"{number}个单位" if lang == "zh" else f"{number} units"


def _rest(rule: Rule, programme: Programme, lang: str) -> str:
    names = {r.code: pick(r.name, lang) for r in programme.rules}
    listed = enumeration((names[code] for code in rule.rest_of), lang)
    if lang == "zh":
        return f"仅计“{listed}”超出上限后剩余的部分"
    return f"on what the caps of “{listed}” leave over"


def _months_and_days(months: int, days: int, lang: str) -> str:
    if lang == "zh":
        return "".join(([f"{months}个月"] if months else []) + ([f"{days}天"] if days else []))
    parts = [
        f"{count} {noun}{'s' * (count != 1)}"
        for count, noun in ((months, "month"), (days, "day"))
        if count
    ]
    return " and ".join(parts)


def _expiry(currency: Currency, programme: Programme, lang: str) -> str:
    text = _expiry_for_all(currency, programme, lang)
    e = currency.expiry
    if e.attribute is None and e.ladder is None:
        return text
    zh = lang == "zh"
    by, called = chosen_by(e.attribute, e.ladder, programme, lang)
    parts = []
    for value, months in e.months_by.items():
        time = _months_and_days(months or 0, e.days, lang)
        lasting = ("长期有效" if zh else "does not lapse") if months is None else time
        parts.append(f"{called(value)}{'：' if zh else ': '}{lasting}")
    listed = ("，" if zh else ", ").join(parts)
    return f"{text}（按{by}，{listed}）" if zh else f"{text} (by {by}, {listed})"


def _expiry_for_all(currency: Currency, programme: Programme, lang: str) -> str:
    zh = lang == "zh"
    e = currency.expiry
    time = _months_and_days(e.months, e.days, lang)
    since = currency.pending.expiry_from == "release"
    if e.model is ExpiryModel.NONE:
        return "长期有效" if zh else "does not lapse"
    if e.model is ExpiryModel.INACTIVITY:
        kinds = [_activity(on, programme, lang) for on in e.activities]
        what = enumeration(kinds or ["活动" if zh else "activity"], lang)
        return f"{time}内无{what}则全部失效" if zh else f"lapses after {time} without {what}"
    if e.model is ExpiryModel.CALENDAR:
        dates = [f"{m}月{d}日" if zh else f"{m:02d}-{d:02d}" for m, d in e.dates]
        listed = enumeration(dates, lang)
        if zh:
            return f"有效至{listed}中至少{e.min_months}个月后的第一个日期"
        return f"valid through the first {listed} that is at least {e.min_months} months off"
    moment = ("可用" if since else "获得") if zh else ("release" if since else "earning")
    end = _ROUND_TO[lang].get(e.round_to)
    if zh:
        return f"{moment}后{time}有效" + (f"，延至{end}" if end else "")
    return f"valid for {time} after {moment}" + (f", to the end of that {end}" if end else "")


def _debt(currency: Currency, lang: str) -> str:
    zh = lang == "zh"
    if currency.debt.policy is DebtPolicy.REFUSE:
        return (
            "余额不足时退货不予受理" if zh else "a return that takes more than there is is refused"
        )
    if currency.debt.policy is DebtPolicy.CLAMP:
        return "退货最多扣至零" if zh else "a return takes no more than there is"
    limit = currency.debt.limit_units
    if limit is None:
        return "退货可使余额为负" if zh else "a return may leave a debt"
    units = format_minor(limit, currency.scale)
    if zh:
        return f"退货可使余额为负，最多欠{units}"
    return f"a return may leave a debt of at most {units}"


def _occasion(rule: Rule, programme: Programme, lang: str) -> str:
    zh = lang == "zh"
    if rule.on == "order":
        return "每笔订单" if zh else "for every order"
    name = _activity(rule.on, programme, lang)
    return f"每次{name}" if zh else f"for every {name}"


def _activity(on: str, programme: Programme, lang: str) -> str:
    if on == "order":
        return "订单" if lang == "zh" else "an order"
    return pick(programme.activities[on.partition(":")[2]].name, lang)


def _span(rule: Rule, lang: str) -> str:
    return days_words(rule.from_day, rule.to_day, lang)
