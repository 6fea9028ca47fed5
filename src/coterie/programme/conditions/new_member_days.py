"""The member enrolled not long ago."""

from __future__ import annotations

from typing import Any

from coterie.programme.conditions.kind import Kind, Level
from coterie.programme.conditions.scene import SituationTest
from coterie.programme.model import Programme


class NewMemberDays(Kind):
    """At most some days have passed since the day of enrolment (0: on that day).

    What happened before the enrolment was not done by a new member.
    """

    code = "new_member_days"
    level = Level.SITUATION
    hint = "days"

    def schema(self) -> dict[str, Any]:
        """Return a number of days."""
        return {
            "type": "integer",
            "minimum": 0,
            "maximum": 36_600,
            "description": "a number of days",
        }

    def normal(self, raw: Any) -> dict[str, Any]:
        """Return ``{days}``."""
        return {"days": raw}

    def plain(self, args: dict[str, Any]) -> Any:
        """Return the number."""
        return args["days"]

    def compile(self, args: dict[str, Any], programme: Programme) -> SituationTest:
        """Return the test."""
        del programme
        days = args["days"]
        return lambda situation: 0 <= situation.day - situation.enrolled_day <= days

    def sentence(self, args: dict[str, Any], lang: str, programme: Programme | None) -> str:
        """Say how long."""
        del programme
        days = args["days"]
        if lang == "zh":
            return f"入会不超过{days}天"
        return f"the member enrolled at most {days} day{'s' * (days != 1)} before"
