"""The demo's members: invented names, cards and numbers, and how each of them behaves."""

from __future__ import annotations

import random
from typing import NamedTuple

from coterie.demo.shop import STORES
from coterie.members import Newcomer

_SURNAMES = "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓冯"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英玉兰建华文辉力志国宁晨曦雨桐子涵欣怡浩宇"
_WESTERN = ("Anna Smith", "Ben Carter", "Clara Novak", "David Kim", "Elena Rossi", "Farid Hassan")


class Habit(NamedTuple):
    """How a kind of member behaves: share of all, orders a month, how long they stay, basket."""

    name: str
    share: float
    orders_month: float
    months_active: tuple[int, int]
    lines: tuple[int, int]
    app_share: float


HABITS = (
    Habit("regular", 0.16, 5.5, (12, 24), (1, 4), 0.3),
    Habit("monthly", 0.40, 1.9, (6, 24), (1, 4), 0.4),
    Habit("online", 0.16, 1.4, (4, 24), (2, 6), 0.95),
    Habit("festival", 0.18, 0.5, (8, 24), (3, 7), 0.5),
    Habit("once", 0.10, 0.3, (1, 3), (1, 2), 0.2),
)


class Person(NamedTuple):
    """An invented member: ``number`` counts from 0, ``join_day`` from the first day of the demo."""

    number: int
    newcomer: Newcomer
    habit: Habit
    join_day: int
    active_days: int
    home: str
    moved_in: bool


def invent(number: int, days: int, seed: int) -> Person:
    """Return the ``number``-th person; always the same for a seed."""
    pick = random.Random(f"{seed}:person:{number}")  # noqa: S311 - repeatable, not secret
    habit = pick.choices(HABITS, [h.share for h in HABITS])[0]
    # The tea house grew: more people joined in the later months.
    join_day = int(days * (1 - pick.random() ** 0.7)) if number % 5 else 0
    join_day = min(join_day, days - 2)
    if pick.random() < 0.02:
        name = pick.choice(_WESTERN)
    else:
        name = pick.choice(_SURNAMES) + "".join(pick.sample(_GIVEN, pick.choice((1, 2, 2))))
    online = pick.random() < habit.app_share
    identities = [("card", f"MT{700000 + number}")]
    if pick.random() < 0.9:
        # Numbers that begin with 199 0000 are not given out to anybody.
        identities.append(("phone", f"+861990000{number:04d}"))
    if online:
        identities.append(("email", f"member{number}@example.com"))
    newcomer = Newcomer(
        tuple(identities),
        name=name,
        language="en" if name.isascii() else "zh-CN",
        state="active" if len(identities) > 1 else "unverified",
        channel="app" if online else "pos",
        store=None if online else pick.choice(STORES),
        attributes={"favourite": pick.choice(("green", "oolong", "black", "white"))},
    )
    active = pick.randrange(habit.months_active[0] * 30, habit.months_active[1] * 30 + 1)
    home = pick.choices(STORES, [1 / (i + 2) for i in range(len(STORES))])[0]
    return Person(number, newcomer, habit, join_day, active, home, moved_in=number % 5 == 0)
