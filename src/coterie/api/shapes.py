"""What goes over the wire besides events and their answers, and how views become it.

Instants are written as RFC 3339 in UTC (``..._at``), days as dates (``..._on``), events by their
name ``member:sequence``. A field without a value is left out.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from coterie.kernel.time import format_day, format_instant
from coterie.ledger import BalanceView, HoldView, LotView, StatementLine
from coterie.members import Identity, IdentityKind, MemberKind, MemberRecord
from coterie.programme.explaining import reason_words
from coterie.programme.model import Words

Text = Annotated[str, Meta(min_length=1, max_length=200)]
Day = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$", examples=["2026-01-31"])]


class _Shape(Struct, frozen=True, omit_defaults=True):
    """A body that goes out."""


class _Given(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A body that comes in: what it does not name is refused."""


# ------------------------------------------------------------------------------------- members


class GivenIdentity(_Given, frozen=True):
    """One way to find the new member: a card, phone, e-mail, messenger or external id."""

    kind: IdentityKind
    value: Text


class NewMember(_Given, frozen=True):
    """Somebody who becomes a member: as little as one identity will do.

    ``enrolled_at`` is for members brought from elsewhere; without it, now. ``attributes`` are the
    programme's declared attributes; later only events change them.
    """

    identities: Annotated[tuple[GivenIdentity, ...], Meta(max_length=20)] = ()
    name: Text | None = None
    language: Annotated[str, Meta(pattern="^(zh-CN|en)$")] | None = None
    born_on: Day | None = None
    kind: MemberKind = MemberKind.PERSON
    state: Annotated[str, Meta(max_length=64)] = "active"
    enrolled_at: Text | None = None
    channel: Text | None = None
    store: Text | None = None
    origin: Text | None = None
    attributes: dict[str, str | int | bool] = field(default_factory=dict)


class FoundMember(_Shape, frozen=True):
    """A member's id."""

    member_id: int


class IdentityShape(_Shape, frozen=True):
    """One way the member is found, and since when (until when, if it no longer is)."""

    kind: str
    value: str
    valid_from: str
    valid_to: str | None = None


class MemberShape(_Shape, frozen=True):
    """A member: who they are, where they stand and what they are found by."""

    member_id: int
    kind: str
    state: str
    enrolled_at: str
    sequence: int
    merged_into: int | None = None
    channel: str | None = None
    store: str | None = None
    origin: str | None = None
    name: str | None = None
    language: str | None = None
    born_on: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    identities: tuple[IdentityShape, ...] = ()


def member_shape(record: MemberRecord) -> MemberShape:
    """Write a member for the wire."""
    return MemberShape(
        member_id=record.member_id,
        kind=record.kind,
        state=record.state,
        enrolled_at=format_instant(record.enrolled_us),
        sequence=record.seq,
        merged_into=record.merged_into,
        channel=record.enrolled_channel,
        store=record.enrolled_store,
        origin=record.origin,
        name=record.name,
        language=record.language,
        born_on=record.born_on,
        attributes=record.attributes,
        identities=tuple(_identity(each) for each in record.identities),
    )


def _identity(identity: Identity) -> IdentityShape:
    return IdentityShape(
        identity.kind,
        identity.value,
        format_instant(identity.valid_from_us),
        _instant(identity.valid_to_us),
    )


# ------------------------------------------------------------------------------------- ledger


class Lapsing(_Shape, frozen=True):
    """Units that lapse next: how many, and their last valid day."""

    units: int
    expires_on: str


class BalanceShape(_Shape, frozen=True):
    """What a member has of one currency, in its own scale.

    ``available`` can be spent: open lots less what is owed, so it may lie below zero.
    ``worth_minor`` is what that is worth by the programme's published value, in minor units of its
    money.
    """

    currency: str
    available: int
    pending: int
    held: int
    owed: int
    next_expiry: Lapsing | None = None
    inactive_at: str | None = None
    worth_minor: int | None = None


class Balances(_Shape, frozen=True):
    """All balances of a member as of now."""

    member_id: int
    as_of: str
    balances: tuple[BalanceShape, ...]


class LotShape(_Shape, frozen=True):
    """Units of one earning: ``remaining`` can be spent, ``held`` are set aside, ``lapsed`` expired.

    ``state``: ``pending`` until ``releases_at``, then ``open``; ``cancelled`` when taken back.
    ``event`` granted it.
    """

    lot: int
    currency: str
    state: str
    units: int
    remaining: int
    held: int
    lapsed: int
    event: str
    earned_at: str
    expires_on: str | None = None
    releases_at: str | None = None
    priority: int = 0
    contributor_id: int | None = None


class LotPage(_Shape, frozen=True):
    """Lots in the order they burn."""

    member_id: int
    as_of: str
    lots: tuple[LotShape, ...]
    cursor: str | None = None


class HoldShape(_Shape, frozen=True):
    """Units set aside. ``state``: open, captured, released or lapsed. ``event`` placed it."""

    hold_ref: str
    currency: str
    units: int
    captured: int
    state: str
    event: str
    expires_at: str


class HoldPage(_Shape, frozen=True):
    """Holds, newest first."""

    member_id: int
    as_of: str
    holds: tuple[HoldShape, ...]
    cursor: str | None = None


class LineShape(_Shape, frozen=True):
    """One movement: why, by which rule, through which event.

    ``change`` is what it did to the units that can be spent, ``running`` how many those were after
    it; ``units`` moved from ``debit`` to ``credit``; ``said`` is the reason in words.
    """

    event: str
    movement: int
    currency: str
    change: int
    running: int
    units: int
    debit: str
    credit: str
    reason: str
    booked_on: str
    recorded_at: str
    said: Words
    rule: str | None = None
    campaign: str | None = None
    store: str | None = None


class StatementPage(_Shape, frozen=True):
    """Movements, newest first."""

    member_id: int
    as_of: str
    lines: tuple[LineShape, ...]
    cursor: str | None = None


def balance_shape(view: BalanceView, worth_minor: int | None = None) -> BalanceShape:
    """Write a balance for the wire."""
    lapsing = None
    if view.next_expiry_day is not None:
        lapsing = Lapsing(view.next_expiry_units, format_day(view.next_expiry_day))
    return BalanceShape(
        view.currency,
        view.available,
        view.pending,
        view.held,
        view.owed,
        lapsing,
        _instant(view.inactive_us),
        worth_minor,
    )


def lot_shape(member_id: int, view: LotView) -> LotShape:
    """Write a lot for the wire."""
    return LotShape(
        lot=view.lot_no,
        currency=view.currency,
        state=view.state,
        units=view.units,
        remaining=view.remaining,
        held=view.held,
        lapsed=view.lapsed,
        event=f"{member_id}:{view.earned_seq}",
        earned_at=format_instant(view.earned_us),
        expires_on=None if view.expires_day is None else format_day(view.expires_day),
        releases_at=_instant(view.releases_us),
        priority=view.priority,
        contributor_id=view.contributor_id,
    )


def hold_shape(member_id: int, view: HoldView) -> HoldShape:
    """Write a hold for the wire."""
    return HoldShape(
        view.hold_ref,
        view.currency,
        view.units,
        view.captured,
        view.state,
        f"{member_id}:{view.placed_seq}",
        format_instant(view.expires_us),
    )


def line_shape(member_id: int, line: StatementLine) -> LineShape:
    """Write a movement for the wire."""
    return LineShape(
        event=f"{member_id}:{line.seq}",
        movement=line.n,
        currency=line.currency,
        change=line.change,
        running=line.running,
        units=line.units,
        debit=line.debit,
        credit=line.credit,
        reason=line.reason,
        booked_on=format_day(line.booked_day),
        recorded_at=format_instant(line.recorded_us),
        said=Words(reason_words(line.reason, "zh"), reason_words(line.reason, "en")),
        rule=line.rule,
        campaign=line.campaign,
        store=line.store,
    )


# ------------------------------------------------------------------------------------- service


class Health(_Shape, frozen=True):
    """``ok``, or what is missing."""

    status: str


def _instant(at_us: int | None) -> str | None:
    return None if at_us is None else format_instant(at_us)
