"""How conditions nest: reading, checking, compiling and saying whole trees of them.

Written, a condition is a mapping of kinds to arguments; several kinds in one mapping mean all of
them. ``all`` and ``any`` hold lists of conditions, ``not`` one, ``any_line`` a condition on lines
that at least one line meets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from coterie.programme.conditions.kind import Level, Problem
from coterie.programme.conditions.registry import KINDS
from coterie.programme.conditions.scene import LineTest, SceneTest, Situation, SituationTest
from coterie.programme.model import Condition, Programme

PARTS_MAX = 50
DEPTH_MAX = 8
LISTS = ("all", "any")
NESTING = (*LISTS, "not", "any_line")

Test = Callable[[Any], bool]


class Compiled(NamedTuple):
    """The tests of one condition; it holds when every one that is there does.

    A condition on lines has only ``line``. Of the others, ``static`` looks at a scene, ``dynamic``
    at a situation; a condition without any of the three always holds.
    """

    line: LineTest | None = None
    static: SceneTest | None = None
    dynamic: SituationTest | None = None


def condition_schema() -> dict[str, Any]:
    """Return the schema of a condition, which names itself ``#/$defs/condition``."""
    inner = {"$ref": "#/$defs/condition"}
    many = {"type": "array", "items": inner, "minItems": 1, "maxItems": PARTS_MAX}
    kinds = {code: kind.schema() for code, kind in KINDS.items()}
    return {
        "type": "object",
        "properties": {"all": many, "any": many, "not": inner, "any_line": inner, **kinds},
        "minProperties": 1,
        "additionalProperties": False,
        "description": "conditions by kind; several in one mapping mean all of them",
    }


def parse_condition(raw: dict[str, Any], where: str) -> Condition:
    """Read what fits the schema; ``where`` is its path in the text."""
    parts = [_parse_one(kind, args, f"{where}.{kind}") for kind, args in raw.items()]
    if len(parts) == 1:
        return parts[0]
    return Condition("all", {"of": parts}, where)


def _parse_one(kind: str, args: Any, where: str) -> Condition:
    if kind in LISTS:
        inner = [parse_condition(part, f"{where}[{n}]") for n, part in enumerate(args)]
        return Condition(kind, {"of": inner}, where)
    if kind in NESTING:
        return Condition(kind, {"of": [parse_condition(args, where)]}, where)
    return Condition(kind, KINDS[kind].normal(args), where)


def plain_condition(condition: Condition) -> dict[str, Any]:
    """Return the condition as it is written in a programme's canonical text."""
    if condition.kind in LISTS:
        return {condition.kind: [plain_condition(part) for part in condition.args["of"]]}
    if condition.kind in NESTING:
        return {condition.kind: plain_condition(condition.args["of"][0])}
    return {condition.kind: KINDS[condition.kind].plain(condition.args)}


def check_condition(
    condition: Condition, programme: Programme, on: str, *, lines: bool = False, depth: int = 0
) -> Iterator[tuple[str, Problem]]:
    """Yield (path, problem) for all that is wrong with a condition of a rule about ``on``.

    ``lines``: the condition chooses lines, so it may hold only what looks at a line.
    """
    if depth > DEPTH_MAX:
        yield condition.where, Problem("", f"conditions nest at most {DEPTH_MAX} deep.")
    elif condition.kind in NESTING:
        inside = lines or condition.kind == "any_line"
        if condition.kind == "any_line" and (lines or on != "order"):
            yield condition.where, Problem("", _misplaced("any_line", on, lines=lines))
        for part in condition.args["of"]:
            yield from check_condition(part, programme, on, lines=inside, depth=depth + 1)
    else:
        kind = KINDS[condition.kind]
        if (kind.level is Level.LINE) != lines:
            yield condition.where, _wrong_level(kind.code, lines=lines)
        elif kind.only_on is not None and kind.only_on != on.partition(":")[0]:
            yield condition.where, Problem("", _misplaced(kind.code, on, lines=False))
        else:
            for problem in kind.check(condition.args, programme, on):
                yield condition.where + problem.below, problem


def _wrong_level(code: str, *, lines: bool) -> Problem:
    if lines:
        allowed = ", ".join(k.code for k in KINDS.values() if k.level is Level.LINE)
        return Problem(
            "",
            f"{code!r} looks at the event, not at one line; write it in `when`.",
            f"in `lines`: {allowed}, and all, any, not of these",
        )
    return Problem(
        "",
        f"{code!r} looks at one line, and an order has many.",
        f"`lines: {{{code}: ...}}` to choose the lines that count, or "
        f"`any_line: {{{code}: ...}}` to ask for at least one such line",
    )


def _misplaced(code: str, on: str, *, lines: bool) -> str:
    if lines:
        return f"{code!r} is already inside a condition on lines."
    return f"{code!r} makes no sense on {on!r}."


def compile_condition(condition: Condition | None, programme: Programme) -> Compiled:
    """Return the tests of a checked condition, each at the lowest level its parts allow."""
    if condition is None:
        return Compiled()
    kind, args = condition.kind, condition.args
    if kind not in NESTING:
        test = KINDS[kind].compile(args, programme)
        level = KINDS[kind].level
        return Compiled(**{("line", "static", "dynamic")[level]: test})
    parts = [compile_condition(part, programme) for part in args["of"]]
    if kind == "any_line":
        return Compiled(dynamic=_any_line(_every([p.line for p in parts if p.line])))
    if kind == "all":
        return Compiled(
            line=_every([p.line for p in parts if p.line]),
            static=_every([p.static for p in parts if p.static]),
            dynamic=_every([p.dynamic for p in parts if p.dynamic]),
        )
    combine = _some if kind == "any" else _negated
    if any(part.line for part in parts):
        return Compiled(line=combine([p.line for p in parts if p.line]))
    if not any(part.dynamic for part in parts):
        return Compiled(static=combine([p.static for p in parts if p.static]))
    return Compiled(dynamic=combine([_on_situation(part) for part in parts]))


def unmet(
    condition: Condition | None, programme: Programme, situation: Situation
) -> Condition | None:
    """Return the smallest part of a rule's condition that does not hold; None when all of it does.

    Of parts that must all hold it is the first that does not; of alternatives, all of them.
    """
    if condition is None:
        return None
    compiled = compile_condition(condition, programme)
    if (compiled.static is None or compiled.static(situation.scene)) and (
        compiled.dynamic is None or compiled.dynamic(situation)
    ):
        return None
    if condition.kind == "all":
        for part in condition.args["of"]:
            failing = unmet(part, programme, situation)
            if failing is not None:
                return failing
    return condition


def _on_situation(part: Compiled) -> SituationTest:
    static, dynamic = part.static, part.dynamic
    if static is None:
        assert dynamic is not None
        return dynamic
    if dynamic is None:
        return lambda situation: static(situation.scene)
    return lambda situation: static(situation.scene) and dynamic(situation)


def _any_line(test: LineTest | None) -> SituationTest:
    assert test is not None
    return lambda situation: any(map(test, situation.lines))


def _every(tests: Sequence[Test]) -> Test | None:
    """Return one test that holds when all do; short ones are spelt out, they are the hot path."""
    if not tests:
        return None
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        first, second = tests
        return lambda value: first(value) and second(value)
    several = tuple(tests)
    return lambda value: all(test(value) for test in several)


def _some(tests: Sequence[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        first, second = tests
        return lambda value: first(value) or second(value)
    several = tuple(tests)
    return lambda value: any(test(value) for test in several)


def _negated(tests: Sequence[Test]) -> Test:
    (test,) = tests
    return lambda value: not test(value)


def sentence(condition: Condition, lang: str, programme: Programme | None = None) -> str:
    """Return a condition as a clause in ``zh`` or ``en``; with a programme, by declared names."""
    if condition.kind not in NESTING:
        return KINDS[condition.kind].sentence(condition.args, lang, programme)
    if condition.kind == "not" and (denied := _denied(condition.args["of"][0], lang, programme)):
        return denied
    parts = [_part(part, condition.kind, lang, programme) for part in condition.args["of"]]
    if condition.kind == "all":
        return ("，且" if lang == "zh" else " and ").join(parts)
    if condition.kind == "any":
        return ("，或" if lang == "zh" else " or ").join(parts)
    if condition.kind == "not":
        return f"并非{parts[0]}" if lang == "zh" else f"not {parts[0]}"
    return f"至少一件商品的{parts[0]}" if lang == "zh" else f"for at least one line {parts[0]}"


def _denied(part: Condition, lang: str, programme: Programme | None) -> str | None:
    if part.kind in NESTING:
        return None
    return KINDS[part.kind].negation(part.args, lang, programme)


def _part(part: Condition, around: str, lang: str, programme: Programme | None) -> str:
    """Return a part in brackets where and, or and not would otherwise be read two ways."""
    text = sentence(part, lang, programme)
    several = part.kind in LISTS and len(part.args["of"]) > 1
    if several and (around == "not" or (around in LISTS and around != part.kind)):
        return f"（{text}）" if lang == "zh" else f"({text})"
    return f"（{text}）" if around == "not" and lang == "zh" else text
