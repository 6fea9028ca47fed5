"""Points for taking part, for a finished lesson, for a contribution that was accepted."""

from __future__ import annotations

from typing import Any

from coterie.events import model as ev
from coterie.programme.reading import read_programme
from tests.ledger.driver import Drive

CLUB = """\
programme: club
name: {zh: 俱乐部, en: Club}
zone: Asia/Shanghai
money: CNY
currencies:
  points: {name: {zh: 积分, en: Points}}
activities:
  attended:
    name: {zh: 参加活动, en: Attendance}
    fields: {occasion: {values: [salon, launch, class]}}
  lesson:
    name: {zh: 完成课程, en: Finished lesson}
    fields: {course: {required: true}, minutes: {type: integer}}
  contribution:
    name: {zh: 经验分享, en: Contribution}
    fields: {accepted: {type: boolean}, words: {type: integer}}
metrics:
  lessons_in_a_row: {on: activity:lesson, measure: streak, of: day}
caps:
  shared: {limit: 2, measure: applications, window: month}
  course: {limit: 1, measure: applications, window: lifetime, by: course}
rules:
  - code: attended
    name: {zh: 参加活动积分, en: Points for attendance}
    on: activity:attended
    earn: {currency: points, units: 50, by: {field: occasion, rates: {launch: 200}}}
  - code: member_day
    name: {zh: 会员日双倍, en: Double on member day}
    when: {month_day: 8}
    multiply: {rules: [attended], factor: 2}
  - code: lesson
    name: {zh: 课程积分, en: Points for a lesson}
    on: activity:lesson
    earn: {currency: points, units: 1, per_field: minutes, per: 10, at_least: 5}
    caps: [course]
  - code: keeps_learning
    name: {zh: 坚持学习, en: Keeps learning}
    on: activity:lesson
    when: {metric: {code: lessons_in_a_row, min: 2}}
    earn: {currency: points, units: 10}
  - code: shared
    name: {zh: 分享奖励, en: Points for sharing}
    on: activity:contribution
    when: {field: {code: accepted, is: true}}
    earn:
      currency: points
      bands_of: words
      bands_apply: whole
      bands: [{up_to: 99, units: 5}, {units: 30}]
    caps: [shared]
"""


def took_part(drive: Drive, day: str, activity: str, **fields: Any) -> dict[str, int]:
    at = f"{day}T12:00:00+08:00"
    sent = drive.send(ev.Activity, at, activity=activity, fields=fields)
    return {grant.rule: grant.units for grant in sent.grants}


def test_attendance_earns_by_occasion_and_twice_on_member_day():
    drive = Drive(read_programme("club.yaml", CLUB))
    assert took_part(drive, "2026-03-07", "attended", occasion="salon") == {"attended": 50}
    assert took_part(drive, "2026-03-08", "attended", occasion="launch") == {
        "attended": 200,
        "member_day": 200,
    }


def test_a_lesson_earns_once_a_course_and_more_day_after_day():
    drive = Drive(read_programme("club.yaml", CLUB))
    assert took_part(drive, "2026-03-01", "lesson", course="a", minutes=95) == {"lesson": 9}
    assert took_part(drive, "2026-03-01", "lesson", course="a", minutes=95) == {}
    assert took_part(drive, "2026-03-02", "lesson", course="b", minutes=20) == {"lesson": 5}
    assert took_part(drive, "2026-03-03", "lesson", course="c", minutes=60) == {
        "lesson": 6,
        "keeps_learning": 10,
    }


def test_only_accepted_contributions_earn_and_only_some_a_month():
    drive = Drive(read_programme("club.yaml", CLUB))
    assert took_part(drive, "2026-03-01", "contribution", accepted=False, words=500) == {}
    assert took_part(drive, "2026-03-02", "contribution", accepted=True, words=99) == {"shared": 5}
    assert took_part(drive, "2026-03-03", "contribution", accepted=True, words=100) == {
        "shared": 30
    }
    assert took_part(drive, "2026-03-04", "contribution", accepted=True, words=100) == {}
