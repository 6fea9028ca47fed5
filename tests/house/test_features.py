"""docs/features.md tells the truth about every row, and no row is forgotten.

The ids are stable and kept here: a clone has nothing else to compare with.
"""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from tests.house.support import ROOT, syntax

PAGE = ROOT / "docs" / "features.md"
STATUSES = frozenset({"works", "partly", "not yet"})
IDS_TEXT = """
    M01 M02 M03 M04 M05 M06 M09 M11 M12 M13 M15 M16 M18 M19 M20 M21
    T01 T02 T03 T04 T05 T06 T07 T09 T10 T11 T12 T13 T14 T15 T16 T18 T20 T22
    P01 P03 P04 P05 P06 P08 P09 P11 P13 P14 P15 P16 P17 P18 P20 P21 P23 P24 P26 P27 P28 P30 P31
    B01 B02 B03 B04 B05 B06 B07 B09 B10 B13 B15 B16 B17 B18 B20 B22 B23 B24
    C01 C06 C07 C08
    E01 E02 E03 E04 E07 E08 E09 E11 E12 E14 E17 E18 E20
    R01 R02 R05
    K01 K02 K03 K06 K07 K08 K09 K11
    N01 N03 N04 N05 N06 N07 N09 N10 N11 N12 N13
    G01 G03 G04 G05 G06 G08
    A01 A02 A03 A05 A06 A09 A10 A11 A13 A14
    F01 F03 F04 F05 F07
    L01 L03 L04 L06 L07 L08
    X01 X02 X04 X06
    O01 O02 O03 O05 O06 O07 O08 O09 O11 O12
    D01 D02 D03 D04 D05 D06 D07 D08 D09 D10 D11 D12 D13 D14
    Y01 Y02 Y03 Y04 Y05 Y06 Y07 Y08 Y09 Y10 Y11 Y12 Y13 Y14
    Y15 Y16 Y17 Y18 Y19 Y20 Y21 Y22 Y23 Y24 Y25 Y26 Y27 Y28 Y29
    W01 W02 W03 W04 W05 W06 W07 W08 W09 W10 W11
"""
IDS = IDS_TEXT.split()


@dataclass(frozen=True)
class Row:
    """One line of the page."""

    id: str
    capability: str
    status: str
    where: str
    tests: tuple[str, ...]


def read_rows() -> list[Row]:
    rows = []
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.fullmatch(r"[A-Z]\d\d", cells[0]):
            assert len(cells) == 5, f"five cells a row: {line}"
            found = tuple(re.findall(r"`(tests/[^`]+)`", cells[4]))
            rows.append(Row(cells[0], cells[1], cells[2], cells[3], found))
    return rows


def functions_of(path: Path) -> set[str]:
    """Every test in a file, by the name that follows `::` (a method after its class)."""
    names: set[str] = set()
    for node in syntax(path).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ClassDef):
            methods = [m for m in node.body if isinstance(m, ast.FunctionDef)]
            names |= {node.name, *(f"{node.name}::{m.name}" for m in methods)}
            # A state machine becomes a test through its TestCase.
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return {name for name in names if name.startswith(("test_", "Test"))}


def test_every_row_stands_on_the_page_once():
    found = [row.id for row in read_rows()]
    assert sorted(found) == sorted(IDS)


def test_every_status_is_one_of_three():
    wrong = {row.id: row.status for row in read_rows() if row.status not in STATUSES}
    assert not wrong


def test_what_works_says_where_and_is_proven():
    """What is claimed has a place and a test; what is not there has neither."""
    rows = read_rows()
    unproven = [r.id for r in rows if r.status != "not yet" and not (r.tests and r.where)]
    assert not unproven, f"no place or no test: {unproven}"
    promised = [r.id for r in rows if r.status == "not yet" and r.tests]
    assert not promised, f"tests of something that is not there: {promised}"


def test_the_tests_named_exist():
    missing = []
    for row in read_rows():
        for test in row.tests:
            name, _, function = test.partition("::")
            path = ROOT / name
            if not path.is_file() or function.partition("[")[0] not in functions_of(path):
                missing.append(f"{row.id}: {test}")
    assert not missing, "\n".join(missing)
