"""What pages say, in both languages: a catalogue filled by a module of words for each area.

A module under ``texts`` of a face holds ``WORDS = {"members.title": ("会员", "Members")}``: first
Chinese, then English, with ``{name}`` where a value goes. Where English needs a singular it stands
before a bar, and ``count`` chooses: ``("{n} 位会员", "{n} member|{n} members")``.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from typing import Protocol

Both = tuple[str, str]


class Bilingual(Protocol):
    """A text that exists in both languages, such as a name in a programme."""

    @property
    def zh(self) -> str:
        """Return it in Chinese."""
        ...

    @property
    def en(self) -> str:
        """Return it in English."""
        ...


class Catalogue:
    """All phrases by key."""

    def __init__(self, packages: Iterable[str]) -> None:
        """Gather the words of these packages (``coterie.console``): all modules of ``texts``."""
        self.entries: dict[str, Both] = {}
        for package in packages:
            for module in word_modules(package):
                self.add(importlib.import_module(module).WORDS)

    def add(self, words: Mapping[str, Both]) -> None:
        """Take the words of an area. A key that is there with other words is a mistake of ours."""
        for key, both in words.items():
            assert self.entries.setdefault(key, both) == both, f"two meanings of {key}"

    def say(self, language: str, key: str, /, count: int | None = None, **values: object) -> str:
        """Return a phrase in ``zh`` or ``en``; a key that nobody defined is a mistake of ours."""
        text = self.entries[key][0 if language == "zh" else 1]
        if count is not None:
            one, _, many = text.partition("|")
            text = many if many and count != 1 else one
        return text.format(**values) if values else text

    def __contains__(self, key: str) -> bool:
        return key in self.entries


def word_modules(package: str) -> list[str]:
    """Return the modules of words of a package, in order of their names."""
    texts = importlib.import_module(f"{package}.texts")
    return sorted(f"{package}.texts.{found.name}" for found in pkgutil.iter_modules(texts.__path__))


def pick(words: Bilingual | None, language: str, otherwise: str = "") -> str:
    """Return a text in the reader's language."""
    if words is None:
        return otherwise
    return words.zh if language == "zh" else words.en
