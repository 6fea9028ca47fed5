"""Everything pages say is in the catalogue, in both languages, and somebody says it."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import string
from functools import cache
from pathlib import Path

import pytest

from coterie.web.words import Catalogue
from tests.house.support import PACKAGE, python_files, relative, syntax

PACKAGES = [
    f"coterie.{folder.name}"
    for folder in sorted(PACKAGE.iterdir())
    if (folder / "texts" / "__init__.py").exists()
]
TEMPLATES = sorted(
    path for name in PACKAGES for path in (PACKAGE / name.split(".")[1]).rglob("*.html")
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
KEY = re.compile(r"""\bt\(\s*['"]([a-z0-9_.]+)['"]\s*(~?)""")
MARKUP = re.compile(
    r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<code>.*?</code>|<kbd>.*?</kbd>|<!--.*?-->", re.DOTALL
)
TAG = re.compile(r"<[^>]*>")
SPOKEN = re.compile(r"""\b(?:title|alt|placeholder|aria-label)="([^"]*)\"""")
LITERAL = re.compile(r"""'([^'\n]*)'|"([^"\n]*)\"""")
# Names and units that are the same in every language.
NAMES = {"Coterie", "CSV"}


@cache
def catalogue() -> Catalogue:
    return Catalogue(PACKAGES)


def spoken(text: str) -> list[str]:
    """What a template says by itself, outside of expressions, tags and code."""
    bare = MARKUP.sub(" ", text)
    said = [*SPOKEN.findall(bare), *re.split(r"\s{2,}|\n", TAG.sub("\n", bare))]
    letters = (re.sub(r"&\w+;", "", each).strip() for each in said)
    return [each for each in letters if re.search(r"[^\W\d_]", each) and each not in NAMES]


def spoken_in_expressions(text: str) -> list[str]:
    """Phrases handed to macros as they are: Chinese, or several words with a capital."""
    inside = re.findall(r"\{\{.*?\}\}|\{%.*?%\}", re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL))
    found = [one or two for each in inside for one, two in LITERAL.findall(each)]
    return [each for each in found if CHINESE.search(each) or re.match(r"[A-Z]\w* \w", each)]


def used_keys() -> tuple[set[str], set[str]]:
    """Every key that is named, and the beginnings of those that are put together."""
    keys: set[str] = set()
    beginnings: set[str] = set()
    for path in TEMPLATES:
        for key, joined in KEY.findall(path.read_text("utf-8")):
            (beginnings if joined else keys).add(key)
    defined = catalogue().entries
    sources = [path for path in python_files("src") if path.parent.name != "texts"]
    for path in sources:
        for node in ast.walk(syntax(path)):
            if isinstance(node, ast.JoinedStr):
                first = node.values[0] if node.values else None
                if isinstance(first, ast.Constant) and re.fullmatch(
                    r"[a-z_.]+\.", str(first.value)
                ):
                    beginnings.add(str(first.value))
            elif isinstance(node, ast.Constant) and node.value in defined:
                keys.add(str(node.value))
    return keys, beginnings


def test_every_key_that_a_template_uses_is_defined():
    missing = set()
    for path in TEMPLATES:
        for key, joined in KEY.findall(path.read_text("utf-8")):
            known = catalogue().entries
            found = any(each.startswith(key) for each in known) if joined else key in known
            if not found:
                missing.add(f"{relative(path)}: {key}")
    assert not missing


def test_every_key_is_used():
    keys, beginnings = used_keys()
    idle = [
        key
        for key in catalogue().entries
        if key not in keys and not any(key.startswith(begun) for begun in beginnings)
    ]
    assert not idle, f"nobody says: {idle}"


@pytest.mark.parametrize("path", TEMPLATES, ids=relative)
def test_a_template_says_nothing_by_itself(path: Path):
    text = path.read_text("utf-8")
    assert not spoken(text) + spoken_in_expressions(text), "move it into a module of words"


def test_each_language_is_its_own():
    wrong = {
        key: both
        for key, both in catalogue().entries.items()
        if (key != "web.other_language" and not (CHINESE.search(both[0]) or both[0] == both[1]))
        or (CHINESE.search(both[1]) and key != "web.other_language")
    }
    assert not wrong


def test_both_languages_name_the_same_values():
    def named(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert not {k: v for k, v in catalogue().entries.items() if named(v[0]) != named(v[1])}


def test_no_two_areas_define_a_key():
    seen: dict[str, str] = {}
    for package in PACKAGES:
        texts = importlib.import_module(f"{package}.texts")
        for found in pkgutil.iter_modules(texts.__path__):
            module = f"{package}.texts.{found.name}"
            for key in importlib.import_module(module).WORDS:
                assert key not in seen, f"{key} in {module} and {seen[key]}"
                seen[key] = module


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<p>Hello there</p>", ["Hello there"]),
        ("<p>你好</p>", ["你好"]),
        ('<img alt="A picture">', ["A picture"]),
        ("<p>{{ t('web.skip') }} · {{ name }}</p>", []),
        ("<p><code>coterie verify</code> &nbsp; 12</p>", []),
    ],
)
def test_what_a_template_says_is_found(text: str, found: list[str]):
    assert spoken(text) == found


def test_phrases_in_expressions_are_found():
    assert spoken_in_expressions("{{ ui.header('All members') }}") == ["All members"]
    assert spoken_in_expressions("{{ ui.header('会员') }}") == ["会员"]
    assert spoken_in_expressions("{{ ui.header(t('web.skip'), 'text') }}") == []
