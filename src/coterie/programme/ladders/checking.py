"""What makes no sense in a ladder, and what nobody can reach."""

from __future__ import annotations

from coterie.programme.effects import earned_by
from coterie.programme.ground import Checker
from coterie.programme.ladders.criteria import check_criterion, implies, leaves
from coterie.programme.ladders.model import Criterion, Ladder, Tier


def check_ladder(ladder: Ladder, path: str, checker: Checker) -> None:
    """Note what is wrong with a ladder, then what is only odd."""
    seen: set[str] = set()
    for n, tier in enumerate(ladder.tiers):
        if tier.code in seen:
            checker.find(f"{path}.tiers[{n}].code", f"the tier {tier.code!r} stands twice.")
        seen.add(tier.code)
        _check_tier(ladder, tier, f"{path}.tiers[{n}]", checker, base=n == 0)
    check_criterion(ladder.needs, checker, scored=bool(ladder.score))
    metrics = checker.programme.metrics
    for n, metric in enumerate(ladder.rollover):
        checker.named("metric", metric, "metrics", metrics, f"{path}.rollover[{n}]")
    for part in ladder.score:
        if part.metric is not None:
            where = f"{path}.score.{part.code}.metric"
            checker.named("metric", part.metric, "metrics", metrics, where)
    policy = ladder.policy
    if policy.promote == "at_review" and policy.review.at == "never":
        checker.find(
            f"{path}.promote", "there is no review at which anybody could rise.", "a `review`"
        )
    if ladder.rollover and policy.review.at == "never":
        checker.find(f"{path}.rollover", "without `review` there is no next period.")
    if policy.grace_days and policy.review.at == "never" and policy.valid is None:
        checker.find(f"{path}.grace_days", "without `review` or `valid` no tier ends.")
    _warn(ladder, path, checker)


def _check_tier(ladder: Ladder, tier: Tier, path: str, checker: Checker, *, base: bool) -> None:
    scored = bool(ladder.score)
    for test in ("reach", "keep", "lifetime", "challenge", "needs"):
        criterion: Criterion | None = getattr(tier, test)
        check_criterion(criterion, checker, scored=scored)
        if base and criterion is not None:
            checker.find(f"{path}.{test}", "everybody stands on the lowest tier, whatever they do.")
    metrics = checker.programme.metrics
    for metric, _ in tier.ahead:
        checker.named("metric", metric, "metrics", metrics, f"{path}.head_start.{metric}")


def _warn(ladder: Ladder, path: str, checker: Checker) -> None:
    """Warn of tiers that nobody stands on: a higher one takes no more, or nothing is counted."""
    for n, tier in enumerate(ladder.tiers[1:], start=1):
        where = f"{path}.tiers[{n}]"
        if tier.reach is None:
            continue
        for higher in ladder.tiers[n + 1 :]:
            if (
                higher.reach is not None
                and higher.needs is None
                and implies(tier.reach, higher.reach)
            ):
                checker.find(
                    where,
                    f"nobody stays here: whoever reaches it reaches {higher.code!r} as well.",
                    warning=True,
                )
                break
        if tier.keep is not None and not implies(tier.reach, tier.keep):
            checker.find(
                f"{where}.keep",
                "whoever reaches the tier does not surely keep it by the same.",
                warning=True,
            )
    _warn_scores(ladder, path, checker)
    _warn_uncounted(ladder, path, checker)


def _warn_uncounted(ladder: Ladder, path: str, checker: Checker) -> None:
    """Warn of thresholds on units that no rule gives."""
    programme = checker.programme
    rules = {rule.code: rule for rule in programme.rules}
    for n, tier in enumerate(ladder.tiers):
        for leaf in leaves(tier.reach):
            metric = programme.metrics.get(leaf.metric or "")
            if metric is None or metric.of is None or leaf.most:
                continue
            giving = [rules[code] for code in metric.rules or rules if code in rules]
            if not any(metric.of in earned_by(rule, rules) for rule in giving):
                checker.find(
                    f"{path}.tiers[{n}].reach",
                    f"nobody can reach this: no rule gives what {metric.code!r} counts.",
                    warning=True,
                )


def _warn_scores(ladder: Ladder, path: str, checker: Checker) -> None:
    """Warn of a score that no member can have."""
    gains = [part for part in ladder.score if part.points > 0]
    if not ladder.score or any(part.most is None for part in gains):
        return
    most = sum(part.most or 0 for part in gains)
    for n, tier in enumerate(ladder.tiers):
        for leaf in leaves(tier.reach):
            if leaf.kind == "score" and leaf.value > most:
                checker.find(
                    f"{path}.tiers[{n}].reach",
                    f"nobody can reach this: the parts of the score add up to {most} at most.",
                    warning=True,
                )
