"""What happened in a case, in words: movements, refusals, and why each rule applied or did not."""

from __future__ import annotations

from coterie.casebook.model import Given, Told
from coterie.casebook.playing import Played
from coterie.kernel.numbers import format_minor, money_exponent
from coterie.kernel.time import Zone, format_instant
from coterie.ledger import Movement
from coterie.programme.conditions import sentence
from coterie.programme.model import Programme
from coterie.programme.tracing import TraceLine, Verdict

_KINDS = {
    "order": ("订单", "an order"),
    "return": ("退货", "a return"),
    "activity": ("活动", "an activity"),
    "spend": ("消耗", "spending"),
    "transfer": ("转赠", "a transfer"),
    "transfer_in": ("收到转赠", "a transfer arrives"),
    "transfer_back": ("转赠退回", "a transfer comes back"),
    "adjustment": ("调整", "an adjustment"),
    "attribute_change": ("属性变更", "a changed attribute"),
    "state_change": ("状态变更", "a changed state"),
    "reversal": ("撤销", "a reversal"),
    "due": ("到期处理", "something falls due"),
}
_WHY = {
    Verdict.OTHER_KIND: ("针对其他类型的事件", "it is about another kind of event"),
    Verdict.STATE: ("会员当前状态不能积分", "a member in this state earns nothing"),
    Verdict.DATES: ("不在规则有效期内", "the day lies outside its dates"),
    Verdict.LINES: ("订单中没有符合条件的商品", "no line of the order counts"),
    Verdict.BASE: ("没有可加赠的基础积分", "there is nothing to give a bonus on"),
    Verdict.TOO_LITTLE: ("不足一个单位", "it is too little for one unit"),
}


class Teller:
    """Says what was played, in ``zh`` or ``en``."""

    def __init__(self, programme: Programme, given: tuple[Given, ...], lang: str) -> None:
        """Take what the words are about."""
        self.programme = programme
        self.names = {each.member_id: each.name for each in given}
        self.zone = Zone(programme.zone)
        self.zh = lang == "zh"
        self.lang = lang

    def tell(self, played: Played) -> Told:
        """Return one thing that happened and what came of it."""
        at_us = played.happening.at_us
        offset = self.zone.offset_us(at_us) // 60_000_000
        name = self.names[played.member_id]
        lines = []
        if played.code is not None:
            word = {
                "refused": ("被拒绝", "refused"), "waiting": ("等待处理", "waiting")
            }[played.status]  # fmt: skip
            lines.append(f"{self._pick(word)} ({played.code}) {played.detail or ''}".rstrip())
        if played.decision is not None:
            lines += [self.movement(m) for m in played.decision.movements]
        lines += [self.trace(line) for line in played.trace.lines if _worth_saying(line)]
        return Told(format_instant(at_us, offset), name, self._what(played), tuple(lines))

    def _what(self, played: Played) -> str:
        kind = played.happening.kind
        event = played.happening.event
        word = self._pick(_KINDS[kind]) if kind in _KINDS else kind
        if kind == "activity":
            declared = self.programme.activities.get(event.activity)
            return self._pick((declared.name.zh, declared.name.en)) if declared else word
        if kind == "order":
            amount = sum(line.amount_minor for line in event.lines)
            return f"{word} {format_minor(amount, money_exponent(self.programme.money))}"
        return word

    def movement(self, movement: Movement) -> str:
        """Return ``+47 points (earn base)``: the sign is what it means for what can be spent."""
        code = movement.currency
        units = format_minor(movement.units, self.programme.currencies[code].scale)
        sign = {"available": "+", "owed": "+"}.get(movement.credit, "")
        sign = sign or {"available": "-", "owed": "-"}.get(movement.debit, "")
        route = f"{movement.debit} → {movement.credit}"
        why = movement.reason if movement.rule is None else f"{movement.reason} {movement.rule}"
        return f"{sign}{units} {code} ({why}; {route})"

    def trace(self, line: TraceLine) -> str:
        """Return what became of one rule."""
        rule = next((r for r in self.programme.rules if r.code == line.rule), None)
        name = line.rule if rule is None else f"{line.rule} ({self._pick_words(rule.name)})"
        scale = self.programme.currencies[line.currency].scale
        units = format_minor(line.units, scale)
        if line.verdict is Verdict.APPLIED:
            return f"{name}: {'给出' if self.zh else 'gives '}{units}"
        if line.verdict in (Verdict.CUT, Verdict.CAP):
            wanted = format_minor(line.uncapped, scale)
            if self.zh:
                return f"{name}: 应得{wanted}，受上限{line.cap}限制，给出{units}"
            return f"{name}: gives {units} of {wanted}, because of the cap {line.cap}"
        if line.condition is not None:
            needed = sentence(line.condition, self.lang, self.programme)
            if self.zh:
                return f"{name}: 不适用，条件未满足：{needed}"
            return f"{name}: does not apply, this does not hold: {needed}"
        known = _WHY.get(line.verdict)
        why = self._pick(known) if known else str(line.verdict)
        return f"{name}: {'不适用，' if self.zh else 'does not apply, '}{why}"

    def _pick(self, words: tuple[str, str]) -> str:
        return words[0] if self.zh else words[1]

    def _pick_words(self, words: object) -> str:
        return str(getattr(words, self.lang))


def _worth_saying(line: TraceLine) -> bool:
    return line.verdict is not Verdict.OTHER_KIND
