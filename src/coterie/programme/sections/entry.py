"""Entry rules: what makes a member of somebody who is only known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from coterie.kernel.errors import Malformed
from coterie.programme.conditions import parse_condition, plain_condition, sentence
from coterie.programme.conditions.kind import enumeration, label
from coterie.programme.measures import told_number
from coterie.programme.model import Condition, Programme, Words
from coterie.programme.schema_parts import (
    CODE,
    CONDITION,
    DECIMAL,
    ON,
    WORDS,
    Schema,
    choice,
    listing,
    mapping,
)
from coterie.programme.sections.section import (
    Checker,
    Ground,
    Section,
    measured_text,
    plain_words_of,
    words_of,
)
from coterie.programme.turn import Ask, Step, Turn

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledProgramme

BEFORE = ("prospect", "unverified", "paused")
AFTER = ("unverified", "active")
_STATES = {
    "zh": {
        "prospect": "意向客户",
        "unverified": "待验证会员",
        "paused": "已暂停会员",
        "active": "正式会员",
    },
    "en": {
        "prospect": "a prospect",
        "unverified": "an unverified member",
        "paused": "a paused member",
        "active": "an active member",
    },
}


class Entry(Struct, frozen=True):
    """Members in a state of ``before`` enter the state ``after``.

    When ``on`` happens and ``when`` held before it, and (or, without ``on``, as soon as) the
    ``metric`` has reached ``at``, counted with the event.
    """

    code: str
    name: Words
    before: tuple[str, ...]
    after: str
    on: str | None
    when: Condition | None
    metric: str | None
    at: int


class EntryRules(Section):
    """``entry:`` by code."""

    code = "entry"
    noun = "entry rule"

    def schema(self) -> Schema:
        """Return ``{name, from, to, on, when, metric, at}``."""
        return mapping(
            {
                "name": WORDS,
                "from": {**listing(choice(*BEFORE), len(BEFORE), 1), "uniqueItems": True},
                "to": choice(*AFTER),
                "on": ON,
                "when": CONDITION,
                "metric": CODE,
                "at": {**DECIMAL, "description": "a number of the metric: a count, or an amount"},
            },
            ("name",),
        )

    def build(self, code: str, raw: dict[str, Any], path: str, ground: Ground) -> Entry:
        """Return the rule."""
        if "on" not in raw and "metric" not in raw:
            raise Malformed("give `on`, `metric` with `at`, or both.", where=path)
        if ("metric" in raw) != ("at" in raw):
            raise Malformed("`metric` and `at` go together.", where=path)
        if "when" in raw and "on" not in raw:
            raise Malformed("`when` is about an event; name it in `on`.", where=f"{path}.when")
        before, after = tuple(raw.get("from", ("prospect", "unverified"))), raw.get("to", "active")
        if "from" in raw and after in before:
            raise Malformed(f"who is {after} already does not enter.", where=f"{path}.from")
        return Entry(
            code,
            words_of(raw["name"]),
            tuple(state for state in before if state != after),
            after,
            raw.get("on"),
            parse_condition(raw["when"], f"{path}.when") if "when" in raw else None,
            raw.get("metric"),
            ground.measured(raw["at"], raw["metric"], f"{path}.at") if "at" in raw else 0,
        )

    def plain(self, entry: Entry, programme: Programme) -> dict[str, Any]:
        """Return it as written."""
        found: dict[str, Any] = {
            "name": plain_words_of(entry.name),
            "from": list(entry.before),
            "to": entry.after,
        }
        if entry.on is not None:
            found["on"] = entry.on
        if entry.when is not None:
            found["when"] = plain_condition(entry.when)
        if entry.metric is not None:
            found["metric"] = entry.metric
            found["at"] = measured_text(programme, entry.metric, entry.at)
        return found

    def check(self, entry: Entry, path: str, checker: Checker) -> None:
        """Refuse names nobody declares, and a number that everybody has reached."""
        programme = checker.programme
        if entry.metric is not None:
            checker.named("metric", entry.metric, "metrics", programme.metrics, f"{path}.metric")
            if entry.at == 0:
                checker.find(f"{path}.at", "everybody has reached zero.")
        if entry.on is None:
            return
        kind, _, activity = entry.on.partition(":")
        if kind == "activity":
            checker.named("activity", activity, "activities", programme.activities, f"{path}.on")
        checker.condition(entry.when, entry.on)

    def words(self, entry: Entry, programme: Programme, lang: str) -> str:
        """Say who becomes what by what."""
        zh = lang == "zh"
        who = enumeration([_STATES[lang][state] for state in entry.before], lang)
        parts = []
        if entry.on is not None:
            parts.append(_what(entry.on, programme, lang))
        if entry.when is not None:
            parts.append(sentence(entry.when, lang, programme))
        if entry.metric is not None:
            metric = label(programme.metrics.get(entry.metric), entry.metric, lang)
            at = told_number(programme, entry.metric, entry.at)
            parts.append(f"{metric}达到{at}" if zh else f"{metric} reaches {at}")
        condition = ("且" if zh else " and ").join(parts)
        if zh:
            return f"{entry.name.zh}：{who}在{condition}后成为{_STATES[lang][entry.after]}。"
        return f"{entry.name.en}: {who} becomes {_STATES[lang][entry.after]} when {condition}."

    def step(self, entries: Mapping[str, Entry], cp: CompiledProgramme) -> Step | None:
        """Return the step that lets people in."""
        return _Step(tuple(entries.values()), cp) if entries else None


def _what(on: str, programme: Programme, lang: str) -> str:
    kind, _, activity = on.partition(":")
    if kind == "order":
        return "下单" if lang == "zh" else "they order"
    named = label(programme.activities.get(activity), activity, lang)
    return f"完成“{named}”" if lang == "zh" else f"they do “{named}”"


class _Step(Step):
    def __init__(self, entries: tuple[Entry, ...], cp: CompiledProgramme) -> None:
        self._entries = [(entry, f"entry:{entry.code}") for entry in entries]
        self.asks = tuple(
            Ask.of(name, entry.on, entry.when, cp.programme)
            for entry, name in self._entries
            if entry.on is not None
        )

    def after(self, turn: Turn) -> bool:
        """Let the member enter by the first rule that is met."""
        member = turn.standing.member
        for entry, name in self._entries:
            if member.state not in entry.before:
                continue
            if entry.on is not None and name not in turn.decision.asked:
                continue
            if entry.metric is not None and turn.metric(entry.metric) < entry.at:
                continue
            member.state = entry.after
            turn.decision.entered = (entry.code, entry.after)
            return True
        return False
