"""Reviews against an oracle that shares no code with them, and time that leaves no mark."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.events import model as ev
from coterie.kernel.errors import Refusal
from coterie.kernel.time import parse_instant
from tests.ledger.driver import Drive
from tests.programme.ladder_tables import drive
from tests.programme.ladder_texts import HOTEL

FIRST = date(2025, 4, 16)
DEMOTE = ("one", "fit", "highest_kept", "base")


def oracle(
    bars: list[tuple[int, int]], promote: str, demote: str, stays: list[tuple[date, int]], end: date
) -> list[int]:
    """Return the rank after every stay and at the end; ``bars`` are (reach, keep) by rank from 1.

    Years are lived through one by one: nights by year, a review between two years.
    """

    def by(column: int, nights: int) -> int:
        return max((n for n, bar in enumerate(bars, 1) if nights >= bar[column]), default=0)

    rank, nights, year, seen = 0, 0, FIRST.year, []
    for day, count in [*stays, (end, None)]:
        while day.year > year:
            reached = by(0, nights)
            if reached > rank:
                rank = reached
            elif rank and nights < bars[rank - 1][1]:
                fitting = {
                    "one": rank - 1,
                    "base": 0,
                    "fit": reached,
                    "highest_kept": by(1, nights),
                }
                rank = min(fitting[demote], rank - 1)
            nights, year = 0, year + 1
        if count is not None:
            nights += count
            if promote == "at_once":
                rank = max(rank, by(0, nights))
        seen.append(rank)
    return seen


@st.composite
def bars(draw: st.DrawFn) -> list[tuple[int, int]]:
    reach = sorted(draw(st.sets(st.integers(1, 40), min_size=1, max_size=4)))
    keep = sorted(draw(st.integers(1, bar)) for bar in reach)
    return [(r, min(r, k)) for r, k in zip(reach, keep, strict=True)]


days = st.lists(st.tuples(st.integers(0, 1500), st.integers(1, 25)), min_size=1, max_size=12).map(
    sorted
)


def ladder(bars: list[tuple[int, int]], **declared: str) -> str:
    tiers = "".join(
        f"      - {{code: t{n}, name: {{zh: 等级, en: Tier}}, reach: {{nights: {reach}}}, "
        f"keep: {{nights: {keep}}}}}\n"
        for n, (reach, keep) in enumerate(bars, 1)
    )
    lines = "".join(f"    {key}: {value}\n" for key, value in declared.items())
    return (
        f"{HOTEL}ladders:\n  status:\n    name: {{zh: 会籍, en: Status}}\n{lines}    tiers:\n"
        f"      - {{code: t0, name: {{zh: 基础, en: Base}}}}\n{tiers}"
    )


def at(day: date) -> str:
    return f"{day.isoformat()}T12:00:00+08:00"


def stay(member: Drive, day: date, nights: int) -> None:
    member.send(ev.Activity, at(day), activity="stay", fields={"nights": nights})


@settings(max_examples=120, deadline=None)
@given(bars(), st.sampled_from(["at_once", "at_review"]), st.sampled_from(DEMOTE), days)
def test_yearly_reviews_are_those_of_the_oracle(
    bars: list[tuple[int, int]], promote: str, demote: str, stays: list[tuple[int, int]]
):
    member = drive(ladder(bars, review="{at: year_end}", promote=promote, demote=demote))
    dated = [(FIRST + timedelta(days=day), nights) for day, nights in stays]
    end = FIRST + timedelta(days=1900)
    found = []
    for day, nights in dated:
        stay(member, day, nights)
        found.append(rank(member))
    member.due(parse_instant(at(end))[0])
    assert [*found, rank(member)] == oracle(bars, promote, demote, dated, end)


def rank(member: Drive) -> int:
    place = member.standing.tiers.get("status")
    return 0 if place is None else int(str(place.tier)[1:])


POLICIES = {
    "review": ("{at: year_end}", "{at: quarter_end}", "{at: anniversary}", "{at: never}"),
    "valid": (None, "{months: 5, to: month_end}", "{until: 02-28, years_after: 1}"),
    "demote": DEMOTE,
    "grace_days": ("0", "40"),
    "late": ("again", "next"),
    "rollover": (None, "[nights]"),
}
COMMANDS: list[dict[str, Any]] = [
    {"action": "grant", "tier": "t1", "until": "2026-02-10"},
    {"action": "match", "tier": "t1", "until": "2026-08-31"},
    {"action": "pin"},
    {"action": "unpin"},
    {"action": "pause"},
    {"action": "resume"},
    {"action": "correct", "tier": "t0"},
    {"action": "correct", "tier": "t1"},
    {"action": "lifetime", "tier": "t1"},
]
events = st.lists(
    st.tuples(
        st.integers(0, 900),
        st.one_of(st.integers(1, 25), st.sampled_from(range(-len(COMMANDS), 0))),
        st.sampled_from([0, 0, 0, 1, 20, 60]),
    ),
    min_size=1,
    max_size=12,
).map(sorted)


def lived(programme: Any, life: list[tuple[int, int, int]], pauses: list[int]) -> Drive:
    """Live a life, letting time pass at some days besides; the last one is the same for all."""
    member = drive(programme)
    for day, what, late in life:
        for pause in pauses:
            if pause < day:
                member.due(parse_instant(at(FIRST + timedelta(days=pause)))[0])
        told = FIRST + timedelta(days=day)
        head: dict[str, Any] = {"at": at(told - timedelta(days=late)), "received": at(told)}
        try:
            if what > 0:
                member.send(ev.Activity, **head, activity="stay", fields={"nights": what})
            else:
                command = {**COMMANDS[what], "ladder": "status", "reason": "r"}
                member.send(ev.StatusChange, **head, **command)
        except Refusal:
            continue
    member.due(parse_instant(at(FIRST + timedelta(days=1900)))[0])
    return member


@settings(max_examples=150, deadline=None)
@given(
    bars(),
    st.fixed_dictionaries({key: st.sampled_from(values) for key, values in POLICIES.items()}),
    events,
    st.lists(st.integers(0, 900), max_size=5),
)
def test_when_time_is_let_pass_leaves_no_mark(
    bars: list[tuple[int, int]],
    policy: dict[str, str | None],
    life: list[tuple[int, int, int]],
    pauses: list[int],
):
    declared = {key: value for key, value in policy.items() if value is not None}
    if declared["review"] == "{at: never}":
        declared.pop("rollover", None)
        if "valid" not in declared:
            declared.pop("grace_days")
    text = ladder(bars, **declared)
    late, eager = lived(text, life, []), lived(text, life, sorted(pauses))
    assert late.standing.tiers == eager.standing.tiers
    assert late.member == eager.member
    told = [change for due in late.dues for change in due.tiers]
    assert told == [change for due in eager.dues for change in due.tiers]
    for place in late.standing.tiers.values():
        # Whatever happened: a standing is valid on the day it was last looked at, or for ever.
        assert place.until_day is None or place.until_day >= place.since_day
