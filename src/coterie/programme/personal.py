"""Numbers of a member's own, which rules take in place of one for everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from coterie.kernel.errors import Malformed
from coterie.kernel.numbers import format_minor, parse_minor
from coterie.programme.conditions.kind import label
from coterie.programme.model import Programme, Words

if TYPE_CHECKING:
    from coterie.programme.ground import Checker
    from coterie.programme.model import Cap, Rule

ASSIGNED = "parameter:"
"""How the mark of an assigned number begins; the mark is one more than the number."""


class Marked(Protocol):
    """Whatever knows the marks of a member: a situation, a turn."""

    def mark(self, code: str, bucket: int = 0, /) -> int:
        """Return a number kept about the member; 0 for none."""
        ...


class Parameter(Struct, frozen=True):
    """A number with ``decimals``, within bounds, ``default`` for members without an assignment.

    All three are in the parameter's last digit.
    """

    code: str
    name: Words
    decimals: int
    default: int
    minimum: int
    maximum: int

    @property
    def mark(self) -> str:
        """Where an assigned number is kept, plus one."""
        return ASSIGNED + self.code

    def of(self, marked: Marked) -> int:
        """Return the member's number."""
        found = marked.mark(self.mark)
        return found - 1 if found else self.default

    def scaled(self, value: int, digits: int) -> int:
        """Return a number in units of ``digits`` digits, of which there are enough."""
        return value * int(10 ** (digits - self.decimals))

    def read(self, raw: str | int, where: str) -> int:
        """Return a number as written; raises ``Malformed`` outside the bounds."""
        value = parse_minor(raw, self.decimals, where=where)
        if not self.minimum <= value <= self.maximum:
            raise Malformed(f"{self.code} lies between {self.bounds()}.", where=where)
        return value

    def bounds(self) -> str:
        """Return the bounds as they are written."""
        low, high = (format_minor(each, self.decimals) for each in (self.minimum, self.maximum))
        return f"{low} and {high}"


def taken_by(rule: Rule, programme: Programme) -> list[str]:
    """Return the parameters that a rule and its caps take."""
    caps: list[Cap] = [programme.caps[code] for code in rule.caps if code in programme.caps]
    found = [getattr(rule.effect, "parameter", None), *(cap.parameter for cap in caps)]
    return [code for code in found if code is not None]


def personal_words(code: str, programme: Programme, lang: str) -> str:
    """Return a personal number as a reader says it: ``the member's rate``."""
    name = label(programme.parts.get("parameters", {}).get(code), code, lang)
    return f"会员的{name}" if lang == "zh" else f"the member's {name}"


def check_taken(code: str, digits: int | None, path: str, checker: Checker) -> None:
    """Refuse a parameter nobody declares, or one finer than the ``digits`` of what it is for."""
    known = checker.programme.parts.get("parameters", {})
    if not checker.named("parameter", code, "parameters", known, path) or digits is None:
        return
    if known[code].decimals > digits:
        what = f"{code!r} is finer than what it stands for."
        checker.find(path, what, f"decimals: {digits} at most")
