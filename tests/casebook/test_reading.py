"""Everything that is wrong with case files is said at once, each with file, line and path."""

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from coterie.casebook import CasesInvalid, cases_schema, read_casebook
from coterie.events import INTERNAL_KINDS, KINDS
from tests.casebook.books import PROGRAMME, write

WRONG = {
    "cases: [{id: a, evnts: []}]": "cases[0].evnts: unknown key 'evnts'. Did you mean 'events'?",
    "cases: []": "cases: at least 1 here, not 0.",
    "cases: [{id: a, events: [{order: 2}]}]": "cases[0].events[0]: it is not said when this is.",
    "cases: [{id: a, events: [{at: 2026-02-30, order: 2}]}]": "'2026-02-30' is not a moment",
    "cases: [{id: a, events: [{at: 0001-01-01, order: 2}]}]": "the year 1 is too far away.",
    "cases: [{id: a, events: [{at: 2026-02-01, order: 2, spend: {points: 1}}]}]": (
        "one event at a time, not order and spend."
    ),
    "cases: [{id: a, events: [{at: 2026-02-01, order: {lines: [{amuont: 2}]}}]}]": (
        "order.lines[0].amuont: unknown key 'amuont'. Did you mean 'amount'?"
    ),
    "cases: [{id: a, events: [{at: 2026-02-01, order: {amount: 2.005}}]}]": (
        "'2.005' has more than 2 digits after the point."
    ),
    "cases: [{id: a, events: [{at: 2026-02-01, spend: {units: 2}}]}]": "currency",
    "cases: [{id: a, events: [{at: 2026-02-01, transfer: {points: 2, receiver: bob}}]}]": (
        "there is no member 'bob' in this case."
    ),
    "cases: [{id: a, events: [{at: 2026-02-01, member: bob, order: 2}]}]": (
        "events[0].member: there is no member 'bob'."
    ),
    "cases: [{id: a, expect: {at: 2026-02-01, balances: {poits: 2}}}]": (
        "expect.balances.poits: there is no currency 'poits'. Did you mean 'points'?"
    ),
    "cases: [{id: a, expect: {at: 2026-02-01, gives: {gol: 2}}}]": "there is no rule 'gol'.",
    "cases: [{id: a, expect: {at: 2026-02-01, metrics: {spend: 2}}}]": "there is no metric",
    "cases: [{id: a, given: {state: asleep}, expect: {at: 2026-02-01}}]": "there is no state",
    "cases: [{id: a, given: {attributes: {colour: x}}, expect: {at: 2026-02-01}}]": (
        "given.attributes.colour: there is no attribute"
    ),
    "cases: [{id: a, expect: {at: 2026-01-01}}, {id: a, expect: {at: 2026-01-01}}]": (
        "cases[1].id: 'a' stands twice; first at cases[0]."
    ),
    "cases: [{id: a, expect: {at: 2026-01-01, refused: x, waiting: y}}]": (
        "an event is refused or waits, not both."
    ),
    "cases: [{id: a, given: {metrics: {years: 2}}, expect: {at: 2026-01-01}}]": (
        "given.metrics.years: tenure is no sum that could be given."
    ),
    "cases: [{id: a, ": "this is not YAML",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str):
    with pytest.raises(CasesInvalid) as refused:
        read_casebook(write(tmp_path, f"# a line before\n{text}"))
    said = [str(finding) for finding in refused.value.findings]
    assert any(WRONG[text] in each for each in said), said
    assert said[0].startswith(f"{tmp_path}/cafe.cases.yaml:2")


def test_all_of_it_is_said_at_once(tmp_path: Path):
    text = """
cases:
  - {id: a, events: [{at: 2026-02-01, order: {amount: x}}]}
  - {id: b, exepct: {}}
  - {id: c, expect: {at: 2026-02-01, balances: {nothing: 1}}}
"""
    with pytest.raises(CasesInvalid) as refused:
        read_casebook(write(tmp_path, text))
    assert sorted(finding.line for finding in refused.value.findings) == [3, 4, 5]


def test_a_folder_without_cases_says_so(tmp_path: Path):
    (tmp_path / "programme.yaml").write_text(PROGRAMME, "utf-8")
    with pytest.raises(CasesInvalid, match="there are no cases here"):
        read_casebook(tmp_path)


def test_cases_stand_beside_a_file_of_the_same_name(tmp_path: Path):
    write(tmp_path, "cases: [{id: other, expect: {at: 2026-01-01}}]")
    (tmp_path / "programme.cases.yaml").write_text(
        "cases: [{id: own, expect: {at: 2026-01-01}}]", "utf-8"
    )
    book = read_casebook(tmp_path / "programme.yaml")
    assert [case.code for case in book.cases] == ["own"]
    assert [case.code for case in read_casebook(tmp_path).cases] == ["other", "own"]


def test_one_case_is_chosen_by_its_id(tmp_path: Path):
    text = "cases: [{id: a, expect: {at: 2026-01-01}}, {id: b, expect: {at: 2026-01-01}}]"
    assert [case.code for case in read_casebook(write(tmp_path, text), "b").cases] == ["b"]
    with pytest.raises(CasesInvalid, match="there is no case 'c'"):
        read_casebook(tmp_path, "c")


def test_the_schema_is_one_and_knows_every_kind_of_event():
    schema = cases_schema()
    Draft202012Validator.check_schema(schema)
    event = schema["properties"]["cases"]["items"]["properties"]["events"]["items"]["properties"]
    assert set(KINDS) - INTERNAL_KINDS <= set(event)
    assert "amount" in event["order"]["properties"] or "lines" in event["order"]["properties"]
