"""Whatever stands in a text with promises of every kind, it is read or refused with findings."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.programme.plain import LANGUAGES, plain_words
from coterie.programme.reading import read_programme
from coterie.programme.writing import canonical_text, programme_document
from tests.intake.test_promises import PROGRAMME
from tests.programme.test_any_document import JUNK, paths, read_or_none

WHOLE = programme_document(read_programme("promises", PROGRAMME))
SECTIONS = ("milestones", "settlements", "conversions", "exchanges", "rewards", "currencies")
PATHS = [path for path in paths(WHOLE) if path[0] in SECTIONS]
MORE = st.one_of(JUNK, st.sampled_from(["cash", "stamps", "nights", "drink", "air", "month", "5"]))


@given(st.lists(st.tuples(st.sampled_from(PATHS), st.booleans(), MORE), min_size=1, max_size=3))
@settings(max_examples=150)
def test_promises_with_anything_in_them_are_read_or_refused(
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
