"""Rows into files: CSV, Excel or Parquet, streamed, under their name only when they are whole."""

from __future__ import annotations

import csv
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from coterie.insight import Export, Left, exports
from coterie.intake.engine import Engine
from coterie.intake.worker import SWEEP_LIMIT
from coterie.jobs.errors import ExportTooLong, FormatUnknown
from coterie.kernel.errors import nearest
from coterie.programme.versions import versions
from coterie.replay.reading import reading
from coterie.storage import connect

FORMATS = {".csv": "csv", ".xlsx": "excel", ".parquet": "parquet"}
WORLD = ("members", "balances", "metrics", "tiers")
"""What a world is moved by, in the order in which it is imported."""
EXCEL_ROWS_MAX = 1_048_575
BATCH_ROWS = 5_000

Write = Callable[[Sequence[Sequence[Any]]], None]
Tell = Callable[[str, int], None]


class Exported(Struct):
    """What was written: rows by file, and what the files do not say."""

    rows: dict[str, int] = field(default_factory=dict)
    left: Left = field(default_factory=Left)


def export_files(
    url: str, wanted: dict[str, Path], now_us: int, tell: Tell = lambda *_: None
) -> Exported:
    """Write exports, by name, into files; all of them show one moment of the world.

    What fell due by then is decided first.
    A file that can be imported has its mapping beside it. Raises :class:`FormatUnknown`,
    :class:`ExportTooLong`, and what ``tell`` raises; then no file was touched that was not whole.
    """
    done = Exported()
    _decide_dues(url, now_us)
    with reading(url) as db:
        known = exports(db, now_us)
        for name in wanted:
            if name not in known:
                raise FormatUnknown(f"Nothing named {name!r}.{nearest(name, known)}")
        for name, path in wanted.items():
            rows = known[name].rows(db, done.left)
            done.rows[path.name] = _write(path, known[name], rows, partial(tell, name))
            if known[name].what is not None:
                with _whole(mapping_file(path)) as part:
                    part.write_text(mapping_text(known[name]), encoding="utf-8")
    return done


def _decide_dues(url: str, now_us: int) -> None:
    """Let what fell due happen first, however late the worker is: lots lapse, tiers change."""
    with connect(url) as db:
        if versions(db, limit=1):
            engine = Engine()
            while engine.sweep(db, now_us, SWEEP_LIMIT):
                pass


def mapping_file(path: Path) -> Path:
    """Return where the mapping of an exported file lies."""
    return path.with_name(f"{path.name}.mapping.yaml")


def mapping_text(export: Export) -> str:
    """Return the mapping by which an export is imported."""
    lines = [f"import: {export.what}", "rows:"]
    lines += [f"  - kind: {export.kind}", "    set:"] if export.kind else ["  - set:"]
    lot = ("units", "expires_on", "earned_on") if export.what == "balances" else ()
    columns = [c for c in export.columns if c != "kind" or not export.kind]
    lines += [_mapped(column, export) for column in columns if column not in lot]
    if lot:
        lines += ["    lot:", *(_mapped(column, export) for column in lot)]
    return "\n".join(lines) + "\n"


def _mapped(column: str, export: Export) -> str:
    typed = export.typed.get(column)
    value = f"{{column: {column}, {typed}: true}}" if typed else column
    return f"      {column}: {value}"


def _write(path: Path, export: Export, rows: Iterator[Any], tell: Callable[[int], None]) -> int:
    writer = _WRITERS.get(FORMATS.get(path.suffix, ""))
    if writer is None:
        raise FormatUnknown(f"{path.name} ends with none of {', '.join(FORMATS)}.", where="file")
    count = 0
    with _whole(path) as part, writer(part, export) as write:
        batch: list[Any] = []
        for row in rows:
            batch.append(row)
            if len(batch) >= BATCH_ROWS:
                write(batch)
                count += len(batch)
                tell(count)
                batch = []
        write(batch)
        count += len(batch)
        tell(count)
    return count


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """Give a file to write, which takes its name only at the end; else it is removed."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        part.touch(mode=0o600)
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _csv(path: Path, export: Export) -> Iterator[Write]:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(export.columns)
        yield writer.writerows


@contextmanager
def _excel(path: Path, export: Export) -> Iterator[Write]:
    from openpyxl import Workbook  # noqa: PLC0415 - slow to load, and seldom wanted
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet("export")
    sheet.append(list(export.columns))
    written = 0

    def cell(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        # As text: what begins with = must not be calculated by whoever opens it.
        made = WriteOnlyCell(sheet, value)
        made.data_type = "s"
        return made

    def write(rows: Sequence[Sequence[Any]]) -> None:
        nonlocal written
        written += len(rows)
        if written > EXCEL_ROWS_MAX:
            raise ExportTooLong(f"A sheet has {EXCEL_ROWS_MAX:,} rows at most.")
        for row in rows:
            sheet.append([cell(value) for value in row])

    yield write
    with closing(book):
        book.save(path)


@contextmanager
def _parquet(path: Path, export: Export) -> Iterator[Write]:
    import pyarrow as pa  # noqa: PLC0415 - slow to load
    import pyarrow.parquet as pq  # noqa: PLC0415

    def whole(column: str) -> bool:
        return export.typed.get(column) == "integer" and not column.startswith("attributes.")

    types = [pa.int64() if whole(column) else pa.string() for column in export.columns]
    schema = pa.schema(list(zip(export.columns, types, strict=True)))
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:

        def write(rows: Sequence[Sequence[Any]]) -> None:
            columns = list(zip(*rows, strict=True)) if rows else [()] * len(types)
            arrays = [pa.array(c, type=t) for c, t in zip(columns, types, strict=True)]
            writer.write_batch(pa.record_batch(arrays, schema=schema))

        yield write


_WRITERS: dict[str, Callable[[Path, Export], AbstractContextManager[Write]]] = {
    "csv": _csv,
    "excel": _excel,
    "parquet": _parquet,
}
