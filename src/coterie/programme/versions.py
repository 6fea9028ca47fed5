"""Publishing: versions are immutable, follow each other in time, and never break what is in use."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from coterie.kernel.errors import Refusal
from coterie.kernel.paging import page_size
from coterie.kernel.time import format_instant
from coterie.programme import store
from coterie.programme.errors import VersionRefused
from coterie.programme.model import Programme
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.store import VersionRow
from coterie.programme.succession import breaks
from coterie.programme.writing import canonical_text, text_sha256
from coterie.storage import Connection, own_settings

VERSIONS_MAX = 5000
NOTE_MAX = 500
_INT_MAX = 2**31 - 1


class LoadedVersion(NamedTuple):
    """A published version, ready to be compiled."""

    version: int
    active_from_us: int
    programme: Programme


def publish(
    db: Connection, content_text: str, active_from_us: int, now_us: int, note: str | None = None
) -> int:
    """Publish a programme's text from an instant on, and return its version.

    To be called in a transaction. Raises :class:`ProgrammeInvalid` for the text itself,
    :class:`VersionRefused` when it begins in the past (the first version may), before the last
    published version begins, or breaks what is in use. What is stored is the canonical text.
    """
    return publish_programme(
        db, read_programme("programme", content_text), active_from_us, now_us, note
    )


def publish_programme(
    db: Connection, programme: Programme, active_from_us: int, now_us: int, note: str | None = None
) -> int:
    """Publish a programme that was read and checked; see :func:`publish`."""
    if note is not None and len(note) > NOTE_MAX:
        raise VersionRefused(f"A note has at most {NOTE_MAX} characters.", where="note")
    own_settings(db)
    store.lock_versions(db)
    last = store.last_version(db)
    version = 1
    if last is not None:
        row, text = last
        _check_time(row, active_from_us, now_us)
        if found := breaks(read_canonical(text), programme):
            raise VersionRefused("\n" + "\n".join(found), breaks=found, follows=row.version)
        version = row.version + 1
    if version > VERSIONS_MAX:
        raise VersionRefused(f"A programme has at most {VERSIONS_MAX} versions.")
    content = canonical_text(programme)
    row = VersionRow(version, text_sha256(content), active_from_us, now_us, note)
    store.insert_version(db, row, content)
    return version


def _check_time(last: VersionRow, active_from_us: int, now_us: int) -> None:
    at = format_instant(active_from_us)
    if active_from_us < now_us:
        raise VersionRefused(
            f"It would begin at {at}, and now it is {format_instant(now_us)}: what happened was "
            "decided by the rules of its time.",
            where="active_from",
        )
    if active_from_us < last.active_from_us:
        raise VersionRefused(
            f"It would begin at {at}, before version {last.version} does "
            f"({format_instant(last.active_from_us)}). One that begins together with it replaces "
            "it.",
            where="active_from",
        )


def versions(
    db: Connection, *, below: int | None = None, limit: int | None = None
) -> list[VersionRow]:
    """Return published versions, newest first; the next page begins ``below`` the last one."""
    return store.list_versions(db, _INT_MAX if below is None else below, page_size(limit))


def last_version_number(db: Connection) -> int:
    """Return the number of the newest version, 0 when nothing is published."""
    return store.last_version_number(db)


def last_version_number_later(db: Connection) -> Callable[[], int]:
    """As :func:`last_version_number`, asked now and read by calling the answer: for a pipeline."""
    return store.last_version_number_later(db)


def load_versions(db: Connection) -> list[LoadedVersion]:
    """Return every published version, oldest first.

    Raises :class:`VersionRefused` when a stored text is not the one that was published.
    """
    return [_load(row) for row in store.all_texts(db)]


def version_at(db: Connection, at_us: int) -> LoadedVersion | None:
    """Return the version in force at an instant, or None before the first."""
    row = store.text_at(db, at_us)
    return None if row is None else _load(row)


def version_numbered(db: Connection, version: int) -> LoadedVersion | None:
    """Return a version by its number, or None where there is none."""
    row = store.text_numbered(db, version)
    return None if row is None else _load(row)


def _load(row: store.TextRow) -> LoadedVersion:
    version, text, sha256, active_from_us = row
    if text_sha256(text) != sha256:
        raise VersionRefused(f"The text of version {version} is not the one published.")
    try:
        programme = read_canonical(text)
    except (Refusal, KeyError, TypeError, ValueError) as error:
        raise VersionRefused(f"Version {version} cannot be read: {error}") from error
    return LoadedVersion(version, active_from_us, programme)
