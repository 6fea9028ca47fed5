"""Rows come out of files as they are, and a broken row is a row, not the end."""

import gzip
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from coterie.intake.importing import readers
from coterie.intake.importing.errors import FileUnreadable
from coterie.intake.importing.model import FileOptions
from tests.importing.support import bad_of, rows_of, write


def test_rows_of_a_csv_are_numbered_by_position(tmp_path: Path):
    path = write(tmp_path / "a.csv", 'name,city\r\n李雷,"Bei\njing"\r\n\r\nAnn,\r\n')
    assert rows_of(path) == [
        {"#": 1, "name": "李雷", "city": "Bei\njing"},
        {"#": 3, "name": "Ann", "city": ""},
    ]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, mark: str):
    path = write(tmp_path / "a.csv", f'"a,;|\t"{mark}b\n1{mark}2\n')
    assert [row["b"] for row in rows_of(path)] == ["2"]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str):
    path = write(tmp_path / "a.csv", "姓名,城市\n王芳,上海\n", encoding)
    assert rows_of(path, FileOptions(encoding=encoding)) == [
        {"#": 1, "姓名": "王芳", "城市": "上海"}
    ]


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path):
    path = write(tmp_path / "a.csv", "a,b\n1,2\n", "utf-8-sig")
    assert rows_of(path) == [{"#": 1, "a": "1", "b": "2"}]


def test_a_gzipped_csv(tmp_path: Path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n"))
    assert rows_of(path) == [{"#": 1, "a": "1", "b": "2"}]


def test_a_file_without_header(tmp_path: Path):
    path = write(tmp_path / "a.csv", "1,2\n")
    assert rows_of(path, FileOptions(columns=("x", "y"))) == [{"#": 1, "x": "1", "y": "2"}]


def test_broken_rows_are_refused_with_their_position(tmp_path: Path):
    path = tmp_path / "a.csv"
    long = b"x" * 200_000
    path.write_bytes(
        b"a,b\n1,2\n1\n1,2,3\n\xff,2\nz\0,2\n" + b'"' + long + b"\n" + long + b'",1\n7,8\n'
    )
    assert [(bad.row, bad.code) for bad in bad_of(path)] == [
        (2, "row_fields"),
        (3, "row_fields"),
        (4, "row_encoding"),
        (5, "row_encoding"),
        (6, "row_broken"),
        (7, "row_broken"),
    ]
    assert [row["#"] for row in rows_of(path)] == [1, 8]


def test_an_endless_line_is_cut_and_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(readers, "LINE_CHARS_MAX", 100)
    path = write(tmp_path / "a.csv", "a,b\n" + "x" * 1000 + "\n1,2\n")
    assert [row["a"] for row in rows_of(path)] == ["1"]
    assert {bad.code for bad in bad_of(path)} == {"row_fields"}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "no columns"),
        ("a.csv", b"a,a\n1,2\n", "more than one column called 'a'"),
        ("a.csv", b"\xc3\x28\n1\n", "--encoding"),
        ("a.csv.gz", b"no gzip", "a.csv.gz"),
        ("a.parquet", b"no parquet", "a.parquet"),
        ("a.xlsx", b"no zip", "not an Excel file"),
        ("a.doc", b"", "--format"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, name: str, content: bytes, said: str):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FileUnreadable, match=said):
        rows_of(path)


def test_parquet_keeps_types_and_loses_nanoseconds(tmp_path: Path):
    table = pa.table(
        {
            "at": pa.array([1_500_000_000_123_456_789], pa.timestamp("ns")),
            "price": pa.array([Decimal("1.50")], pa.decimal128(10, 2)),
            "ok": pa.array([True]),
            "name": pa.array(["x"]).dictionary_encode(),
            "parts": pa.array([[1, 2]]),
        }
    )
    path = tmp_path / "a.parquet"
    pq.write_table(table, path)
    (row,) = rows_of(path)
    assert row["at"] == datetime.fromisoformat("2017-07-14T02:40:00.123456")
    assert (row["price"], row["ok"], row["name"]) == (Decimal("1.50"), "true", "x")
    source = readers.open_source(path, FileOptions())
    with pytest.raises(FileUnreadable, match="lists"):
        list(source.batches(["parts"]))


def test_a_parquet_row_that_is_no_text_is_refused(tmp_path: Path):
    data = pa.array([b"ok", b"\xff\xfe"], pa.binary())
    broken = pa.Array.from_buffers(pa.string(), 2, data.buffers())
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": broken}), path)
    assert [(bad.row, bad.code) for bad in bad_of(path)] == [(2, "row_encoding")]
    assert [row["a"] for row in rows_of(path)] == ["ok"]


def test_excel(tmp_path: Path):
    book = openpyxl.Workbook()
    sheet = book.create_sheet("sales")
    sheet.append(["card", "at", "vip", None])
    sheet.append([4711.0, datetime.fromisoformat("2026-01-31T18:30"), True, None])
    sheet.append([])
    sheet.append(["A1", "x", False, None])
    sheet.append([1, 2, 3, 4])
    path = tmp_path / "a.xlsx"
    book.save(path)
    options = FileOptions(sheet="sales")
    assert rows_of(path, options) == [
        {"#": 1, "card": 4711, "at": datetime.fromisoformat("2026-01-31T18:30"), "vip": "true"},
        {"#": 3, "card": "A1", "at": "x", "vip": "false"},
    ]
    assert [(bad.row, bad.code) for bad in bad_of(path, options)] == [(4, "row_fields")]
    with pytest.raises(FileUnreadable, match=r"Did you mean 'sales'"):
        rows_of(path, FileOptions(sheet="sale"))


def test_a_column_that_is_not_there_is_named_with_its_neighbour(tmp_path: Path):
    source = readers.open_source(write(tmp_path / "a.csv", "price\n1\n"), FileOptions())
    with pytest.raises(FileUnreadable, match=r"'pirce'. Did you mean 'price'"):
        list(source.batches(["pirce"]))
