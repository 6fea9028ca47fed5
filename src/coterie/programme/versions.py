"""Publishing: versions are immutable, follow each other in time, and never break what is in use."""

from __future__ import annotations

from collections.abc import Callable
from secrets import token_bytes
from typing import NamedTuple

from coterie.events import KeyReused, any_events
from coterie.kernel.errors import Refusal
from coterie.kernel.paging import decode_cursor, encode_cursor, page_size
from coterie.kernel.time import format_instant
from coterie.programme import store
from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.counting import look_ahead, new_metrics
from coterie.programme.drawing import NOBODY, SECRET_BYTES, Draws, SecretDraws
from coterie.programme.errors import VersionRefused, VersionUnknown
from coterie.programme.model import Programme
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.store import BackfillRow, SetAside, VersionRow
from coterie.programme.succession import breaks, rollback_breaks
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
    db: Connection,
    programme: Programme,
    active_from_us: int,
    now_us: int,
    note: str | None = None,
) -> int:
    """Publish a programme that was read and checked; see :func:`publish`."""
    last = _begin(db, active_from_us, now_us, note)
    if last is not None:
        row, text = last
        _refuse(row, breaks(read_canonical(text), programme))
    return _add(db, last, programme, active_from_us, now_us, note)


def rollback(
    db: Connection, version: int, active_from_us: int | None, now_us: int, note: str | None = None
) -> int:
    """Publish an earlier version's content as the next version, and return that one's number.

    To be called in a transaction. ``active_from_us`` None: now, or when the last version begins if
    that is later, in whose place it then comes. What later versions brought goes away, which need
    not be said by ``moves_to``; what members hold cannot. Raises :class:`VersionUnknown`, and
    :class:`VersionRefused` as :func:`publish` does.
    """
    wanted = version_numbered(db, version)
    if wanted is None:
        raise VersionUnknown(f"There is no version {version}.", where="version")
    if active_from_us is None:
        newest = versions(db, limit=1)[0]
        active_from_us = max(now_us, newest.active_from_us)
    note = note or f"rollback to version {version}"
    last = _begin(db, active_from_us, now_us, note)
    assert last is not None, "a version is there, so there is a last one"
    row, text = last
    _refuse(row, rollback_breaks(read_canonical(text), wanted.programme))
    return _add(db, last, wanted.programme, active_from_us, now_us, note)


def published_once(
    db: Connection, source: str, key: str, digest: bytes, make: Callable[[], int]
) -> tuple[int, bool]:
    """Publish under a key and return the version, and whether it was published before.

    To be called in a transaction; ``make`` publishes in it. ``digest`` (16 bytes) is of what was
    sent. Raises :class:`~coterie.events.KeyReused` when the key was used for something else.
    """
    own_settings(db)
    found = store.find_publication(db, source, key)
    if found is not None:
        version, sent = found
        if sent != digest:
            raise KeyReused(f"{key!r} of {source!r}.", where="Idempotency-Key")
        return version, True
    version = make()
    store.insert_publication(db, source, key, digest, version)
    return version, False


_Last = tuple[VersionRow, str] | None


def _begin(db: Connection, active_from_us: int, now_us: int, note: str | None) -> _Last:
    """Keep everybody else from publishing, and refuse what no content could make right."""
    if note is not None and len(note) > NOTE_MAX:
        raise VersionRefused(f"A note has at most {NOTE_MAX} characters.", where="note")
    own_settings(db)
    store.lock_versions(db)
    last = store.last_version(db)
    if last is not None:
        _check_time(last[0], active_from_us, now_us)
    return last


def _refuse(follows: VersionRow, found: list[str]) -> None:
    if found:
        raise VersionRefused("\n" + "\n".join(found), breaks=found, follows=follows.version)


def _add(
    db: Connection,
    last: _Last,
    programme: Programme,
    active_from_us: int,
    now_us: int,
    note: str | None,
) -> int:
    version = 1 if last is None else last[0].version + 1
    if version > VERSIONS_MAX:
        raise VersionRefused(f"A programme has at most {VERSIONS_MAX} versions.")
    content = canonical_text(programme)
    row = VersionRow(version, text_sha256(content), active_from_us, now_us, note)
    to_count = () if last is None else _to_count(db, programme)
    store.insert_version(db, row, content)
    store.keep_secret(db, token_bytes(SECRET_BYTES), now_us)
    if to_count:
        store.insert_backfill(db, version, to_count, now_us)
    return version


def _to_count(db: Connection, programme: Programme) -> tuple[str, ...]:
    """Return the metrics that recorded events have to be counted in before a version begins."""
    ready = store.last_ready(db)
    assert ready is not None, "the first version never waits"
    found = new_metrics(read_canonical(ready[1]), programme)
    return found if found and any_events(db) else ()


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


def load_programmes(db: Connection) -> Programmes:
    """Return every version that is ready, compiled; each knows what later ones will count.

    Raises as :func:`load_versions` does; there must be a version.
    """
    waiting = {row.version for row in store.open_backfills(db)}
    draws = load_draws(db)
    versions = [CompiledProgramme(p, number, us, draws) for number, us, p in load_versions(db)]
    look_ahead(versions)
    return Programmes([version for version in versions if version.version not in waiting])


def load_draws(db: Connection) -> Draws:
    """Return who is in comparison groups, by the world's secret; nobody without a version."""
    secret = store.secret(db)
    return NOBODY if secret is None else SecretDraws(secret)


def drawing_secret(db: Connection) -> bytes:
    """Return the world's secret to draw by, for processes that compile programmes themselves."""
    secret = store.secret(db)
    if secret is None:
        raise VersionUnknown("Nothing is published.")
    return secret


def open_backfills(db: Connection) -> list[BackfillRow]:
    """Return the versions whose metrics are still to be counted, the earliest first."""
    return store.open_backfills(db)


def advance_backfill(db: Connection, version: int, after_id: int, members: int) -> None:
    """Note that members up to ``after_id``, so many more, are counted."""
    store.advance_backfill(db, version, after_id, members)


def finish_backfill(db: Connection, version: int, finished_us: int) -> None:
    """Let a version begin at its date. To be called in a transaction."""
    own_settings(db)
    store.finish_backfill(db, version, finished_us)


def set_aside_of(
    db: Connection, version: int, *, cursor: str | None = None, limit: int | None = None
) -> tuple[list[SetAside], str | None]:
    """Return a page of the members who could not be counted for a version, by id."""
    size = page_size(limit)
    after_id = 0 if cursor is None else int(decode_cursor(cursor, int)[0])
    rows = store.list_set_aside(db, version, after_id, size + 1)
    if len(rows) <= size:
        return rows, None
    return rows[:size], encode_cursor(rows[size - 1].member_id)


def accept_set_aside(db: Connection, version: int, now_us: int) -> int:
    """Let a version begin without the members set aside, and return how many these are.

    They begin its new metrics with nothing, until they are counted again. To be called in a
    transaction. Raises :class:`VersionUnknown` for a version that does not wait.
    """
    row = store.backfill_of(db, version)
    if row is None or not store.accept_set_aside(db, version, now_us):
        raise VersionUnknown(f"Version {version} does not wait to be counted.", where="version")
    return row.set_aside


def version_at(db: Connection, at_us: int) -> LoadedVersion | None:
    """Return the version in force at an instant, or None before the first."""
    row = store.text_at(db, at_us)
    return None if row is None else _load(row)


def version_numbered(db: Connection, version: int) -> LoadedVersion | None:
    """Return a version by its number, or None where there is none."""
    row = store.text_numbered(db, version)
    return None if row is None else _load(row)


def version_row(db: Connection, version: int) -> VersionRow | None:
    """Return what is known about a version beside its content, or None where there is none."""
    return next(iter(store.list_versions(db, version + 1, 1)), None) if version > 0 else None


def _load(row: store.TextRow) -> LoadedVersion:
    version, text, sha256, active_from_us = row
    if text_sha256(text) != sha256:
        raise VersionRefused(f"The text of version {version} is not the one published.")
    try:
        programme = read_canonical(text)
    except (Refusal, KeyError, TypeError, ValueError) as error:
        raise VersionRefused(f"Version {version} cannot be read: {error}") from error
    return LoadedVersion(version, active_from_us, programme)
