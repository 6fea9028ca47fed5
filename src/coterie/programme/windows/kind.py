"""What every kind of window says about itself, and a window made ready."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from coterie.programme.model import Window
from coterie.programme.schema_parts import Schema

Bucket = Callable[[int], int]
Since = Callable[[int, int], int]
"""The bucket of a day for a member, from the day and the enrolment day, or the member's date."""


class Period:
    """A window made ready: which bucket a day is in, how many count, how many are kept.

    ``since`` is there for windows that begin with the member, by enrolment or by the date in
    ``attribute``; then ``bucket`` cannot be asked, and
    ``CompiledProgramme.bucket`` is.
    """

    __slots__ = ("attribute", "bucket", "keep", "length", "since")

    def __init__(
        self,
        bucket: Bucket,
        length: int,
        keep: int,
        since: Since | None = None,
        attribute: str | None = None,
    ) -> None:
        """Put together; ``keep`` counts the window and what a late event may reach."""
        self.attribute = attribute
        self.bucket = bucket
        self.length = length
        self.keep = keep
        self.since = since

    def origin(self, attributes: Mapping[str, Any], enrolled_day: int) -> int:
        """Return the day that ``since`` counts from: enrolment, or the member's date."""
        written = None if self.attribute is None else attributes.get(self.attribute)
        return enrolled_day if written is None else date.fromisoformat(written).toordinal()


class WindowKind(ABC):
    """One kind of window.

    ``code`` is the word it is written as, or the key of the mapping; ``hint`` how it is shown among
    what is allowed.
    """

    code: str
    hint: str

    def schema(self) -> Schema | None:
        """Return the schema of its mapping; None where the code alone is written."""
        return None

    def build(self, raw: Any, path: str) -> Window:
        """Return the window as written; raises ``Malformed`` at the path that is wrong."""
        del raw, path
        return Window(self.code)

    def plain(self, window: Window) -> Any:
        """Return it as it is written in a programme's canonical text."""
        return window.kind

    @abstractmethod
    def words(self, window: Window, lang: str) -> str:
        """Return it as a reader says it: ``a month``, ``in any 12 months``."""

    def counted_words(self, window: Window, lang: str) -> str:
        """Return it as it is said of what is counted: ``in the last 12 months``."""
        return self.words(window, lang)

    @abstractmethod
    def period(self, window: Window, slack_days: int) -> Period:
        """Return it made ready; ``slack_days`` is how far back a late event may reach."""
