"""What every section of a programme says about itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from coterie.kernel.numbers import format_minor
from coterie.programme.ground import Checker, Ground
from coterie.programme.measures import metric_scale
from coterie.programme.model import Programme, Words
from coterie.programme.schema_parts import SECTION_MAX, Schema

if TYPE_CHECKING:
    from coterie.programme.compile import CompiledProgramme
    from coterie.programme.turn import Step


__all__ = ["Checker", "Ground", "Section", "measured_text", "plain_words_of", "words_of"]


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
    return format_minor(value, metric_scale(programme, metric))


def words_of(raw: Mapping[str, str]) -> Words:
    """Return a text in both languages."""
    return Words(zh=raw["zh"], en=raw["en"])


def plain_words_of(words: Words) -> dict[str, str]:
    """Return a text in both languages as it is written."""
    return {"zh": words.zh, "en": words.en}
