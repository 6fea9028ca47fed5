"""The programme whose names, zone and money pages show: read anew only when another is in force."""

from __future__ import annotations

from coterie.programme.model import Programme
from coterie.programme.versions import open_backfills, version_at, version_numbered, versions
from coterie.storage import Connection

_LOOKED_AT = 50
_Key = tuple[tuple[int, ...], int, int]


class ProgrammeInForce:
    """Remembers the programme it read last. One process, several threads: the last one wins."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._kept: tuple[_Key, tuple[int | None, Programme | None]] | None = None

    def read(self, db: Connection, now_us: int) -> tuple[int | None, Programme | None]:
        """Return version and programme in force, else the newest published, else nothing."""
        rows = versions(db, limit=_LOOKED_AT)
        begun = tuple(row.version for row in rows if row.active_from_us <= now_us)
        newest = rows[0].version if rows else 0
        key = (begun, newest, len(open_backfills(db)))
        if self._kept is not None and self._kept[0] == key:
            return self._kept[1]
        found = version_at(db, now_us) or (version_numbered(db, newest) if newest else None)
        told = (None, None) if found is None else (found.version, found.programme)
        self._kept = (key, told)
        return told
