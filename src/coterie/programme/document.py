"""YAML as plain values that know where they were written.

Numbers with a point stay the text they were written as: a ratio such as 1.1 has no exact binary
form, and a programme promises exact ones. YAML 1.2: ``on``, ``yes`` and ``no`` are texts.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from coterie.programme.errors import ProgrammeInvalid
from coterie.programme.findings import Finding, above, step

TEXT_MAX = 500_000
NODES_MAX = 100_000
DEPTH_MAX = 40
FILES_MAX = 100
_INTEGER = re.compile(r"[-+]?\d{1,18}")
_TAG = "tag:yaml.org,2002:"
_TEXT_TAGS = frozenset({_TAG + name for name in ("str", "float", "timestamp", "int")})
# What cannot be seen, stored or written in one line of JSON as YAML reads it.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_SUFFIXES = frozenset({".yaml", ".yml"})
CASES_SUFFIX = ".cases.yaml"
"""Worked cases lie beside a programme and are no part of it."""


class Place(NamedTuple):
    """A file and a line of it, from 1."""

    file: str
    line: int


class Document:
    """The values of one or several files, with the place of every path, and what was wrong."""

    def __init__(self, name: str) -> None:
        """Begin an empty document; ``name`` stands for the whole where no file does."""
        self.name = name
        self.value: dict[str, Any] = {}
        self.places: dict[str, Place] = {}
        self.findings: list[Finding] = []

    def place(self, path: str) -> Place:
        """Return where a path was written, or else the nearest part above it."""
        while path and path not in self.places:
            path = above(path)
        return self.places.get(path) or Place(self.name, 0)

    def find(self, path: str, problem: str, allowed: str = "", *, warning: bool = False) -> None:
        """Note something found at a path."""
        place = self.place(path)
        self.findings.append(Finding(place.file, place.line, path, problem, allowed, warning))

    def refuse(self) -> None:
        """Raise everything found, if anything is more than a warning."""
        if any(not finding.warning for finding in self.findings):
            raise ProgrammeInvalid(self.findings)


def load_document(path: Path | str, text: str | None = None) -> Document:
    """Read a YAML file, a folder of them, or ``text`` (then ``path`` only names it).

    What is wrong with the YAML itself is among the findings, all of it; only what cannot be read
    at all raises at once.
    """
    path = Path(path)
    document = Document(str(path))
    if text is not None:
        parts = [(str(path), text)]
    else:
        parts = [(str(file), _content(file, document)) for file in _files(path, document)]
    document.refuse()
    if sum(len(content) for _, content in parts) > TEXT_MAX:
        document.find("", "the text is too long.", f"at most {TEXT_MAX} characters.")
        document.refuse()
    for name, content in parts:
        _Reader(document, name).read(content)
    return document


def _files(path: Path, document: Document) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        document.find("", "there is no such file or folder.")
        return []
    files = sorted(
        file
        for file in path.iterdir()
        if file.suffix in _SUFFIXES and not file.name.endswith(CASES_SUFFIX) and file.is_file()
    )
    if not files:
        document.find("", "the folder holds no programme.", "files that end in .yaml")
    if len(files) > FILES_MAX:
        document.find("", "the folder holds too many files.", f"at most {FILES_MAX}.")
        return []
    return files


def _content(file: Path, document: Document) -> str:
    try:
        if file.stat().st_size > 4 * TEXT_MAX:
            document.findings.append(Finding(str(file), 0, "", "the file is too large."))
            return ""
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        document.findings.append(Finding(str(file), 0, "", "the file is not UTF-8."))
    except OSError as error:
        problem = f"cannot be read ({error.strerror})."
        document.findings.append(Finding(str(file), 0, "", problem))
    return ""


class _Reader:
    """Turns one file's nodes into values, and merges them into the document."""

    def __init__(self, document: Document, file: str) -> None:
        self.document = document
        self.file = file
        self.nodes = 0

    def read(self, text: str) -> None:
        try:
            root = YAML(typ="safe", pure=True).compose(text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 0
            problem = " ".join(filter(None, (error.context, error.problem)))
            self._note(line, "", f"this is not YAML: {problem}.")
            return
        except (YAMLError, ValueError) as error:
            self._note(0, "", f"this is not YAML: {error}")
            return
        except RecursionError:
            self._note(0, "", "this nests too deep.", f"at most {DEPTH_MAX} levels.")
            return
        if root is None:
            return
        if not isinstance(root, MappingNode):
            self._note(1, "", "a programme is a mapping.", "programme: ..., currencies: ...")
            return
        self._merge(root)

    def _note(self, line: int, path: str, problem: str, allowed: str = "") -> None:
        self.document.findings.append(Finding(self.file, line, path, problem, allowed))

    def _merge(self, root: MappingNode) -> None:
        """Merge sections by key and lists in file order; nothing may be said twice."""
        whole = self.document.value
        for key, node in self._pairs(root, ""):
            there = whole.get(key)
            if isinstance(there, list) and isinstance(node, SequenceNode):
                for item in node.value:
                    there.append(self._value(item, step(key, len(there)), 2))
            elif isinstance(there, dict) and isinstance(node, MappingNode):
                for name, inner in self._pairs(node, key):
                    path = step(key, name)
                    if name in there:
                        self._twice(inner, path)
                    else:
                        there[name] = self._value(inner, path, 2)
            elif there is not None:
                self._twice(node, key)
            else:
                value = self._value(node, key, 1)
                if value is not None:  # a section with nothing under it says nothing
                    whole[key] = value

    def _twice(self, node: Node, path: str) -> None:
        first = self.document.place(path)
        line = node.start_mark.line + 1
        self._note(line, path, f"this stands twice; first at {first.file}:{first.line}.")

    def _pairs(self, node: MappingNode, path: str) -> list[tuple[str, Node]]:
        pairs: dict[str, Node] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode):
                self._note(line, path, "a key is a text.")
                continue
            key = str(key_node.value)
            if _UNSEEN.search(key):
                self._note(line, path, f"the key {key!r} holds a character that is not text.")
            elif key in pairs:
                first = pairs[key].start_mark.line + 1
                self._note(line, step(path, key), f"this stands twice; first at line {first}.")
            elif key_node.tag == _TAG + "merge":
                self._note(line, path, "merge keys (<<) are not read here; write the keys out.")
            else:
                pairs[key] = value_node
                # The key's line: where a value begins below its key, the key is what one looks for.
                self.document.places.setdefault(step(path, key), Place(self.file, line))
        return list(pairs.items())

    def _value(self, node: Node, path: str, depth: int) -> Any:
        self.nodes += 1
        line = node.start_mark.line + 1
        self.document.places.setdefault(path, Place(self.file, line))
        if depth > DEPTH_MAX or self.nodes > NODES_MAX:
            if depth > DEPTH_MAX or self.nodes == NODES_MAX + 1:
                self._note(
                    line,
                    path,
                    "this nests too deep, or the text holds too much.",
                    f"at most {DEPTH_MAX} levels and {NODES_MAX} values.",
                )
            return None
        if isinstance(node, MappingNode):
            return {
                key: self._value(inner, step(path, key), depth + 1)
                for key, inner in self._pairs(node, path)
            }
        if isinstance(node, SequenceNode):
            return [self._value(x, step(path, n), depth + 1) for n, x in enumerate(node.value)]
        return self._scalar(node, path)

    def _scalar(self, node: Node, path: str) -> Any:
        text = str(node.value)
        tag = str(node.tag)
        if _UNSEEN.search(text):
            line = node.start_mark.line + 1
            self._note(line, path, f"{text[:60]!r} holds a character that is not text.")
            return ""
        if tag == _TAG + "int" and _INTEGER.fullmatch(text):
            return int(text)
        if tag in _TEXT_TAGS:
            return text
        if tag == _TAG + "bool":
            return text.lower() == "true"
        if tag == _TAG + "null":
            return None
        line = node.start_mark.line + 1
        self._note(line, path, f"the tag {tag!r} is not read here.", "plain texts and numbers")
        return None
