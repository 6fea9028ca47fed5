"""A kind is one file and one line: each test here adds one, as a developer would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

from coterie.events import model as ev
from coterie.programme import schema, shape
from coterie.programme.effects import EFFECTS, EffectKind
from coterie.programme.measures import MEASURES, MeasureKind, Seen
from coterie.programme.model import Effect, Metric, Window
from coterie.programme.plain import plain_words
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.schema_parts import CODE, mapping, whole
from coterie.programme.windows import WINDOWS, Period, WindowKind
from coterie.programme.writing import canonical_text
from tests.ledger.driver import Drive
from tests.programme.writing_programmes import SMALL, findings, with_rule

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledMetric, CompiledProgramme, CompiledRule
    from coterie.programme.ground import Ground
    from coterie.programme.model import Programme, Rule

JUNE = "2026-06-10T12:00:00+08:00"


@pytest.fixture
def fresh_schema(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Let the schema, which is made once, be made again with what the test adds."""

    def forget() -> None:
        schema.programme_schema.cache_clear()
        shape._validator.cache_clear()

    forget()
    with monkeypatch.context() as patch:
        yield patch
    forget()


def measured(drive: Drive, code: str) -> int:
    cp = drive.programmes.versions[-1]
    return cp.metric_value(drive.standing, code, cp.zone.day(drive.member.clock_us))


class Stamp(Effect, frozen=True):
    """So many units for every line, whatever it costs."""

    currency: str
    each: int


class StampKind(EffectKind):
    """``stamp:`` in a rule."""

    code = "stamp"
    struct = Stamp

    def schema(self) -> dict[str, Any]:
        return mapping({"currency": CODE, "each": whole(1, 100)}, ("currency", "each"))

    def build(self, raw: dict[str, Any], path: str, on: str, ground: Ground) -> Stamp:
        del path, on, ground
        return Stamp(**raw)

    def plain(self, effect: Stamp, programme: Programme) -> dict[str, Any]:
        del programme
        return {"currency": effect.currency, "each": effect.each}

    def words(self, rule: Rule, effect: Stamp, programme: Programme, lang: str) -> str:
        del rule, programme
        return f"每行 {effect.each} 枚" if lang == "zh" else f"{effect.each} a line"

    def currencies(self, effect: Stamp, rules: Mapping[str, Rule]) -> set[str]:
        del rules
        return {effect.currency}

    def compile(self, effect: Stamp, rule: CompiledRule, cp: CompiledProgramme) -> None:
        del cp
        rule.currency = effect.currency
        rule.act = lambda _given, _masks, situation: (
            effect.each * len(situation.lines),
            [(n, 1) for n in range(len(situation.lines))],
        )


def test_an_effect_is_one_class_and_one_line(fresh_schema: pytest.MonkeyPatch):
    stamps = (
        "code: stamps\nname: {zh: 印花, en: Stamps}\ncaps: [daily]\n"
        "stamp: {currency: points, each: 7}"
    )
    assert findings(with_rule(stamps))[0].problem == "unknown key 'stamp'."
    fresh_schema.setitem(EFFECTS, "stamp", StampKind())
    schema.programme_schema.cache_clear()
    shape._validator.cache_clear()
    programme = read_programme("small.yaml", with_rule(stamps))
    assert read_canonical(canonical_text(programme)) == programme
    assert "Stamps: for every order, 7 a line, at most 100 Points a day (daily)." in plain_words(
        programme, "en"
    )
    drive = Drive(programme)
    lines = (ev.OrderLine(9_000), ev.OrderLine(10))
    drive.send(ev.Order, JUNE, order_ref="A", lines=lines)
    assert drive.balances()[0] == 100, "90 for the amount; of 14 stamps the cap leaves 10"
    problem = findings(with_rule("code: none\nname: {zh: 无, en: None}"))[0].problem
    assert problem == "a rule has one effect: `earn` or `multiply` or `stamp`."


class LongestLine(MeasureKind):
    """The sum of the dearest lines."""

    code = "dearest"

    def words(self, metric: Metric, programme: Programme, lang: str) -> str:
        del metric, programme
        return "最贵的一行" if lang == "zh" else "the dearest line"

    def value(self, metric: CompiledMetric, seen: Seen) -> int:
        del metric
        assert seen.order is not None
        return max(seen.amount_left(n, line) for n, line in enumerate(seen.order.lines))


class Decade(WindowKind):
    """Ten years."""

    code = "decade"
    hint = "decade"

    def words(self, window: Window, lang: str) -> str:
        del window
        return "每十年" if lang == "zh" else "a decade"

    def period(self, window: Window, slack_days: int) -> Period:
        del window, slack_days
        return Period(lambda day: day // 3653, 1, 2)


def test_a_measure_and_a_window_are_a_class_and_a_line(fresh_schema: pytest.MonkeyPatch):
    text = SMALL.replace("spend: {measure: amount, window: year}",
                         "spend: {measure: dearest, window: decade}")  # fmt: skip
    assert {f.path for f in findings(text)} == {"metrics.spend.window"}
    fresh_schema.setitem(WINDOWS, "decade", Decade())
    fresh_schema.setitem(MEASURES, "dearest", LongestLine())
    schema.programme_schema.cache_clear()
    shape._validator.cache_clear()
    programme = read_programme("small.yaml", text)
    assert read_canonical(canonical_text(programme)) == programme
    assert "spend: the dearest line a decade." in "\n".join(plain_words(programme, "en"))
    drive = Drive(programme)
    drive.send(ev.Order, JUNE, order_ref="A", lines=(ev.OrderLine(900), ev.OrderLine(500)))
    assert measured(drive, "spend") == 900
    line = ev.ReturnLine(line="1")
    drive.send(ev.Return, JUNE, order_ref="A", lines=(line,))
    assert measured(drive, "spend") == 500
