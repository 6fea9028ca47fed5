"""Whatever stands in a case file: it is run, or refused with its place; nothing breaks."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.casebook import CasesInvalid, read_cases, run_cases
from coterie.casebook.starting import TEMPLATES
from coterie.programme.document import load_document
from coterie.programme.reading import read_programme

NAMES = ("hotel", "startup", "expertise", "cinema")
BOOKS = {
    name: (
        read_programme(TEMPLATES / name),
        load_document(TEMPLATES / name / f"{name}.cases.yaml").value["cases"],
    )
    for name in NAMES
}
ODD: list[Any] = [
    None, True, 0, -1, 10**17, "", "x", "1.5", "-3", "2026-13-01", "0001-01-01", "9999-12-31T23:59",
    "2026-03-02T10:00+14:00", [], {}, [[]], {"x": 1}, "points", "stamps", "friend", "order", "gold",
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path of a document."""
    found = [path] if path else []
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            found += places(inner, (*path, key))
    return found


def changed(case: Any, path: tuple[Any, ...], odd: Any, *, key: bool) -> Any:
    """A case with one value, or one key, replaced."""
    copy = json.loads(json.dumps(case))
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    if key and isinstance(inner, dict):
        inner[str(odd)] = inner.pop(path[-1])
    else:
        inner[path[-1]] = odd
    return copy


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_any_case_is_run_or_refused(data: st.DataObject):
    programme, cases = BOOKS[data.draw(st.sampled_from(NAMES))]
    case = data.draw(st.sampled_from(cases))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(places(case)))
        odd = data.draw(st.sampled_from(ODD))
        case = changed(case, path, odd, key=data.draw(st.booleans()))
        if not places(case):
            break
    text = json.dumps({"cases": [case]})
    refused: CasesInvalid | None = None
    try:
        results = list(run_cases(programme, read_cases("any.cases.yaml", programme, text)))
    except CasesInvalid as found:
        refused, results = found, []
    assert all(result.passed == (not result.differences) for result in results)
    if refused is not None:
        assert refused.findings
        assert all(finding.file == "any.cases.yaml" for finding in refused.findings)
