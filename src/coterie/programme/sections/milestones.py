"""Milestones: something for reaching a number or a tier, once or again, given or chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from coterie.kernel.errors import Malformed
from coterie.programme.conditions import parse_condition, plain_condition, sentence
from coterie.programme.conditions.kind import enumeration, label
from coterie.programme.model import Condition, Programme, Words
from coterie.programme.schema_parts import (
    CODE,
    CONDITION,
    WORDS,
    Schema,
    by_code,
    listing,
    mapping,
    whole,
)
from coterie.programme.sections.gifts import (
    KEYS,
    Gift,
    check_gift,
    gift_of,
    gift_properties,
    gift_words,
    plain_gift,
)
from coterie.programme.sections.goals import Goal, goal_of, goal_properties
from coterie.programme.sections.reaching import MilestoneStep
from coterie.programme.sections.section import (
    Checker,
    Ground,
    Section,
    plain_words_of,
    words_of,
)
from coterie.programme.turn import Step

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledProgramme

OPTIONS_MAX = 20
DAYS_MAX = 3_660
DAYS_USUAL = 30


class Milestone(Struct, frozen=True):
    """Give ``gift`` when ``goal`` is reached.

    With ``options`` the member chooses one within ``days``; after that it is ``otherwise``, or
    nothing. A number is reached at an event of the metric's kind at which ``when`` holds; both
    kinds of goal only after all milestones named in ``after``.
    """

    code: str
    name: Words
    goal: Goal
    gift: Gift | None
    options: dict[str, Gift] = field(default_factory=dict)
    days: int = 0
    otherwise: str | None = None
    when: Condition | None = None
    after: tuple[str, ...] = ()


class Milestones(Section):
    """``milestones:`` by code."""

    code = "milestones"
    noun = "milestone"

    def schema(self) -> Schema:
        """Return ``{name, a metric or a tier to reach, when, after, a gift or options}``."""
        gift = gift_properties()
        return mapping(
            {
                "name": WORDS,
                **goal_properties(),
                "when": CONDITION,
                "after": {**listing(CODE, 20, 1), "uniqueItems": True},
                **gift,
                "options": {**by_code(mapping(gift), OPTIONS_MAX), "minProperties": 1},
                "choose_days": whole(1, DAYS_MAX),
                "otherwise": CODE,
            },
            ("name",),
        )

    def build(self, code: str, raw: dict[str, Any], path: str, ground: Ground) -> Milestone:
        """Return the milestone."""
        goal = goal_of(raw, path, ground)
        options = {
            name: gift_of(inner, f"{path}.options.{name}", ground)
            for name, inner in raw.get("options", {}).items()
        }
        if options and any(key in raw for key in KEYS):
            raise Malformed("give one thing, or `options` to choose from.", where=path)
        if not options and ("choose_days" in raw or "otherwise" in raw):
            raise Malformed("without `options` there is nothing to choose.", where=path)
        return Milestone(
            code,
            words_of(raw["name"]),
            goal,
            None if options else gift_of(raw, path, ground),
            options,
            raw.get("choose_days", DAYS_USUAL) if options else 0,
            raw.get("otherwise"),
            parse_condition(raw["when"], f"{path}.when") if "when" in raw else None,
            tuple(raw.get("after", ())),
        )

    def plain(self, entry: Milestone, programme: Programme) -> dict[str, Any]:
        """Return it as written."""
        found: dict[str, Any] = {
            "name": plain_words_of(entry.name),
            **entry.goal.plain(programme),
        }
        if entry.when is not None:
            found["when"] = plain_condition(entry.when)
        if entry.after:
            found["after"] = list(entry.after)
        if entry.gift is not None:
            return found | plain_gift(entry.gift, programme)
        found["options"] = {
            code: plain_gift(gift, programme) for code, gift in entry.options.items()
        }
        found["choose_days"] = entry.days
        if entry.otherwise is not None:
            found["otherwise"] = entry.otherwise
        return found

    def check(self, entry: Milestone, path: str, checker: Checker) -> None:
        """Refuse names nobody declares, nothing to give, and milestones that wait in a circle."""
        entry.goal.check(path, entry.when, checker)
        if entry.gift is not None:
            check_gift(entry.gift, path, "a milestone", checker)
        for code, gift in entry.options.items():
            check_gift(gift, f"{path}.options.{code}", "an option", checker)
        if entry.otherwise is not None and entry.otherwise not in entry.options:
            allowed = f"one of {', '.join(entry.options)}"
            checker.find(f"{path}.otherwise", f"unknown option {entry.otherwise!r}.", allowed)
        known = checker.programme.parts[self.code]
        for n, code in enumerate(entry.after):
            checker.named("milestone", code, self.code, known, f"{path}.after[{n}]")
        if entry.code in _before(entry, known):
            checker.find(f"{path}.after", "this waits for itself and is never reached.")

    def words(self, entry: Milestone, programme: Programme, lang: str) -> str:
        """Say when what is given."""
        zh = lang == "zh"
        goal, often = entry.goal.words(programme, lang), entry.goal.limit_words(lang)
        known = programme.parts.get(self.code, {})
        after = [label(known.get(code), code, lang) for code in entry.after]
        said = sentence(entry.when, lang, programme) if entry.when is not None else ""
        what = _what(entry, programme, lang)
        if zh:
            parts = [goal, *([f"且{said}"] if said else [])]
            parts += [f"须先达成{'、'.join(after)}"] if after else []
            parts += [what, *([often] if often else [])]
            return f"{entry.name.zh}：{'，'.join(parts)}。"
        parts = [f"{what} {goal}" + (f" and {said}" if said else "")]
        parts += [f"after {' and '.join(after)}"] if after else []
        parts += [often] if often else []
        parts += [_choosing(entry, programme, lang)] if entry.options else []
        return f"{entry.name.en}: {', '.join(parts)}."

    def breaks(self, old: Milestone, new: Milestone) -> Iterator[str]:
        """What was reached is on record by what it was; who may choose still has to."""
        if old.goal.identity != new.goal.identity:
            yield "is reached by something else now; a new milestone needs a new code."
        gone = set(old.options) - set(new.options)
        if gone:
            yield f"members may still choose {', '.join(sorted(gone))}."

    def step(self, entries: Mapping[str, Milestone], cp: CompiledProgramme) -> Step | None:
        """Return the step that looks at metrics after every event."""
        return MilestoneStep(tuple(entries.values()), cp) if entries else None


def _before(entry: Milestone, known: Mapping[str, Milestone]) -> set[str]:
    """Return every milestone that has to be reached before, at any distance."""
    found: set[str] = set()
    ahead = list(entry.after)
    while ahead:
        code = ahead.pop()
        if code not in found and code in known:
            found.add(code)
            ahead += known[code].after
    return found


def _what(entry: Milestone, programme: Programme, lang: str) -> str:
    if entry.gift is not None:
        gift = gift_words(entry.gift, programme, lang)
        return f"奖励{gift}" if lang == "zh" else gift
    gifts = [gift_words(gift, programme, lang) for gift in entry.options.values()]
    if lang == "zh":
        return f"{'、'.join(gifts)}任选其一，{_choosing(entry, programme, lang)}"
    return enumeration(gifts, lang)


def _choosing(entry: Milestone, programme: Programme, lang: str) -> str:
    zh = lang == "zh"
    text = f"{entry.days}天内选择" if zh else f"to be chosen within {entry.days} days"
    if entry.otherwise is None:
        return f"{text}，逾期作废" if zh else f"{text} or lost"
    gift = entry.options.get(entry.otherwise)
    usual = entry.otherwise if gift is None else gift_words(gift, programme, lang)
    return f"{text}，逾期为{usual}" if zh else f"{text}, otherwise {usual}"
