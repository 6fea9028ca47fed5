"""Rows that are no events: members and master data, saved batch by batch in the file's order.

A batch and how far the import is are one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from coterie import catalogue
from coterie.intake.importing import store
from coterie.intake.importing.errors import FileUnreadable, IdentityMissing
from coterie.intake.importing.loading import Stopped
from coterie.intake.importing.model import Batch, RefusedRow, What
from coterie.intake.importing.shaping import CODE_VALUE, Records, Shaper, identities_of
from coterie.intake.importing.store import Tally
from coterie.kernel.errors import Refusal
from coterie.kernel.time import parse_instant
from coterie.members import Newcomer, create_members, normalise_identity, resolve
from coterie.storage import Connection, transaction

SAVE_ROWS = 8_192
Row = TypeVar("Row", bound=Struct)
Answers = Sequence[object]
"""One each: a Refusal, or anything else where it went well."""


class Save(Struct, frozen=True):
    """How records are to be saved.

    ``region`` is the country of phone numbers written without one; ``create`` lets categories and
    brands that products name come into being.
    """

    import_id: str
    what: What
    now_us: int
    region: str
    create: bool = False


def save_file(
    db: Connection,
    batches: Iterator[Batch],
    shaper: Shaper,
    save: Save,
    *,
    tell: Callable[[Tally, float], None],
    stopped: Stopped,
) -> None:
    """Save what is left of a file; after ``stopped`` the batch under way is the last.

    Raises :class:`FileUnreadable` for a tree of more nodes than a tree may have.
    """
    if save.what in (What.CATEGORIES, What.PLACES):
        batches = iter([_all_of(batches)])
    done = store.part_done(db, save.import_id, 0).done
    for batch in batches:
        records = shaper.records(batch)
        last = max((*batch.rows[-1:], *(bad.row for bad in batch.bad)), default=0)
        if last <= done:
            tell(Tally(), batch.share)
            continue
        step, refused = Tally(done=last - done), list(records.refused)
        with transaction(db):
            answers, again = _save(db, save, records, refused)
            step.again = again
            for row, answer in zip(records.rows, answers, strict=True):
                if isinstance(answer, Refusal):
                    refused.append(RefusedRow(row, answer.code, answer.message))
                else:
                    step.accepted += 1
            step.refused = len(refused)
            store.advance(db, save.import_id, 0, done, step, refused)
        done = last
        tell(step, batch.share)
        if stopped():
            return


def _all_of(batches: Iterator[Batch]) -> Batch:
    """Return a whole file as one batch: a parent may stand after its children."""
    rows: list[int] = []
    columns: dict[str, list[Any]] = {}
    bad: list[RefusedRow] = []
    for batch in batches:
        rows += batch.rows
        bad += batch.bad
        for name, cells in batch.columns.items():
            columns.setdefault(name, []).extend(cells)
        if len(rows) > catalogue.BATCH_MAX:
            raise FileUnreadable(f"A tree is imported at once, at most {catalogue.BATCH_MAX} rows.")
    return Batch(rows, columns, bad, 1.0)


def _save(
    db: Connection, save: Save, records: Records, refused: list[RefusedRow]
) -> tuple[Answers, int]:
    """Save records; drop from them what is refused before anything is tried."""
    if save.what is What.MEMBERS:
        newcomers = _typed(records, refused, _newcomer)
        return _members(db, save, newcomers)
    if save.what is What.PRODUCTS:
        products = _typed(records, refused, _reader(catalogue.Product))
        return _products(db, products, create=save.create), 0
    if save.what is What.CATEGORIES:
        categories = _typed(records, refused, _reader(catalogue.Category))
        return catalogue.save_categories(db, categories), 0
    if save.what is What.BRANDS:
        return catalogue.save_brands(db, _typed(records, refused, _reader(catalogue.Brand))), 0
    if save.what is What.PLACES:
        return catalogue.save_places(db, _typed(records, refused, _reader(catalogue.Place))), 0
    return catalogue.save_staff(db, _typed(records, refused, _reader(catalogue.Staff))), 0


def typed_record(what: What, record: dict[str, Any]) -> Struct:
    """Return a record as the struct it becomes; for previews. Raises what the struct refuses."""
    kinds: dict[What, Callable[[dict[str, Any]], Struct]] = {
        What.MEMBERS: _newcomer,
        What.PRODUCTS: _reader(catalogue.Product),
        What.CATEGORIES: _reader(catalogue.Category),
        What.BRANDS: _reader(catalogue.Brand),
        What.PLACES: _reader(catalogue.Place),
        What.STAFF: _reader(catalogue.Staff),
    }
    return kinds[what](record)


def _reader(kind: type[Row]) -> Callable[[dict[str, Any]], Row]:
    return lambda record: msgspec.convert(record, kind)


def _newcomer(record: dict[str, Any]) -> Newcomer:
    given = dict(record)
    identities = identities_of(given)
    if not identities:
        raise IdentityMissing
    fields: dict[str, Any] = {"identities": identities}
    enrolled_at = given.pop("enrolled_at", None)
    if enrolled_at is not None:
        fields["enrolled_us"] = parse_instant(enrolled_at, where="enrolled_at")[0]
    for kind, _ in identities:
        del given[kind]
    return msgspec.convert(given | fields, Newcomer)


def _typed(
    records: Records, refused: list[RefusedRow], read: Callable[[dict[str, Any]], Row]
) -> list[Row]:
    """Return records as structs; those that are none go to ``refused``."""
    found: list[Row] = []
    rows: list[int] = []
    for row, record in zip(records.rows, records.records, strict=True):
        try:
            found.append(read(record))
            rows.append(row)
        except msgspec.ValidationError as trouble:
            refused.append(RefusedRow(row, CODE_VALUE, f"{trouble}."))
        except Refusal as refusal:
            refused.append(RefusedRow(row, refusal.code, refusal.message))
    records.rows = rows
    return found


def _members(db: Connection, save: Save, newcomers: list[Newcomer]) -> tuple[Answers, int]:
    """Create who is new; a row all of whose identities are one member's is that member again."""
    wanted = [_normalised(newcomer, save.region) for newcomer in newcomers]
    known = _resolved(db, {identity for each in wanted for identity in each})
    answers: list[object] = [None] * len(newcomers)
    fresh: list[int] = []
    again: dict[int, int | None] = {}
    first: dict[tuple[tuple[str, str], ...], int] = {}
    for place, identities in enumerate(wanted):
        members = {known.get(identity) for identity in identities}
        if identities and len(members) == 1 and None not in members:
            again[place] = None
        elif identities and identities in first:
            again[place] = first[identities]
        else:
            first[identities] = place
            fresh.append(place)
    created = create_members(
        db, [newcomers[place] for place in fresh], now_us=save.now_us, region=save.region
    )
    for place, answer in zip(fresh, created, strict=True):
        answers[place] = answer
    for place, like in again.items():
        # A second row like a refused one is refused for the same reason.
        answers[place] = answers[like] if like is not None else None
    repeated = sum(not isinstance(answers[place], Refusal) for place in again)
    return answers, repeated


def _normalised(newcomer: Newcomer, region: str) -> tuple[tuple[str, str], ...]:
    try:
        return tuple(
            (kind, normalise_identity(kind, value, region=region))
            for kind, value in newcomer.identities
        )
    except Refusal:
        return ()  # it is refused with its reason when it is created


def _resolved(db: Connection, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    ordered = sorted(wanted)
    for begin in range(0, len(ordered), SAVE_ROWS):
        found |= resolve(db, ordered[begin : begin + SAVE_ROWS])
    return found


def _products(db: Connection, products: list[catalogue.Product], *, create: bool) -> Answers:
    answers = catalogue.save_products(db, products)
    if not create:
        return answers
    # One after the other: a product without its category has not been asked for its brand yet.
    categories = _unknown(products, answers, catalogue.CategoryUnknown, "category")
    if categories:
        catalogue.save_categories(db, [catalogue.Category(name) for name in categories])
        answers = catalogue.save_products(db, products)
    brands = _unknown(products, answers, catalogue.BrandUnknown, "brand")
    if brands:
        catalogue.save_brands(db, [catalogue.Brand(name) for name in brands])
        answers = catalogue.save_products(db, products)
    return answers


def _unknown(
    products: list[catalogue.Product], answers: Answers, refusal: type[Refusal], field: str
) -> list[str]:
    pairs = zip(products, answers, strict=True)
    return sorted({getattr(row, field) for row, answer in pairs if isinstance(answer, refusal)})
