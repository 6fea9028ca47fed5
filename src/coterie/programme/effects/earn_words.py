"""An ``earn`` as a clause in Chinese and English."""

from __future__ import annotations

from functools import partial

from coterie.kernel.numbers import format_minor
from coterie.programme.conditions.kind import enumeration, label, outside_names
from coterie.programme.effects.bands import bands_words
from coterie.programme.effects.earn_forms import band_digits, per_digits
from coterie.programme.effects.tables import table_noun, table_words
from coterie.programme.model import Earn, Programme, Rule
from coterie.programme.personal import personal_words
from coterie.programme.saying import ROUNDED, money_words, pick, ratio_text, short_number

_EACH = {
    "zh": {"order": "整单", "line": "逐行", "unit": "逐件"},
    "en": {"order": "once an order", "line": "line by line", "unit": "piece by piece"},
}


def earn_words(rule: Rule, effect: Earn, programme: Programme, lang: str) -> str:
    """Say how much for what, and how it is rounded."""
    zh = lang == "zh"
    currency = programme.currencies[effect.currency]
    name = pick(currency.name, lang)
    if effect.parameter is not None:
        units = f"{personal_words(effect.parameter, programme, lang)}{'个' if zh else ''} {name}"
    else:
        units = f"{ratio_text(effect.units / 10**currency.scale)} {name}"
    chosen = _chosen(rule, effect, programme, lang)
    least = _least(effect, programme, lang)
    if effect.per_minor is None:
        if chosen:
            return (
                f"{chosen[0]}送 {name}：{chosen[1]}" if zh else f"{name} {chosen[0]}: {chosen[1]}"
            )
        return f"送 {units}" if zh else units
    per = _per(rule, effect, programme, lang)
    how = _how(rule, effect, programme, lang)
    if zh:
        every = f"每{'满' if effect.blocks else ''} {per}"
        if chosen:
            return f"{every} {chosen[0]}送 {name}：{chosen[1]}（{how}{least}）"
        return f"{every} 送 {units}（{how}{least}）"
    every = f"for every {'whole ' if effect.blocks else ''}{per}"
    if chosen:
        return f"{name} {every} {chosen[0]}: {chosen[1]} ({how}{least})"
    return f"{units} {every} ({how}{least})"


def _chosen(rule: Rule, effect: Earn, programme: Programme, lang: str) -> tuple[str, str] | None:
    """Return by what the units are chosen, and which there are; None where there is one."""
    scale = programme.currencies[effect.currency].scale
    zh = lang == "zh"
    if effect.table is not None:
        noun, called = table_noun(rule, effect.table, programme, lang)
        rows = table_words(effect.table.rates, effect.units, scale, called, lang)
        return (f"按{noun}" if zh else f"by {noun}"), rows
    if not effect.bands:
        return None
    noun = _band_noun(rule, effect, programme, lang)
    marginal = effect.bands_apply == "marginal"
    written = short_number if effect.bands_of == "quantity" else format_minor
    bound = partial(written, scale=band_digits(effect, programme))
    rows = bands_words(effect.bands, bound, scale, lang, marginal=marginal)
    if zh:
        return (f"按{noun}分段" if marginal else f"按{noun}所在档次"), rows
    return (f"by parts of the {noun}" if marginal else f"by where the {noun} lies"), rows


def _band_noun(rule: Rule, effect: Earn, programme: Programme, lang: str) -> str:
    zh = lang == "zh"
    if effect.bands_of == "amount":
        return "金额" if zh else "amount"
    if effect.bands_of == "quantity":
        return "数量" if zh else "quantity"
    activity = programme.activities[rule.on.partition(":")[2]]
    return label(activity.fields.get(effect.bands_of), effect.bands_of, lang)


def _per(rule: Rule, effect: Earn, programme: Programme, lang: str) -> str:
    assert effect.per_minor is not None
    if effect.basis.quantity:
        number = short_number(effect.per_minor, per_digits(effect, programme))
        return f"{number} 件（或计量单位）" if lang == "zh" else f"{number} of quantity"
    if effect.per_field is None:
        return money_words(effect.per_minor, programme)
    activity = programme.activities[rule.on.partition(":")[2]]
    name = label(activity.fields.get(effect.per_field), effect.per_field, lang)
    of = "" if lang == "zh" else "of "
    return f"{effect.per_minor} {of}{name}"


def _how(rule: Rule, effect: Earn, programme: Programme, lang: str) -> str:
    zh = lang == "zh"
    how = ROUNDED[lang][effect.rounding.value]
    if rule.on == "order":
        each = _EACH[lang][effect.round_each]
        basis = "" if effect.basis.quantity else _basis(effect, programme, lang)
        how = basis + (f"{each}{how}" if zh else f"{how} {each}")
    if effect.round_basis is not None:
        written = short_number if effect.basis.quantity else format_minor
        to = written(effect.round_basis.to, per_digits(effect, programme))
        first = ROUNDED[lang][effect.round_basis.rounding.value]
        how = f"先按 {to} 的倍数{first}，再{how}" if zh else f"first {first} to {to}, then {how}"
    return how


def _least(effect: Earn, programme: Programme, lang: str) -> str:
    if not effect.at_least:
        return ""
    least = format_minor(effect.at_least, programme.currencies[effect.currency].scale)
    return f"，至少 {least}" if lang == "zh" else f", at least {least}"


def _basis(earn: Earn, programme: Programme, lang: str) -> str:
    zh = lang == "zh"
    basis = earn.basis
    tenders = partial(outside_names, "tender", lang=lang, programme=programme)
    parts = [
        ("含税" if basis.tax else "不含税")
        if zh
        else ("tax included" if basis.tax else "without tax")
    ]
    if basis.shipping:
        parts.append("含运费" if zh else "shipping included")
    if basis.fees:
        parts.append("含手续费" if zh else "fees included")
    if basis.only_tenders:
        listed = enumeration(tenders(basis.only_tenders), lang)
        parts.append(f"仅计以{listed}支付的部分" if zh else f"only what was paid by {listed}")
    if basis.without_tenders:
        listed = enumeration(tenders(basis.without_tenders), lang)
        parts.append(f"扣除以{listed}支付的部分" if zh else f"without what was paid by {listed}")
    return "".join(f"{part}，" for part in parts) if zh else "".join(f"{p}, " for p in parts)
