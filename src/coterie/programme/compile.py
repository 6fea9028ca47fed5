"""From declared values to functions over integers, once per version.

What a rule's conditions read decides how often they are asked: line conditions once per kind of
line, scene conditions (store, channel, day, ...) once per scene, the rest once per event.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from coterie.events import OrderLine
from coterie.kernel.numbers import Rounding
from coterie.kernel.time import Zone
from coterie.ledger import PaidBy
from coterie.metrics import total
from coterie.programme.bounds import SCENE_FIELDS, CompiledCap
from coterie.programme.conditions import Compiled, Scene, compile_condition
from coterie.programme.drawing import NOBODY, Draws
from coterie.programme.effects import Act, cap_digits, kind_of
from coterie.programme.measures import measure_of
from coterie.programme.model import (
    Basis,
    Condition,
    Currency,
    ExpiryModel,
    Metric,
    Programme,
    ReturnPolicy,
    Rule,
    Window,
)
from coterie.programme.rating import Rate
from coterie.programme.resting import rest_act
from coterie.programme.sections import SECTIONS
from coterie.programme.sections.periods import YEARLY
from coterie.programme.windows import Period, period_of

if TYPE_CHECKING:
    from coterie.programme.ladders.judging import CompiledLadder
    from coterie.programme.sections.campaigns import Campaign
    from coterie.programme.standing import Standing
    from coterie.programme.turn import Step

MEMO_MAX = 50_000
"""How many scenes or kinds of line a memo holds before it starts again."""

_DAY_KINDS = frozenset({"weekday", "date", "month_day"})


class CompiledMetric:
    """A metric made ready; ``kind`` counts and reads it."""

    __slots__ = (
        "code",
        "dynamic",
        "kind",
        "line",
        "measure",
        "of",
        "on",
        "period",
        "rules",
        "static",
        "subtracts",
    )

    def __init__(self, metric: Metric, programme: Programme) -> None:
        """Prepare a metric."""
        self.code = metric.code
        self.on = metric.on
        self.measure = metric.measure
        self.of = metric.of
        self.rules = frozenset(metric.rules)
        self.kind = measure_of(metric.measure)
        period = period_of(self.kind.window(metric), programme.late.days)
        assert period is not None  # the schema knows no metric per event
        if metric.remembers_year:
            # The same period of the year before has to be there until this one is settled.
            more = YEARLY[metric.window.kind]
            period = Period(period.bucket, period.length, period.keep + more, period.since)
        self.period: Period = period
        self.line = _condition(metric.lines, programme).line
        self.subtracts = metric.returns == "subtract"
        compiled = _condition(metric.when, programme)
        self.static = compiled.static
        self.dynamic = compiled.dynamic


class Coming(NamedTuple):
    """A metric that a version does not declare but later ones do: these."""

    metric: CompiledMetric
    versions: tuple[int, ...]


class CompiledRule:
    """A rule made ready: tests, and what it gives.

    Its kind of effect sets a ``rate`` on the basis, or ``act`` where it stands on other things.
    """

    __slots__ = (
        "act",
        "basis",
        "bit",
        "campaign",
        "caps",
        "caps_by_value",
        "caps_units",
        "code",
        "currency",
        "dynamic",
        "field",
        "from_day",
        "funder",
        "held_out_of",
        "index",
        "line",
        "multiplies",
        "per",
        "rate",
        "rounding",
        "static",
        "to_day",
        "unit_cost_micro",
    )

    def __init__(self, index: int, rule: Rule, programme: Programme) -> None:
        """Prepare everything of a rule but its caps and its effect."""
        when = _condition(rule.condition, programme)
        self.index = index
        self.bit = 1 << index
        self.code = rule.code
        self.static = when.static
        self.dynamic = when.dynamic
        self.line = _condition(rule.lines, programme).line
        self.from_day = rule.from_day
        self.to_day = rule.to_day
        self.campaign = rule.campaign
        self.held_out_of: str | None = None
        """The campaign whose comparison group gets nothing of this rule."""
        declared = programme.parts.get("campaigns", {}).get(rule.campaign or "")
        if declared is not None:
            self._join(declared)
        self.funder = rule.funder
        self.caps: tuple[CompiledCap, ...] = ()
        self.caps_units = False
        self.caps_by_value = False
        self.multiplies: tuple[CompiledRule, ...] = ()
        self.field: str | None = None
        self.act: Act | None = None
        self.basis = 0
        self.per: int | None = None
        self.rate: Rate = _no_rate
        self.currency = ""
        self.unit_cost_micro = 0
        self.rounding = Rounding.DOWN

    def _join(self, campaign: Campaign) -> None:
        """Apply on the days of the campaign alone, and not to its comparison group."""
        firsts, lasts = (self.from_day, campaign.from_day), (self.to_day, campaign.to_day)
        self.from_day = max((day for day in firsts if day is not None), default=None)
        self.to_day = min((day for day in lasts if day is not None), default=None)
        if campaign.hold_out:
            code, others = campaign.code, self.dynamic
            self.held_out_of = code
            if others is None:
                self.dynamic = lambda situation: not situation.held_out(code)
            else:
                self.dynamic = lambda situation: others(situation) and not situation.held_out(code)

    def in_dates(self, day: int) -> bool:
        """Tell whether the rule is about this day."""
        return (self.from_day is None or day >= self.from_day) and (
            self.to_day is None or day <= self.to_day
        )

    def own(self, currency: Currency) -> None:
        """Take cost and funder from the currency where the rule says nothing."""
        self.unit_cost_micro = currency.unit_cost_micro
        self.funder = self.funder or currency.funder


def _no_rate(_lines: object, _basis: int, _situation: object) -> int:
    return 0


def _condition(condition: Condition | None, programme: Programme) -> Compiled:
    if condition is None:
        return Compiled(None, None, None)
    return compile_condition(condition, programme)


def _kinds(conditions: Iterable[Condition | None]) -> Iterator[str]:
    """Yield every kind of condition in the trees, nested ones too."""
    for condition in conditions:
        if condition is None:
            continue
        yield condition.kind
        yield from _kinds(_nested(condition.args.values()))


def _nested(values: Iterable[Any]) -> Iterator[Condition]:
    for value in values:
        if isinstance(value, Condition):
            yield value
        elif isinstance(value, list | tuple):
            yield from _nested(value)


class CompiledProgramme:
    """One version of a programme, ready to decide with."""

    def __init__(
        self,
        programme: Programme,
        version: int,
        active_from_us: int = 0,
        draws: Draws = NOBODY,
    ) -> None:
        """Compile a checked programme; ``draws`` tell who is in comparison groups."""
        self.draws = draws
        self.hold_outs: dict[str, int] = {
            code: campaign.hold_out
            for code, campaign in programme.parts.get("campaigns", {}).items()
            if campaign.hold_out
        }
        """Campaigns with a comparison group, and its share in thousandths."""
        self.programme = programme
        self.version = version
        self.active_from_us = active_from_us
        self.zone = Zone(programme.zone)
        self.currencies = programme.currencies
        self.states = programme.states
        self.late = programme.late
        slack = programme.late.days
        self.caps = {
            code: CompiledCap(
                index,
                cap,
                slack,
                programme.parts.get("parameters", {}).get(cap.parameter or ""),
                cap_digits(cap, programme),
            )
            for index, (code, cap) in enumerate(programme.caps.items())
        }
        self.metrics = {code: CompiledMetric(m, programme) for code, m in programme.metrics.items()}
        self.recomputes = any(
            c.returns is ReturnPolicy.RECOMPUTE for c in programme.currencies.values()
        )
        self.inactivity = tuple(
            code
            for code, currency in programme.currencies.items()
            if currency.expiry.model is ExpiryModel.INACTIVITY
        )
        self.expiry_decides = {code: c.expiry.decides for code, c in self.currencies.items()}
        self._by_tier = any(c.expiry.ladder for c in programme.currencies.values())
        self.lot_dates: dict[tuple[str, int, Any], tuple[int | None, int | None, int | None]] = {}
        self.bases: list[Basis] = [Basis()]
        self.rules: dict[str, tuple[CompiledRule, ...]] = {}
        self._compile_rules(programme.rules)
        self.metrics_on: dict[str, tuple[CompiledMetric, ...]] = {}
        for metric in self.metrics.values():
            self.metrics_on[metric.on] = (*self.metrics_on.get(metric.on, ()), metric)
        self.coming: dict[str, Coming] = {}
        """Metrics of versions to come, which this one counts for members who are ready for them."""
        self.coming_on: dict[str, tuple[Coming, ...]] = {}
        self.backfilled: tuple[str, ...] = ()
        """Metrics that may have counted events from before they were declared."""
        self._scene_reader(programme)
        self._line_reader(programme)
        self.ladders: dict[str, CompiledLadder] = {}
        """The ladders made ready; their section fills them in."""
        made = (s.step(programme.parts.get(code, {}), self) for code, s in SECTIONS.items())
        self.steps: tuple[Step, ...] = tuple(step for step in made if step is not None)
        """What acts after every event and at due moments, in this order."""
        self.asks = tuple(ask for step in self.steps for ask in step.asks)
        self.needs_complete = any(step.needs_complete for step in self.steps)
        """Whether every event needs all lots and holds, because a step may spend."""

    def metric_value(self, standing: Standing, code: str, day: int) -> int:
        """Return what a metric counts in its window of ``day``, as the standing is now."""
        metric = self.metrics.get(code) or self.coming[code].metric
        period = metric.period
        if metric.kind.buckets and period.since is None:
            return total(standing.counters, code, period.bucket(day), period.length)
        enrolled_day = self.zone.day(standing.member.enrolled_us)
        bucket = self.bucket(period, standing, day)
        return metric.kind.read(metric, standing.counters, bucket, day, enrolled_day)

    def metric_term(self, standing: Standing, code: str, day: int) -> int:
        """Return what names a metric's window of ``day``: a calendar period, a year, a run.

        0 where windows overlap, or there is only one.
        """
        metric = self.metrics[code]
        period = metric.period
        bucket = period.bucket(day) if period.since is None else self.bucket(period, standing, day)
        return metric.kind.term(metric, standing.counters, bucket)

    def bucket(self, period: Period, standing: Standing, day: int) -> int:
        """Return the bucket of a day for a member."""
        if period.since is None:
            return period.bucket(day)
        member = standing.member
        return period.since(
            day, period.origin(member.attributes, self.zone.day(member.enrolled_us))
        )

    def period(self, window: Window) -> Period:
        """Return a window that a section counts by, made ready."""
        period = period_of(window, self.late.days)
        assert period is not None  # only a cap may be per event
        return period

    def deciding(self, standing: Standing) -> Mapping[str, Any]:
        """Return what expiry may depend on: attributes, and tiers as ``ladder:CODE``."""
        if not self._by_tier:
            return standing.member.attributes
        tiers = {f"ladder:{code}": self.tier_of(standing, code) for code in self.ladders}
        return {**standing.member.attributes, **tiers}

    def held_out(self, campaign: str, member_id: int) -> bool:
        """Tell whether a member is in a campaign's comparison group."""
        return self.draws.held_out(campaign, self.hold_outs.get(campaign, 0), member_id)

    def tier_of(self, standing: Standing, ladder: str) -> str | None:
        """Return the tier a member stands on; None on a ladder that was not chosen."""
        found = standing.tiers.get(ladder)
        if found is not None:
            return found.tier
        declared = self.ladders.get(ladder)
        return None if declared is None else declared.first

    def _compile_rules(self, rules: Sequence[Rule]) -> None:
        self.by_code: dict[str, CompiledRule] = {}
        per_kind: dict[str, list[CompiledRule]] = {}
        for rule in rules:
            of_kind = per_kind.setdefault(rule.on, [])
            compiled = CompiledRule(len(of_kind), rule, self.programme)
            compiled.caps = tuple(self.caps[code] for code in rule.caps)
            compiled.caps_by_value = any(cap.by is not None for cap in compiled.caps)
            compiled.caps_units = bool(compiled.caps) and all(
                cap.measure == "units" and cap.by is None for cap in compiled.caps
            )
            kind_of(rule.effect).compile(rule.effect, compiled, self)
            if rule.rest_of:
                compiled.act = rest_act(self, compiled, [self.by_code[c] for c in rule.rest_of])
            compiled.own(self.currencies[compiled.currency])
            self.by_code[rule.code] = compiled
            of_kind.append(compiled)
        self.rules = {on: tuple(found) for on, found in per_kind.items()}
        self.paid_by: dict[str, PaidBy] = {
            code: (rule.unit_cost_micro, rule.funder, rule.campaign)
            for code, rule in self.by_code.items()
        }

    def basis_index(self, basis: Basis) -> int:
        """Return where a basis stands among those the rules count by."""
        if basis not in self.bases:
            self.bases.append(basis)
        return self.bases.index(basis)

    def _scene_reader(self, programme: Programme) -> None:
        """Find out which parts of a scene any rule reads, so that a memo keeps those alone."""
        kinds = set(_kinds(rule.when for rule in programme.rules))
        self._by_day = bool(kinds & _DAY_KINDS) or any(
            rule.from_day is not None or rule.to_day is not None for rule in self.by_code.values()
        )
        self._by_fields = tuple(name for name in SCENE_FIELDS if name in kinds)
        self._scenes: dict[Any, tuple[CompiledRule, ...]] = {}

    def _line_reader(self, programme: Programme) -> None:
        kinds = set(_kinds(rule.lines for rule in programme.rules))
        self._by_product = "product" in kinds
        self._masks: dict[Any, int] = {}

    def candidates(self, on: str, scene: Scene) -> tuple[CompiledRule, ...]:
        """Return the rules for a kind of event whose scene conditions hold, in their order."""
        key = (
            on,
            scene.day if self._by_day else 0,
            *[getattr(scene, name) for name in self._by_fields],
        )
        found = self._scenes.get(key)
        if found is None:
            if len(self._scenes) >= MEMO_MAX:
                self._scenes.clear()
            found = tuple(r for r in self.rules.get(on, ()) if self._in_scene(r, scene))
            self._scenes[key] = found
        return found

    @staticmethod
    def _in_scene(rule: CompiledRule, scene: Scene) -> bool:
        return rule.in_dates(scene.day) and (rule.static is None or rule.static(scene))

    def line_masks(self, lines: Sequence[OrderLine]) -> list[int]:
        """Return for each line the set of order rules, as bits, that count it."""
        memo, by_product = self._masks, self._by_product
        masks = []
        for line in lines:
            product = line.product if by_product else None
            key = (line.categories, line.brand, line.tags, product)
            mask = memo.get(key)
            if mask is None:
                if len(memo) >= MEMO_MAX:
                    memo.clear()
                mask = memo[key] = self._line_mask(line)
            masks.append(mask)
        return masks

    def _line_mask(self, line: OrderLine) -> int:
        mask = 0
        for rule in self.rules.get("order", ()):
            if rule.line is None or rule.line(line):
                mask |= rule.bit
        return mask


class Programmes:
    """All published versions of a world, by activation."""

    def __init__(self, versions: Sequence[CompiledProgramme]) -> None:
        """Take the versions in any order; at least one."""
        self.versions = sorted(versions, key=lambda v: (v.active_from_us, v.version))
        self._by_number = {v.version: v for v in self.versions}
        self._only = self.versions[0] if len(self.versions) == 1 else None
        self.needs_complete = any(v.needs_complete for v in self.versions)
        self.has_ladders = any(v.ladders for v in self.versions)

    @property
    def zone(self) -> Zone:
        """The one zone; it cannot change between versions."""
        return self.versions[0].zone

    def at(self, at_us: int) -> CompiledProgramme:
        """Return the version in force at a moment; before all of them, the first."""
        if self._only is not None:
            return self._only
        found = self.versions[0]
        for version in self.versions:
            if version.active_from_us > at_us:
                break
            found = version
        return found

    def numbered(self, version: int) -> CompiledProgramme:
        """Return a version by its number."""
        return self._by_number[version]
