"""A room's SQL touches its own schema; what it wants of another room it asks at the door.

A schema carries the name of its package. Without this rule every table is everyone's, and no room
can change its own.
"""

import re
from pathlib import Path

import pytest

from tests.house.support import (
    PACKAGE,
    READERS,
    packages,
    queries_files,
    relative,
    statements,
    without_comments,
)

WRITE = re.compile(r"\b(?:into|update|delete\s+from)\s+(?:only\s+)?(\w+)\.(\w+)", re.IGNORECASE)
NAMED = re.compile(r"(?<![\w.\"])(\w+)\.(\w+)")


def owner(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0]


def foreign(sql: str, schemas: set[str], own: str) -> set[str]:
    """The other packages' schemas a statement names (an alias of such a name counts as one)."""
    pattern = WRITE if own in READERS else NAMED
    bare = without_comments(sql, literals=False)
    named = {match[1].lower() for match in pattern.finditer(bare)}
    return (named & schemas) - {own}


@pytest.mark.parametrize("path", queries_files(), ids=relative)
def test_a_rooms_sql_touches_only_its_own_schema(path: Path):
    schemas = {package.name for package in packages()}
    wrong = {
        str(statement): sorted(others)
        for statement in statements(path)
        if (others := foreign(statement.text, schemas, owner(path)))
    }
    assert not wrong, f"foreign schemas: {wrong}"


@pytest.mark.parametrize(
    ("own", "sql", "found"),
    [
        ("ledger", "select 1 from ledger.lot", set()),
        ("ledger", "select 1 from ledger.lot join members.member m on m.id = 1", {"members"}),
        ("ledger", "insert into Members.member values (1)", {"members"}),
        ("ledger", "select 'from members.member' -- members.member", set()),
        ("insight", "select 1 from members.member", set()),
        ("insight", "delete from members.member", {"members"}),
    ],
)
def test_the_reading_of_statements(own: str, sql: str, found: set[str]):
    assert foreign(sql, {"insight", "ledger", "members"}, own) == found
