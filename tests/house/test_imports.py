"""Who may load what: drivers, web frameworks, clocks. The layers are import-linter's business."""

import ast
import subprocess
import sys
from pathlib import Path

from tests.house.support import (
    FACES,
    PACKAGE,
    imports,
    packages,
    python_files,
    relative,
    rooms,
    syntax,
)

WEB = frozenset({"jinja2", "litestar", "starlette", "uvicorn"})
DRIVERS = frozenset({"psycopg", "psycopg_pool"})
# storage owns the connection; the others move rows in bulk (COPY, server-side cursors).
DRIVER_PACKAGES = frozenset({"insight", "intake", "replay", "storage"})
PURE_FILES = frozenset({"model.py", "rules.py"})
CLOCKS = frozenset({"now", "today", "utcnow", "time", "time_ns", "monotonic"})
CLOCK_MODULES = frozenset({"date", "datetime", "time", "dt"})


def package_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def pure_files() -> list[Path]:
    """A room's rules and model and their kinds, and the whole of the programme but its store."""
    inside = [
        path
        for room in rooms()
        for path in room.rglob("*.py")
        if path.name in PURE_FILES or "rules" in path.relative_to(room).parts
    ]
    programme = PACKAGE / "programme"
    return inside + [p for p in programme.rglob("*.py") if p.name in {*PURE_FILES, "decide.py"}]


def loaders(paths: list[Path], banned: frozenset[str]) -> list[str]:
    return [
        str(found)
        for path in paths
        for found in imports(path)
        if found.module.split(".")[0] in banned
    ]


def test_no_web_framework_below_the_faces():
    below = [p for p in python_files("src") if package_of(p) not in FACES]
    assert not loaders(below, WEB)


def test_only_stores_and_bulk_paths_speak_to_the_driver():
    """Type names of the driver (`Connection`) come from coterie.storage like everything else."""
    others = [
        path
        for path in python_files("src")
        if package_of(path) not in DRIVER_PACKAGES and path.name != "store.py"
    ]
    assert not loaders(others, DRIVERS)


def test_rules_and_models_are_pure():
    assert not loaders(pure_files(), WEB | DRIVERS)
    reach = [
        str(found)
        for path in pure_files()
        for found in imports(path)
        if "coterie.storage" in found.targets() or found.module.startswith("coterie.storage.")
    ]
    assert not reach


def test_rules_and_models_read_no_clock():
    """Time is an input: a rule that asks the clock cannot be replayed."""
    asks = [
        f"{relative(path)}:{node.lineno}: {node.value.id}.{node.attr}"
        for path in pure_files()
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in CLOCK_MODULES
        and node.attr in CLOCKS
    ]
    assert not asks


def test_relative_imports_are_not_used():
    relative_imports = [
        f"{relative(path)}:{node.lineno}"
        for path in python_files("src")
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert not relative_imports


def test_every_package_has_a_floor():
    """import-linter's exhaustive layers say the same; this names the line to add."""
    config = (PACKAGE.parents[1] / "pyproject.toml").read_text("utf-8")
    missing = [p.name for p in packages() if f"({p.name})" not in config]
    assert not missing, f"add to the layers in pyproject.toml: {missing}"


def test_a_server_at_rest_loads_no_readers_of_files():
    """They weigh as much as the rest of it; whoever needs one loads it then."""
    told = "import sys, coterie.api; print(*{'pyarrow', 'openpyxl', 'duckdb'} & {*sys.modules})"
    run = [sys.executable, "-c", told]
    said = subprocess.run(run, check=True, capture_output=True, text=True, timeout=60).stdout
    assert said.split() == []
