"""Rows for ``copy ... from stdin`` as text, column by column.

COPY writes a batch of rows with one log record a page instead of one a row, and reads its input in
about half the time of arrays: for what every event adds that is the difference. Columns are made
ready whole, as in :mod:`coterie.storage.arrays`, because escaping once a column costs a tenth of
escaping once a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import LiteralString, cast

from coterie.storage.connection import Connection

_NUL = "\x00"
_NULL = "\\N"


def copy_rows(db: Connection, statement: LiteralString, columns: Sequence[Sequence[str]]) -> None:
    """Send rows, given as columns of one length, to a ``copy ... from stdin``.

    Not inside a pipeline. Raises what an insert of the same rows would.
    """
    copy_lines(db, statement, list(map("\t".join, zip(*columns, strict=True))))


def copy_lines(db: Connection, statement: LiteralString, lines: Sequence[str]) -> None:
    """Send rows whose columns are ready and joined by tabs, as :func:`copy_rows` does."""
    with db.cursor() as cursor, cursor.copy(statement) as copy:
        if lines:
            copy.write("\n".join(lines))
            copy.write("\n")


def copied_integers(values: Sequence[int | None]) -> list[str]:
    """Return integers as a column; None is NULL."""
    if None in values:
        return [_NULL if value is None else str(value) for value in values]
    return list(map(str, values))


def copied_texts(values: Sequence[str | None]) -> list[str]:
    """Return texts as a column; None is NULL, every other value comes back as it was.

    Raises :class:`ValueError` for the character NUL, which PostgreSQL cannot store.
    """
    if not values:
        return []
    nulls = None in values
    if nulls and not any(values) and "" not in values:
        return [_NULL] * len(values)
    kept = ["" if v is None else v for v in values] if nulls else cast("Sequence[str]", values)
    joined = _NUL.join(kept)
    if joined.count(_NUL) != len(kept) - 1:
        raise ValueError("PostgreSQL cannot store the character NUL.")
    if "\\" in joined:
        joined = joined.replace("\\", "\\\\")
    if "\n" in joined or "\t" in joined or "\r" in joined:
        joined = joined.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    column = joined.split(_NUL)
    if not nulls:
        return column
    return [_NULL if v is None else text for v, text in zip(values, column, strict=True)]


def copied_bytes(values: Iterable[bytes]) -> list[str]:
    """Return bytes as a column of ``bytea``."""
    return [f"\\\\x{value.hex()}" for value in values]


def copied_days(values: Iterable[int | None]) -> list[str]:
    """Return ordinals as a column of ``date``; None is NULL."""
    return [_NULL if day is None else _day(day) for day in values]


def copied_bools(values: Iterable[bool]) -> list[str]:
    """Return truth values as a column."""
    return ["t" if value else "f" for value in values]


@lru_cache(maxsize=10_000)
def _day(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()
