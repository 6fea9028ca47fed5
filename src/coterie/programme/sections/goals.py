"""What a milestone waits for: a number in a metric, or a tier of a ladder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from coterie.kernel.errors import Malformed
from coterie.kernel.numbers import INT64_MAX
from coterie.metrics import Grain, bucket_of
from coterie.programme.conditions.kind import label
from coterie.programme.measures import metric_scale, told_number
from coterie.programme.measures.kind import EVERY, NO_EVENT, REFERRAL
from coterie.programme.personal import check_taken, personal_words
from coterie.programme.saying import pick
from coterie.programme.schema_parts import CODE, DECIMAL, Schema, choice, whole
from coterie.programme.sections.section import measured_text
from coterie.tiers import Reason

if TYPE_CHECKING:
    from coterie.programme.ground import Checker, Ground
    from coterie.programme.ladders.model import Ladder
    from coterie.programme.model import Condition, Programme
    from coterie.programme.turn import Turn
    from coterie.tiers import TierChange

TIMES_MAX = 1_000
_OF_NUMBER = ("at", "parameter", "every", "from", "times", "when")
_OF_TIER = ("tier", "once_a", "also_granted")
_YEAR = bucket_of(Grain.YEAR)
_OWN = frozenset({Reason.REACHED, Reason.MATCH_KEPT})
_GIVEN = frozenset({Reason.GRANTED, Reason.MATCHED})
_BY_HAND = frozenset({"status_change", "merge_in", "unmerge_in"})
"""Events with which a tier for ever comes from a person, not from what was done."""


class NumberGoal(Struct, frozen=True, tag="number"):
    """``metric`` reaches ``first``, and again with every ``step`` more, so often in its window.

    ``step`` is 0 where it is reached once; both are in the metric's own unit (minor units for an
    amount).
    """

    metric: str
    first: int
    step: int
    times: int
    parameter: str | None = None
    """Whose number for the member is reached, in place of ``first``."""

    @property
    def identity(self) -> tuple[Any, ...]:
        """What a later version may not change."""
        return self.metric, self.first, self.step, self.parameter

    def reached(self, turn: Turn, marked: dict[int, int]) -> tuple[int, int]:
        """Return the window of today, and how often it was reached in it."""
        del marked
        bucket = turn.cp.metric_term(turn.standing, self.metric, turn.day)
        above = turn.metric(self.metric) - self._first(turn)
        if above < 0:
            return bucket, 0
        return bucket, min(1 + above // self.step if self.step else 1, self.times)

    def _first(self, turn: Turn) -> int:
        """Return the number to reach: the member's own, where it is personal."""
        if self.parameter is None:
            return self.first
        found = turn.cp.programme.parts["parameters"][self.parameter]
        target = found.scaled(found.of(turn), metric_scale(turn.cp.programme, self.metric))
        # Everybody has reached zero: a target of nothing is none.
        return int(target) or INT64_MAX

    def plain(self, programme: Programme) -> dict[str, Any]:
        """Return it as written."""
        if self.parameter is not None:
            return {"metric": self.metric, "parameter": self.parameter, "times": self.times}
        step = self.step or self.first
        found: dict[str, Any] = {
            "metric": self.metric,
            "every" if self.step else "at": measured_text(programme, self.metric, step),
            "times": self.times,
        }
        if self.first != step:
            found["from"] = measured_text(programme, self.metric, self.first)
        return found

    def check(self, path: str, when: Condition | None, checker: Checker) -> None:
        """Refuse a metric nobody declares, or one of no kind of event where ``when`` is asked."""
        metrics = checker.programme.metrics
        if checker.named("metric", self.metric, "metrics", metrics, f"{path}.metric"):
            on = metrics[self.metric].on
            if when is not None and (on in {EVERY, NO_EVENT} or on.startswith(REFERRAL)):
                what = (
                    f"{self.metric!r} is not of orders or an activity, where this could be asked."
                )
                checker.find(f"{path}.when", what)
            else:
                checker.condition(when, on)
            if self.parameter is not None:
                digits = metric_scale(checker.programme, self.metric)
                check_taken(self.parameter, digits, f"{path}.parameter", checker)
        if not self.step and self.times > 1:
            checker.find(
                f"{path}.times", "`at` is reached once; only `every` is met several times."
            )

    def words(self, programme: Programme, lang: str) -> str:
        """Say when it is reached."""
        metric = label(programme.metrics.get(self.metric), self.metric, lang)
        if self.parameter is not None:
            own = personal_words(self.parameter, programme, lang)
            return f"{metric}达到{own}" if lang == "zh" else f"when {metric} reaches {own}"
        first, step = (
            told_number(programme, self.metric, value) for value in (self.first, self.step)
        )
        again = self.step not in (0, self.first)
        if lang == "zh":
            if again:
                return f"{metric}达到{first}，以及此后每增加{step}"
            return f"{metric}每达到{first}" if self.step else f"{metric}达到{first}"
        if again:
            return f"when {metric} reaches {first}, and again with every {step} more"
        if self.step:
            return f"for every {first} of {metric}"
        return f"when {metric} reaches {first}"

    def limit_words(self, lang: str) -> str:
        """Say how often it can be reached; nothing where there is no bound to tell."""
        if not self.step or self.times >= TIMES_MAX:
            return ""
        return f"最多{self.times}次" if lang == "zh" else f"{self.times} times at most"


class TierGoal(Struct, frozen=True, tag="tier"):
    """The member rises to ``tier`` of ``ladder``, or past it: once ever, or once a year.

    A tier that was given counts where ``also_granted`` says so; one that is kept, restored or left
    over by the end of another was not reached.
    """

    ladder: str
    tier: str
    yearly: bool = False
    also_granted: bool = False

    @property
    def identity(self) -> tuple[Any, ...]:
        """What a later version may not change."""
        return self.ladder, self.tier, self.yearly

    def reached(self, turn: Turn, marked: dict[int, int]) -> tuple[int, int]:
        """Return the year, where that counts, and 1 if the tier is reached by this decision."""
        bucket = _YEAR(turn.today) if self.yearly else 0
        # What was reached stays reached: most decisions change no tier at all.
        if bucket in marked or not turn.decision.tiers:
            return bucket, marked.get(bucket, 0)
        ladder: Ladder | None = turn.cp.programme.parts["ladders"].get(self.ladder)
        if ladder is None or self.tier not in ladder.policy.tiers:
            return bucket, 0
        tiers = ladder.policy.tiers
        by_hand = turn.label in _BY_HAND
        reached = any(self._by(change, tiers, by_hand=by_hand) for change in turn.decision.tiers)
        return bucket, int(reached)

    def _by(self, change: TierChange, tiers: tuple[str, ...], *, by_hand: bool) -> bool:
        if change.ladder != self.ladder or change.to_tier not in tiers:
            return False
        reason = Reason(change.reason)
        given = reason in _GIVEN or (reason is Reason.LIFETIME and by_hand)
        if given and not self.also_granted:
            return False
        if not given and reason not in _OWN and reason is not Reason.LIFETIME:
            return False
        before = tiers.index(change.from_tier) if change.from_tier in tiers else 0
        after, wanted = tiers.index(change.to_tier), tiers.index(self.tier)
        # Who was given a tier and then reaches it by themselves rises to where they are.
        return before < wanted <= after or (reason in _OWN and before == after >= wanted)

    def plain(self, programme: Programme) -> dict[str, Any]:
        """Return it as written."""
        del programme
        found: dict[str, Any] = {"ladder": self.ladder, "tier": self.tier}
        if self.yearly:
            found["once_a"] = "year"
        if self.also_granted:
            found["also_granted"] = True
        return found

    def check(self, path: str, when: Condition | None, checker: Checker) -> None:
        """Refuse a ladder or a tier nobody declares, and the tier on which everybody begins."""
        del when
        ladders = checker.programme.parts.get("ladders", {})
        if not checker.named("ladder", self.ladder, "ladders", ladders, f"{path}.ladder"):
            return
        tiers = ladders[self.ladder].policy.tiers
        checker.named("tier", self.tier, f"ladders.{self.ladder}", tiers, f"{path}.tier")
        if self.tier == tiers[0]:
            what = "everybody begins on this tier, so nobody reaches it."
            checker.find(f"{path}.tier", what, f"one of {', '.join(tiers[1:])}")

    def words(self, programme: Programme, lang: str) -> str:
        """Say which tier is reached."""
        ladder: Ladder | None = programme.parts.get("ladders", {}).get(self.ladder)
        found = None if ladder is None else ladder.tier(self.tier)
        of = label(ladder, self.ladder, lang)
        tier = self.tier if found is None else pick(found.name, lang)
        if lang == "zh":
            return f"{of}升至{tier}" + ("（含人工授予）" if self.also_granted else "")
        granted = " or being given it" if self.also_granted else ""
        return f"on reaching {tier} ({of}){granted}"

    def limit_words(self, lang: str) -> str:
        """Say how often it is given."""
        if lang == "zh":
            return "每年一次" if self.yearly else "仅限首次"
        return "once a year" if self.yearly else "the first time"


Goal = NumberGoal | TierGoal


def goal_properties() -> dict[str, Schema]:
    """Return the keys by which a goal is written."""
    number = {**DECIMAL, "description": "a number of the metric: a count, or an amount"}
    return {
        "metric": CODE,
        "at": number,
        "parameter": CODE,
        "every": number,
        "from": number,
        "times": whole(1, TIMES_MAX),
        "ladder": CODE,
        "tier": CODE,
        "once_a": choice("year"),
        "also_granted": {"type": "boolean"},
    }


def goal_of(raw: dict[str, Any], path: str, ground: Ground) -> Goal:
    """Return the goal that the keys of a mapping say; raises ``Malformed``."""
    if ("metric" in raw) == ("ladder" in raw):
        raise Malformed("give either a `metric` or a `ladder`.", where=path)
    other = "ladder" if "metric" in raw else "metric"
    for key in _OF_TIER if "metric" in raw else _OF_NUMBER:
        if key in raw:
            raise Malformed(f"`{key}` goes with a `{other}`.", where=f"{path}.{key}")
    if "metric" in raw:
        return _number(raw, path, ground)
    if "tier" not in raw:
        raise Malformed("say which `tier` of the ladder.", where=path)
    return TierGoal(raw["ladder"], raw["tier"], "once_a" in raw, raw.get("also_granted", False))


def _number(raw: dict[str, Any], path: str, ground: Ground) -> NumberGoal:
    if sum(key in raw for key in ("at", "every", "parameter")) != 1:
        raise Malformed("give one of `at`, `every` and `parameter`.", where=path)
    if "parameter" in raw:
        return NumberGoal(raw["metric"], 0, 0, raw.get("times", 1), raw["parameter"])
    if "from" in raw and "every" not in raw:
        raise Malformed("`from` goes with `every`.", where=f"{path}.from")
    repeats = "every" in raw
    key = "every" if repeats else "at"
    values = {
        name: ground.measured(raw[name], raw["metric"], f"{path}.{name}")
        for name in (key, "from")
        if name in raw
    }
    for name, value in values.items():
        if value <= 0:
            raise Malformed("everybody has reached zero.", where=f"{path}.{name}")
    times = raw.get("times", TIMES_MAX if repeats else 1)
    first = values.get("from", values[key])
    return NumberGoal(raw["metric"], first, values[key] if repeats else 0, times)
