"""Programmes with ladders, as texts."""

from __future__ import annotations

HOTEL = """\
programme: hotel
name: {zh: 酒店, en: Hotel}
zone: Asia/Shanghai
money: CNY
currencies:
  points: {name: {zh: 积分, en: Points}}
activities:
  stay:
    name: {zh: 入住, en: Stay}
    fields: {nights: {type: integer, required: true}}
  fee_paid: {name: {zh: 缴费, en: Fee}}
  complaint: {name: {zh: 投诉, en: Complaint}}
metrics:
  nights: {on: activity:stay, measure: nights, window: year, name: {zh: 房晚, en: nights}}
  stays: {on: activity:stay, measure: count, window: year, name: {zh: 入住次数, en: stays}}
  nights_ever: {on: activity:stay, measure: nights, window: lifetime}
  spend: {measure: amount, window: year, name: {zh: 消费, en: spend}}
  spend_12: {measure: amount, window: {rolling_months: 12}}
  fees: {on: activity:fee_paid, measure: count, window: year}
  complaints: {on: activity:complaint, measure: count, window: year}
"""

STATUS = """\
ladders:
  status:
    name: {zh: 会籍, en: Status}
    review: {at: year_end}
    tiers:
      - {code: member, name: {zh: 会员, en: Member}}
      - {code: silver, name: {zh: 银卡, en: Silver}, reach: {nights: 10}}
      - code: gold
        name: {zh: 金卡, en: Gold}
        reach: {any: [{nights: 25}, {stays: 20}]}
        keep: {nights: 20}
"""


def hotel(ladder: str = STATUS, **replaced: str) -> str:
    """Return the hotel with a ladder; ``replaced`` changes lines of ``review`` and the like."""
    text = HOTEL + ladder
    for key, value in replaced.items():
        text = text.replace("    tiers:\n", f"    {key}: {value}\n    tiers:\n")
    return text
