"""What an import would do, seen on the first rows; nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import msgspec
from msgspec import Struct, field

from coterie.catalogue import resolve_products
from coterie.events import AnyEvent
from coterie.intake.engine import Engine
from coterie.intake.errors import NoProgramme
from coterie.intake.importing.model import SEQUENCED, Batch, RefusedRow, What
from coterie.intake.importing.saving import typed_record
from coterie.intake.importing.shaping import CODE_VALUE, Shaped, Shaper, whole_event
from coterie.intake.importing.targets import PART_FIELD
from coterie.intake.reading import Arrival, arrival_of
from coterie.kernel.errors import Malformed, Refusal
from coterie.members import resolve, resolve_ids
from coterie.programme.model import Programme
from coterie.storage import Connection

PREVIEW_ROWS = 10_000
_SIZE = 5_000
_UNITS = frozenset(
    {"adjustment", "opening_balance", "spend", "hold", "transfer", "extend", "reinstate"}
)
_decoder = msgspec.json.Decoder(AnyEvent)


class Preview(Struct):
    """The first rows of a file, and what would become of them.

    ``shown`` are (row, what is sent), ``refused`` what would be refused as far as can be told
    without deciding anything, ``notes`` what a person may want to know besides.
    """

    rows: int = 0
    accepted: int = 0
    shown: list[tuple[int, Any]] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def reasons(self) -> dict[str, int]:
        """Return how many rows would be refused, by code, the most frequent first."""
        return dict(Counter(each.code for each in self.refused).most_common())


def preview(
    batches: Iterator[Batch],
    shaper: Shaper,
    what: What,
    *,
    now_us: int,
    shown: int,
    db: Connection | None = None,
    rows: int = PREVIEW_ROWS,
) -> Preview:
    """Look at about ``rows`` rows and show the first ``shown`` that would go through.

    With ``db``, members, currencies and products are looked up too.
    """
    found = Preview()
    around = _Around(db)
    for batch in batches:
        found.rows += len(batch) + len(batch.bad)
        if what in SEQUENCED:
            _events(found, shaper.events(batch), around, now_us, shown)
        else:
            _records(found, shaper, batch, what, shown)
        if found.rows >= rows:
            found.notes.append(f"Only the first {found.rows} rows were looked at.")
            break
    found.notes += around.notes()
    found.refused.sort(key=lambda each: each.row)
    return found


def _records(found: Preview, shaper: Shaper, batch: Batch, what: What, shown: int) -> None:
    records = shaper.records(batch)
    found.refused += records.refused
    for row, record in zip(records.rows, records.records, strict=True):
        try:
            typed_record(what, record)
        except msgspec.ValidationError as trouble:
            found.refused.append(RefusedRow(row, CODE_VALUE, f"{trouble}."))
        except Refusal as refusal:
            found.refused.append(RefusedRow(row, refusal.code, refusal.message))
        else:
            found.accepted += 1
            if len(found.shown) < shown:
                found.shown.append((row, record))


def _events(found: Preview, shaped: Shaped, around: _Around, now_us: int, shown: int) -> None:
    found.refused += shaped.refused
    arrivals: list[tuple[int, Arrival]] = []
    ordered = sorted(zip(shaped.rows, shaped.heads, shaped.parts, strict=True), key=_by_row)
    for row, head, part in ordered:
        try:
            arrivals.append((row, _arrival(head, part, now_us)))
        except Refusal as refusal:
            found.refused.append(RefusedRow(row, refusal.code, refusal.message))
    for row, arrival, why in around.judged(arrivals):
        if why is not None:
            found.refused.append(RefusedRow(row, *why))
            continue
        found.accepted += 1
        if len(found.shown) < shown:
            found.shown.append((row, msgspec.json.decode(arrival.payload)))


def _by_row(item: tuple[int, bytes, bytes | None]) -> int:
    return item[0]


def _arrival(head: bytes, part: bytes | None, now_us: int) -> Arrival:
    kind = head[9 : head.index(b'"', 9)].decode()
    event = whole_event(head, PART_FIELD.get(kind, ""), [part])
    try:
        return arrival_of(_decoder.decode(event), received_us=now_us)
    except msgspec.ValidationError as trouble:
        raise Malformed(str(trouble)) from None


class _Around:
    """What the database knows; without one, nothing is unknown."""

    def __init__(self, db: Connection | None) -> None:
        self._db = db
        self._programme: Programme | None = None
        self._products: set[str] = set()
        self._no_programme = False
        if db is not None:
            try:
                around = Engine().surroundings(db)
            except NoProgramme:
                self._no_programme = True
            else:
                self._programme = around.programmes.versions[-1].programme

    def judged(
        self, arrivals: Sequence[tuple[int, Arrival]]
    ) -> Iterator[tuple[int, Arrival, tuple[str, str] | None]]:
        """Return each arrival with the code and reason it would be refused with, if any."""
        known = self._members({arrival.reference for _, arrival in arrivals})
        self._note_products(arrivals)
        for row, arrival in arrivals:
            yield row, arrival, self._refusal(arrival, known)

    def _refusal(self, arrival: Arrival, known: set[Any] | None) -> tuple[str, str] | None:
        if known is not None and arrival.reference not in known:
            policy = "refuse"
            if self._programme is not None and arrival.source in self._programme.sources:
                policy = self._programme.sources[arrival.source].on_unknown_member
            if policy == "refuse" or isinstance(arrival.reference, int):
                return "member_unknown", "No member is found by what was given."
        if self._programme is None:
            return None
        currency = getattr(arrival.event, "currency", None)
        if arrival.kind == "order" and currency not in (None, self._programme.money):
            return "wrong_value", f"The programme counts in {self._programme.money}."
        if arrival.kind in _UNITS and currency not in self._programme.currencies:
            return "undeclared_name", f"The programme has no currency {currency!r}."
        return None

    def _members(self, references: set[int | tuple[str, str]]) -> set[Any] | None:
        if self._db is None:
            return None
        found: set[Any] = set()
        identities = sorted(r for r in references if not isinstance(r, int))
        ids = sorted(r for r in references if isinstance(r, int))
        for begin in range(0, len(identities), _SIZE):
            found |= resolve(self._db, identities[begin : begin + _SIZE]).keys()
        for begin in range(0, len(ids), _SIZE):
            found |= resolve_ids(self._db, ids[begin : begin + _SIZE]).keys()
        return found

    def _note_products(self, arrivals: Sequence[tuple[int, Arrival]]) -> None:
        if self._db is None:
            return
        named = {
            line.product
            for _, arrival in arrivals
            for line in getattr(arrival.event, "lines", ())
            if line.product is not None
        }
        products = iter(sorted(named))
        while some := list(islice(products, _SIZE)):
            self._products.update(set(some) - resolve_products(self._db, some).keys())

    def notes(self) -> list[str]:
        """Return what is worth saying besides refusals."""
        found = []
        if self._no_programme:
            found.append("No programme is published yet: publish one before importing events.")
        if self._products:
            some = ", ".join(sorted(self._products)[:5])
            found.append(f"{len(self._products)} products are not in the catalogue: {some} …")
        return found
