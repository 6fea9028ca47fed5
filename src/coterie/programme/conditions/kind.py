"""What every kind of condition says about itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from typing import Any, ClassVar, NamedTuple

from coterie.kernel.errors import nearest
from coterie.programme.model import Programme

VALUES_MAX = 1000
TEXT_MAX = 200


class Level(IntEnum):
    """What a test has to look at; a higher one costs more and is asked later."""

    LINE = 0
    SCENE = 1
    SITUATION = 2


class Problem(NamedTuple):
    """Something wrong with a condition: where below its arguments, what, and what is allowed."""

    below: str
    text: str
    allowed: str = ""


class Kind(ABC):
    """One kind of condition: how it is written, checked, compiled and said.

    ``only_on`` is ``order`` or ``activity`` where it makes no sense for the other. ``hint`` names
    the form field that edits its values.
    """

    code: ClassVar[str]
    level: ClassVar[Level]
    only_on: ClassVar[str | None] = None
    hint: ClassVar[str] = "codes"

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the arguments as written."""

    @abstractmethod
    def normal(self, raw: Any) -> dict[str, Any]:
        """Return the arguments in their one normal form; ``raw`` fits the schema."""

    @abstractmethod
    def plain(self, args: dict[str, Any]) -> Any:
        """Return the arguments as they are written in a programme's canonical text."""

    def check(self, args: dict[str, Any], programme: Programme, on: str) -> Iterator[Problem]:
        """Yield what is wrong with names and values; ``on`` is what the rule is about."""
        del args, programme, on
        return iter(())

    @abstractmethod
    def compile(self, args: dict[str, Any], programme: Programme) -> Callable[[Any], bool]:
        """Return the test, a function of a line, a scene or a situation as ``level`` says."""

    @abstractmethod
    def sentence(self, args: dict[str, Any], lang: str, programme: Programme | None) -> str:
        """Return the condition as a clause in ``zh`` or ``en``."""

    def negation(self, args: dict[str, Any], lang: str, programme: Programme | None) -> str | None:
        """Return the clause that denies it, where the language has a better one than *not*."""
        del args, lang, programme
        return None


class OneOf(Kind):
    """A value is one of some texts: written as one text or as a list of them."""

    noun: ClassVar[tuple[str, str]]

    def schema(self) -> dict[str, Any]:
        """Return a text or a list of texts."""
        text = {"type": ["string", "integer"], "minLength": 1, "maxLength": TEXT_MAX}
        return {
            "type": ["string", "integer", "array"],
            "minLength": 1,
            "maxLength": TEXT_MAX,
            "items": text,
            "minItems": 1,
            "maxItems": VALUES_MAX,
            "description": f"one {self.code} or a list of them",
        }

    def normal(self, raw: Any) -> dict[str, Any]:
        """Return ``{in: [texts]}``."""
        values = raw if isinstance(raw, list) else [raw]
        return {"in": [str(value) for value in values]}

    def plain(self, args: dict[str, Any]) -> Any:
        """Return the list."""
        return list(args["in"])

    def check(self, args: dict[str, Any], programme: Programme, on: str) -> Iterator[Problem]:
        """Refuse a value written twice: the second is a slip for another one."""
        del programme, on
        seen = set()
        for n, value in enumerate(args["in"]):
            if value in seen:
                yield Problem(f"[{n}]", f"{value!r} stands twice.")
            seen.add(value)

    def sentence(self, args: dict[str, Any], lang: str, programme: Programme | None) -> str:
        """Say which values are meant."""
        zh, en = self.noun
        listed = enumeration(outside_names(self.code, args["in"], lang, programme), lang)
        return f"{zh}为{listed}" if lang == "zh" else f"{en} is {listed}"

    def negation(self, args: dict[str, Any], lang: str, programme: Programme | None) -> str | None:
        """Say which values are not meant."""
        zh, en = self.noun
        listed = enumeration(outside_names(self.code, args["in"], lang, programme), lang)
        return f"{zh}不为{listed}" if lang == "zh" else f"{en} is not {listed}"


def enumeration(values: Iterable[Any], lang: str) -> str:
    """Return values as a reader lists alternatives: ``a, b or c``, ``a、b或c``."""
    texts = [str(value) for value in values]
    if len(texts) == 1:
        return texts[0]
    comma, last = ("、", "或") if lang == "zh" else (", ", " or ")
    return comma.join(texts[:-1]) + last + texts[-1]


def unknown(what: str, name: str, known: Iterable[str], *, below: str = "") -> Problem:
    """Return the problem of a name that the programme does not declare."""
    return Problem(below, f"unknown {what} {name!r}.", nearest(name, known).strip())


def label(declared: Any, code: str, lang: str) -> str:
    """Return the name of a declared part as a reader says it, or its code where it has none."""
    name = getattr(declared, "name", None)
    return code if name is None else str(getattr(name, lang))


def outside_names(
    kind: str, codes: Iterable[str], lang: str, programme: Programme | None
) -> list[str]:
    """Return what codes of one kind that come from outside are called, by the programme's names."""
    names = programme.names.get(kind, {}) if programme is not None else {}
    return [str(getattr(names[code], lang)) if code in names else code for code in codes]
