"""A file's events, sorted by member and time outside of memory.

Rows are written to a scratch database as they are shaped, and read back in parts. All
events of a member are in one part, in the order of time, so parts can be loaded side by side and
each member still lives through one history. A part is sorted on its own, within a fixed memory.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from coterie.intake.importing.model import Batch, RefusedRow
from coterie.intake.importing.parts import PARTS, READ_ROWS, part_file
from coterie.intake.importing.shaping import Shaped, Shaper

MEMORY_MB = 256
THREADS = 2

_STAGED = pa.schema(
    [
        ("part", pa.uint8()),
        ("row", pa.int64()),
        ("member", pa.int64()),
        ("at_us", pa.int64()),
        ("grp", pa.int64()),
        ("head", pa.binary()),
        ("line", pa.binary()),
    ]
)
_SCHEMA = """
create table staged (
    part utinyint, "row" bigint, member bigint, at_us bigint, grp bigint, head blob, line blob
);
create table refused ("row" bigint, code varchar, reason varchar);
"""
# A group lives at the moment of its first row; its lines keep the order of the file.
_SORTED = """
copy (
    with part_rows as (select * from staged where part = {part}),
    groups as (
        select member, grp, min("row") as first_row, arg_min(at_us, "row") as at_us
        from part_rows where grp is not null group by member, grp
    )
    select coalesce(g.first_row, s."row") as first_row, s."row" as "row",
        case when g.first_row is null or g.first_row = s."row" then s.head end as head, s.line
    from part_rows s left join groups g on g.member = s.member and g.grp = s.grp
    order by s.member, coalesce(g.at_us, s.at_us), 1, 2
) to '{file}' (format parquet, row_group_size 20000, compression lz4)
"""


@contextmanager
def _young_garbage_only() -> Iterator[None]:
    """Spare the collector a walk over each batch's rows: none of them refers to another."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Stage:
    """The scratch space of one import; a folder that is nobody else's and may vanish."""

    def __init__(self, folder: Path, *, memory_mb: int = MEMORY_MB) -> None:
        """Begin an empty one. ``memory_mb`` bounds what sorting takes."""
        self.folder = folder
        self.rows_read = 0
        self.rows_refused = 0
        self._db = duckdb.connect(
            str(folder / "stage.duckdb"),
            config={
                "memory_limit": f"{memory_mb}MB",
                "threads": THREADS,
                "temp_directory": str(folder / "spill"),
                "preserve_insertion_order": False,
            },
        )
        self._db.execute(_SCHEMA)

    def fill(self, batches: Iterator[Batch], shaper: Shaper, tell: Callable[[Batch], None]) -> None:
        """Shape and keep all rows; ``tell`` hears of every batch that was kept."""
        with _young_garbage_only():
            for batch in batches:
                self.keep(shaper.events(batch))
                self.rows_read += len(batch) + len(batch.bad)
                tell(batch)
                gc.collect(0)

    def keep(self, shaped: Shaped) -> None:
        """Write one batch of shaped rows."""
        if shaped.rows:
            parts = [member % PARTS for member in shaped.members]
            columns = (
                parts,
                shaped.rows,
                shaped.members,
                shaped.at_us,
                shaped.groups,
                shaped.heads,
                shaped.parts,
            )
            table = pa.table(list(map(pa.array, columns, _STAGED.types)), schema=_STAGED)
            self._insert("staged", table)
        self.refuse(shaped.refused)

    def refuse(self, refused: list[RefusedRow]) -> None:
        """Write refused rows."""
        if not refused:
            return
        self.rows_refused += len(refused)
        columns = {
            "row": pa.array([each.row for each in refused], pa.int64()),
            "code": pa.array([each.code for each in refused], pa.string()),
            "reason": pa.array([each.reason for each in refused], pa.string()),
        }
        self._insert("refused", pa.table(columns))

    def _insert(self, name: str, table: pa.Table) -> None:
        self._db.register("given", table)
        self._db.execute(f"insert into {name} select * from given")  # noqa: S608 - one of two names
        self._db.unregister("given")

    def sort(self, tell: Callable[[int], None]) -> list[int]:
        """Write every part in its order; return how many rows each has."""
        counts = [0] * PARTS
        for part, count in self._db.execute(
            "select part, count(*) from staged group by part"
        ).fetchall():
            counts[part] = count
        for part in range(PARTS):
            if counts[part]:
                file = str(part_file(self.folder, part)).replace("'", "''")
                self._db.execute(_SORTED.format(part=part, file=file))
            tell(part + 1)
        self._db.execute("drop table staged")
        return counts

    def refusals(self) -> Iterator[tuple[int, str, str]]:
        """Return what was refused so far as (row, code, reason), in the order of the file."""
        cursor = self._db.execute('select "row", code, reason from refused order by "row", code')
        while found := cursor.fetchmany(READ_ROWS):
            yield from found

    def refusal_counts(self) -> dict[str, int]:
        """Return how many rows were refused by code."""
        counted = self._db.execute(
            'select code, count(distinct "row") from refused group by code order by code'
        )
        return dict(counted.fetchall())

    def close(self) -> None:
        """Let go of the scratch database."""
        self._db.close()
