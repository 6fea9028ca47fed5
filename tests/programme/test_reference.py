"""The reference page is read as a promise: its examples work, and it leaves nothing out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from coterie.programme.conditions.registry import KINDS
from coterie.programme.reading import read_with_warnings
from coterie.programme.schema import programme_schema

PAGE = (Path(__file__).resolve().parents[2] / "docs/reference/programme.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_can_be_used(text: str):
    assert not read_with_warnings("example.yaml", text).warnings


def named() -> set[str]:
    """Every word that stands as code on the page."""
    prose = re.sub(r"^```.*?^```", "", PAGE, flags=re.MULTILINE | re.DOTALL)
    return set(re.findall(r"[A-Za-z_]+", " ".join(re.findall(r"`[^`]+`", prose) + EXAMPLES)))


def test_every_kind_of_condition_is_explained():
    assert not set(KINDS) - named()


def test_every_key_is_explained():
    keys: set[str] = set()

    def walk(schema: object) -> None:
        if isinstance(schema, dict):
            keys.update(schema.get("properties", {}))
            for inner in schema.values():
                walk(inner)
        elif isinstance(schema, list):
            for inner in schema:
                walk(inner)

    walk(programme_schema())
    states = {"prospect", "unverified", "active", "closed", "merged", "erased"}
    assert not keys - named() - states
