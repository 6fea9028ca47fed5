"""What a plan reports: the two sides of every figure, and who gains and loses."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from coterie.kernel.numbers import Rounding, divide
from coterie.programme.model import Programme
from coterie.replay.tallying import VALUE, Differences, Example, Tally, Total, Uncovered

_MICRO = 10**6
QUANTILES = (1, 5, 10, 25, 50, 75, 90, 95, 99)
_BANDS = (1, 10, 100, 1_000, 10_000, 100_000)


class Sided(Struct, frozen=True):
    """One figure under the live version and under the draft."""

    live: int
    draft: int
    difference: int


class Band(Struct, frozen=True):
    """Members whose difference lies from ``low`` through ``high`` (None: without end)."""

    low: int | None
    high: int | None
    members: int


class Gainer(Struct, frozen=True):
    """A member by id, as an example."""

    member_id: int
    difference: int
    live: int
    draft: int


class Spread(Struct, frozen=True):
    """How members fare in one measure: how many, how much, and the distribution.

    ``quantiles`` are of the differences, by percent (``p50``: the middle member); from 1,000 on
    they and the bands are right to three digits. ``gained`` and ``lost`` are exact sums.
    """

    winners: int
    losers: int
    same: int
    gained: int
    lost: int
    quantiles: dict[str, int]
    bands: tuple[Band, ...]
    best: tuple[Gainer, ...]
    worst: tuple[Gainer, ...]


class CurrencyPlan(Struct, frozen=True):
    """One currency: units in its scale, money in minor units.

    ``issued`` is less what was taken back; ``liability`` is what is outstanding at the currency's
    cost.
    """

    currency: str
    issued: Sided
    spent: Sided
    expired: Sided
    written_off: Sided
    outstanding: Sided
    cost_minor: Sided
    liability_minor: Sided
    members: Spread


class RulePlan(Struct, frozen=True):
    """What one rule (or other promise) issues, and at which cost."""

    currency: str
    rule: str
    units: Sided
    cost_minor: Sided


class UncoveredPlan(Struct, frozen=True):
    """Spending that one side covers and the other does not: the member has too little."""

    events: int
    members: int
    units: dict[str, int]
    examples: tuple[str, ...]


class TierMove(Struct, frozen=True):
    """Members who stand on one tier under the live version and on another under the draft."""

    ladder: str
    live: str
    draft: str
    members: int


class PlanReport(Struct, frozen=True):
    """Recorded history under the live version and under a draft.

    ``value`` compares what was issued to each member, at cost, over all currencies, in minor units
    of money. ``match_minor`` is what it would cost to give everybody who is better off under the
    draft the rest.
    """

    members: int
    events: int
    currencies: tuple[CurrencyPlan, ...]
    rules: tuple[RulePlan, ...]
    value: Spread
    match_minor: int
    answers: dict[str, Sided]
    uncovered: UncoveredPlan
    newly_covered: UncoveredPlan
    tiers: tuple[TierMove, ...]
    rival: bool = False
    live_version: int = 0
    draft_sha256: str = ""
    from_us: int | None = None
    to_us: int = 0
    seconds: float = 0

    @property
    def same(self) -> bool:
        """Tell whether nothing differs."""
        sided = [s for c in self.currencies for s in _figures(c)]
        sided += [s for rule in self.rules for s in (rule.units, rule.cost_minor)]
        sided += self.answers.values()
        spreads = [self.value, *(currency.members for currency in self.currencies)]
        return (
            not any(each.difference for each in sided)
            and not any(each.winners or each.losers for each in spreads)
            and not self.uncovered.events
            and not self.newly_covered.events
            and all(move.live == move.draft for move in self.tiers)
        )


def _figures(c: CurrencyPlan) -> tuple[Sided, ...]:
    return (
        c.issued,
        c.spent,
        c.expired,
        c.written_off,
        c.outstanding,
        c.cost_minor,
        c.liability_minor,
    )


def report_of(tally: Tally, live: Programme, draft: Programme) -> PlanReport:
    """Return the report of what was added up."""
    known = [*live.currencies, *(code for code in draft.currencies if code not in live.currencies)]
    value = tally.differences.get(VALUE, Differences())
    rules = tally.live.rules.keys() | tally.draft.rules.keys()
    codes = tally.live.answers.keys() | tally.draft.answers.keys()
    return PlanReport(
        members=tally.members,
        events=tally.events,
        currencies=tuple(_currency(code, tally, live, draft) for code in known),
        rules=tuple(_rule(key, tally) for key in sorted(rules)),
        value=_spread(value, tally.members, _MICRO),
        match_minor=_minor(value.gained),
        answers={
            code: _sided(tally.live.answers.get(code, 0), tally.draft.answers.get(code, 0))
            for code in sorted(codes)
        },
        uncovered=_uncovered(tally.uncovered),
        newly_covered=_uncovered(tally.newly_covered),
        tiers=tuple(TierMove(*key, members) for key, members in sorted(tally.tiers.items())),
    )


def _sided(live: int, draft: int) -> Sided:
    return Sided(live, draft, draft - live)


def _minor(micro: int) -> int:
    return divide(micro, _MICRO, Rounding.HALF_UP) if micro >= 0 else -_minor(-micro)


def _currency(code: str, tally: Tally, live: Programme, draft: Programme) -> CurrencyPlan:
    def moved(account: str) -> Sided:
        key = (code, account)
        return _sided(tally.live.moved.get(key, 0), tally.draft.moved.get(key, 0))

    def liability(total: Total, programme: Programme) -> int:
        declared = programme.currencies.get(code)
        micro = 0 if declared is None else declared.unit_cost_micro
        return _minor(total.outstanding.get(code, 0) * micro)

    return CurrencyPlan(
        currency=code,
        issued=moved("issued"),
        spent=moved("redeemed"),
        expired=moved("breakage"),
        written_off=moved("written_off"),
        outstanding=_sided(
            tally.live.outstanding.get(code, 0), tally.draft.outstanding.get(code, 0)
        ),
        cost_minor=_sided(
            _minor(tally.live.costs.get(code, 0)), _minor(tally.draft.costs.get(code, 0))
        ),
        liability_minor=_sided(liability(tally.live, live), liability(tally.draft, draft)),
        members=_spread(tally.differences.get(code, Differences()), tally.members, 1),
    )


def _rule(key: tuple[str, str], tally: Tally) -> RulePlan:
    live = tally.live.rules.get(key, (0, 0))
    draft = tally.draft.rules.get(key, (0, 0))
    cost = _sided(_minor(live[1]), _minor(draft[1]))
    return RulePlan(*key, _sided(live[0], draft[0]), cost)


def _spread(found: Differences, members: int, unit: int) -> Spread:
    """Return the distribution over all members; who has nothing of it is the same."""
    counts = dict(found.counts)
    counts[0] = counts.get(0, 0) + members - sum(counts.values())
    ordered = sorted((by, n) for by, n in counts.items() if n)
    winners = sum(n for by, n in ordered if by > 0)
    losers = sum(n for by, n in ordered if by < 0)
    return Spread(
        winners=winners,
        losers=losers,
        same=members - winners - losers,
        gained=_scaled(found.gained, unit),
        lost=_scaled(found.lost, unit),
        quantiles={
            f"p{percent}": _scaled(_quantile(ordered, members, percent), unit)
            for percent in QUANTILES
        },
        bands=_bands([(_scaled(by, unit), n) for by, n in ordered]),
        best=_gainers(found.winners, unit),
        worst=_gainers(found.losers, unit),
    )


def _scaled(value: int, unit: int) -> int:
    if unit == 1:
        return value
    size = divide(abs(value), unit, Rounding.HALF_UP)
    return size if value >= 0 else -size


def _quantile(ordered: Sequence[tuple[int, int]], members: int, percent: int) -> int:
    """Return the smallest difference that at least so many percent do not exceed."""
    wanted = -(-members * percent // 100)
    seen = 0
    for by, n in ordered:
        seen += n
        if seen >= wanted:
            return by
    return 0


def _bands(ordered: Sequence[tuple[int, int]]) -> tuple[Band, ...]:
    edges = [*(-edge for edge in reversed(_BANDS)), *_BANDS]
    lows: list[int | None] = [None, *(low + 1 if low < 0 else low for low in edges)]
    bands = []
    for number, low in enumerate(lows):
        following = lows[number + 1] if number + 1 < len(lows) else None
        high = None if following is None else following - 1
        members = sum(
            n for by, n in ordered if (low is None or by >= low) and (high is None or by <= high)
        )
        if members:
            bands.append(Band(low, high, members))
    return tuple(bands)


def _gainers(examples: Sequence[Example], unit: int) -> tuple[Gainer, ...]:
    return tuple(
        Gainer(member_id, *(_scaled(each, unit) for each in (draft - live, live, draft)))
        for _, member_id, live, draft in examples
    )


def _uncovered(found: Uncovered) -> UncoveredPlan:
    units = dict(sorted(found.units.items()))
    return UncoveredPlan(found.events, found.members, units, tuple(found.examples))
