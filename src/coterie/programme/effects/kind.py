"""What every kind of effect says about itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from coterie.programme.ground import Checker, Ground
from coterie.programme.model import Effect, Programme, Rule
from coterie.programme.schema_parts import Schema

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledProgramme, CompiledRule
    from coterie.programme.earning import Situation
    from coterie.programme.rating import BasisLines
    from coterie.programme.standing import Grant

Act = Callable[[Mapping[int, "Grant"], Sequence[int], "Situation"], "tuple[int, BasisLines]"]
"""From what earlier rules gave (by rule index), the lines' masks and the situation: units, and the
lines they stand on."""


class RuleChecker(Checker, Protocol):
    """What the check of an effect notes its findings with."""

    def about_earlier(self, code: str, before: Mapping[str, Rule], path: str) -> bool:
        """Note a rule that does not stand before this one; True when it does."""
        ...


class EffectKind(ABC):
    """One kind of effect. ``code`` is its key in a rule, ``struct`` what it is built to."""

    code: ClassVar[str]
    struct: ClassVar[type[Effect]]

    @abstractmethod
    def schema(self) -> Schema:
        """Return the JSON Schema of the effect as written."""

    @abstractmethod
    def build(self, raw: dict[str, Any], path: str, on: str, ground: Ground) -> Effect:
        """Return the effect with every default filled in; ``on`` is what the rule is about.

        Raises :class:`~coterie.kernel.errors.Malformed` at the path that is wrong.
        """

    def usual_on(self, raw: dict[str, Any], before: Sequence[Rule]) -> str:
        """Return what a rule is about that does not say it."""
        del raw, before
        return "order"

    @abstractmethod
    def plain(self, effect: Any, programme: Programme) -> dict[str, Any]:
        """Return the effect as it is written in a programme's canonical text."""

    @abstractmethod
    def words(self, rule: Rule, effect: Any, programme: Programme, lang: str) -> str:
        """Return the effect as a clause in ``zh`` or ``en``."""

    def check(
        self, rule: Rule, effect: Any, path: str, checker: RuleChecker, before: Mapping[str, Rule]
    ) -> None:
        """Note what makes no sense; ``before`` are the rules that stand before this one."""
        del rule, effect, path, checker, before

    @abstractmethod
    def currencies(self, effect: Any, rules: Mapping[str, Rule]) -> set[str]:
        """Return the currencies it gives, as far as the rules it names are known."""

    def cost(self, rule: Rule, effect: Any, programme: Programme) -> Fraction:
        """Return what its units cost at most, as a part of the amount they are given for."""
        del rule, effect, programme
        return Fraction(0)

    @abstractmethod
    def compile(self, effect: Any, rule: CompiledRule, cp: CompiledProgramme) -> None:
        """Set the rule's currency, and its ``rate`` or its ``act``.

        The rules before it are in ``cp.by_code``.
        """
