"""Each threat of the threat model names tests, and these are there."""

import re

from tests.house.support import ROOT
from tests.house.test_features import functions_of


def test_every_threat_has_a_test_that_exists():
    text = (ROOT / "docs" / "security.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 20
    missing = []
    for row in rows:
        tests = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row)
        if not tests:
            missing.append(f"no test: {row[:60]}")
        for name, function in tests:
            path = ROOT / name
            if not path.is_file() or function not in functions_of(path):
                missing.append(f"{name}::{function}")
    assert not missing
