"""What every section of a programme says about itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from msgspec import Struct

from coterie.kernel.numbers import format_minor, money_exponent, parse_minor
from coterie.programme.model import Condition, Metric, Programme, Words
from coterie.programme.schema_parts import SECTION_MAX, Schema

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledProgramme
    from coterie.programme.turn import Step


class Ground(Struct, frozen=True):
    """What an entry is built on: ``exponent`` of the money, ``scales`` of the currencies."""

    exponent: int
    scales: Mapping[str, int]
    metrics: Mapping[str, Metric]

    def units(self, raw: str | int, currency: str, where: str) -> int:
        """Return units as written, in the scale of their currency; raises ``Malformed``."""
        return parse_minor(raw, self.scales.get(currency, 0), where=where)

    def money(self, raw: str | int, where: str) -> int:
        """Return an amount as written, in minor units; raises ``Malformed``."""
        return parse_minor(raw, self.exponent, where=where)

    def measured(self, raw: str | int, metric: str, where: str) -> int:
        """Return a number of a metric as written: minor units where it sums money."""
        found = self.metrics.get(metric)
        scale = self.exponent if found is not None and found.measure == "amount" else 0
        return parse_minor(raw, scale, where=where)


class Checker(Protocol):
    """What a check notes its findings with."""

    programme: Programme

    def find(self, path: str, problem: str, allowed: str = "", *, warning: bool = False) -> None:
        """Note something found at a path."""
        ...

    def named(self, what: str, name: str, section: str, known: Iterable[str], path: str) -> bool:
        """Note a name that ``section`` does not declare; True when it does."""
        ...

    def condition(self, condition: Condition | None, on: str, *, lines: bool = False) -> None:
        """Note what is wrong with a condition on an event ``on``."""
        ...


class Section(ABC):
    """A top-level key of a programme's text, and the entries below it by their codes.

    ``code`` is the key, ``noun`` one entry of it (*a milestone*), ``most`` how many there may be.
    Entries are frozen structs; they live in ``Programme.parts[code]``.
    """

    code: ClassVar[str]
    noun: ClassVar[str]
    most: ClassVar[int] = SECTION_MAX

    @abstractmethod
    def schema(self) -> Schema:
        """Return the JSON Schema of one entry as written."""

    @abstractmethod
    def build(self, code: str, raw: dict[str, Any], path: str, ground: Ground) -> Any:
        """Return the entry with every default filled in; ``raw`` fits the schema.

        Raises :class:`~coterie.kernel.errors.Malformed` at the path that is wrong.
        """

    @abstractmethod
    def plain(self, entry: Any, programme: Programme) -> dict[str, Any]:
        """Return the entry as it is written in a programme's canonical text."""

    @abstractmethod
    def words(self, entry: Any, programme: Programme, lang: str) -> str:
        """Return the entry as a sentence in ``zh`` or ``en``."""

    def check(self, entry: Any, path: str, checker: Checker) -> None:
        """Note what makes no sense, and what is only odd."""
        del entry, path, checker

    def breaks(self, old: Any, new: Any) -> Iterator[str]:
        """Yield what a new version may not do to an entry that is in use; of both, by one code."""
        del old, new
        return iter(())

    def step(self, entries: Mapping[str, Any], cp: CompiledProgramme) -> Step | None:
        """Return what these entries do in decisions; None where they only declare."""
        del entries, cp
        return None


def measured_text(programme: Programme, metric: str, value: int) -> str:
    """Return a number of a metric as it is written: an amount with its decimals."""
    money = programme.metrics[metric].measure == "amount"
    return format_minor(value, money_exponent(programme.money) if money else 0)


def words_of(raw: Mapping[str, str]) -> Words:
    """Return a text in both languages."""
    return Words(zh=raw["zh"], en=raw["en"])


def plain_words_of(words: Words) -> dict[str, str]:
    """Return a text in both languages as it is written."""
    return {"zh": words.zh, "en": words.en}
