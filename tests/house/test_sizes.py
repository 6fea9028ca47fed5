"""Rooms without walls become halls: a file and a function each have a size they may not pass."""

import ast
from pathlib import Path

from tests.house.support import python_files, relative, syntax

FILE_LINES_MAX = 450
FUNCTION_LINES_MAX = 70


def sources() -> list[Path]:
    return python_files("src", "tests", "bench", "scripts")


def test_no_file_is_too_long():
    lengths = {relative(p): len(p.read_text("utf-8").splitlines()) for p in sources()}
    long = {name: lines for name, lines in lengths.items() if lines > FILE_LINES_MAX}
    assert not long, f"over {FILE_LINES_MAX} lines: {long}"


def test_no_function_is_too_long():
    long = {}
    for path in sources():
        for node in ast.walk(syntax(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES_MAX:
                    long[f"{relative(path)}:{node.lineno} {node.name}"] = lines
    assert not long, f"over {FUNCTION_LINES_MAX} lines: {long}"
