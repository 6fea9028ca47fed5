"""Reading YAML: numbers stay what was written, files merge, and bad YAML has a line too."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import pytest

from coterie.programme.document import DEPTH_MAX, FILES_MAX, TEXT_MAX, load_document
from coterie.programme.errors import ProgrammeInvalid
from coterie.programme.model import Earn, Multiply
from coterie.programme.reading import read_programme
from tests.programme.writing_programmes import SMALL, findings, with_rule


def value(text: str) -> object:
    document = load_document("x.yaml", f"x: {text}")
    assert not document.findings
    return document.value["x"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1.5", "1.5"),
        ("1.10", "1.10"),
        (".5", ".5"),
        ("1e3", "1e3"),
        ("3/2", "3/2"),
        ("12", 12),
        ("-12", -12),
        ("010", 10),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("99999999999999999999", "99999999999999999999"),
        ("2026-01-01", "2026-01-01"),
        ("on", "on"),
        ("yes", "yes"),
        ("true", True),
        ("'true'", "true"),
        ("[a, ~]", ["a", None]),
        ("{1: a}", {"1": "a"}),
    ],
)
def test_scalars_are_what_yaml_1_2_says_but_never_floats(text: str, meant: object):
    assert value(text) == meant


def test_an_alias_repeats_what_its_anchor_holds():
    document = load_document("x.yaml", "a: &same [1, 2]\nb: *same")
    assert document.value == {"a": [1, 2], "b": [1, 2]}


@pytest.mark.parametrize("written", ["1.1", "'1.1'", "11/10"])
def test_ratios_are_exact(written: str):
    text = with_rule(
        f"code: more\nname: {{zh: 多, en: More}}\nmultiply: {{rules: [base], factor: {written}}}"
    )
    effect = read_programme("x", text.replace("units: 1,", f"units: {written},")).rules
    assert isinstance(effect[0].effect, Earn)
    assert effect[0].effect.units == Fraction(11, 10)
    assert isinstance(effect[1].effect, Multiply)
    assert effect[1].effect.factor == Fraction(11, 10)


def test_units_are_written_whole_and_kept_in_the_currencys_scale():
    text = SMALL.replace(
        "points:\n    name: {zh: 积分, en: Points}",
        "points:\n    name: {zh: 积分, en: Points}\n    scale: 2\n    unit_cost: 0.01\n"
        "    debt: {policy: allow, limit_units: 7.5}",
    ).replace("units: 1,", "units: 1.5,")
    programme = read_programme("x", text)
    points = programme.currencies["points"]
    assert isinstance(programme.rules[0].effect, Earn)
    assert programme.rules[0].effect.units == 150
    assert programme.rules[0].effect.per_minor == 100
    assert programme.caps["daily"].limit == 10_000
    assert points.debt.limit_units == 750
    assert points.unit_cost_micro == 10_000  # one unit costs 1 minor, its last digit a hundredth


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("a: [1, 2\nb: 3", 2, "this is not YAML"),
        ("a: 1\n\tb: 2", 2, "this is not YAML"),
        ("- a\n- b", 1, "a programme is a mapping."),
        ("a: !python/object:os.system x", 1, "the tag '!python/object:os.system' is not read"),
        ("a: !!binary aGk=", 1, "is not read here."),
        ("a: {<<: {b: 1}}", 1, "merge keys (<<) are not read here"),
        ("a: 1\nb: 2\na: 3", 3, "this stands twice; first at line 1."),
        ("a: {b: 1,\n  b: 2}", 2, "this stands twice; first at line 1."),
        ("? [a, b]\n: 1", 1, "a key is a text."),
        ("a: *nowhere", 1, "this is not YAML"),
        ("a: &a [*a]", 1, "this nests too deep, or the text holds too much."),
        (f"a: {'[' * (DEPTH_MAX + 2)}{']' * (DEPTH_MAX + 2)}", 1, "this nests too deep"),
        (f"a: {'[' * 2000}", 0, "this nests too deep."),
        ('a: "\\u0007"', 1, "holds a character that is not text."),
        ('"\\0": 1', 1, "holds a character that is not text."),
        ("a: 1\0", 0, "this is not YAML"),
    ],
)
def test_what_is_not_a_document_is_found_with_its_line(text: str, line: int, problem: str):
    found = load_document("x.yaml", text).findings[0]
    assert problem in found.problem
    assert (found.file, found.line) == ("x.yaml", line)


def test_aliases_cannot_grow_without_bound():
    laughs = "\n".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" if n else "a0: &a0 [1]" for n in range(9)
    )
    found = load_document("x.yaml", laughs).findings
    assert [finding.problem for finding in found] == [
        "this nests too deep, or the text holds too much."
    ]


def test_an_empty_section_says_nothing():
    assert load_document("x.yaml", "caps:\nrules: []").value == {"rules": []}
    assert load_document("x.yaml", "").value == {}


def test_a_text_has_a_longest_length():
    with pytest.raises(ProgrammeInvalid, match="too long"):
        load_document("x.yaml", "#" * (TEXT_MAX + 1))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    head, rules = SMALL.split("rules:\n")
    (tmp_path / "10-head.yaml").write_text(head, "utf-8")
    (tmp_path / "20-rules.yml").write_text("rules:\n" + rules, "utf-8")
    (tmp_path / "notes.txt").write_text("not: [read", "utf-8")
    return tmp_path


def test_a_folder_is_one_programme(folder: Path):
    assert read_programme(folder) == read_programme("x", SMALL)


def test_files_merge_by_section_and_rules_follow_each_other(folder: Path):
    more = """\
caps:
  weekly: {limit: 5, measure: applications, window: week}
rules:
  - code: more
    name: {zh: 多, en: More}
    earn: {currency: points, units: 1}
    caps: [weekly]
"""
    (folder / "30-more.yaml").write_text(more, "utf-8")
    programme = read_programme(folder)
    assert list(programme.caps) == ["daily", "weekly"]
    assert [rule.code for rule in programme.rules] == ["base", "more"]


def test_nothing_is_said_in_two_files(folder: Path):
    again = "zone: Asia/Shanghai\ncaps:\n  daily: {limit: 5, measure: units, window: day}\n"
    (folder / "30-again.yaml").write_text(again, "utf-8")
    with pytest.raises(ProgrammeInvalid) as caught:
        read_programme(folder)
    head = folder / "10-head.yaml"
    assert [(Path(f.file).name, f.line, f.path, f.problem) for f in caught.value.findings] == [
        ("30-again.yaml", 1, "zone", f"this stands twice; first at {head}:3."),
        ("30-again.yaml", 3, "caps.daily", f"this stands twice; first at {head}:23."),
    ]


def test_a_finding_names_the_file_of_the_folder(folder: Path):
    (folder / "30-more.yaml").write_text("rules:\n  - code: more\n    nam: x\n", "utf-8")
    with pytest.raises(ProgrammeInvalid) as caught:
        read_programme(folder)
    places = {(Path(f.file).name, f.line, f.path) for f in caught.value.findings}
    assert places == {("30-more.yaml", 3, "rules[1].nam"), ("30-more.yaml", 2, "rules[1]")}
    assert str(folder / "30-more.yaml") + ":3: rules[1].nam: unknown key 'nam'." in str(
        caught.value
    )


def test_what_cannot_be_opened_is_a_finding(tmp_path: Path):
    for path, problem in [
        (tmp_path / "none.yaml", "there is no such file or folder."),
        (tmp_path, "the folder holds no programme."),
    ]:
        with pytest.raises(ProgrammeInvalid, match=problem):
            load_document(path)
    (tmp_path / "latin.yaml").write_bytes(b"name: caf\xe9")
    with pytest.raises(ProgrammeInvalid, match="not UTF-8"):
        load_document(tmp_path)
    for n in range(FILES_MAX + 1):
        (tmp_path / f"{n}.yaml").touch()
    with pytest.raises(ProgrammeInvalid, match="too many files"):
        load_document(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="symbolic links")
def test_a_link_to_nowhere_is_no_file(tmp_path: Path):
    (tmp_path / "x.yaml").symlink_to(tmp_path / "y.yaml")
    with pytest.raises(ProgrammeInvalid, match="holds no programme"):
        load_document(tmp_path)


def test_the_message_holds_every_finding_up_to_a_bound():
    text = SMALL + "".join(f"x{n}: 1\n" for n in range(150))
    assert len(findings(text)) == 150
    with pytest.raises(ProgrammeInvalid) as caught:
        read_programme("x", text)
    assert str(caught.value).endswith("and 50 more")
    assert len(caught.value.facts["findings"]) == 101
