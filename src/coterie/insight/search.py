"""One box for everything: members, orders, events, and what the programme calls by a name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from coterie.members import DEFAULT_REGION, Hit, folded, look_up, readings
from coterie.programme.model import Programme
from coterie.storage import Connection, load_queries

_queries = load_queries("coterie.insight")

TEXT_MAX = 100
MEMBERS_MAX = 10
ORDERS_MAX = 5
PARTS_MAX = 10
REFERENCE_MIN = 3
"""Shorter beginnings of order references say nothing."""
_END = "\U0010ffff"


class FoundEvent(Struct, frozen=True):
    """An event, or an order by its reference."""

    member_id: int
    seq: int
    kind: str
    occurred_us: int
    status: str
    order_ref: str | None
    store: str | None


class FoundPart(Struct, frozen=True):
    """Something the programme in force declares; ``section`` as in its text (``rules``)."""

    section: str
    code: str
    zh: str
    en: str


class Found(Struct, frozen=True):
    """Everything that fits a text, each group with its best first and bounded.

    ``more_members`` says that the list of members is not all of them.
    """

    members: tuple[Hit, ...] = ()
    more_members: bool = False
    orders: tuple[FoundEvent, ...] = ()
    events: tuple[FoundEvent, ...] = ()
    parts: tuple[FoundPart, ...] = ()


def search(
    db: Connection,
    programme: Programme | None,
    text: str,
    *,
    limit: int = MEMBERS_MAX,
    region: str = DEFAULT_REGION,
) -> Found:
    """Return what a text may mean; a text of blanks means nothing.

    Members by everything :func:`~coterie.members.look_up` knows, orders by the beginning of their
    reference, events as ``member:sequence``, parts of the programme by code, name and pinyin.
    """
    wanted = text.strip()[:TEXT_MAX]
    if not wanted or not wanted.isprintable():
        return Found()
    hits = look_up(db, wanted, limit=limit, region=region)
    return Found(
        hits.hits,
        hits.more,
        _orders(db, wanted),
        _events(db, wanted),
        () if programme is None else _parts(programme, wanted),
    )


def _orders(db: Connection, wanted: str) -> tuple[FoundEvent, ...]:
    if len(wanted) < REFERENCE_MIN:
        return ()
    parameters = {"low": wanted, "high": wanted + _END, "limit": ORDERS_MAX}
    return tuple(FoundEvent(*row) for row in db.execute(_queries.orders_named, parameters))


def _events(db: Connection, wanted: str) -> tuple[FoundEvent, ...]:
    member_id, colon, seq = wanted.partition(":")
    if not colon or not (_number(member_id) and _number(seq)):
        return ()
    parameters = {"member_id": int(member_id), "seq": int(seq)}
    return tuple(FoundEvent(*row) for row in db.execute(_queries.event_numbered, parameters))


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


def _parts(programme: Programme, wanted: str) -> tuple[FoundPart, ...]:
    asked = folded(wanted)
    close = asked.replace(" ", "")
    ranked: list[tuple[int, int, FoundPart]] = []
    for number, (part, spellings) in enumerate(_spelled(programme)):
        ranks = [_rank(spelling, asked, close) for spelling in spellings]
        best = min((rank for rank in ranks if rank is not None), default=None)
        if best is not None:
            ranked.append((best, number, part))
    return tuple(part for _, _, part in sorted(ranked, key=lambda each: each[:2])[:PARTS_MAX])


def _rank(spelling: str, asked: str, close: str) -> int | None:
    if spelling in (asked, close):
        return 0
    if spelling.startswith((asked, close)):
        return 1
    # One letter lies inside nearly everything.
    inside = len(asked) > 1 or not asked.isascii()
    return 2 if inside and (asked in spelling or close in spelling) else None


class _Known:
    """A programme under its identity: versions never change, and their values are no keys."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme

    def __hash__(self) -> int:
        return id(self.programme)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and other.programme is self.programme


def _spelled(programme: Programme) -> tuple[tuple[FoundPart, tuple[str, ...]], ...]:
    return _spellings(_Known(programme))


@lru_cache(maxsize=4)
def _spellings(known: _Known) -> tuple[tuple[FoundPart, tuple[str, ...]], ...]:
    found = []
    for part in _declared(known.programme):
        names = [folded(part.zh), folded(part.en), folded(part.code).replace(" ", "")]
        names.append(folded(part.code))
        for way in readings(folded(part.zh))[:1]:
            names += ["".join(way), "".join(syllable[0] for syllable in way)]
        found.append((part, tuple(dict.fromkeys(names))))
    return tuple(found)


def _declared(programme: Programme) -> Iterator[FoundPart]:
    for rule in programme.rules:
        yield FoundPart("rules", rule.code, rule.name.zh, rule.name.en)
    for section in ("currencies", "metrics", "attributes", "activities"):
        for code, entry in getattr(programme, section).items():
            yield _named(section, code, entry)
    for section, entries in programme.parts.items():
        for code, entry in entries.items():
            yield _named(section, code, entry)
            if section == "ladders":
                for tier in entry.tiers:
                    yield _named("tiers", f"{code}/{tier.code}", tier)


def _named(section: str, code: str, entry: object) -> FoundPart:
    name = getattr(entry, "name", None)
    return FoundPart(section, code, getattr(name, "zh", code), getattr(name, "en", code))
