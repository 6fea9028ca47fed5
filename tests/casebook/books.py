"""A small programme, and case files beside it, written where a test wants them."""

from pathlib import Path

PROGRAMME = """
programme: cafe
name: {zh: 咖啡集章, en: Cafe stamps}
zone: Asia/Shanghai
money: CNY
currencies:
  stamps: {name: {zh: 印花, en: Stamps}}
  points:
    name: {zh: 积分, en: Points}
    scale: 1
    transferable: true
    expiry: {model: fixed, months: 1}
attributes:
  level: {values: [basic, gold]}
activities:
  check_in:
    name: {zh: 签到, en: Check-in}
    fields: {guests: {type: integer}}
metrics:
  spent: {measure: amount, window: year}
  years: {measure: tenure, of: years}
caps:
  day: {limit: 6, measure: units, window: day}
rules:
  - code: stamp
    name: {zh: 一杯一章, en: A stamp for each drink}
    lines: {category: drink}
    earn: {currency: stamps, units: 1}
    caps: [day]
  - code: points
    name: {zh: 积分, en: Points for spending}
    earn: {currency: points, units: 1, per: 1}
  - code: gold
    name: {zh: 金卡, en: Gold}
    when: {attribute: {code: level, is: gold}}
    multiply: {rules: [points], factor: 2}
"""


def write(folder: Path, cases: str) -> Path:
    """Lay a programme and its cases into a folder."""
    (folder / "programme.yaml").write_text(PROGRAMME, "utf-8")
    (folder / "cafe.cases.yaml").write_text(cases, "utf-8")
    return folder
