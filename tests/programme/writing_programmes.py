"""A small programme as a text, to be changed by the tests that need something else."""

from __future__ import annotations

import pytest

from coterie.programme.errors import ProgrammeInvalid
from coterie.programme.findings import Finding
from coterie.programme.reading import read_programme, read_with_warnings

SMALL = """\
programme: small
name: {zh: 小店, en: Small shop}
zone: Asia/Shanghai
money: CNY
currencies:
  points:
    name: {zh: 积分, en: Points}
attributes:
  level: {values: [basic, silver, gold]}
  age: {type: integer}
  staff: {type: boolean}
activities:
  visit:
    name: {zh: 到店, en: Visit}
    fields:
      city: {values: [bj, sh]}
      guests: {type: integer}
metrics:
  orders: {measure: count, window: month}
  spend: {measure: amount, window: year}
  visits: {on: activity:visit, measure: count, window: month}
caps:
  daily: {limit: 100, measure: units, window: day}
rules:
  - code: base
    name: {zh: 积分, en: Points for spending}
    earn: {currency: points, units: 1, per: "1.00"}
    caps: [daily]
"""
RULES_BEGIN = "rules:\n"


def with_rule(rule: str, text: str = SMALL) -> str:
    """Add a rule, written as the lines of its mapping."""
    lines = rule.strip("\n").splitlines()
    item = "\n".join(("  - " if n == 0 else "    ") + line for n, line in enumerate(lines))
    return f"{text}{item}\n"


def with_when(when: str, *, on: str = "order", key: str = "when") -> str:
    """Add a rule about ``on`` with a condition."""
    return with_rule(f"""\
code: tested
name: {{zh: 测, en: Tested}}
on: {on}
{key}: {when}
earn: {{currency: points, units: 5}}""")


def findings(text: str) -> list[Finding]:
    """Return what is wrong with a text; it must be refused."""
    with pytest.raises(ProgrammeInvalid) as caught:
        read_programme("small.yaml", text)
    return [found for found in caught.value.findings if not found.warning]


def finding(text: str) -> Finding:
    """Return the one thing that is wrong with a text."""
    (only,) = findings(text)
    return only


def warnings(text: str) -> list[Finding]:
    """Return what is odd about a text that can be used."""
    return list(read_with_warnings("small.yaml", text).warnings)


def line_of(text: str, part: str) -> int:
    """Return the line, from 1, that holds the last occurrence of a part."""
    return text.count("\n", 0, text.rindex(part)) + 1
