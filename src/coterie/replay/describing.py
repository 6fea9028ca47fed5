"""An event that was decided again, as values with their sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from coterie.kernel.time import MINUTE_US, format_day, format_instant
from coterie.ledger import Lot, LotUse, Movement
from coterie.programme.conditions import plain_condition
from coterie.programme.explaining import (
    event_words,
    lot_words,
    movement_words,
    refusal_words,
    trace_words,
    units_words,
    value_words,
)
from coterie.programme.ladders.telling import change_words
from coterie.programme.model import Programme, Words
from coterie.programme.standing import Standing
from coterie.programme.tracing import TraceLine, Verdict
from coterie.replay.explained import (
    ExplainedEvent,
    ExplainedLot,
    ExplainedMovement,
    ExplainedRule,
    ExplainedTier,
    Lines,
    LotPart,
)
from coterie.replay.reliving import Moment
from coterie.tiers import TierChange


def explained(moment: Moment) -> ExplainedEvent:
    """Return the explanation of an event that was just decided again with a trace."""
    record, decision, values = moment.record, moment.decision, moment.values
    assert values is not None, "it was asked for"
    happening, programme = record.happening, moment.cp.programme
    refused = decision.status != "accepted"
    made = ExplainedEvent(
        event=f"{happening.member_id}:{happening.seq}",
        kind=happening.kind,
        occurred_at=format_instant(happening.at_us, happening.offset_minutes),
        version=decision.version,
        status=decision.status,
        words=Lines((), ()),
        code=decision.code,
        detail=decision.detail if refused else None,
        state=values.state,
        metrics=values.metrics,
        attributes=values.attributes,
        rules=_rules(moment),
        movements=tuple(
            _movement(m, decision.uses, moment.standing, programme) for m in decision.movements
        ),
        opened=tuple(explained_lot(lot, happening.member_id) for lot in decision.opened),
        tiers=tuple(explained_tier(moment, change) for change in decision.tiers),
    )
    return replace(made, words=lines_of(lambda lang: _event_lines(moment, made, lang)))


def _rules(moment: Moment) -> tuple[ExplainedRule, ...]:
    trace = moment.trace
    if trace is None:
        return ()
    basis = {
        grant.rule: sum(amount for _, amount in grant.lines) for grant in moment.decision.grants
    }
    programme = moment.cp.programme
    return tuple(
        explained_rule(line, basis.get(line.rule), programme)
        for line in trace.lines
        if line.verdict is not Verdict.OTHER_KIND
    )


def explained_rule(line: TraceLine, basis_minor: int | None, programme: Programme) -> ExplainedRule:
    """Return what became of one rule."""
    return ExplainedRule(
        rule=line.rule,
        verdict=line.verdict.value,
        currency=line.currency,
        words=both(lambda lang: trace_words(line, programme, lang)),
        units=line.units,
        uncapped=line.uncapped,
        basis_minor=basis_minor,
        cap=line.cap,
        condition=None if line.condition is None else plain_condition(line.condition),
    )


def _movement(
    movement: Movement, uses: Sequence[LotUse], standing: Standing, programme: Programme
) -> ExplainedMovement:
    parts = [
        (use, standing.lots[use.lot_no])
        for use in uses
        if use.n == movement.n and use.lot_no in standing.lots
    ]
    member_id = standing.member.member_id
    return ExplainedMovement(
        currency=movement.currency,
        units=movement.units,
        debit=movement.debit,
        credit=movement.credit,
        reason=movement.reason,
        words=both(lambda lang: movement_words(movement, parts, programme, lang)),
        rule=movement.rule,
        lots=tuple(
            LotPart(lot.lot_no, f"{member_id}:{lot.earned_seq}", use.units) for use, lot in parts
        ),
    )


def explained_lot(lot: Lot, member_id: int) -> ExplainedLot:
    """Return a lot with its event."""
    return ExplainedLot(
        lot=lot.lot_no,
        currency=lot.currency,
        event=f"{member_id}:{lot.earned_seq}",
        units=lot.units,
        remaining=lot.remaining,
        words=both(lambda lang: lot_words(lot, lang)),
        held=lot.held,
        expires_on=None if lot.expires_day is None else format_day(lot.expires_day),
        releases_at=None if lot.releases_us is None else format_instant(lot.releases_us),
    )


def explained_tier(moment: Moment, change: TierChange) -> ExplainedTier:
    """Return one change of an event that was decided again."""
    happening, programme = moment.record.happening, moment.cp.programme
    offset = happening.offset_minutes
    if happening.kind == "due":
        # Nobody sent it: it fell due at a midnight of the programme's zone.
        offset = moment.cp.zone.offset_us(happening.at_us) // MINUTE_US
    return ExplainedTier(
        event=f"{happening.member_id}:{happening.seq}",
        occurred_at=format_instant(happening.at_us, offset),
        version=moment.decision.version,
        ladder=change.ladder,
        reason=change.reason,
        evidence=change.evidence,
        words=both(lambda lang: change_words(change, programme, lang)),
        before=change.from_tier,
        tier=change.to_tier,
        until_on=None if change.until_day is None else format_day(change.until_day),
    )


def _event_lines(moment: Moment, made: ExplainedEvent, lang: str) -> list[str]:
    """Return the chain: event, version, what was read, rules, movements."""
    zh = lang == "zh"
    programme, happening = moment.cp.programme, moment.record.happening
    day = format_day(happening.day)
    what = event_words(happening, programme, lang)
    lines = [
        f"{day}：{what}，按方案第{made.version}版处理。"
        if zh
        else f"{day}: {what}, decided by version {made.version}."
    ]
    if made.code is not None:
        lines.append(refusal_words(made.code, lang))
        if made.detail and not zh:
            lines.append(made.detail)
    read = [value_words(code, value, programme, lang) for code, value in made.metrics.items()]
    read += [value_words(code, value, programme, lang) for code, value in made.attributes.items()]
    if read and made.rules:
        listed = ("，" if zh else ", ").join(read)
        lines.append(f"处理前：{listed}。" if zh else f"Before it: {listed}.")
    said = [*(rule.words for rule in made.rules), *(moved.words for moved in made.movements)]
    lines += [getattr(words, lang) for words in said]
    lines += [_opened(lot, programme, lang) for lot in moment.decision.opened]
    lines += [getattr(change.words, lang) for change in made.tiers]
    if not made.movements and made.status == "accepted":
        lines.append("没有积分变动。" if zh else "No units moved.")
    return lines


def _opened(lot: Lot, programme: Programme, lang: str) -> str:
    units = units_words(lot.units, lot.currency, programme, lang)
    told = lot_words(lot, lang)
    return f"新开{told}：{units}" if lang == "zh" else f"opens {told}: {units}"


def both(say: Callable[[str], str]) -> Words:
    """Return one sentence in both languages."""
    return Words(zh=say("zh"), en=say("en"))


def lines_of(say: Callable[[str], Iterable[str]]) -> Lines:
    """Return sentences in both languages."""
    return Lines(tuple(say("zh")), tuple(say("en")))
