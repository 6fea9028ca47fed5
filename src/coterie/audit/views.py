"""What stands in the audit trail, and whether it holds."""

from __future__ import annotations

from itertools import islice

import msgspec

from coterie.audit import rules, store
from coterie.audit.errors import EntryUnknown
from coterie.audit.model import AuditEntry, Detail, Flaw, Head, Row
from coterie.kernel.paging import decode_cursor, encode_cursor, page_size
from coterie.storage import Connection


def head(db: Connection) -> Head:
    """Return where the chain ends."""
    return store.read_head(db)


def check_chain(db: Connection, kept: Head | None = None) -> list[Flaw]:
    """Return where the chain does not hold, at most a hundred places.

    ``db`` sees one moment. ``kept`` is a head that was written down somewhere else earlier.
    """
    found = rules.flaws(store.all_entries(db), store.read_head(db), kept)
    return list(islice(found, rules.FLAWS_MAX))


def read_entry(db: Connection, n: int) -> AuditEntry:
    """Return an entry. Raises EntryUnknown."""
    rows = store.list_entries(db, _asked(), n + 1, 1) if 0 < n < 2**62 else []
    if not rows or rows[0].n != n:
        raise EntryUnknown(f"{n}.")
    return _shown(rows[0])


def list_entries(
    db: Connection,
    *,
    actor_kind: str | None = None,
    actor: str | None = None,
    act: str | None = None,
    target: str | None = None,
    outcome: str | None = None,
    from_us: int | None = None,
    to_us: int | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> tuple[list[AuditEntry], str | None]:
    """Return a page of entries, the newest first, and the next page's cursor."""
    size = page_size(limit)
    below = None if cursor is None else int(decode_cursor(cursor, int)[0])
    asked = _asked(
        actor_kind=actor_kind,
        actor=actor,
        act=act,
        target=target,
        outcome=outcome,
        from_us=from_us,
        to_us=to_us,
    )
    rows = store.list_entries(db, asked, below, size + 1)
    shown = [_shown(row) for row in rows[:size]]
    return shown, encode_cursor(shown[-1].n) if len(rows) > size else None


def _asked(**given: str | int | None) -> dict[str, str | int | None]:
    names = ("actor_kind", "actor", "act", "target", "outcome", "from_us", "to_us")
    return {name: given.get(name) for name in names}


def _shown(row: Row) -> AuditEntry:
    said = (*row[:8], row.digest.hex())
    if row.body is None:
        return AuditEntry(*said, forgotten=True)
    detail = msgspec.json.decode(row.body, type=Detail)
    return AuditEntry(*said, **msgspec.structs.asdict(detail))
