"""Every named statement is one that a migrated database accepts, columns and types and all."""

import re
from pathlib import Path

import psycopg
import pytest

from tests.house.support import (
    ROOT,
    Statement,
    queries_files,
    relative,
    statements,
    without_comments,
)

# PostgreSQL prepares only these; the rest (copy, listen, lock, set) takes no parameters anyway.
PREPARABLE = frozenset({"delete", "insert", "merge", "select", "update", "values", "with"})


def numbered(sql: str) -> str:
    """Turn %(name)s into $n, the same name into the same number, and %% into %."""
    numbers: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        return f"${numbers.setdefault(match[1], len(numbers) + 1)}"

    return re.sub(r"%%|%\((\w+)\)[sbt]", number, sql)


def problem(connection: psycopg.Connection, statement: Statement) -> str | None:
    """Say why PostgreSQL refuses the statement, or None. Nothing stays prepared."""
    text = without_comments(statement.text).strip().rstrip(";")
    first = re.match(r"[\s(]*(\w+)", text)
    if not first or first[1].lower() not in PREPARABLE:
        return None
    sql = f"prepare house as {numbered(text)}"
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(sql.encode())
            connection.execute("deallocate house")
    except psycopg.Error as error:
        return f"{statement}: {error}"
    return None


@pytest.mark.parametrize("path", queries_files(), ids=relative)
def test_every_statement_prepares(path: Path, database_url: str):
    with psycopg.connect(database_url, autocommit=True) as connection:
        problems = [text for s in statements(path) if (text := problem(connection, s))]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize(
    ("sql", "accepted"),
    [
        ("-- 100 % of %(nothing)s\nselect %(a)s::bigint + %(a)s where '%%' like '%%';", True),
        ("select unknown_column from pg_class", False),
        ("select %(a)s is null", False),
        ("listen outbox", True),
    ],
)
def test_the_judge_itself(sql: str, accepted: bool, database_url: str):
    statement = Statement(ROOT / "example.sql", 1, "example", "why", sql)
    with psycopg.connect(database_url, autocommit=True) as connection:
        assert (problem(connection, statement) is None) is accepted


def test_placeholders_become_numbers():
    assert numbered("a = %(x)s and b = %(y)s or c = %(x)s and 5 %% 2") == (
        "a = $1 and b = $2 or c = $1 and 5 % 2"
    )
