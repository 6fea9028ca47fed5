"""How far imports are: one function a statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from coterie.intake.importing.errors import ImportElsewhere
from coterie.intake.importing.model import RefusedRow, What
from coterie.storage import Connection, bigints, load_queries, texts

_queries = load_queries("coterie.intake.importing")
PAGE_ROWS = 5_000


class Tally(Struct):
    """Counts of rows; ``done`` counts events (or rows, where rows are no events).

    ``again`` are rows that had been accepted by an earlier run, ``waiting`` rows whose event waits
    for its member or for a person. Both are accepted as well.
    """

    done: int = 0
    accepted: int = 0
    again: int = 0
    waiting: int = 0
    refused: int = 0

    def add(self, other: Tally) -> None:
        """Add another's counts."""
        self.done += other.done
        self.accepted += other.accepted
        self.again += other.again
        self.waiting += other.waiting
        self.refused += other.refused

    @property
    def rows(self) -> int:
        """Return how many rows were answered."""
        return self.accepted + self.refused


def commit_lazily(db: Connection) -> None:
    """Let this connection not wait for the disk: what is lost in a crash is sent again."""
    db.execute(_queries.commit_lazily)


def try_lock(db: Connection, import_id: str) -> bool:
    """Hold an import until the connection closes; False where somebody else does."""
    row = db.execute(_queries.try_lock_import, {"import_id": import_id}).fetchone()
    return bool(row and row[0])


def begin(db: Connection, import_id: str, what: What, file_name: str, now_us: int) -> bool:
    """Begin an import; False where it was begun before."""
    given = {
        "import_id": import_id,
        "what": str(what),
        "file_name": file_name,
        "now_us": now_us,
    }
    return db.execute(_queries.begin_import, given).fetchone() is not None


def is_finished(db: Connection, import_id: str) -> bool:
    """Tell whether an import went to its end."""
    row = db.execute(_queries.import_finished, {"import_id": import_id}).fetchone()
    return bool(row and row[0])


def begin_again(db: Connection, import_id: str, now_us: int) -> None:
    """Let an import that ended begin anew."""
    db.execute(_queries.begin_again, {"import_id": import_id, "now_us": now_us})
    db.execute(_queries.forget_parts, {"import_id": import_id})
    db.execute(_queries.forget_refusals, {"import_id": import_id})


def finish(db: Connection, import_id: str, now_us: int) -> None:
    """Say that an import went to its end."""
    db.execute(_queries.finish_import, {"import_id": import_id, "now_us": now_us})
    db.execute(_queries.forget_refusals, {"import_id": import_id})


def part_done(db: Connection, import_id: str, part: int) -> Tally:
    """Return how far a part is."""
    row = db.execute(_queries.part_done, {"import_id": import_id, "part": part}).fetchone()
    return Tally(*row) if row else Tally()


def parts_done(db: Connection, import_id: str) -> Tally:
    """Return how far all parts are together."""
    total = Tally()
    for _, *counts in db.execute(_queries.parts_done, {"import_id": import_id}):
        total.add(Tally(*counts))
    return total


def advance(
    db: Connection,
    import_id: str,
    part: int,
    before: int,
    step: Tally,
    refused: Sequence[RefusedRow],
) -> None:
    """Add a chunk to what is done; ``before`` is how far the caller believes the part was.

    Raises :class:`ImportElsewhere` when somebody else went on with it: counting a chunk twice would
    leave out another one.
    """
    given = {
        "import_id": import_id,
        "part": part,
        "before": before,
        "done": step.done,
        "accepted": step.accepted,
        "again": step.again,
        "waiting": step.waiting,
        "refused": step.refused,
    }
    if db.execute(_queries.advance_part, given).rowcount == 0:
        raise ImportElsewhere
    if refused:
        # One row has one reason: the last is the one that counts.
        by_row = {each.row: each for each in refused}
        rows = {
            "import_id": import_id,
            "rows": bigints(by_row),
            "codes": texts([each.code for each in by_row.values()]),
            "reasons": texts([each.reason for each in by_row.values()]),
        }
        db.execute(_queries.keep_refusals, rows)


def refusals(db: Connection, import_id: str) -> Iterator[tuple[int, str, str]]:
    """Return what was refused while loading as (row, code, reason), in the order of the file."""
    after = 0
    while True:
        given = {"import_id": import_id, "after": after, "limit": PAGE_ROWS}
        page: list[tuple[int, str, str]] = db.execute(_queries.refusals_after, given).fetchall()
        yield from page
        if len(page) < PAGE_ROWS:
            return
        after = page[-1][0]


def refusal_counts(db: Connection, import_id: str) -> dict[str, int]:
    """Return how many rows were refused while loading, by code."""
    return dict(db.execute(_queries.refusal_counts, {"import_id": import_id}).fetchall())
