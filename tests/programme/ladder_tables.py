"""Lives on a ladder as text tables: a day, what happens, and every change that follows.

``2026-12-30@2027-01-03 stay 5 -> silver reached 2027-12-31``: five nights of the 30th, told on the
3rd; the member is then silver through the end of the year. ``pass`` lets time pass until the day.
Several changes are joined by commas; ``-`` stands for no last day, ``none`` for no tier.
"""

from __future__ import annotations

from coterie.events import model as ev
from coterie.kernel.time import format_day, parse_instant
from coterie.members.model import Member
from coterie.programme.reading import read_programme
from coterie.tiers import TierChange
from tests.ledger.driver import Drive

JOINED_US = parse_instant("2025-04-15T12:00:00+08:00")[0]


def drive(text: str, joined_us: int = JOINED_US) -> Drive:
    """Return somebody who joined on 15 April 2025."""
    return Drive(read_programme("ladders.yaml", text), Member(1, enrolled_us=joined_us))


def live(text: str, table: str, member: Drive | None = None) -> Drive:
    """Live through a table; every line must change what it says and nothing else."""
    member = drive(text) if member is None else member
    for line in table.strip().splitlines():
        what, _, wanted = (part.strip() for part in line.partition("->"))
        found = ", ".join(_said(change) for change in step(member, what))
        assert found == wanted, f"{line.strip()}\nfound: {found}"
    return member


def step(member: Drive, what: str) -> list[TierChange]:
    """Do one line of a table and return the changes it brought, of due moments too."""
    when, action, *words = what.split()
    day, _, told = when.partition("@")
    at, received = f"{day}T12:00:00+08:00", f"{told or day}T12:00:00+08:00"
    member.dues.clear()
    changes: list[TierChange] = []
    if action == "pass":
        member.due(parse_instant(f"{day}T00:00:00+08:00")[0])
    elif action == "stay":
        fields: dict[str, str | int | bool] = {"nights": int(words[0])}
        changes = member.send(ev.Activity, at, received, activity="stay", fields=fields).tiers
    elif action in {"fee_paid", "complaint"}:
        changes = member.send(ev.Activity, at, received, activity=action).tiers
    elif action == "buy":
        line = (ev.OrderLine(int(words[1]) * 100),)
        changes = member.send(ev.Order, at, received, order_ref=words[0], lines=line).tiers
    elif action == "bring_back":
        changes = member.send(ev.Return, at, received, order_ref=words[0]).tiers
    else:
        ladder = "status"
        if words and words[0].startswith("on:"):
            ladder = words.pop(0)[3:]
        since = words.pop()[6:] if words and words[-1].startswith("since:") else None
        tier, until = ([*words, None, None])[:2]
        sent = member.send(
            ev.StatusChange,
            at,
            received,
            ladder=ladder,
            action=action,
            tier=None if tier == "-" else tier,
            until=until,
            since=since,
            reason="because",
        )
        changes = sent.tiers
    return [change for due in member.dues for change in due.tiers] + changes


def _said(change: TierChange) -> str:
    until = "-" if change.until_day is None else format_day(change.until_day)
    return f"{change.to_tier or 'none'} {change.reason} {until}"
