"""Why, in words: what became of each rule, what moved and from which lots, in zh and en.

Everything here is said from values that somebody else decided; see
:mod:`coterie.replay.explaining` for where they come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coterie.events import Happening
from coterie.kernel.errors import Refusal
from coterie.kernel.numbers import format_minor, money_exponent
from coterie.kernel.time import format_day
from coterie.ledger import Lot, LotUse, Movement
from coterie.programme.conditions import sentence
from coterie.programme.conditions.kind import label
from coterie.programme.conditions.naming import value_label
from coterie.programme.measures import told_number
from coterie.programme.model import Programme
from coterie.programme.personal import personal_words
from coterie.programme.saying import short_number
from coterie.programme.sections import SECTIONS
from coterie.programme.tracing import TraceLine, Verdict

Pair = tuple[str, str]
"""A text in Chinese and in English."""

_EVENTS: dict[str, Pair] = {
    "order": ("订单", "an order"),
    "return": ("退货", "a return"),
    "reversal": ("撤销", "a reversal"),
    "spend": ("消耗积分", "spending"),
    "hold": ("冻结", "a hold"),
    "capture": ("冻结转消耗", "a hold is spent"),
    "release": ("解除冻结", "a hold is released"),
    "confirm": ("确认订单", "a sale is confirmed"),
    "transfer": ("转赠", "a transfer"),
    "transfer_in": ("收到转赠", "a transfer arrives"),
    "transfer_back": ("转赠退回", "a transfer comes back"),
    "adjustment": ("人工调整", "an adjustment"),
    "opening_balance": ("期初余额", "an opening balance"),
    "reinstate": ("恢复已过期积分", "lapsed units are given back"),
    "extend": ("延长有效期", "validity is extended"),
    "attribute_change": ("属性变更", "attributes change"),
    "state_change": ("会员状态变更", "the member's state changes"),
    "status_change": ("等级调整", "the member's status is set"),
    "link": ("建立关联", "members are linked"),
    "referral": ("推荐奖励", "a reward for a referral"),
    "referral_back": ("收回推荐奖励", "a reward for a referral goes back"),
    "convert": ("积分转换", "a conversion"),
    "exchange": ("兑换币种", "an exchange"),
    "redeem": ("兑换奖励", "a reward"),
    "choose": ("里程碑选择", "a choice"),
    "opt_in": ("报名参加", "joining"),
    "assign": ("设定会员参数", "personal numbers are set"),
    "tag_change": ("标签变更", "tags change"),
    "backfill": ("补计历史指标", "counting recorded events"),
    "opening_metrics": ("期初指标", "opening metrics"),
    "merge_in": ("并入其他会员", "another member's file is taken over"),
    "unmerge": ("撤销合并", "a merge is taken back"),
    "unmerge_in": ("合并已撤销", "the member is itself again"),
    "pool_join": ("加入共享积分池", "joining a pool"),
    "pool_leave": ("退出共享积分池", "leaving a pool"),
    "pool_change": ("调整共享积分池成员权限", "changing who may do what in a pool"),
    "pool_in": ("成员转入积分池", "a member's units come into the pool"),
    "pool_out": ("成员退出积分池", "a member leaves the pool"),
    "pool_share": ("从积分池取回份额", "the share of a pool comes back"),
    "pool_back": ("积分池退回", "the pool sends units back"),
    "pool_take": ("积分池收回", "the pool takes units back"),
    "pool_repay": ("偿还积分池", "a pool is repaid"),
    "due": ("到期处理", "a moment that fell due"),
}
_REASONS: dict[str, Pair] = {
    "earn": ("获得", "earned"),
    "milestone": ("里程碑奖励", "for a milestone"),
    "release_pending": ("已生效，可以使用", "now usable"),
    "spend": ("消耗", "spent"),
    "hold": ("冻结", "set aside"),
    "capture": ("冻结转消耗", "spent from a hold"),
    "hold_release": ("解除冻结", "a hold was released"),
    "hold_lapse": ("冻结到期解除", "a hold lapsed"),
    "repay": ("抵还欠额", "repaid a debt"),
    "expire": ("过期", "lapsed"),
    "inactivity": ("因长期无活动失效", "lapsed for inactivity"),
    "transfer": ("转出", "given away"),
    "transfer_in": ("收到转赠", "given by another member"),
    "transfer_back": ("转赠退回", "came back"),
    "adjustment": ("人工调整", "adjusted"),
    "opening": ("期初余额", "opening balance"),
    "reinstate": ("恢复", "given back"),
    "return": ("因退货收回", "taken back for a return"),
    "reversal": ("撤销", "reversed"),
    "referral": ("推荐奖励", "for a referral"),
    "referral_back": ("收回推荐奖励", "taken back for a referral"),
    "convert": ("转换", "converted"),
    "exchange": ("兑换币种", "exchanged"),
    "redeem": ("兑换奖励", "spent on a reward"),
    "settle": ("期末结算", "settled"),
    "merge": ("会员合并", "by a merge"),
    "unmerge": ("撤销合并", "a merge was taken back"),
    "pool": ("积分池", "by a pool"),
}
_ROUTES: dict[tuple[str, str], Pair] = {
    ("issued", "pending"): ("暂不可用", "not to be spent yet"),
    ("issued", "owed"): ("用于抵还欠额", "it repays a debt"),
    ("pending", "owed"): ("用于抵还欠额", "it repays a debt"),
    ("pending", "issued"): ("取消待用部分", "of what waits"),
    ("owed", "issued"): ("记为欠额", "it becomes a debt"),
    ("written_off", "issued"): ("余额不足，由品牌承担", "there was no more, the brand bears it"),
    ("breakage", "issued"): ("原已过期", "it had lapsed before"),
}
_VERDICTS: dict[Verdict, Pair] = {
    Verdict.OTHER_KIND: ("针对其他类型的事件", "it is about another kind of event"),
    Verdict.STATE: ("会员当前状态不能获得积分", "a member in this state earns nothing"),
    Verdict.DATES: ("不在规则有效期内", "the day lies outside its dates"),
    Verdict.HELD_OUT: (
        "会员在活动的对照组中",
        "the member is in the comparison group of its campaign",
    ),
    Verdict.CONDITION: ("条件未满足", "its condition does not hold"),
    Verdict.LINES: ("没有符合条件的商品", "no line of the order counts"),
    Verdict.BASE: ("没有可加成的基础积分", "there is nothing to give a bonus on"),
    Verdict.FACTOR: ("会员当时不享有此加成", "it adds nothing for this member at that time"),
    Verdict.TOO_LITTLE: ("不足一个单位", "it is too little for one unit"),
    Verdict.CAP: ("上限已用尽", "a cap has no room left"),
}
LOTS_SAID = 5
"""Lots named in a sentence; the data has all of them."""


def reason_words(reason: str, lang: str) -> str:
    """Return why a movement happened, as its member reads it; the reason itself if unknown."""
    return _of(_REASONS, reason, lang)


def event_words(happening: Happening, programme: Programme, lang: str) -> str:
    """Return what happened, with its amount where it has one."""
    event = happening.event
    if happening.kind == "activity":
        return label(programme.activities.get(event.activity), event.activity, lang)
    words = _of(_EVENTS, happening.kind, lang)
    if happening.kind == "order":
        amount = sum(line.amount_minor for line in event.lines)
        return f"{words} {programme.money} {format_minor(amount, money_exponent(programme.money))}"
    return words


def rule_name(code: str, programme: Programme, lang: str) -> str:
    """Return what a rule, or the entry of a section that gives units, is called."""
    for rule in programme.rules:
        if rule.code == code:
            return str(getattr(rule.name, lang))
    for section in SECTIONS:
        found = programme.parts.get(section, {}).get(code)
        if found is not None:
            return label(found, code, lang)
    return code


def trace_words(line: TraceLine, programme: Programme, lang: str) -> str:
    """Return what became of one rule."""
    zh = lang == "zh"
    name = rule_name(line.rule, programme, lang)
    name = f"“{name}”" if zh else name
    units = units_words(line.units, line.currency, programme, lang)
    own = _personal(line, programme, lang)
    if line.verdict is Verdict.APPLIED:
        return f"{name}：给予{units}{own}" if zh else f"{name}: gives {units}{own}"
    if line.cap is not None or line.verdict in (Verdict.CUT, Verdict.CAP):
        wanted = units_words(line.uncapped, line.currency, programme, lang)
        cap = label(programme.caps.get(line.cap or ""), line.cap or "", lang)
        if zh:
            return f"{name}：应得{wanted}，受“{cap}”上限限制，给予{units}{own}"
        return f"{name}: gives {units} of {wanted}, for the cap {cap} has no more room{own}"
    why = _VERDICTS.get(line.verdict)
    told = str(line.verdict) if why is None else why[0 if zh else 1]
    if line.condition is not None:
        needed = sentence(line.condition, lang, programme)
        told = f"{told}（需要：{needed}）" if zh else f"{told}: {needed}"
    return f"{name}：不适用，{told}" if zh else f"{name}: does not apply, {told}"


def _personal(line: TraceLine, programme: Programme, lang: str) -> str:
    """Return the member's own numbers that a rule took, in brackets; nothing where it took none."""
    zh = lang == "zh"
    known = programme.parts.get("parameters", {})
    told = [
        f"{personal_words(code, programme, lang)}{'为' if zh else ' is '}"
        f"{short_number(value, known[code].decimals)}"
        for code, value in line.personal
    ]
    if not told:
        return ""
    return f"（{'，'.join(told)}）" if zh else f" ({', '.join(told)})"


def movement_words(
    movement: Movement, uses: Sequence[tuple[LotUse, Lot]], programme: Programme, lang: str
) -> str:
    """Return what moved, why, by which rule, and which lots it changed."""
    zh = lang == "zh"
    units = units_words(movement.units, movement.currency, programme, lang)
    parts = [_of(_REASONS, movement.reason, lang)]
    if movement.rule is not None:
        name = rule_name(movement.rule, programme, lang)
        parts.append(f"“{name}”" if zh else f"by {name}")
    route = _ROUTES.get((movement.debit, movement.credit))
    if route is not None:
        parts.append(route[0 if zh else 1])
    if uses:
        lots = [lot_words(lot, lang) for _, lot in uses[:LOTS_SAID]]
        more = len(uses) - len(lots)
        if more:
            lots.append(f"另{more}批" if zh else f"{more} more")
        parts.append("、".join(lots) if zh else "; ".join(lots))
    comma = "，" if zh else ", "
    return f"{_sign(movement)}{units}{'：' if zh else ': '}{comma.join(parts)}"


def lot_words(lot: Lot, lang: str) -> str:
    """Return where a lot comes from and how long it is valid."""
    zh = lang == "zh"
    until = None if lot.expires_day is None else format_day(lot.expires_day)
    if zh:
        valid = "" if until is None else f"，有效至{until}"
        return f"第{lot.lot_no}批（来自第{lot.earned_seq}号事件{valid}）"
    valid = "" if until is None else f", valid through {until}"
    return f"lot {lot.lot_no} (from event {lot.earned_seq}{valid})"


def units_words(units: int, currency: str, programme: Programme, lang: str) -> str:
    """Return a number of units with what they are called."""
    declared = programme.currencies.get(currency)
    if declared is None:
        return f"{units} {currency}"
    return f"{format_minor(units, declared.scale)} {getattr(declared.name, lang)}"


def sum_words(
    of: tuple[str, str | None], change: int, currency: str, programme: Programme, lang: str
) -> str:
    """Return what a reason (and rule) has brought or cost over time."""
    zh = lang == "zh"
    reason, rule = of
    told = _of(_REASONS, reason, lang)
    if rule is not None:
        name = rule_name(rule, programme, lang)
        told += f"“{name}”" if zh else f" by {name}"
    sign = "+" if change > 0 else "-"
    units = units_words(abs(change), currency, programme, lang)
    return f"{sign}{units}{'：' if zh else ': '}{told}"


def missed_words(day: str, what: str, lang: str) -> str:
    """Return the beginning of a line about an event in which a rule gave less than it could."""
    return f"{day} {what}：" if lang == "zh" else f"{day}, {what}: "


def value_words(code: str, value: Any, programme: Programme, lang: str) -> str:
    """Return a metric or an attribute with its value, as a reader says it."""
    metric = programme.metrics.get(code)
    if metric is not None:
        told = told_number(programme, code, value)
        if metric.measure == "amount":
            told = f"{programme.money} {told}"
        return f"{label(metric, code, lang)}{'：' if lang == 'zh' else ': '}{told}"
    declared = programme.attributes.get(code)
    told = value_label(declared, value, lang)
    return f"{label(declared, code, lang)}{'：' if lang == 'zh' else ': '}{told}"


def refusal_words(code: str | None, lang: str) -> str:
    """Return the sentence of a refusal by its code, or the code where nobody knows it any more."""
    waiting: list[type[Refusal]] = [Refusal]
    while waiting:
        each = waiting.pop()
        if each.code == code:
            return each.title(lang)
        waiting += each.__subclasses__()
    return code or ""


def _of(known: dict[str, Pair], code: str, lang: str) -> str:
    found = known.get(code)
    return code if found is None else found[0 if lang == "zh" else 1]


_GAINS = frozenset({"available", "pending"})


def _sign(movement: Movement) -> str:
    """Return the sign by what the member has, whether it can be spent yet or not."""
    inward, outward = movement.credit in _GAINS, movement.debit in _GAINS
    if inward and outward:
        return ""
    if inward or (movement.credit == "owed" and not outward):
        return "+"
    return "-" if outward or movement.debit == "owed" else ""
