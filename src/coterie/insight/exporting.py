"""What leaves a world as rows: streamed, one moment of it, in the words in which it can come back.

Columns are called as the fields of an import. A member is named by an external id: the first they
have, or ``member-NUMBER``, which they get as one where they move in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, LiteralString

import msgspec
from msgspec import Struct

from coterie.kernel.time import format_day, format_instant
from coterie.programme.compile import CompiledProgramme
from coterie.programme.versions import load_programmes, versions
from coterie.storage import Connection, load_queries
from coterie.tiers import Course

FETCH_ROWS = 2_000
DAYS_BACK = 366 * 200
"""Nothing was counted longer ago."""

_queries = load_queries("coterie.insight")
_course = msgspec.json.Decoder(Course)
Row = Sequence[Any]


class Left(Struct):
    """What the rows do not say, and how often."""

    identities: int = 0
    held_units: int = 0
    pending_units: int = 0
    debts: int = 0
    uncounted: int = 0


class Export(Struct, frozen=True):
    """Rows under their columns, and how a mapping reads them; ``what`` an import of them is.

    ``typed`` are columns that are no text: integer or boolean. ``what`` None: nobody imports them.
    """

    columns: tuple[str, ...]
    rows: Callable[[Connection, Left], Iterator[Row]]
    what: str | None = None
    kind: str | None = None
    typed: dict[str, str] = {}


def exports(db: Connection, now_us: int) -> dict[str, Export]:
    """Return what can be exported, by name; ``now_us`` is the moment it is said to hold."""
    cp = load_programmes(db).at(now_us) if versions(db, limit=1) else None
    at = format_instant(now_us)
    return {
        "members": _members(cp),
        "balances": _balances(at),
        "metrics": _metrics(cp, at, now_us),
        "tiers": _tiers(at),
        "events": Export(
            ("member_id", "seq", "kind", "occurred_at", "source", "key", "status", "code", "event"),
            lambda db, _: (
                (*r[:3], format_instant(r[3]), *r[4:]) for r in _stream(db, _queries.export_events)
            ),
            typed={"member_id": "integer", "seq": "integer"},
        ),
        "movements": Export(
            (
                *("member_id", "seq", "n", "currency", "units", "debit", "credit"),
                *("reason", "rule", "booked_on", "recorded_at"),
            ),
            lambda db, _: (
                (*r[:10], format_instant(r[10])) for r in _stream(db, _queries.export_movements)
            ),
            typed=dict.fromkeys(("member_id", "seq", "n", "units"), "integer"),
        ),
    }


def _stream(db: Connection, statement: LiteralString) -> Iterator[Any]:
    with db.cursor(name="export") as cursor:
        cursor.itersize = FETCH_ROWS
        cursor.execute(statement)
        yield from cursor


_IDENTITIES = ("card", "phone", "email", "messenger")
_TYPES = {"integer": "integer", "boolean": "boolean"}


def _members(cp: CompiledProgramme | None) -> Export:
    fields = cp.programme.attributes if cp is not None else {}

    def rows(db: Connection, left: Left) -> Iterator[Row]:
        for row in _stream(db, _queries.export_members):
            _, external, ids, more, name, language, born, kind, state, enrolled_us = row[:10]
            left.identities += more or 0
            known, attributes = ids or {}, row[13]
            yield (
                external,
                *(known.get(each) for each in _IDENTITIES),
                *(name, language, born, kind, state, format_instant(enrolled_us)),
                *row[10:13],
                *(_text(attributes.get(code)) for code in fields),
            )

    return Export(
        (
            *("external", *_IDENTITIES, "name", "language", "born_on", "kind", "state"),
            *("enrolled_at", "channel", "store", "origin"),
            *(f"attributes.{code}" for code in fields),
        ),
        rows,
        "members",
        typed={
            f"attributes.{code}": _TYPES[each.type]
            for code, each in fields.items()
            if each.type in _TYPES
        },
    )


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _balances(at: str) -> Export:
    def rows(db: Connection, left: Left) -> Iterator[Row]:
        row = db.execute(_queries.export_debts).fetchone()
        left.debts = int(row[0]) if row else 0
        for external, currency, units, expires, earned_us, state, held in _stream(
            db, _queries.export_balances
        ):
            left.held_units += held
            if state == "pending":
                left.pending_units += units
            yield external, currency, units, expires, format_instant(earned_us)[:10], at

    return Export(
        ("member.external", "currency", "units", "expires_on", "earned_on", "occurred_at"),
        rows,
        "balances",
        typed={"units": "integer"},
    )


def _metrics(cp: CompiledProgramme | None, at: str, now_us: int) -> Export:
    metrics = cp.metrics if cp is not None else {}
    codes = tuple(code for code, metric in metrics.items() if metric.kind.buckets)

    def rows(db: Connection, left: Left) -> Iterator[Row]:
        assert cp is not None or not codes
        for external, enrolled_us, buckets in _stream(db, _queries.export_metrics):
            left.uncounted += sum(code in metrics and code not in codes for code in buckets)
            days: dict[int, dict[str, int]] = {}
            for code in codes:
                for bucket, value in buckets.get(code, {}).items():
                    if cp is not None and value:
                        day = _day_in(cp, code, int(bucket), enrolled_us, now_us)
                        days.setdefault(day, {})[code] = value
            for day, values in sorted(days.items()):
                yield (
                    *("opening_metrics", external, at, format_day(day)),
                    *(values.get(code) for code in codes),
                )

    return Export(
        ("kind", "member.external", "occurred_at", "as_of", *(f"metrics.{c}" for c in codes)),
        rows,
        "events",
        "opening_metrics",
        {f"metrics.{code}": "integer" for code in codes},
    )


def _day_in(cp: CompiledProgramme, code: str, bucket: int, enrolled_us: int, now_us: int) -> int:
    """Return the last day up to today that lies in a bucket: later days never lie in earlier ones.

    A bucket no day lies in (one of a window that was declared otherwise before) counts as the last
    day before it.
    """
    period, zone = cp.metrics[code].period, cp.zone
    enrolled, last = zone.day(enrolled_us), zone.day(now_us)
    low = max(1, last - DAYS_BACK)
    while low < last:
        middle = (low + last + 1) // 2
        found = period.bucket(middle) if period.since is None else period.since(middle, enrolled)
        if found <= bucket:
            low = middle
        else:
            last = middle - 1
    return low


def _tiers(at: str) -> Export:
    def rows(db: Connection, _: Left) -> Iterator[Row]:
        for external, ladder, raw in _stream(db, _queries.export_tiers):
            for said in _said(_course.decode(raw)):
                yield "status_change", external, at, ladder, *said, "moved in"

    columns = ("kind", "member.external", "occurred_at", "ladder", "action", "tier", "since")
    return Export((*columns, "until", "reason"), rows, "events", "status_change")


def _said(course: Course) -> Iterator[tuple[str, str | None, str | None, str | None]]:
    """Yield action, tier, since and until of everything that decides a tier."""
    if course.earned is not None:
        since = format_day(course.gained_day) if course.gained_day else None
        yield "correct", course.earned, since, _day(course.earned_until)
    if course.granted is not None:
        action = "match" if course.matched else "grant"
        yield action, course.granted, None, _day(course.granted_until)
    if course.lifetime is not None:
        yield "lifetime", course.lifetime, None, None
    if course.pinned is not None:
        yield "pin", course.pinned, None, None
    if course.paused_day is not None:
        yield "pause", None, None, None


def _day(day: int | None) -> str | None:
    return None if day is None else format_day(day)
