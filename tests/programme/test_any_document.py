"""Whatever a text holds, it is read or refused with findings; nothing else is ever raised."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import coterie
from coterie.programme.errors import ProgrammeInvalid
from coterie.programme.findings import Finding
from coterie.programme.model import Programme
from coterie.programme.plain import LANGUAGES, plain_words
from coterie.programme.reading import read_programme
from coterie.programme.writing import canonical_text, programme_document

LIBRARY = Path(coterie.__file__).parent / "programme" / "library"
WHOLE = programme_document(read_programme(LIBRARY / "demo.yaml"))

JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.sampled_from(["", "0", "-1", "1/0", "1e9", "9" * 30, "order", "activity:", "activity:x"]),
    st.sampled_from(["points", "level", "check_in", "orders_month", "base", "2026-02-30", "99-99"]),
    st.text(max_size=5),
    st.just([]),
    st.just({}),
    st.just([1, "a", None]),
    st.just({"zh": "x", "en": "y"}),
    st.just({"model": "fixed", "months": 1}),
    st.just({"all": [{"category": "x"}, {"not": {"store": "y"}}]}),
    st.just({"nth": {"metric": "orders_month", "is": 1}}),
)


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path] if path else []
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, inner in items:
        found += paths(inner, (*path, key))
    return found


PATHS = paths(WHOLE)


def read_or_none(text: str) -> Programme | None:
    """Read a text, or see that its refusal says what is wrong."""
    found: list[Finding] = []
    try:
        return read_programme("any", text)
    except ProgrammeInvalid as refusal:
        found += refusal.findings
    assert any(not finding.warning for finding in found)
    assert all(finding.problem and str(finding) for finding in found)
    return None


@given(st.lists(st.tuples(st.sampled_from(PATHS), st.booleans(), JUNK), min_size=1, max_size=3))
@settings(max_examples=150)
def test_a_programme_with_anything_in_it_is_read_or_refused(
    changes: list[tuple[tuple[str | int, ...], bool, Any]],
):
    document = copy.deepcopy(WHOLE)
    for path, gone, junk in changes:
        inside: Any = document
        try:
            for key in path[:-1]:
                inside = inside[key]
            if gone:
                del inside[path[-1]]
            else:
                inside[path[-1]] = junk
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    programme = read_or_none(json.dumps(document))
    if programme is None:
        return
    assert read_programme("again", canonical_text(programme)) == programme
    for lang in LANGUAGES:
        assert plain_words(programme, lang)


@given(st.text(st.sampled_from("ab:-[]{}&*!#|>'\"%@` \n\t,?01."), max_size=60))
@settings(max_examples=150)
def test_any_text_is_refused_with_findings(text: str):
    read_or_none(text)
