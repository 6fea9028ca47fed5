"""A plan's report as tables: titles, heads and rows, in Chinese or English."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from coterie.kernel.numbers import format_minor, money_exponent
from coterie.programme.model import Programme
from coterie.replay.planned import PlanReport, Sided, Spread

_ZH = {
    "Figures": "总览",
    "Rules": "规则",
    "Members": "会员得失",
    "Examples": "示例会员",
    "Not covered": "余额不足的消耗",
    "Tiers": "等级变化",
    "Answers": "事件结果",
    "figure": "指标",
    "live": "现行",
    "draft": "草案",
    "difference": "差额",
    "currency": "币种",
    "rule": "规则",
    "units": "数量",
    "cost": "成本",
    "issued": "发放",
    "spent": "消耗",
    "expired": "过期",
    "written off": "核销",
    "outstanding": "未用余额",
    "liability": "负债",
    "measure": "衡量",
    "better off": "得益",
    "worse off": "受损",
    "the same": "不变",
    "gained": "得益合计",
    "lost": "受损合计",
    "value": "价值",
    "member": "会员",
    "members": "会员数",
    "events": "事件数",
    "examples": "示例",
    "under the draft": "草案下不足",
    "under the live version": "现行下不足",
    "ladder": "等级体系",
    "none": "无",
    "answer": "结果",
    "to match": "追平成本",
}


class Table(Struct, frozen=True):
    """A title, the heads of the columns, the rows."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def plan_tables(report: PlanReport, live: Programme, draft: Programme, lang: str) -> list[Table]:
    """Return the report as tables; what has no rows is left out."""
    return [t for t in _Words(live, draft, lang).tables(report) if t.rows]


class _Words:
    def __init__(self, live: Programme, draft: Programme, lang: str) -> None:
        self._zh = lang == "zh"
        self._scales = {code: c.scale for p in (draft, live) for code, c in p.currencies.items()}
        self._exponent = money_exponent(live.money)
        self._money_code = live.money

    def tables(self, report: PlanReport) -> Iterable[Table]:
        yield self._table("Figures", ("figure", "live", "draft", "difference"), self._all(report))
        yield self._table(
            "Rules",
            ("currency", "rule", "units", "difference", "cost", "difference"),
            [
                (
                    rule.currency,
                    rule.rule,
                    *self._pair(rule.units, self._scales.get(rule.currency, 0)),
                    *self._pair(rule.cost_minor, self._exponent),
                )
                for rule in report.rules
            ],
        )
        measures = [(self.say("value"), report.value, self._exponent)]
        measures += [
            (c.currency, c.members, self._scales.get(c.currency, 0)) for c in report.currencies
        ]
        heads = ("measure", "better off", "worse off", "the same", "gained", "lost")
        yield self._table(
            "Members",
            (*heads, *(f"p{n}" for n in (5, 25, 50, 75, 95))),
            [self._spread(*measure) for measure in measures],
        )
        yield self._table(
            "Examples",
            ("measure", "member", "live", "draft", "difference"),
            [row for measure in measures for row in self._examples(*measure)],
        )
        yield self._table(
            "Not covered", ("figure", "events", "members", "units", "examples"), self._short(report)
        )
        yield self._table(
            "Tiers",
            ("ladder", "live", "draft", "members"),
            [
                (
                    m.ladder,
                    m.live or self.say("none"),
                    m.draft or self.say("none"),
                    f"{m.members:,}",
                )
                for m in report.tiers
            ],
        )
        yield self._table(
            "Answers",
            ("answer", "live", "draft", "difference"),
            [(code, *self._sided(sided, 0)) for code, sided in report.answers.items()],
        )

    def say(self, text: str) -> str:
        return _ZH.get(text, text) if self._zh else text

    def _table(self, title: str, heads: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Table:
        return Table(self.say(title), tuple(self.say(head) for head in heads), tuple(rows))

    def _all(self, report: PlanReport) -> list[tuple[str, ...]]:
        rows = []
        for c in report.currencies:
            scale = self._scales.get(c.currency, 0)
            figures = (
                ("issued", c.issued, scale),
                ("spent", c.spent, scale),
                ("expired", c.expired, scale),
                ("written off", c.written_off, scale),
                ("outstanding", c.outstanding, scale),
                ("cost", c.cost_minor, self._exponent),
                ("liability", c.liability_minor, self._exponent),
            )
            rows += [
                (f"{c.currency}: {self.say(name)}", *self._sided(sided, digits))
                for name, sided, digits in figures
            ]
        match = format_minor(report.match_minor, self._exponent)
        return [*rows, (f"{self.say('to match')} {self._money_code}", "", "", match)]

    def _sided(self, sided: Sided, digits: int) -> tuple[str, str, str]:
        live, draft = _number(sided.live, digits), _number(sided.draft, digits)
        return live, draft, _signed(sided.difference, digits)

    def _pair(self, sided: Sided, digits: int) -> tuple[str, str]:
        return _number(sided.draft, digits), _signed(sided.difference, digits)

    def _spread(self, name: str, spread: Spread, digits: int) -> tuple[str, ...]:
        counts = (spread.winners, spread.losers, spread.same)
        sums = (spread.gained, spread.lost)
        quantiles = [spread.quantiles[f"p{n}"] for n in (5, 25, 50, 75, 95)]
        return (
            name,
            *(f"{count:,}" for count in counts),
            *(_number(each, digits) for each in sums),
            *(_signed(each, digits) for each in quantiles),
        )

    @staticmethod
    def _examples(name: str, spread: Spread, digits: int) -> list[tuple[str, ...]]:
        return [
            (
                name,
                str(each.member_id),
                _number(each.live, digits),
                _number(each.draft, digits),
                _signed(each.difference, digits),
            )
            for each in (*spread.best, *spread.worst)
        ]

    def _short(self, report: PlanReport) -> list[tuple[str, ...]]:
        named = (
            ("under the draft", report.uncovered),
            ("under the live version", report.newly_covered),
        )
        return [
            (
                self.say(name),
                f"{found.events:,}",
                f"{found.members:,}",
                ", ".join(
                    f"{_number(units, self._scales.get(code, 0))} {code}"
                    for code, units in found.units.items()
                ),
                ", ".join(found.examples),
            )
            for name, found in named
            if found.events
        ]


def _number(value: int, digits: int) -> str:
    sign = "-" if value < 0 else ""
    whole, _, rest = format_minor(abs(value), digits).partition(".")
    grouped = f"{int(whole):,}"
    return f"{sign}{grouped}.{rest}" if rest else f"{sign}{grouped}"


def _signed(value: int, digits: int) -> str:
    return f"+{_number(value, digits)}" if value > 0 else _number(value, digits)
