"""What makes no sense in a programme whose parts are well formed, and what is only odd.

Errors first: names that nobody declares, effects that cannot be, dates that no calendar has. Then
warnings: rules that can never apply, points that cost more than the sale, caps nobody uses.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from coterie.kernel.errors import nearest
from coterie.programme.conditions import check_condition
from coterie.programme.conditions.birthday import date_problems
from coterie.programme.document import Document
from coterie.programme.effects import cap_digits, earned_by, kind_of
from coterie.programme.effects.tables import LINE_FIELDS, SCENE_FIELDS
from coterie.programme.findings import step
from coterie.programme.measures import measure_of
from coterie.programme.measures.kind import EVERY, NO_EVENT, REFERRAL
from coterie.programme.model import (
    Condition,
    Currency,
    Earn,
    Expiry,
    ExpiryModel,
    Field,
    FieldType,
    Metric,
    Programme,
    Rule,
)
from coterie.programme.personal import check_taken
from coterie.programme.sections import SECTIONS
from coterie.programme.sections.periods import YEARLY
from coterie.programme.shadowing import shadows

_ONE_OF = {
    "activities": "activity",
    "attributes": "attribute",
    "caps": "cap",
    "metrics": "metric",
    "rules": "rule",
    **{code: section.noun for code, section in SECTIONS.items()},
}
_NUMBERED = frozenset({"nth", "metric", "tier"})


def check_programme(
    programme: Programme, document: Document, broken: Mapping[str, Collection[str]]
) -> None:
    """Note all that is wrong or odd; the parts of ``broken`` exist, but could not be read."""
    _Checker(programme, document, broken).check()


class _Checker:
    def __init__(
        self, programme: Programme, document: Document, broken: Mapping[str, Collection[str]]
    ) -> None:
        self.programme = programme
        self.document = document
        self.broken = broken
        self.paths = self._rule_paths()

    def _rule_paths(self) -> dict[str, str]:
        """Return where each rule stands, by its code; the first of two with the same code."""
        paths: dict[str, str] = {}
        raws = self.document.value.get("rules")
        for n, raw in enumerate(raws if isinstance(raws, list) else []):
            if isinstance(raw, dict):
                code, path = str(raw.get("code")), f"rules[{n}]"
                if code in paths and "code" in raw:
                    first = self.document.place(paths[code])
                    self.document.find(
                        f"{path}.code",
                        f"the code {code!r} stands twice; first at {first.file}:{first.line}.",
                    )
                paths.setdefault(code, path)
        return paths

    def check(self) -> None:
        for code, currency in self.programme.currencies.items():
            self._currency(currency, step("currencies", code))
        for code, field in self.programme.attributes.items():
            self._field(field, step("attributes", code))
        for code, activity in self.programme.activities.items():
            for name, field in activity.fields.items():
                self._field(field, f"activities.{code}.fields.{name}")
        for code, metric in self.programme.metrics.items():
            self._metric(metric, step("metrics", code))
        before: dict[str, Rule] = {}
        for rule in self.programme.rules:
            self._rule(rule, self.paths[rule.code], before)
            before.setdefault(rule.code, rule)
        self._caps(before)
        for code, section in SECTIONS.items():
            for name, entry in self.programme.parts.get(code, {}).items():
                section.check(entry, step(code, name), self)
        self._moves()
        self._warn()

    def named(self, what: str, name: str, section: str, known: Iterable[str], path: str) -> bool:
        """Note a name nobody declares; return whether its part can be looked at."""
        known = list(known)
        if name in known:
            return True
        broken = self.broken.get(section, ())
        if name not in broken:
            hint = nearest(name, [*known, *broken]).strip()
            self.document.find(path, f"unknown {what} {name!r}.", hint)
        return False

    def _currency(self, currency: Currency, path: str) -> None:
        expiry = currency.expiry
        find = self.document.find
        for problem in _expiry_problems(expiry):
            find(f"{path}.expiry", problem)
        for n, (month, day) in enumerate(expiry.dates):
            try:
                date(2024, month, day)  # a leap year has every date that any year has
            except ValueError:
                find(f"{path}.expiry.dates[{n}]", f"no year has the date {month:02d}-{day:02d}.")
        for n, on in enumerate(expiry.activities):
            self._on(on, f"{path}.expiry.activities[{n}]")
        if expiry.attribute is not None:
            self._by_attribute(expiry, f"{path}.expiry.by")
        if expiry.ladder is not None:
            self._by_tier(expiry, expiry.ladder, f"{path}.expiry.by")

    def _by_tier(self, expiry: Expiry, ladder: str, path: str) -> None:
        known = self.programme.parts.get("ladders", {})
        if self.named("ladder", ladder, "ladders", known, f"{path}.ladder"):
            tiers = [tier.code for tier in known[ladder].tiers]
            for value in expiry.months_by:
                if value not in tiers:
                    hint = nearest(value, tiers).strip()
                    self.document.find(f"{path}.months.{value}", f"no tier {value!r}.", hint)

    def _by_attribute(self, expiry: Expiry, path: str) -> None:
        known = self.programme.attributes
        assert expiry.attribute is not None
        if not self.named("attribute", expiry.attribute, "attributes", known, f"{path}.attribute"):
            return
        values = known[expiry.attribute].values
        for value in expiry.months_by:
            if values and value not in values:
                hint = nearest(value, values).strip()
                self.document.find(f"{path}.months.{value}", f"no value {value!r}.", hint)

    def _on(self, on: str, path: str) -> bool:
        kind, _, code = on.partition(":")
        if kind == "order":
            return True
        if kind == "referral":
            known = self.programme.parts.get("referrals", {})
            return self.named("referral", code, "referrals", known, path)
        return self.named("activity", code, "activities", self.programme.activities, path)

    def _field(self, field: Field, path: str) -> None:
        find = self.document.find
        if field.values and field.type is not FieldType.TEXT:
            find(f"{path}.values", f"only a text has values, and this is {field.type.value}.")
        bounds = (field.minimum, field.maximum)
        if bounds != (None, None) and field.type is not FieldType.INTEGER:
            find(path, f"only an integer has a minimum or maximum, and this is {field.type.value}.")
        if None not in bounds and field.minimum > field.maximum:  # type: ignore[operator]
            find(path, "no number lies between the minimum and the maximum.")

    def _metric(self, metric: Metric, path: str) -> None:
        find = self.document.find
        kind = measure_of(metric.measure)
        if bool(metric.of) != bool(kind.hint):
            problem = "says what it counts in `of`." if kind.hint else "has no `of`."
            find(f"{path}.of", f"{metric.measure!r} {problem}", kind.hint)
        elif metric.on in (EVERY, NO_EVENT) or self._on(metric.on, f"{path}.on"):
            kind.check(metric, path, self)
        if metric.remembers_year and (metric.window.kind not in YEARLY or not kind.buckets):
            what = "only sums and counts by month, quarter or year are compared with a year before."
            find(f"{path}.remember", what, f"window: {', '.join(YEARLY)}")
        if metric.rules and kind.usual_on != EVERY:
            find(f"{path}.rules", f"{metric.measure!r} does not look at what rules gave.")
        if metric.on.startswith(REFERRAL):
            if metric.measure != "count":
                find(f"{path}.measure", "friends are only counted.", "count")
            if metric.when is not None:
                find(f"{path}.when", "whom a referral rewards for is said by the referral.")
        else:
            self.condition(metric.when, metric.on, lines=False)
        if metric.lines is not None and (metric.on != "order" or not kind.of_lines):
            find(f"{path}.lines", f"{metric.measure!r} of {metric.on!r} looks at no lines.")
        else:
            self.condition(metric.lines, metric.on, lines=True)
        for condition in _leaves(metric.when):
            if condition.kind in _NUMBERED:
                find(condition.where, "what a metric counts cannot depend on a metric or a tier.")

    def find(self, path: str, problem: str, allowed: str = "", *, warning: bool = False) -> None:
        """Note something found at a path."""
        self.document.find(path, problem, allowed, warning=warning)

    def condition(self, condition: Condition | None, on: str, *, lines: bool = False) -> None:
        """Note what is wrong with a condition on an event ``on``."""
        if condition is None:
            return
        for path, problem in check_condition(condition, self.programme, on, lines=lines):
            if not self._about_broken(problem.text):
                self.document.find(path, problem.text, problem.allowed)

    def _about_broken(self, text: str) -> bool:
        """Whether a problem is only that a part it names could not be read."""
        return any(
            text.startswith("unknown ") and f"{name!r}" in text
            for section in ("attributes", "metrics", "activities")
            for name in self.broken.get(section, ())
        )

    def _rule(self, rule: Rule, path: str, before: Mapping[str, Rule]) -> None:
        find = self.document.find
        self._on(rule.on, f"{path}.on")
        self.condition(rule.when, rule.on, lines=False)
        if rule.lines is not None and rule.on != "order":
            find(f"{path}.lines", f"{rule.on!r} has no lines.")
        else:
            self.condition(rule.lines, rule.on, lines=True)
        for n, code in enumerate(rule.caps):
            self.named("cap", code, "caps", self.programme.caps, f"{path}.caps[{n}]")
        campaigns = self.programme.parts.get("campaigns", {})
        if rule.campaign is not None and (campaigns or "campaigns" in self.broken):
            self.named("campaign", rule.campaign, "campaigns", campaigns, f"{path}.campaign")
        self._rest_of(rule, path, before)
        kind = kind_of(rule.effect)
        kind.check(rule, rule.effect, f"{path}.{kind.code}", self, before)

    def about_earlier(self, code: str, before: Mapping[str, Rule], path: str) -> bool:
        """Note a rule that does not stand before this one; True when it does."""
        if code in before:
            return True
        if code in self.paths and code not in self.broken.get("rules", ()):
            what = f"{code!r} does not stand before this rule, and rules apply in their order."
            self.document.find(path, what)
        else:
            self.named("rule", code, "rules", before, path)
        return False

    def _caps(self, rules: Mapping[str, Rule]) -> None:
        currencies = self.programme.currencies
        for code, cap in self.programme.caps.items():
            users = [rule for rule in rules.values() if code in rule.caps]
            scales = {
                currencies[currency].scale
                for rule in users
                for currency in earned_by(rule, rules)
                if currency in currencies
            }
            if cap.measure != "units":
                scales = {cap_digits(cap, self.programme)}
            path = step("caps", code)
            if cap.measure == "units" and len(scales) > 1:
                what = "bounds units of currencies with different scales."
                self.document.find(path, what, "a cap for each, or another measure")
            if cap.measure == "amount" and any(rule.on != "order" for rule in users):
                self.document.find(path, "bounds amounts, but a rule about an activity uses it.")
            elif cap.measure == "amount" and any(_of_quantity(rule) for rule in users):
                self.document.find(
                    path, "bounds amounts, but a rule that counts quantities uses it."
                )
            if cap.parameter is not None:
                check_taken(cap.parameter, min(scales, default=0), f"{path}.parameter", self)
            if cap.window.attribute:
                for problem in date_problems(cap.window.attribute, self.programme, ".around"):
                    at = f"{path}.window{problem.below}"
                    self.document.find(at, problem.text, problem.allowed)
            elif cap.window.kind == "year":
                self._twice_around_new_year(users, path)
            if cap.by is not None:
                self._cap_by(cap.by, users, f"{path}.by")
            if not users and "rules" not in self.broken:
                self.document.find(path, "no rule uses this cap.", warning=True)

    def _twice_around_new_year(self, users: Iterable[Rule], path: str) -> None:
        """Warn of what is meant once a birthday, but counted by years that end in its days."""
        for rule in users:
            for leaf in _leaves(rule.when):
                if leaf.kind == "birthday" and leaf.args["within_days"]:
                    born = leaf.args["attribute"]
                    what = f"around New Year, {rule.code!r} has two years for one {born}."
                    self.document.find(f"{path}.window", what, f"{{around: {born}}}", warning=True)
                    return

    def _cap_by(self, by: str, users: Iterable[Rule], path: str) -> None:
        for rule in users:
            activity = self.programme.activities.get(rule.on.partition(":")[2])
            own = LINE_FIELDS if rule.on == "order" else activity.fields if activity else [by]
            known = [*own, *SCENE_FIELDS]
            if by not in known or by == "tag":
                what = f"{rule.on!r} has no one {by!r}."
                self.document.find(path, what, nearest(by, known).strip())
                return

    def _rest_of(self, rule: Rule, path: str, before: Mapping[str, Rule]) -> None:
        for n, code in enumerate(rule.rest_of):
            at = f"{path}.rest_of[{n}]"
            if not self.about_earlier(code, before, at):
                continue
            earn, other = rule.effect, before[code]
            if rule.on != "order" or other.on != "order":
                self.document.find(at, "only of an order something is left over.")
            elif not isinstance(earn, Earn) or not isinstance(other.effect, Earn):
                self.document.find(at, "only what rules earn by leaves something over.")
            elif earn.per_minor is None or earn.basis != other.effect.basis:
                self.document.find(at, f"{code!r} counts another basis, so nothing is comparable.")
            elif not other.caps:
                self.document.find(at, f"{code!r} has no cap, so it leaves nothing over.")

    def _moves(self) -> None:
        p = self.programme
        known: dict[str, Iterable[str]] = {
            "activities": p.activities,
            "attributes": p.attributes,
            "caps": p.caps,
            "metrics": p.metrics,
            "rules": [rule.code for rule in p.rules],
            **{section: p.parts.get(section, {}) for section in SECTIONS},
        }
        for section, moves in p.moves_to.items():
            for old, new in moves.items():
                path = f"moves_to.{section}.{old}"
                if old in known[section]:
                    self.document.find(path, f"{old!r} is still declared, so it has not moved.")
                if new is not None:
                    self.named(_ONE_OF[section], new, section, known[section], path)

    def _warn(self) -> None:
        for code, what in shadows(self.programme):
            self.document.find(self.paths[code], what, warning=True)
        for rule in self.programme.rules:
            if rule.from_day and rule.to_day and rule.from_day > rule.to_day:
                what = "this rule can never apply: it ends before it begins."
                self.document.find(self.paths[rule.code], what, warning=True)
            if isinstance(rule.effect, Earn) and rule.lines is not None:
                basis = rule.effect.basis
                if basis.shipping or basis.fees:
                    what = "with `lines` only lines count, so shipping and fees do not."
                    self.document.find(self.paths[rule.code], what, warning=True)
            cost = kind_of(rule.effect).cost(rule, rule.effect, self.programme)
            if cost >= 1:
                percent = float(round(cost * 100, 1))
                what = f"these units cost {percent:g} % of what is paid for them."
                self.document.find(self.paths[rule.code], what, warning=True)


def _of_quantity(rule: Rule) -> bool:
    return isinstance(rule.effect, Earn) and rule.effect.basis.quantity


def _expiry_problems(expiry: Expiry) -> Iterable[str]:
    model = expiry.model
    timed = model in {ExpiryModel.FIXED, ExpiryModel.INACTIVITY}
    if timed and not (expiry.months or expiry.days):
        yield f"`{model.value}` needs months or days."
    if not timed and (expiry.months or expiry.days):
        yield f"`{model.value}` has no months or days."
    if model is ExpiryModel.CALENDAR and not expiry.dates:
        yield "`calendar` needs dates, such as [06-30, 12-31]."
    if model is not ExpiryModel.CALENDAR and (expiry.dates or expiry.min_months):
        yield f"`{model.value}` has no dates or min_months."
    if model is not ExpiryModel.FIXED and expiry.round_to != "none":
        yield f"`{model.value}` is not rounded."
    if model is not ExpiryModel.INACTIVITY and expiry.activities:
        yield f"`{model.value}` does not look at activities."


def _leaves(condition: Condition | None) -> Iterable[Condition]:
    if condition is None:
        return
    parts = condition.args.get("of")
    if parts is None:
        yield condition
    else:
        for part in parts:
            yield from _leaves(part)
