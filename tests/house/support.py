"""How the house tests look at the house: files, packages, imports, statements."""

import ast
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "coterie"

# Packages directly under src/coterie that are not rooms: what is below the rooms and what is above.
NOT_ROOMS = frozenset(
    {
        "acts",
        "api",
        "casebook",
        "cli",
        "console",
        "demo",
        "insight",
        "intake",
        "jobs",
        "kernel",
        "portal",
        "programme",
        "replay",
        "storage",
        "till",
        "web",
    }
)
FACES = frozenset({"api", "app", "cli", "console", "portal", "till", "web"})
# They answer questions over all rooms; they never write what is another's.
READERS = frozenset({"insight", "privacy", "replay"})


def packages() -> list[Path]:
    """Every package directly under src/coterie that holds at least one source file."""
    return sorted(
        folder
        for folder in PACKAGE.iterdir()
        if folder.is_dir() and (any(folder.glob("*.py")) or any(folder.glob("*.sql")))
    )


def rooms() -> list[Path]:
    """The packages that hold a capability: by convention those with a model, rules or a store."""
    return [
        folder
        for folder in packages()
        if folder.name not in NOT_ROOMS
        and any((folder / name).exists() for name in ("model.py", "rules.py", "store.py"))
    ]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


@cache
def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), filename=str(path))


@dataclass(frozen=True)
class Import:
    """One imported module: `line` in `path` brings `module`, and `names` from it."""

    path: Path
    line: int
    module: str
    names: tuple[str, ...]

    def targets(self) -> set[str]:
        """The modules this line may load: a name of a package may be a module of its own."""
        return {self.module, *(f"{self.module}.{name}" for name in self.names)}

    def __str__(self) -> str:
        names = f" import {', '.join(self.names)}" if self.names else ""
        return f"{relative(self.path)}:{self.line}: {self.module}{names}"


def imports(path: Path) -> Iterator[Import]:
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(path, node.lineno, alias.name, ())
        elif isinstance(node, ast.ImportFrom):
            names = tuple(alias.name for alias in node.names)
            yield Import(path, node.lineno, node.module or "", names)


def exported(init: Path) -> list[str] | None:
    """The names in a module's `__all__`, or None where it has none."""
    if not init.exists():
        return None
    for node in syntax(init).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and target.id == "__all__" and value is not None:
            return list(ast.literal_eval(value))
    return None


@dataclass(frozen=True)
class Statement:
    """One named statement of a queries file, its comments and its placeholders as written."""

    path: Path
    line: int
    name: str
    why: str
    text: str

    def __str__(self) -> str:
        return f"{relative(self.path)}:{self.line} {self.name}"


NAME_LINE = re.compile(r"^-- name: *(?P<name>\S*) *$", re.MULTILINE)


def queries_files() -> list[Path]:
    return sorted(PACKAGE.rglob("queries*.sql"))


def statements(path: Path) -> list[Statement]:
    """Read `-- name: x`, a line (or more) of why, and the statement up to the next name."""
    text = path.read_text("utf-8")
    heads = list(NAME_LINE.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    found = []
    for head, end in zip(heads, ends, strict=True):
        body = text[head.end() : end].strip("\n")
        why = re.match(r"-- *(?P<why>.*)", body)
        line = text.count("\n", 0, head.start()) + 1
        found.append(Statement(path, line, head["name"], why["why"] if why else "", body))
    return found


def without_comments(sql: str, *, literals: bool = True) -> str:
    """SQL without its comments; without `literals` the insides of its strings are gone as well."""
    pattern = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)

    def keep(match: re.Match[str]) -> str:
        if not match[0].startswith("'"):
            return " "
        return match[0] if literals else "''"

    return pattern.sub(keep, sql)


def tracked_files() -> list[Path]:
    """What a clone will hold. Without git (a source archive): what the archive holds."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        names = listed.stdout.decode("utf-8").split("\0")
        return [ROOT / name for name in names if name and (ROOT / name).is_file()]
    unpacked = ("src", "tests", "docs", "scripts", "requirements")
    return sorted(p for folder in unpacked for p in (ROOT / folder).rglob("*") if p.is_file())
