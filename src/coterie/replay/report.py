"""What a proof tells: results of checks, their first offenders, all of it together."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from coterie.replay.checks import Check

OFFENDERS_MAX = 10
"""Offenders named per check; all are counted."""


class Offender(Struct, frozen=True, omit_defaults=True):
    """One place where what is recorded contradicts itself.

    ``name`` says which part of the member (a currency, a lot) or of the event; ``member_id`` is
    absent where the place belongs to nobody.
    """

    name: str
    expected: str
    found: str
    member_id: int | None = None
    seq: int | None = None

    @property
    def place(self) -> str:
        """Return where it is, in one line."""
        if self.member_id is None:
            return self.name
        where = f"member {self.member_id}"
        if self.seq is not None:
            where += f", event {self.seq}"
        return f"{where}, {self.name}" if self.name else where


class CheckResult(Struct, frozen=True):
    """What one check found: how many offenders, the first of them, the time it took.

    Where a check first compares member by member, ``offenders_count`` counts members.
    """

    check: Check
    offenders_count: int
    offenders: tuple[Offender, ...]
    seconds: float

    @property
    def clean(self) -> bool:
        """Tell whether the check holds."""
        return self.offenders_count == 0


class Report(Struct, frozen=True):
    """All checks in their order, and what was looked at.

    ``events`` is what the members say they have, ``movements`` what the daily sums say.
    """

    results: tuple[CheckResult, ...]
    members: int
    events: int
    movements: int
    seconds: float

    @property
    def clean(self) -> bool:
        """Tell whether every check holds."""
        return all(result.clean for result in self.results)

    def named(self, name: str) -> CheckResult:
        """Return the result of one check. Raises KeyError when it was not asked."""
        for result in self.results:
            if result.check.name == name:
                return result
        raise KeyError(name)


def report_as_data(report: Report) -> dict[str, Any]:
    """Return a report as what can be written as JSON."""
    return {
        "clean": report.clean,
        "members": report.members,
        "events": report.events,
        "movements": report.movements,
        "seconds": round(report.seconds, 3),
        "checks": [
            {
                "check": result.check.name,
                "proves": {"zh": result.check.zh, "en": result.check.en},
                "clean": result.clean,
                "offenders_count": result.offenders_count,
                "offenders": result.offenders,
                "seconds": round(result.seconds, 3),
            }
            for result in report.results
        ],
    }
