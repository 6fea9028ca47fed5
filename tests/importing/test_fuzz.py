"""Whatever a file or a mapping holds: rows, refused rows, or one clear refusal; never a crash."""

import copy
import io
import math
from contextlib import suppress
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from coterie.intake.importing.mapping import Mapping, check_columns, parse_mapping
from coterie.intake.importing.model import SEQUENCED, FileOptions, What
from coterie.intake.importing.plain import plain_mapping
from coterie.intake.importing.preview import preview
from coterie.intake.importing.readers import ENCODINGS, open_source
from coterie.intake.importing.shaping import Shaper
from coterie.kernel.errors import Refusal
from tests.importing.test_running import NOW_US, SALES

FUZZ = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
COLUMNS = ("invoice", "card", "at", "article", "pieces", "price")


def shape(path: Path, mapping: Mapping | None, options: FileOptions, what: What) -> int:
    """Do all that a preview does; return how many rows there were."""
    source = open_source(path, options)
    mapping = mapping or plain_mapping(what, source.columns, at="2026-01-01T00:00:00Z")
    check_columns(mapping, source.columns)
    shaper = Shaper(mapping, prefix="fuzz")
    batches = source.batches(mapping.columns())
    found = preview(batches, shaper, mapping.what, now_us=NOW_US, shown=3)
    assert found.accepted + len({each.row for each in found.refused}) == found.rows
    return found.rows


def tried(path: Path, mapping: Mapping | None, options: FileOptions, what: What) -> None:
    with suppress(Refusal):
        shape(path, mapping, options, what)


@FUZZ
@given(
    content=st.binary(max_size=600),
    suffix=st.sampled_from([".csv", ".csv.gz", ".parquet", ".xlsx"]),
    encoding=st.sampled_from(ENCODINGS),
    what=st.sampled_from(What),
)
def test_random_bytes(tmp_path: Path, content: bytes, suffix: str, encoding: str, what: What):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    tried(path, None, FileOptions(encoding=encoding), what)


@FUZZ
@given(
    content=st.binary(max_size=300),
    what=st.sampled_from([*SEQUENCED, What.MEMBERS]),
    delimiter=st.sampled_from([None, ",", ";", "\x00", "\n", "ab", "é"]),
)
def test_random_rows_under_a_good_header(
    tmp_path: Path, content: bytes, what: What, delimiter: str | None
):
    header = {
        What.EVENTS: b"kind,occurred_at,member.card,currency,units\n",
        What.BALANCES: b"member.card,currency,units,expires_on\n",
        What.MEMBERS: b"card,name,born_on,enrolled_at\n",
    }[what]
    path = tmp_path / "a.csv"
    path.write_bytes(header + content)
    tried(path, None, FileOptions(delimiter=delimiter), what)


CELLS = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.sampled_from(
        ["C0001", "2026-01-01 10:00", "1.50", "-1", "1e400", "R1", "NaN", "0000-00-00", "9" * 50]
    ),
)


@FUZZ
@given(rows=st.lists(st.tuples(*[CELLS] * len(COLUMNS)), max_size=8))
def test_random_cells_under_a_good_mapping(tmp_path: Path, rows: list[tuple[Any, ...]]):
    mapping = parse_mapping(SALES, What.EVENTS)
    columns = {
        name: pa.array([row[n] for row in rows], pa.string()) for n, name in enumerate(COLUMNS)
    }
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    assert shape(tmp_path / "a.parquet", mapping, FileOptions(), What.EVENTS) == len(rows)


@FUZZ
@given(
    values=st.lists(
        st.one_of(
            st.none(),
            st.floats(),
            st.integers(-(2**63), 2**63 - 1),
            st.decimals(places=3, allow_nan=False),
        ),
        min_size=1,
        max_size=8,
    ),
    typed=st.sampled_from(["double", "int64", "date32", "timestamp", "time", "bool", "binary"]),
)
def test_columns_of_other_types(tmp_path: Path, values: list[Any], typed: str):
    kinds = {
        "double": pa.float64(),
        "int64": pa.int64(),
        "date32": pa.date32(),
        "timestamp": pa.timestamp("ns", "Asia/Tokyo"),
        "time": pa.time64("ns"),
        "bool": pa.bool_(),
        "binary": pa.binary(),
    }
    finite = [v if v is not None and math.isfinite(v) and abs(v) < 2**60 else None for v in values]
    numbers = pa.array([None if v is None else int(v) for v in finite], pa.int64())
    kind = kinds[typed]
    if typed in ("double", "bool"):
        column = numbers.cast(kind, safe=False)
    elif typed == "binary":
        column = pa.array([None if v is None else str(v).encode() for v in values], kind)
    else:
        column = numbers.cast(pa.int32(), safe=False) if typed == "date32" else numbers
        column = column.view(kind)
    table = pa.table(dict.fromkeys(COLUMNS, column))
    pq.write_table(table, tmp_path / "a.parquet", version="2.6")
    tried(tmp_path / "a.parquet", parse_mapping(SALES, What.EVENTS), FileOptions(), What.EVENTS)


WORDS = st.sampled_from(
    [
        *("rows", "set", "line", "kind", "when", "refuse", "group_by", "column", "const", "join"),
        *("decimal", "time", "zone", "map", "default", "product", "sum", "split", "all", "not"),
        *("order", "card", "invoice", "at", "%Y", "GBP", "", "2", "true", "~", "below", "format"),
    ]
)
TREES = st.recursive(
    st.one_of(WORDS, st.integers(), st.booleans(), st.none(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=4)),
    max_leaves=12,
)


@FUZZ
@given(
    text=st.one_of(
        st.text(max_size=200), st.binary(max_size=200).map(lambda b: b.decode("latin-1"))
    )
)
def test_random_mapping_texts(text: str):
    for what in What:
        with suppress(Refusal):
            parse_mapping(text, what)


@FUZZ
@given(tree=TREES, seed=st.randoms(use_true_random=False))
def test_random_changes_of_a_good_mapping(tmp_path: Path, tree: Any, seed: Any):
    yaml = YAML(typ="safe", pure=True)
    good = yaml.load(SALES)
    place = good
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = seed.choice(keys)
        if not isinstance(place[key], dict | list) or not place[key] or seed.random() < 0.3:
            break
        place = place[key]
    place[key] = copy.deepcopy(tree)
    out = io.StringIO()
    yaml.dump(good, out)
    path = tmp_path / "a.csv"
    path.write_text(
        ",".join(COLUMNS) + "\nI1,C0001,2026-01-05 10:00,tea,2,1.5\nR1,C1,x,,-1,\n", "utf-8"
    )
    with suppress(Refusal):
        mapping = parse_mapping(out.getvalue(), What.EVENTS)
        shape(path, mapping, mapping.file, What.EVENTS)


@FUZZ
@given(position=st.integers(0, 5000), byte=st.integers(0, 255))
@pytest.mark.parametrize("suffix", [".xlsx", ".parquet"])
def test_files_with_one_wrong_byte(tmp_path: Path, suffix: str, position: int, byte: int):
    path = tmp_path / f"whole{suffix}"
    if not path.exists():
        if suffix == ".xlsx":
            book = openpyxl.Workbook()
            book.active.append(COLUMNS)
            book.active.append(["I1", "C0001", "2026-01-05 10:00", "tea", 2, 1.5])
            book.save(path)
        else:
            pq.write_table(pa.table({name: ["1", "x"] for name in COLUMNS}), path)
    content = bytearray(path.read_bytes())
    content[position % len(content)] = byte
    broken = tmp_path / f"broken{suffix}"
    broken.write_bytes(content)
    tried(broken, parse_mapping(SALES, What.EVENTS), FileOptions(), What.EVENTS)
