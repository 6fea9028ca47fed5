"""The one base of every answer that says no.

A *refusal* is what a caller did, said or asked for that Coterie will not do. Its class carries a
stable ``code`` and a :class:`Kind`; its docstring's first line is the message a person reads, and
``zh`` the same in Chinese. A bug is never a refusal.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, ClassVar


class Kind(StrEnum):
    """What sort of no it is; faces map a kind to a status in one table."""

    MALFORMED = "malformed"
    """The input cannot be read; it left no trace and may be sent again, corrected."""
    UNAUTHENTICATED = "unauthenticated"
    """Nobody that is known asks."""
    FORBIDDEN = "forbidden"
    """Somebody known asks, who may not."""
    NOT_FOUND = "not_found"
    """What is named does not exist."""
    CONFLICT = "conflict"
    """It contradicts what is recorded."""
    BUSINESS = "business"
    """The programme says no; the answer is recorded and stays."""
    TOO_LARGE = "too_large"
    """Over a declared bound."""
    BUSY = "busy"
    """Not now; the same call may succeed later."""


class Refusal(Exception):
    """The request was refused."""

    code: ClassVar[str] = "refused"
    zh: ClassVar[str] = "请求被拒绝。"
    kind: ClassVar[Kind] = Kind.BUSINESS

    def __init__(self, detail: str = "", *, where: str = "", **facts: Any) -> None:
        """Keep what is specific to this refusal.

        ``detail`` is a sentence, ``where`` a path into the input (``lines[2].quantity_milli``),
        ``facts`` the values a program may want (all JSON-serialisable).
        """
        self.detail = detail
        self.where = where
        self.facts = facts
        super().__init__(self.message)

    @classmethod
    def title(cls, lang: str = "en") -> str:
        """Return the sentence that is the same for every refusal of this class, zh or en."""
        if lang == "zh":
            return cls.zh
        return (cls.__doc__ or cls.code).strip().splitlines()[0]

    @property
    def message(self) -> str:
        """Return title, detail and place as one line."""
        parts = [self.title()]
        if self.detail:
            parts.append(self.detail)
        if self.where:
            parts.append(f"(at {self.where})")
        return " ".join(parts)


class Malformed(Refusal):
    """The input cannot be understood."""

    code = "malformed"
    zh = "输入无法识别。"
    kind = Kind.MALFORMED


class UnknownName(Refusal):
    """A name is not known here."""

    code = "unknown_name"
    zh = "无法识别此名称。"
    kind = Kind.MALFORMED


def nearest(name: str, known: Iterable[str]) -> str:
    """Return `` Did you mean 'x'?`` for the closest known name, or the list when none is close."""
    names = sorted(set(known))
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f" Did you mean {close[0]!r}?"
    if not names:
        return ""
    shown = ", ".join(names[:20])
    return f" Known: {shown}{', …' if len(names) > 20 else ''}."
