"""Rows out of CSV, Excel and Parquet files, some thousand at a time.

A row's number is its position in the file: 1 is the first row of data, and rows that are blank or
broken count. Cells are text (CSV) or what the file's own types say (Parquet, Excel). Python's
own CSV reader was preferred to Arrow's: it is as fast for text that ends as Python values, goes
on after a broken row, says where that was, and tells which row holds foreign bytes.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from coterie.intake.importing.cells import is_foreign
from coterie.intake.importing.errors import FileUnreadable
from coterie.intake.importing.model import Batch, FileOptions, RefusedRow
from coterie.kernel.errors import nearest

BATCH_ROWS = 8192
COLUMNS_MAX = 1000
LINE_CHARS_MAX = 1_000_000
ENCODINGS = ("utf-8", "gb18030", "cp1252", "utf-16")
DELIMITERS = ",;\t|"
FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".xlsx": "excel",
    ".xlsm": "excel",
}


class Source(Protocol):
    """A file whose rows can be read, as often as wanted, from the beginning."""

    columns: tuple[str, ...]

    def batches(self, wanted: Sequence[str] | None = None) -> Iterator[Batch]:
        """Read all rows; only the columns ``wanted``, or every one.

        Raises :class:`FileUnreadable` where the file breaks off.
        """
        ...


def open_source(path: Path, options: FileOptions) -> Source:
    """Open a file for reading rows. Raises :class:`FileUnreadable`."""
    kind = options.format or _format_of(path)
    if not path.is_file():
        raise FileUnreadable(f"There is no file {path.name}.")
    if kind == "csv":
        return _CsvSource(path, options)
    if kind == "parquet":
        return _ParquetSource(path)
    if kind == "excel":
        return _ExcelSource(path, options)
    known = sorted(set(FORMATS.values()))
    raise FileUnreadable(f"{kind!r} is not a format of files.{nearest(kind, known)}")


def _format_of(path: Path) -> str:
    name = path.name.lower().removesuffix(".gz")
    for suffix, kind in FORMATS.items():
        if name.endswith(suffix):
            return kind
    raise FileUnreadable(
        f"{path.name} does not end in {', '.join(FORMATS)}; say --format csv, excel or parquet."
    )


def _check_columns(columns: Sequence[str], path: Path) -> tuple[str, ...]:
    if not columns:
        raise FileUnreadable(f"{path.name} has no columns.")
    if len(columns) > COLUMNS_MAX:
        raise FileUnreadable(f"{path.name} has more than {COLUMNS_MAX} columns.")
    named = [name.strip() or f"column {n}" for n, name in enumerate(columns, 1)]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise FileUnreadable(f"{path.name} has more than one column called {twice[0]!r}.")
    return tuple(named)


def _check_wanted(wanted: Sequence[str] | None, columns: tuple[str, ...]) -> tuple[str, ...]:
    for name in wanted or ():
        if name not in columns:
            raise FileUnreadable(f"The file has no column {name!r}.{nearest(name, columns)}")
    return columns if wanted is None else tuple(dict.fromkeys(wanted))


@contextmanager
def _as_unreadable(path: Path, hint: str = "") -> Iterator[None]:
    """Turn whatever a reading library says about a broken file into one refusal."""
    try:
        yield
    except UnicodeError as trouble:
        raise FileUnreadable(
            f"{path.name} is not written in the encoding it is read in ({trouble}); "
            f"try --encoding {' or '.join(ENCODINGS)}."
        ) from trouble
    except (OSError, EOFError, zlib.error, csv.Error, pa.ArrowException) as trouble:
        said = str(trouble).strip().splitlines()
        raise FileUnreadable(f"{path.name}: {said[0] if said else hint}") from trouble


# ------------------------------------------------------------------------------------- CSV


class _CsvSource:
    """Text with a delimiter, plain or gzipped; all cells are text."""

    def __init__(self, path: Path, options: FileOptions) -> None:
        if options.encoding not in ENCODINGS:
            raise FileUnreadable(
                f"{options.encoding!r} is not read.{nearest(options.encoding, ENCODINGS)}"
            )
        self._path = path
        self._encoding = "utf-8-sig" if options.encoding == "utf-8" else options.encoding
        self._header = not options.columns
        with _as_unreadable(path), path.open("rb") as raw, self._text(raw) as text:
            first = text.readline(LINE_CHARS_MAX)
        if options.delimiter is not None and len(options.delimiter) != 1:
            raise FileUnreadable("A delimiter is one character.")
        if options.delimiter in ("\r", "\n", '"'):
            raise FileUnreadable("A line break or a quote cannot delimit columns.")
        self._delimiter = options.delimiter or _sniff(first)
        self.columns = _check_columns(options.columns or self._read_header(), path)

    @contextmanager
    def _text(self, raw: BinaryIO) -> Iterator[io.TextIOWrapper]:
        binary = gzip.GzipFile(fileobj=raw) if self._path.suffix == ".gz" else raw
        with io.TextIOWrapper(
            binary,
            encoding=self._encoding,
            # Foreign bytes stay recognisable, so that their row is refused and not the file.
            errors="strict" if self._encoding == "utf-16" else "surrogateescape",
            newline="",
        ) as text:
            yield text

    def _reader(self, text: io.TextIOWrapper) -> Iterator[list[str]]:
        # A piece of an endless line ends the row: it is refused, and memory stays bounded.
        lines = iter(partial(text.readline, LINE_CHARS_MAX), "")
        return csv.reader(lines, delimiter=self._delimiter)

    def _read_header(self) -> list[str]:
        with _as_unreadable(self._path), self._path.open("rb") as raw, self._text(raw) as text:
            header = next(self._reader(text), [])
        if any(map(is_foreign, header)):
            raise FileUnreadable(
                f"The header of {self._path.name} is not {self._encoding}; "
                f"try --encoding {' or '.join(ENCODINGS)}."
            )
        return header

    def batches(self, wanted: Sequence[str] | None = None) -> Iterator[Batch]:
        names = _check_wanted(wanted, self.columns)
        places = [self.columns.index(name) for name in names]
        size_bytes = max(1, self._path.stat().st_size)
        row = 1
        with _as_unreadable(self._path), self._path.open("rb") as raw, self._text(raw) as text:
            reader = self._reader(text)
            if self._header:
                next(reader, None)
            while True:
                block: list[list[str]] = []
                broken = ""
                try:
                    # What was read before an error stays in the list.
                    block.extend(islice(reader, BATCH_ROWS))
                except csv.Error as trouble:
                    broken = str(trouble)
                if not block and not broken:
                    return
                batch = self._batch(block, row, names, places)
                row += len(block)
                if broken:
                    batch.bad.append(RefusedRow(row, "row_broken", f"{broken}.", ()))
                    row += 1
                batch.share = min(1.0, raw.tell() / size_bytes)
                yield batch

    def _batch(
        self, block: list[list[str]], first: int, names: tuple[str, ...], places: list[int]
    ) -> Batch:
        rows: Sequence[int] = range(first, first + len(block))
        bad: list[RefusedRow] = []
        even = set(map(len, block)) == {len(self.columns)}
        if not even or is_foreign("".join(map("".join, block))):
            good: list[tuple[int, list[str]]] = []
            for row, cells in zip(rows, block, strict=True):
                refused = self._refused(row, cells) if cells else None
                if refused is not None:
                    bad.append(refused)
                elif cells:
                    good.append((row, cells))
            rows = [row for row, _ in good]
            block = [cells for _, cells in good]
        by_column = list(zip(*block, strict=True)) if block else [()] * len(self.columns)
        columns = {name: by_column[place] for name, place in zip(names, places, strict=True)}
        return Batch(rows, columns, bad, 0.0)

    def _refused(self, row: int, cells: list[str]) -> RefusedRow | None:
        if any(map(is_foreign, cells)):
            shown = tuple(cell.encode("utf-8", "replace").decode() for cell in cells)
            reason = f"The row holds bytes that are not {self._encoding} or a zero byte."
            return RefusedRow(row, "row_encoding", reason, shown)
        if len(cells) != len(self.columns):
            reason = f"The row has {len(cells)} fields, the header {len(self.columns)}."
            return RefusedRow(row, "row_fields", reason, tuple(cells))
        return None


def _sniff(header: str) -> str:
    """Return the delimiter that the header has most of outside its quotes."""
    bare = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=lambda mark: (bare.count(mark), -DELIMITERS.index(mark)))


# --------------------------------------------------------------------------------- Parquet


class _ParquetSource:
    """Apache Parquet; cells have the types of the file, times in microseconds."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with _as_unreadable(path), pq.ParquetFile(path) as file:
            schema = file.schema_arrow
            self._rows = max(1, file.metadata.num_rows)
        self.columns = _check_columns(schema.names, path)
        self._schema = schema

    def batches(self, wanted: Sequence[str] | None = None) -> Iterator[Batch]:
        names = _check_wanted(wanted, self.columns)
        places = [self.columns.index(name) for name in names]
        for name, place in zip(names, places, strict=True):
            if pa.types.is_nested(self._schema.types[place]) and wanted is not None:
                raise FileUnreadable(f"Column {name!r} holds lists or structures.")
        stored = [self._schema.names[place] for place in places]
        row = 1
        with _as_unreadable(self._path), pq.ParquetFile(self._path) as file:
            for arrow in file.iter_batches(BATCH_ROWS, columns=stored, use_threads=False):
                count = arrow.num_rows
                rows = range(row, row + count)
                bad: dict[int, RefusedRow] = {}
                columns = {
                    name: _values(arrow.column(stored_name), rows, bad)
                    for name, stored_name in zip(names, stored, strict=True)
                }
                row += count
                share = min(1.0, (row - 1) / self._rows)
                yield _without(Batch(rows, columns, list(bad.values()), share))


def _values(array: Any, rows: range, bad: dict[int, RefusedRow]) -> Sequence[Any]:
    kind = array.type
    if pa.types.is_dictionary(kind):
        array = array.dictionary_decode()
        kind = array.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        # Python knows no nanoseconds; an event's moment is in microseconds anyway.
        array = array.cast(pa.timestamp("us", kind.tz), safe=False)
    try:
        values: list[Any] = array.to_pylist()
    except (ValueError, OverflowError, pa.ArrowException):
        values = [_value(array[n], rows[n], bad) for n in range(len(array))]
    if pa.types.is_boolean(kind):
        return [None if value is None else str(value).lower() for value in values]
    return values


def _value(scalar: Any, row: int, bad: dict[int, RefusedRow]) -> Any:
    try:
        return scalar.as_py()
    except (ValueError, OverflowError, pa.ArrowException):
        reason = "The row holds a value that cannot be read."
        bad[row] = RefusedRow(row, "row_encoding", reason)
        return None


def _without(batch: Batch) -> Batch:
    """Return the batch without its bad rows."""
    if not batch.bad:
        return batch
    bad = {refused.row for refused in batch.bad}
    keep = [n for n, row in enumerate(batch.rows) if row not in bad]
    columns = {name: [values[n] for n in keep] for name, values in batch.columns.items()}
    return Batch([batch.rows[n] for n in keep], columns, batch.bad, batch.share)


# ----------------------------------------------------------------------------------- Excel


class _ExcelSource:
    """One sheet of an Excel workbook; its first row names the columns."""

    def __init__(self, path: Path, options: FileOptions) -> None:
        self._path = path
        self._sheet = options.sheet
        self._header = not options.columns
        header: Sequence[Any] = options.columns
        if self._header:
            for cells, _ in self._rows():
                header = cells
                break
        texts = ["" if cell is None else str(cell) for cell in header]
        while texts and not texts[-1].strip():
            texts.pop()
        self.columns = _check_columns(texts, path)

    def _rows(self) -> Iterator[tuple[Sequence[Any], int]]:
        try:
            book = openpyxl.load_workbook(self._path, read_only=True, data_only=True)
            try:
                name = self._sheet or (book.sheetnames[0] if book.sheetnames else "")
                if name not in book.sheetnames:
                    raise FileUnreadable(
                        f"There is no sheet {name!r}.{nearest(name, book.sheetnames)}"
                    )
                sheet = book[name]
                for cells in sheet.iter_rows(values_only=True):
                    yield cells, sheet.max_row or 0
            finally:
                book.close()
        except FileUnreadable:
            raise
        # openpyxl promises no set of exceptions for a broken workbook: zip, XML, keys, numbers.
        except Exception as trouble:
            said = str(trouble).strip().splitlines()
            reason = said[0] if said else type(trouble).__name__
            raise FileUnreadable(f"{self._path.name} is not an Excel file: {reason}") from trouble

    def batches(self, wanted: Sequence[str] | None = None) -> Iterator[Batch]:
        names = _check_wanted(wanted, self.columns)
        places = [self.columns.index(name) for name in names]
        width = len(self.columns)
        rows: list[int] = []
        block: list[Sequence[Any]] = []
        bad: list[RefusedRow] = []
        position = 0
        total = 1
        for position, (given, total) in enumerate(self._rows(), 0 if self._header else 1):
            if position == 0:
                continue
            cells = [_plain(cell) for cell in given]
            if any(cell is not None for cell in cells[width:]):
                reason = f"The row has more cells than the {width} columns of the header."
                shown = tuple("" if cell is None else str(cell) for cell in cells)
                bad.append(RefusedRow(position, "row_fields", reason, shown))
            elif any(cell is not None for cell in cells):
                rows.append(position)
                block.append((cells + [None] * width)[:width])
            if len(block) + len(bad) >= BATCH_ROWS:
                yield _excel_batch(rows, block, bad, names, places, position / max(total, 1))
                rows, block, bad = [], [], []
        if block or bad:
            yield _excel_batch(rows, block, bad, names, places, 1.0)


def _plain(cell: Any) -> Any:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return int(cell)  # Excel has one kind of number: card 4711 is not card 4711.0
    return cell


def _excel_batch(
    rows: list[int],
    block: list[Sequence[Any]],
    bad: list[RefusedRow],
    names: tuple[str, ...],
    places: list[int],
    share: float,
) -> Batch:
    columns = {
        name: [cells[place] for cells in block] for name, place in zip(names, places, strict=True)
    }
    return Batch(rows, columns, bad, min(1.0, share))
