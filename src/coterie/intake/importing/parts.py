"""Sorted parts of a file, read back as whole events.

Apart from the staging, because the processes that load parts need no scratch database.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from msgspec import Struct

from coterie.events import LINES_MAX
from coterie.intake.importing.model import RefusedRow
from coterie.intake.importing.shaping import whole_event

PARTS = 16
"""How many parts every import has, however many processes load them: so that one that was begun
with two can go on with one."""
READ_ROWS = 4096


class Assembled(Struct, gc=False):
    """One event of the file as JSON, and the rows it is made of."""

    event: bytes
    rows: list[int]
    refused: list[RefusedRow]


def part_file(folder: Path, part: int) -> Path:
    """Return where a part's rows are, once they are sorted."""
    return folder / f"part-{part:02d}.parquet"


def read_part(folder: Path, part: int, part_field: dict[str, str]) -> Iterator[Assembled]:
    """Return a part's events in the order they are to be loaded.

    ``part_field`` says under which name the lines of a kind of event stand.
    """
    file = part_file(folder, part)
    if not file.exists():
        return
    waiting: _Group | None = None
    with pq.ParquetFile(file) as parquet:
        for batch in parquet.iter_batches(READ_ROWS, use_threads=False):
            columns: list[list[Any]] = [column.to_pylist() for column in batch.columns]
            for first_row, row, head, line in zip(*columns, strict=True):
                if waiting is not None and waiting.first_row == first_row:
                    waiting.add(row, line)
                    continue
                if waiting is not None:
                    yield waiting.whole(part_field)
                waiting = _Group(first_row, head, line)
    if waiting is not None:
        yield waiting.whole(part_field)


class _Group:
    """The rows of one event, as they come."""

    __slots__ = ("first_row", "head", "lines", "refused", "rows")

    def __init__(self, first_row: int, head: bytes, line: bytes | None) -> None:
        self.first_row = first_row
        self.head = head
        self.rows = [first_row]
        self.lines = [line]
        self.refused: list[RefusedRow] = []

    def add(self, row: int, line: bytes | None) -> None:
        if len(self.lines) >= LINES_MAX:
            reason = f"One event has at most {LINES_MAX} rows."
            self.refused.append(RefusedRow(row, "too_many_lines", reason))
            return
        self.rows.append(row)
        self.lines.append(line)

    def whole(self, part_field: dict[str, str]) -> Assembled:
        # The kind stands first in every head: {"kind":"order", ...
        kind = self.head[9 : self.head.index(b'"', 9)].decode()
        event = whole_event(self.head, part_field.get(kind, ""), self.lines)
        return Assembled(event, self.rows, self.refused)
