"""Why: an event, a balance or a reward that did not come, decided again from recorded history.

Nothing of an explanation is stored. It reads one member's record, decides it again with a trace
(:mod:`coterie.replay.reliving`) and puts values and sentences together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from coterie.events import EventUnknown, MemberUnknown
from coterie.kernel.errors import Malformed, nearest
from coterie.kernel.time import format_day, format_instant
from coterie.ledger import Account, Lot, Movement
from coterie.programme.compile import Programmes
from coterie.programme.explaining import (
    event_words,
    missed_words,
    rule_name,
    sum_words,
    trace_words,
    units_words,
)
from coterie.programme.model import Programme
from coterie.programme.plain import rule_words
from coterie.programme.tracing import TraceLine, Verdict
from coterie.replay.describing import both, explained, explained_lot, explained_rule, lines_of
from coterie.replay.errors import NameUnknown, RecordDiffers
from coterie.replay.explained import (
    ExplainedCurrency,
    ExplainedEvent,
    ExplainedMissing,
    Explanation,
    Lines,
    Missed,
    Question,
    ReasonSum,
)
from coterie.replay.explaining_tiers import explain_ladder
from coterie.replay.history import Past, load_pasts
from coterie.replay.reading import begin_reading
from coterie.replay.reliving import Moment, relive
from coterie.storage import Connection

LOTS_MAX = 20
"""Lots explained at a time, in burn order; the others are in the list of lots."""
MISSED_MAX = 10
_DIGITS_MAX = 18
_HOLDERS = frozenset({"available", "pending", "held", "owed"})
_GAVE_ALL = frozenset({Verdict.APPLIED, Verdict.OTHER_KIND})


def explain(
    db: Connection, programmes: Programmes, member_id: int, asked: Question, now_us: int
) -> Explanation:
    """Answer a question about a member whose due moments up to now were decided.

    ``db`` is a connection in autocommit mode. Raises :class:`~coterie.kernel.errors.Malformed` for
    none or several questions, and what the explanations raise.
    """
    given = [name for name in asked.__struct_fields__ if getattr(asked, name) is not None]
    if len(given) != 1:
        raise Malformed(f"Ask one of {', '.join(asked.__struct_fields__)}.")
    as_of = format_instant(now_us)
    if asked.event is not None:
        seq = _seq_of(asked.event, member_id)
        found = explain_event(db, programmes, member_id, seq)
        return Explanation(member_id, as_of, event=found)
    if asked.currency is not None:
        balance = explain_currency(db, programmes, member_id, asked.currency, now_us)
        return Explanation(member_id, as_of, currency=balance)
    if asked.tier is not None:
        place = explain_ladder(programmes, past_of(db, member_id), asked.tier, now_us)
        return Explanation(member_id, as_of, tier=place)
    assert asked.missing is not None
    missing = explain_missing(db, programmes, member_id, asked.missing, now_us)
    return Explanation(member_id, as_of, missing=missing)


def _seq_of(event: str, member_id: int) -> int:
    """Return the number of an event written as ``member:seq`` or ``seq``."""
    owner, _, seq = event.rpartition(":")
    if seq.isdecimal() and len(seq) <= _DIGITS_MAX and owner in ("", str(member_id)):
        return int(seq)
    raise EventUnknown(f"Member {member_id} has no event {event[:60]!r}.", where="event")


def explain_event(
    db: Connection, programmes: Programmes, member_id: int, seq: int
) -> ExplainedEvent:
    """Explain one event of a member.

    Raises :class:`~coterie.events.MemberUnknown`, :class:`~coterie.events.EventUnknown` and
    :class:`~coterie.replay.errors.RecordDiffers`.
    """
    past = past_of(db, member_id)
    for moment in relive(programmes, past, lambda r: r.happening.seq == seq):
        if moment.record.happening.seq == seq:
            return explained(moment)
    raise EventUnknown(f"Member {member_id} has no event {seq}.", where="event")


def explain_currency(
    db: Connection, programmes: Programmes, member_id: int, currency: str, now_us: int
) -> ExplainedCurrency:
    """Explain a balance: what brought and took units, which lots are left, and their events.

    Raises :class:`~coterie.events.MemberUnknown`, :class:`~coterie.replay.errors.NameUnknown` and
    :class:`~coterie.replay.errors.RecordDiffers`.
    """
    newest = programmes.at(now_us).programme
    _known(currency, newest.currencies, "currency")
    past = past_of(db, member_id)
    alive = [lot for lot in past.lots.values() if lot.currency == currency and _live(lot)]
    alive = sorted(alive, key=Lot.burn_key)[:LOTS_MAX]
    wanted = {lot.earned_seq for lot in alive}
    sums: dict[tuple[str, str | None], tuple[int, set[int]]] = {}
    events = []
    for moment in relive(programmes, past, lambda r: r.happening.seq in wanted):
        seq = moment.record.happening.seq
        for movement in moment.decision.movements:
            if movement.currency == currency and (change := _change(movement)):
                key = (movement.reason, movement.rule)
                before, seqs = sums.get(key, (0, set()))
                sums[key] = (before + change, seqs | {seq})
        if seq in wanted:
            events.append(explained(moment))
    return _balance(past, newest, currency, sums, alive, events)


def explain_missing(
    db: Connection, programmes: Programmes, member_id: int, rule: str, now_us: int
) -> ExplainedMissing:
    """Explain why a rule gave nothing, or less than it could: by verdicts, and the last events.

    Raises :class:`~coterie.events.MemberUnknown`, :class:`~coterie.replay.errors.NameUnknown` and
    :class:`~coterie.replay.errors.RecordDiffers`.
    """
    known = {r.code: version for version in programmes.versions for r in version.programme.rules}
    _known(rule, known, "rule")
    past = past_of(db, member_id)
    verdicts: dict[str, int] = {}
    given = 0
    last: list[Missed] = []
    for moment in relive(programmes, past, lambda _: True):
        assert moment.trace is not None
        for line in moment.trace.lines:
            if line.rule != rule:
                continue
            verdicts[line.verdict.value] = verdicts.get(line.verdict.value, 0) + 1
            given += line.units
            if line.verdict not in _GAVE_ALL:
                last = [*last, _missed(moment, line)][-MISSED_MAX:]
    now = next((r for r in programmes.at(now_us).programme.rules if r.code == rule), None)
    programme = programmes.at(now_us).programme if now is not None else known[rule].programme
    return ExplainedMissing(
        member_id,
        rule,
        given,
        verdicts,
        tuple(reversed(last)),
        lines_of(lambda lang: _missing_words(rule, verdicts, last, programme, lang)),
        None if now is None else both(lambda lang: rule_words(now, programme, lang)),
    )


# ---------------------------------------------------------------------- a balance


def _live(lot: Lot) -> bool:
    return lot.remaining > 0 or lot.held > 0


def _change(movement: Movement) -> int:
    """Return by how much a movement changes what the member has in all, debts taken off."""
    inward, outward = movement.credit in _HOLDERS, movement.debit in _HOLDERS
    return movement.units * (inward - outward)


_Sums = dict[tuple[str, str | None], tuple[int, set[int]]]


def _balance(
    past: Past,
    programme: Programme,
    currency: str,
    sums: _Sums,
    alive: Sequence[Lot],
    events: Sequence[ExplainedEvent],
) -> ExplainedCurrency:
    account = past.accounts.get(currency, Account(currency))
    parts = tuple(
        _sum(key, change, len(seqs), currency, programme)
        for key, (change, seqs) in sums.items()
        if change
    )
    made = ExplainedCurrency(
        past.member.member_id,
        currency,
        account.available + account.pending + account.held - account.owed,
        account.available,
        account.pending,
        account.held,
        account.owed,
        parts,
        tuple(explained_lot(lot, past.member.member_id) for lot in alive),
        tuple(events),
        Lines((), ()),
    )
    return replace(made, words=lines_of(lambda lang: _balance_lines(made, programme, lang)))


def _sum(
    of: tuple[str, str | None], change: int, events: int, currency: str, programme: Programme
) -> ReasonSum:
    words = both(lambda lang: sum_words(of, change, currency, programme, lang))
    return ReasonSum(of[0], change, events, words, of[1])


def _balance_lines(made: ExplainedCurrency, programme: Programme, lang: str) -> list[str]:
    zh = lang == "zh"
    units = units_words(made.units, made.currency, programme, lang)
    lines = [f"共有{units}，来自：" if zh else f"{units} in all, from:"]
    lines += [f"  {getattr(each.words, lang)}" for each in made.sums]
    if made.lots:
        lines.append("现有批次（按消耗顺序）：" if zh else "Lots that are left, in burn order:")
    explained_by = {event.event: event for event in made.events}
    for lot in made.lots:
        left = units_words(lot.remaining + lot.held, made.currency, programme, lang)
        lines.append(f"  {getattr(lot.words, lang)}{'：余' if zh else ': '}{left}")
        if lot.event in explained_by:
            told = getattr(explained_by[lot.event].words, lang)
            lines += [f"    {line}" for line in told]
    return lines


# ---------------------------------------------------------------------- what did not come


def _missed(moment: Moment, line: TraceLine) -> Missed:
    happening, programme = moment.record.happening, moment.cp.programme
    return Missed(
        f"{happening.member_id}:{happening.seq}",
        format_instant(happening.at_us, happening.offset_minutes),
        moment.decision.version,
        explained_rule(line, None, programme),
        both(
            lambda lang: (
                missed_words(
                    format_day(happening.day), event_words(happening, programme, lang), lang
                )
                + trace_words(line, programme, lang)
            )
        ),
    )


def _missing_words(
    rule: str, verdicts: dict[str, int], last: Sequence[Missed], programme: Programme, lang: str
) -> list[str]:
    zh = lang == "zh"
    name = rule_name(rule, programme, lang)
    relevant = sum(n for verdict, n in verdicts.items() if verdict != Verdict.OTHER_KIND)
    applied = verdicts.get(Verdict.APPLIED, 0) + verdicts.get(Verdict.CUT, 0)
    lines = [
        f"“{name}”：相关事件{relevant}次，其中{applied}次给予。"
        if zh
        else f"{name}: it applied to {applied} of {relevant} events it is about."
    ]
    return lines + [getattr(each.words, lang) for each in reversed(last)]


# ---------------------------------------------------------------------- helpers


def past_of(db: Connection, member_id: int) -> Past:
    """Return what is recorded about a member, as of one moment.

    Raises :class:`~coterie.events.MemberUnknown` and
    :class:`~coterie.replay.errors.RecordDiffers`.
    """
    # One moment for all statements: events of others go on meanwhile.
    begin_reading(db, None)
    try:
        found = next(load_pasts(db, member_id, member_id + 1), None)
    finally:
        db.execute("rollback")
    if found is None:
        raise MemberUnknown(f"There is no member {member_id}.")
    if found.trouble is not None:
        raise RecordDiffers(found.trouble)
    return found


def _known(name: str, known: Iterable[str], where: str) -> None:
    names = list(known)
    if name not in names:
        raise NameUnknown(f"There is no {where} {name!r}.{nearest(name, names)}", where=where)
