"""Conditions on days and times of the member: when they hold, when not, and how they are said."""

from __future__ import annotations

from typing import Any

DAYS_AND_TIMES: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any], str, str]] = [
    ({"time_of_day": {"from": "12:00", "to": "14:00"}}, {}, {"minute": 14 * 60},
     "时间在12:00至14:00之间", "the time is from 12:00 to 14:00"),
    ({"time_of_day": [{"from": "22:00", "to": "02:00"}, {"from": "06:30", "to": "07:00"}]},
     {"minute": 119}, {"minute": 120}, "时间在22:00至次日02:00或06:30至07:00之间",
     "the time is from 22:00 to 02:00 or from 06:30 to 07:00"),
    ({"birthday": "born"}, {"attributes": {"born": "1990-11-11"}},
     {"attributes": {"born": "1990-11-12"}}, "当天为会员的born", "it is the member's born"),
    ({"birthday": {"attribute": "born", "within_days": 1}},
     {"attributes": {"born": "1990-11-12"}}, {}, "当天在会员的born前后1天内",
     "it is at most 1 day before or after the member's born"),
    ({"birthday_month": "born"}, {"attributes": {"born": "1990-11-30"}},
     {"attributes": {"born": "1990-12-01"}}, "当月为会员的born所在月份",
     "it is the month of the member's born"),
]  # fmt: skip
