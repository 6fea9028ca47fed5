"""The file of refused rows: what stood in the file, with the place, a code and a reason.

It can be corrected and imported as it is: the added columns are passed over, and its rows are new
ones, because it is another file.
"""

from __future__ import annotations

import csv
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from coterie.intake.importing.model import Batch, RefusedRow
from coterie.intake.importing.plain import REFUSED_COLUMNS
from coterie.intake.importing.readers import Source

Refused = Iterator[tuple[int, str, str]]


def write_refused(path: Path, source: Source, refused: Refused) -> int:
    """Write the refused rows, given in the order of the file; return how many.

    The file appears when it is whole, in UTF-8 with the mark by which Excel knows that.
    """
    columns = [name for name in source.columns if name not in REFUSED_COLUMNS]
    partial = path.with_name(path.name + ".partial")
    count = 0
    with partial.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*columns, *REFUSED_COLUMNS])
        waiting = next(refused, None)
        for batch in source.batches():
            if waiting is None:
                break
            bad = {each.row: each for each in batch.bad}
            last = max((*batch.rows[-1:], *bad), default=0)
            while waiting is not None and waiting[0] <= last:
                row, code, reason = waiting
                cells = _cells(batch, bad, row, columns)
                writer.writerow([*cells, row, code, reason])
                count += 1
                # A row has one place in the file of refused rows, whatever else is said of it.
                while waiting is not None and waiting[0] == row:
                    waiting = next(refused, None)
    partial.replace(path)  # at once, also over an older file
    return count


def _cells(batch: Batch, bad: dict[int, RefusedRow], row: int, columns: Sequence[str]) -> list[str]:
    broken = bad.get(row)
    if broken is not None:
        given = list(broken.cells or ())
        # What is too much for the columns stays visible in the last of them.
        if len(given) > len(columns):
            given = [*given[: len(columns) - 1], " | ".join(given[len(columns) - 1 :])]
        return given + [""] * (len(columns) - len(given))
    place = bisect_left(batch.rows, row)
    return [_shown(batch.columns[name][place]) for name in columns]


def _shown(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return str(cell).encode("utf-8", "replace").decode()
