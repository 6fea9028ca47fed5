"""What is kept of a decision beside its movements, and the answer made from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct, field

from coterie.intake.answers import Answer, BalanceAfter, Effect, Excess, TierAfter
from coterie.kernel.time import format_day
from coterie.ledger import Account, Movement
from coterie.programme.standing import (
    NO_CLAIMS,
    Claims,
    Context,
    Decision,
    FollowUp,
    Grant,
    Sale,
    Taken,
)
from coterie.tiers import TierChange

BalanceRow = tuple[str, int, int, int, int]
"""Currency, available (open lots), pending, held, owed."""


class Outcome(Struct, omit_defaults=True, gc=False):
    """The ``outcome`` of a recorded event.

    ``n`` is the number of its movements, ``balances`` the accounts it touched as it left them. The
    rest is what later events need: a sale's grants and context, what a return took back, the lots
    that opened (first number, how many).
    """

    n: int = 0
    balances: list[BalanceRow] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    context: Context | None = None
    counted: tuple[str, ...] = ()
    returned: list[tuple[int, int, int, int]] = field(default_factory=list)
    excess: list[tuple[int, int]] = field(default_factory=list)
    undone: int | None = None
    detail: str | None = None
    where: str | None = None
    approved: bool = False
    claims: Claims = NO_CLAIMS
    tiers: list[TierChange] = field(default_factory=list)
    follow_ups: list[FollowUp] = field(default_factory=list)
    opened: tuple[int, int] | None = None
    entered: tuple[str, str] | None = None


class Returned(Struct, omit_defaults=True, gc=False):
    """What has come back of a recorded event: line index to (quantity milli, amount minor).

    For a merge: what came back of the sales it brought, by their place in its list.

    ``lots`` are the numbers of lots that returns opened for the sale, ``taken`` where from they
    took units.
    """

    lines: dict[int, tuple[int, int]] = field(default_factory=dict)
    undone: bool = False
    taken: dict[str, list[Taken]] = field(default_factory=dict)
    lots: list[int] = field(default_factory=list)
    sales: dict[int, Returned] = field(default_factory=dict)


def returned_of(sale: Sale) -> Returned:
    """Return what to keep of what came back of a sale."""
    return Returned(sale.returned, lots=sale.lots, taken=sale.taken)


def returned_of_merge(sales: Mapping[int, Sale]) -> Returned:
    """Return what to keep of what came back of the sales that a merge brought."""
    return Returned(sales={n: returned_of(sales[n]) for n in sorted(sales) if sales[n].returned})


_outcome_encode = msgspec.json.Encoder().encode
outcome_decoder = msgspec.json.Decoder(Outcome)
returned_decoder = msgspec.json.Decoder(Returned)


def encode(value: Any) -> str:
    """Write JSON as text."""
    return _outcome_encode(value).decode()


def outcome_of(
    decision: Decision, accounts: dict[str, Account], *, approved: bool = False
) -> Outcome:
    """Return what to keep of a decision."""
    movements = decision.movements
    balances: list[BalanceRow] = []
    if movements:
        for code in dict.fromkeys([movement.currency for movement in movements]):
            a = accounts[code]
            balances.append((code, a.available, a.pending, a.held, a.owed))
    opened = decision.opened
    return Outcome(
        len(movements),
        balances,
        decision.grants,
        decision.context,
        decision.counted,
        decision.returned,
        decision.excess,
        decision.undone,
        decision.detail,
        decision.where,
        approved,
        decision.claims,
        decision.tiers,
        decision.follow_ups,
        # An event numbers its lots one after the other.
        (opened[0].lot_no, len(opened)) if opened else None,
        decision.entered,
    )


def answer_from(
    member_id: int,
    seq: int,
    status: str,
    code: str | None,
    outcome: Outcome,
    movements: list[Movement],
    *,
    replayed: bool = False,
) -> Answer:
    """Make the answer of a recorded event; the same from a decision and from the record of it."""
    return Answer(
        status,
        f"{member_id}:{seq}",
        member_id,
        code,
        outcome.detail,
        outcome.where,
        "business" if status == "refused" else None,
        tuple(
            [Effect(m.currency, m.units, m.reason, m.debit, m.credit, m.rule) for m in movements]
        ),
        tuple([BalanceAfter(c, a - o, p, h, o) for c, a, p, h, o in outcome.balances]),
        tuple([Excess(line, quantity) for line, quantity in outcome.excess]),
        replayed,
        tuple([_tier_after(change) for change in outcome.tiers]) if outcome.tiers else (),
    )


def _tier_after(change: TierChange) -> TierAfter:
    until = None if change.until_day is None else format_day(change.until_day)
    return TierAfter(change.ladder, change.to_tier, change.reason, change.from_tier, until)
