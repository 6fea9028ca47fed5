"""Ladders: ordered tiers, what reaches and keeps them, and when that is judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from coterie.kernel.errors import Malformed
from coterie.kernel.numbers import parse_minor
from coterie.programme.ladders.checking import check_ladder
from coterie.programme.ladders.criteria import (
    criterion_schema,
    number_text,
    parse_criterion,
    plain_criterion,
)
from coterie.programme.ladders.judging import CompiledLadder
from coterie.programme.ladders.model import Criterion, Ladder, Part, Tier
from coterie.programme.ladders.step import LadderStep
from coterie.programme.ladders.words import ladder_words
from coterie.programme.model import Programme
from coterie.programme.schema_parts import (
    CODE,
    DECIMAL,
    END,
    WORDS,
    Schema,
    by_code,
    choice,
    listing,
    mapping,
    whole,
)
from coterie.programme.sections.section import (
    Checker,
    Ground,
    Section,
    plain_words_of,
    words_of,
)
from coterie.tiers import Policy, Review, Validity

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledProgramme
    from coterie.programme.turn import Step

TIERS_MAX = 20
PARTS_MAX = 20
_ENDS = ("day", "month_end", "quarter_end", "year_end")
_AT = ("never", "month_end", "quarter_end", "year_end", "anniversary")
_DATE = {"type": "string", "pattern": rf"^\d\d-\d\d{END}", "description": "a date such as 02-28"}
_TESTS = ("reach", "keep", "lifetime", "challenge", "needs")


class Ladders(Section):
    """``ladders:`` by code."""

    code = "ladders"
    noun = "ladder"
    most = 20

    def schema(self) -> Schema:
        """Return ``{name, tiers, promote, review, valid, demote, ...}``."""
        return mapping(
            {
                "name": WORDS,
                "track": CODE,
                "promote": choice("at_once", "at_review"),
                "review": mapping(
                    {"at": choice(*_AT), "months": whole(1, 120), "year_from": _DATE}
                ),
                "valid": mapping(
                    {
                        "months": whole(1, 240),
                        "to": choice(*_ENDS),
                        "until": _DATE,
                        "years_after": whole(0, 20),
                    }
                ),
                "demote": choice("one", "fit", "highest_kept", "base"),
                "grace_days": whole(0, 3660),
                "late": choice("again", "next"),
                "returns": choice("keep", "judge"),
                "rollover": {**listing(CODE, 20), "uniqueItems": True},
                "needs": criterion_schema(),
                "score": by_code(_part_schema(), PARTS_MAX),
                "tiers": listing(_tier_schema(), TIERS_MAX, 1),
            },
            ("name", "tiers"),
        )

    def build(self, code: str, raw: dict[str, Any], path: str, ground: Ground) -> Ladder:
        """Return the ladder."""
        tiers = tuple(
            _tier(inner, f"{path}.tiers[{n}]", ground) for n, inner in enumerate(raw["tiers"])
        )
        rollover = tuple(raw.get("rollover", ()))
        policy = Policy(
            ladder=code,
            tiers=tuple(tier.code for tier in tiers),
            promote=raw.get("promote", "at_once"),
            review=_review(raw.get("review", {}), f"{path}.review"),
            valid=_valid(raw["valid"], f"{path}.valid") if "valid" in raw else None,
            demote=raw.get("demote", "fit"),
            grace_days=raw.get("grace_days", 0),
            late=raw.get("late", "again"),
            returns=raw.get("returns", "keep"),
            fresh=bool(tiers[0].ahead),
        )
        return Ladder(
            code=code,
            name=words_of(raw["name"]),
            tiers=tiers,
            policy=policy,
            track=raw.get("track"),
            needs=_criterion(raw, "needs", path, ground),
            rollover=rollover,
            score=tuple(
                _part(name, inner, f"{path}.score.{name}", ground)
                for name, inner in raw.get("score", {}).items()
            ),
        )

    def plain(self, entry: Ladder, programme: Programme) -> dict[str, Any]:
        """Return it as written."""
        policy = entry.policy
        review, valid = policy.review, policy.valid
        written: dict[str, Any] = {"name": plain_words_of(entry.name)}
        if entry.track is not None:
            written["track"] = entry.track
        written["promote"] = policy.promote
        written["review"] = _plain_review(review)
        if valid is not None and valid.until is None:
            written["valid"] = {"months": valid.months, "to": valid.to}
        elif valid is not None and valid.until is not None:
            until = f"{valid.until[0]:02d}-{valid.until[1]:02d}"
            written["valid"] = {"until": until, "years_after": valid.years_after}
        written["demote"] = policy.demote
        written["grace_days"] = policy.grace_days
        written["late"] = policy.late
        written["returns"] = policy.returns
        if entry.rollover:
            written["rollover"] = list(entry.rollover)
        if entry.needs is not None:
            written["needs"] = plain_criterion(entry.needs, programme)
        if entry.score:
            written["score"] = {part.code: _plain_part(part, programme) for part in entry.score}
        written["tiers"] = [_plain_tier(tier, programme) for tier in entry.tiers]
        return written

    def check(self, entry: Ladder, path: str, checker: Checker) -> None:
        """Refuse names nobody declares and tiers in no order; warn of what nobody can reach."""
        check_ladder(entry, path, checker)

    def words(self, entry: Ladder, programme: Programme, lang: str) -> str:
        """Say the tiers, how to rise and to stay."""
        return ladder_words(entry, programme, lang)

    def breaks(self, old: Ladder, new: Ladder) -> Iterator[str]:
        """Members stand on tiers: none may go, and those that stay keep their order."""
        after = [tier.code for tier in new.tiers]
        gone = [tier.code for tier in old.tiers if tier.code not in after]
        if gone:
            yield f"members may stand on {', '.join(gone)}; a tier can be renamed, not taken away."
        stay = [tier.code for tier in old.tiers if tier.code in after]
        if stay != [code for code in after if code in stay]:
            yield "its tiers stand in another order; new ones may only come between."
        if old.tiers[0].code != after[0]:
            yield "the lowest tier stays the lowest: everybody who has done nothing stands there."
        if (old.track is None) != (new.track is None):
            yield "cannot begin or cease to be one of a track to choose from."

    def step(self, entries: Mapping[str, Ladder], cp: CompiledProgramme) -> Step | None:
        """Return the step that moves members."""
        if not entries:
            return None
        cp.ladders = {code: CompiledLadder(ladder) for code, ladder in entries.items()}
        return LadderStep(cp.ladders.values(), cp)


def _tier_schema() -> Schema:
    number = {**DECIMAL, "description": "a number of the metric: a count, or an amount"}
    return mapping(
        {
            "code": CODE,
            "name": WORDS,
            "benefits": listing(WORDS, 50),
            **dict.fromkeys(_TESTS, criterion_schema()),
            "head_start": by_code(number, 20),
        },
        ("code", "name"),
    )


def _part_schema() -> Schema:
    return mapping(
        {
            "name": WORDS,
            "metric": CODE,
            "tenure": choice("years"),
            "points": whole(-(10**6), 10**6),
            "per": DECIMAL,
            "most": whole(1, 10**9),
        },
        ("points",),
        "{metric: spend, points: 1, per: 100, most: 500} or {tenure: years, points: 10}",
    )


def _criterion(raw: dict[str, Any], key: str, path: str, ground: Ground) -> Criterion | None:
    return parse_criterion(raw[key], f"{path}.{key}", ground) if key in raw else None


def _tier(raw: dict[str, Any], path: str, ground: Ground) -> Tier:
    tests = {test: _criterion(raw, test, path, ground) for test in _TESTS}
    return Tier(
        code=raw["code"],
        name=words_of(raw["name"]),
        benefits=tuple(words_of(text) for text in raw.get("benefits", ())),
        ahead=tuple(
            (metric, ground.measured(value, metric, f"{path}.head_start.{metric}"))
            for metric, value in raw.get("head_start", {}).items()
        ),
        **tests,
    )


def _part(code: str, raw: dict[str, Any], path: str, ground: Ground) -> Part:
    metric = raw.get("metric")
    if (metric is None) == ("tenure" not in raw):
        raise Malformed("give either `metric` or `tenure: years`.", where=path)
    per, where = raw.get("per", "1"), f"{path}.per"
    number = (
        parse_minor(per, 0, where=where) if metric is None else ground.measured(per, metric, where)
    )
    if number <= 0:
        raise Malformed("nothing can be divided by zero.", where=where)
    name = words_of(raw["name"]) if "name" in raw else None
    return Part(code, name, metric, raw["points"], number, raw.get("most"))


def _review(raw: dict[str, Any], path: str) -> Review:
    if len(raw) > 1:
        raise Malformed("give either `at`, or `months`, or `year_from`.", where=path)
    if "months" in raw:
        return Review("months", raw["months"])
    if "year_from" in raw:
        return Review("year_from", year_from=_month_day(raw["year_from"], f"{path}.year_from"))
    return Review(raw.get("at", "never"))


def _valid(raw: dict[str, Any], path: str) -> Validity:
    if ("months" in raw) == ("until" in raw):
        raise Malformed("give either `months` or `until`.", where=path)
    if "months" in raw:
        if "years_after" in raw:
            raise Malformed("goes with `until`.", where=f"{path}.years_after")
        return Validity(raw["months"], raw.get("to", "day"))
    if "to" in raw:
        raise Malformed("goes with `months`.", where=f"{path}.to")
    # The last of February is written 02-29; other years end it on the 28th.
    until = _month_day(raw["until"], f"{path}.until", year=2024)
    return Validity(until=until, years_after=raw.get("years_after", 1))


def _month_day(text: str, where: str, year: int = 2025) -> tuple[int, int]:
    month, day = int(text[:2]), int(text[3:])
    try:
        date(year, month, day)
    except ValueError:
        raise Malformed(f"not every year has the date {text}.", where=where) from None
    return month, day


def _plain_review(review: Review) -> dict[str, Any]:
    if review.at == "months":
        return {"months": review.months}
    if review.at == "year_from":
        return {"year_from": f"{review.year_from[0]:02d}-{review.year_from[1]:02d}"}
    return {"at": review.at}


def _plain_tier(tier: Tier, programme: Programme) -> dict[str, Any]:
    written: dict[str, Any] = {"code": tier.code, "name": plain_words_of(tier.name)}
    if tier.benefits:
        written["benefits"] = [plain_words_of(text) for text in tier.benefits]
    for test in _TESTS:
        criterion = getattr(tier, test)
        if criterion is not None:
            written[test] = plain_criterion(criterion, programme)
    if tier.ahead:
        written["head_start"] = {m: number_text(programme, m, value) for m, value in tier.ahead}
    return written


def _plain_part(part: Part, programme: Programme) -> dict[str, Any]:
    written: dict[str, Any] = {}
    if part.name is not None:
        written["name"] = plain_words_of(part.name)
    if part.metric is None:
        written |= {"tenure": "years", "points": part.points, "per": str(part.per)}
    else:
        per = number_text(programme, part.metric, part.per)
        written |= {"metric": part.metric, "points": part.points, "per": per}
    if part.most is not None:
        written["most"] = part.most
    return written
