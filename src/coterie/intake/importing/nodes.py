"""A YAML text as nodes that know their line, so that every complaint can name it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NoReturn, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from coterie.intake.importing.errors import MappingMalformed
from coterie.kernel.errors import Refusal, nearest

TEXT_CHARS_MAX = 1_000_000
DEPTH_MAX = 20
NODES_MAX = 20_000

Result = TypeVar("Result")


class Value:
    """A node with where it stands: its line and the path that leads to it."""

    def __init__(self, node: Node, path: str, file: str, key: Node | None = None) -> None:
        """Wrap one node; ``key`` is the node of its name, where it has one."""
        self.node = node
        self.path = path
        self.file = file
        self.line = int((key or node).start_mark.line) + 1

    def refuse(self, detail: str) -> NoReturn:
        """Say what is wrong here."""
        where = f"{self.file}, line {self.line}" + (f", {self.path}" if self.path else "")
        raise MappingMalformed(detail, where=where)

    @property
    def is_mapping(self) -> bool:
        """Tell whether it has keys."""
        return isinstance(self.node, MappingNode)

    @property
    def is_list(self) -> bool:
        """Tell whether it is a list."""
        return isinstance(self.node, SequenceNode)

    def entries(self) -> dict[str, Value]:
        """Return its keys and values; a key may stand once."""
        if not isinstance(self.node, MappingNode):
            self.refuse("Here keys with values are expected.")
        found: dict[str, Value] = {}
        for key, node in self.node.value:
            if not isinstance(key, ScalarNode):
                self.refuse("A key is a plain word.")
            path = f"{self.path}.{key.value}" if self.path else key.value
            value = Value(node, path, self.file, key)
            if key.value in found:
                value.refuse(f"{key.value!r} stands here twice.")
            found[key.value] = value
        return found

    def closed(self, known: Iterable[str]) -> dict[str, Value]:
        """Return the entries, which may only be the known ones."""
        names = tuple(known)
        found = self.entries()
        for name, value in found.items():
            if name not in names:
                value.refuse(f"{name!r} has no meaning here.{nearest(name, names)}")
        return found

    def items(self) -> list[Value]:
        """Return the members of a list; one value alone is a list of one."""
        if not isinstance(self.node, SequenceNode):
            return [self]
        return [Value(n, f"{self.path}[{i}]", self.file) for i, n in enumerate(self.node.value)]

    def scalar(self) -> str | int | bool | None:
        """Return a plain value; numbers with a point stay text, so that they stay exact."""
        node = self.node
        if not isinstance(node, ScalarNode):
            self.refuse("Here one plain value is expected.")
        text = str(node.value)
        if node.tag == "tag:yaml.org,2002:null":
            return None
        if node.tag == "tag:yaml.org,2002:bool":
            return text.lower() in ("true", "yes", "on")
        # Written with a zero in front it is a code such as a store's, not a number.
        short = node.tag == "tag:yaml.org,2002:int" and len(text) < 19
        if short and text.lstrip("+-").isdecimal() and str(int(text)) == text:
            return int(text)
        return text

    def text(self) -> str:
        """Return a plain value as text; it may not be empty."""
        value = self.scalar()
        if isinstance(value, bool):
            value = str(self.node.value)
        if value is None or value == "":
            self.refuse("Here a text is expected.")
        return str(value)

    def flag(self) -> bool:
        """Return yes or no."""
        value = self.scalar()
        if not isinstance(value, bool):
            self.refuse("Here true or false is expected.")
        return value

    def number(self, least: int, most: int) -> int:
        """Return a whole number within bounds."""
        value = self.scalar()
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.refuse(f"Here a whole number from {least} to {most} is expected.")
        return value

    def one_of(self, known: Iterable[str]) -> str:
        """Return one of the known words."""
        names = tuple(known)
        text = self.text()
        if text not in names:
            self.refuse(f"{text!r} is not possible here.{nearest(text, names)}")
        return text

    def checked(self, read: Callable[[str], Result]) -> Result:
        """Return what ``read`` makes of the text; its refusal is told with this place."""
        try:
            return read(self.text())
        except Refusal as refusal:
            self.refuse(refusal.detail or refusal.title())


def parse(text: str, file: str) -> Value:
    """Read a YAML text. Raises :class:`MappingMalformed` with line and reason."""
    if len(text) > TEXT_CHARS_MAX:
        raise MappingMalformed(f"It is longer than {TEXT_CHARS_MAX} characters.", where=file)
    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except YAMLError as trouble:
        mark: Any = getattr(trouble, "problem_mark", None)
        said = getattr(trouble, "problem", None) or str(trouble).splitlines()[0]
        where = f"{file}, line {mark.line + 1}" if mark is not None else file
        raise MappingMalformed(f"It is not YAML: {said}.", where=where) from None
    except (RecursionError, ValueError, OverflowError, TypeError, AttributeError) as trouble:
        raise MappingMalformed(f"It is not YAML: {trouble}.", where=file) from None
    if node is None:
        raise MappingMalformed("It is empty.", where=file)
    _bound(node, file)
    return Value(node, "", file)


def _bound(root: Node, file: str) -> None:
    """Refuse what would be endless: an alias that contains itself, or aliases of aliases."""
    count = 0
    waiting = [(root, 0)]
    while waiting:
        node, depth = waiting.pop()
        count += 1
        if count > NODES_MAX or depth > DEPTH_MAX:
            raise MappingMalformed("It is nested too deeply or too long.", where=file)
        if isinstance(node, MappingNode):
            waiting += [(each, depth + 1) for pair in node.value for each in pair]
        elif isinstance(node, SequenceNode):
            waiting += [(each, depth + 1) for each in node.value]
