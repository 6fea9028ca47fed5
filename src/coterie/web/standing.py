"""What a member has and where it stands, ready to be written: the same on every face."""

from __future__ import annotations

from typing import NamedTuple

from coterie.insight import progress_of
from coterie.ledger import BalanceView, balances_of
from coterie.programme.compile import Programmes
from coterie.programme.ladders.progress import LadderProgress, Need, missing_words
from coterie.programme.model import Currency, Programme
from coterie.web.asking import Ask
from coterie.web.errors import PageUnknown
from coterie.web.words import pick


class Wallet(NamedTuple):
    """A currency of the member, ready to be written."""

    currency: Currency
    name: str
    view: BalanceView
    worth_minor: int | None


class Step(NamedTuple):
    """How far one number is on the way: ``percent`` of what is wanted, at most 100."""

    name: str
    have: str
    wanted: str
    percent: int
    met: bool


class Place(NamedTuple):
    """A ladder as the member sees it: where it stands, what is missing, what each tier brings."""

    at: LadderProgress
    name: str
    tier: str
    tiers: tuple[tuple[str, bool, bool, tuple[str, ...]], ...]
    rise: str
    rise_name: str
    rise_steps: tuple[Step, ...]
    keep: str
    keep_steps: tuple[Step, ...]
    projected: str


def programme_of(ask: Ask) -> Programme:
    """Return the programme in force. Raises PageUnknown where none is published."""
    if ask.programme is None:
        raise PageUnknown
    return ask.programme


def wallets(ask: Ask, member_id: int) -> list[Wallet]:
    """Return what the member has of every currency that it ever had, in the programme's order."""
    programme = programme_of(ask)
    views = {view.currency: view for view in balances_of(ask.db, member_id)}
    found = []
    for code, currency in programme.currencies.items():
        if code not in views:
            continue
        view = views[code]
        worth = None
        if currency.worth_minor is not None:
            # Of 100 whole units; what is a fraction of a minor unit is not promised.
            worth = max(0, view.available) * currency.worth_minor // (100 * 10**currency.scale)
        found.append(Wallet(currency, pick(currency.name, ask.language), view, worth))
    return found


def places(ask: Ask, programmes: Programmes, member_id: int) -> list[Place]:
    """Return where the member stands on each ladder."""
    told = progress_of(ask.db, programmes, member_id, ask.now_us)
    return [_place(ask, each) for each in told]


def _place(ask: Ask, at: LadderProgress) -> Place:
    ladder = programme_of(ask).parts["ladders"][at.ladder]
    order = [tier.code for tier in ladder.tiers]
    here = order.index(at.tier)
    names = {tier.code: pick(tier.name, ask.language) for tier in ladder.tiers}
    rows = tuple(
        (
            names[tier.code],
            n == here,
            n <= here,
            tuple(pick(benefit, ask.language) for benefit in tier.benefits),
        )
        for n, tier in enumerate(ladder.tiers)
    )
    return Place(
        at,
        pick(at.name, ask.language),
        names[at.tier],
        rows,
        "" if at.rise is None else missing_words(at.rise.need, ask.language),
        "" if at.rise is None else pick(at.rise.name, ask.language),
        () if at.rise is None else _steps(ask, at.rise.need),
        "" if at.keep is None else missing_words(at.keep.need, ask.language),
        () if at.keep is None else _steps(ask, at.keep.need),
        names.get(at.projected, at.projected),
    )


def _steps(ask: Ask, need: Need) -> tuple[Step, ...]:
    """Return the numbers behind a threshold, however it nests."""
    if need.of:
        return tuple(step for each in need.of for step in _steps(ask, each))
    if need.have is None or need.wanted is None or need.at_most:
        return ()
    wanted, have = _minor(need.wanted), _minor(need.have)
    percent = 100 if need.met or wanted <= 0 else max(0, min(100, have * 100 // wanted))
    name = pick(need.name, ask.language, need.metric or "")
    return (Step(name, need.have, need.wanted, percent, need.met),)


def _minor(text: str) -> int:
    """Return a decimal as an integer of millionths: only ratios are taken of it."""
    whole, _, fraction = text.replace(",", "").partition(".")
    sign = -1 if whole.startswith("-") else 1
    return int(whole or "0") * 1_000_000 + sign * int((fraction + "000000")[:6])
