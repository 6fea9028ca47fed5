"""A file of any length is staged and sorted within a fixed memory, by member and time."""

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
LINES_A_SALE = 2


def sales(path: Path, rows: int, members: int) -> Path:
    """Write sales of two lines, the members and times all mixed; CSV or Parquet by its name."""
    kind = "(format csv, header)" if path.suffix == ".csv" else "(format parquet)"
    duckdb.execute(
        f"""
        copy (
            select 'I' || sale as invoice,
                'C' || lpad((hash(sale) % {members})::varchar, 8, '0') as card,
                strftime(timestamp '2020-01-01' + to_seconds((hash(sale + 7) % 150000000)::bigint),
                    '%Y-%m-%dT%H:%M:%S+08:00') as at,
                'S' || (hash(sale + 3) % 300) as store,
                'P' || (hash(r) % 20000) as product,
                (1 + hash(r + 1) % 4)::varchar as quantity,
                round((100 + hash(r + 2) % 90000) / 100.0, 2)::varchar as price
            from (select range as r, range // {LINES_A_SALE} as sale from range({rows}))
        ) to '{path}' {kind}
        """
    )
    return path


def staged(path: Path, memory_mb: int) -> dict[str, float]:
    """Stage in a process of its own; 0 is the memory that imports have."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.importing.stage_file", str(path), str(memory_mb)],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, float] = json.loads(done.stdout)
    print(found)
    return found


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_sorted_file_has_every_member_whole_and_in_time(tmp_path: Path, suffix: str):
    rows = 60_000
    # So little memory that sorting has to go through the disk.
    found = staged(sales(tmp_path / f"sales{suffix}", rows, 2_000), 48)
    assert (found["rows"], found["events"]) == (rows, rows // LINES_A_SALE)
    assert found["ordered"]
    assert found["peak_mb"] < 400


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_ten_million_rows_take_less_than_a_gigabyte(tmp_path: Path, suffix: str):
    rows = 10_000_000
    found = staged(sales(tmp_path / f"sales{suffix}", rows, 1_000_000), 0)
    assert (found["rows"], found["events"]) == (rows, rows // LINES_A_SALE)
    assert found["ordered"]
    assert found["peak_mb"] < 1000
