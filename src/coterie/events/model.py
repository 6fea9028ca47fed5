"""What can happen to a member: one envelope, one struct a kind.

Field names are the names on the wire (``POST /v1/events``, files, recorded payloads). Amounts are
integers in minor units of ``currency``, units of loyalty currencies integers in their own scale,
quantities integers in thousandths.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

Code = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:/#-]+$")]
"""A name that a programme or master data declares."""
Text = Annotated[str, Meta(min_length=1, max_length=200)]
Reference = Annotated[str, Meta(min_length=1, max_length=200)]
Minor = Annotated[int, Meta(ge=0, le=10**15)]
"""An amount of money or units, zero or more, in minor units."""
Positive = Annotated[int, Meta(ge=1, le=10**15)]
LINES_MAX = 500


class Mode(StrEnum):
    """How an event came to be: as it happened, from a history, or only supposed."""

    LIVE = "live"
    HISTORICAL = "historical"
    SIMULATED = "simulated"


class MemberRef(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """One way to name a member: exactly one of an id, or an identity kind with its value."""

    id: Annotated[int, Meta(ge=1, le=2**63 - 1)] | None = None
    card: Reference | None = None
    phone: Reference | None = None
    email: Reference | None = None
    messenger: Reference | None = None
    external: Reference | None = None


class OrderLine(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """One line of a sale.

    ``amount_minor`` is what the line costs the member after its discounts, tax included;
    ``tax_minor`` is contained in it, ``discount_minor`` was already taken off. ``categories`` (the
    product's category first, then its parents), ``brand`` and ``tags`` are resolved from the
    catalogue at intake where it knows the product.
    """

    amount_minor: Minor
    line: Code | None = None
    product: Reference | None = None
    quantity_milli: Positive = 1000
    tax_minor: Minor = 0
    discount_minor: Minor = 0
    categories: tuple[str, ...] = ()
    brand: str | None = None
    tags: tuple[str, ...] = ()


class ReturnLine(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """What of one line comes back: by line of the sale, or by product where no sale is named.

    ``amount_minor`` is what is paid back; without it, the sale's amount in proportion to the
    quantity. Without a quantity, the whole rest of the line.
    """

    line: Code | None = None
    product: Reference | None = None
    quantity_milli: Positive | None = None
    amount_minor: Minor | None = None


class Tender(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A means of payment and the part of the order it paid."""

    kind: Code
    amount_minor: Minor


class OpeningLot(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """Units brought from another system, with the last day they are valid (none: by programme)."""

    units: Positive
    expires_on: str | None = None
    earned_on: str | None = None


class Event(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="kind",
    kw_only=True,
    gc=False,
):
    """The envelope: what every event carries, whatever happened.

    ``key`` is unique within its ``source`` over the whole installation. ``occurred_at`` is RFC 3339
    with an offset. ``caused_by`` names the event this one follows from (``member:sequence``).
    """

    source: Code = "api"
    key: Reference
    occurred_at: str
    member: MemberRef
    mode: Mode = Mode.LIVE
    actor: Text | None = None
    channel: Code | None = None
    store: Code | None = None
    operator: Code | None = None
    device: Code | None = None
    device_sequence: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None = None
    partner: Code | None = None
    campaign: Code | None = None
    caused_by: Reference | None = None


class Order(Event, frozen=True, kw_only=True, tag="order"):
    """A sale. Shipping and fees are not part of any line."""

    order_ref: Reference
    currency: Annotated[str, Meta(min_length=3, max_length=3)] | None = None
    lines: Annotated[tuple[OrderLine, ...], Meta(min_length=1, max_length=LINES_MAX)]
    shipping_minor: Minor = 0
    fees_minor: Minor = 0
    tenders: Annotated[tuple[Tender, ...], Meta(max_length=20)] = ()


class Return(Event, frozen=True, kw_only=True, tag="return"):
    """Goods that come back, of one sale (``order_ref``) or of whichever sales held them.

    Without ``lines`` and with ``order_ref``, everything that is left of the sale.
    """

    order_ref: Reference | None = None
    lines: Annotated[tuple[ReturnLine, ...], Meta(max_length=LINES_MAX)] = ()


class Adjustment(Event, frozen=True, kw_only=True, tag="adjustment"):
    """A correction by hand: ``units`` above zero are given, below zero are taken."""

    currency: Code
    units: Annotated[int, Meta(ge=-(10**15), le=10**15)]
    reason: Text


class OpeningBalance(Event, frozen=True, kw_only=True, tag="opening_balance"):
    """What a member had when Coterie took over."""

    currency: Code
    lots: Annotated[tuple[OpeningLot, ...], Meta(min_length=1, max_length=1000)]


class AttributeChange(Event, frozen=True, kw_only=True, tag="attribute_change"):
    """New values of declared attributes; ``null`` removes one."""

    attributes: dict[str, str | int | bool | None]


class StateChange(Event, frozen=True, kw_only=True, tag="state_change"):
    """The member enters another state of the programme's table."""

    state: Code
    reason: Text | None = None
    merged_into: Annotated[int, Meta(ge=1, le=2**63 - 1)] | None = None


class StatusChange(Event, frozen=True, kw_only=True, tag="status_change"):
    """A person decides about a member's tier on a ladder.

    ``grant`` and ``match`` a ``tier`` through ``until`` (a match stays when its challenge is met),
    give it for ``lifetime``, ``pin`` the member to it or to what it has, ``unpin``, ``pause`` and
    ``resume`` reviews, ``correct`` what was earned (``since``: the day on which it was, by which
    its validity and renewal go), ``select`` this ladder of a track.
    """

    ladder: Code
    action: Literal[
        "grant", "match", "lifetime", "pin", "unpin", "pause", "resume", "correct", "select"
    ]
    tier: Code | None = None
    until: str | None = None
    since: str | None = None
    reason: Text


class Activity(Event, frozen=True, kw_only=True, tag="activity"):
    """Something a programme declares by name and fields: a check-in, a stay, a finished lesson."""

    activity: Code
    fields: dict[str, str | int | bool] = {}


class Spend(Event, frozen=True, kw_only=True, tag="spend"):
    """Units are redeemed at once; ``by`` is the contributor for whom a pool spends."""

    currency: Code
    units: Positive
    reason: Text | None = None
    order_ref: Reference | None = None
    by: MemberRef | None = None


class Convert(Event, frozen=True, kw_only=True, tag="convert"):
    """Units become another currency by a declared conversion; without ``units``, all that can."""

    conversion: Code
    units: Positive | None = None


class Exchange(Event, frozen=True, kw_only=True, tag="exchange"):
    """Units go for others at the day's rate of a declared exchange; ``units`` are those given."""

    exchange: Code
    units: Positive | None = None


class Redeem(Event, frozen=True, kw_only=True, tag="redeem"):
    """Units are spent on a declared reward.

    ``value_minor`` is what one piece is worth, where the reward leaves that open; ``of_minor`` the
    whole bill it is taken off, where the reward pays a share of one at most. ``by`` is the
    contributor for whom a pool spends.
    """

    reward: Code
    quantity: Annotated[int, Meta(ge=1, le=1000)] = 1
    value_minor: Positive | None = None
    of_minor: Positive | None = None
    by: MemberRef | None = None


class Choose(Event, frozen=True, kw_only=True, tag="choose"):
    """The member chooses what a milestone that was reached gives."""

    milestone: Code
    option: Code


class Hold(Event, frozen=True, kw_only=True, tag="hold"):
    """Units are set aside until ``expires_at``, or as long as the programme holds by default.

    ``by`` is the contributor for whom a pool does so.
    """

    currency: Code
    units: Positive
    hold_ref: Reference
    expires_at: str | None = None
    by: MemberRef | None = None


class Capture(Event, frozen=True, kw_only=True, tag="capture"):
    """A hold is spent, wholly or in ``units``; what is left goes back."""

    hold_ref: Reference
    units: Positive | None = None


class Release(Event, frozen=True, kw_only=True, tag="release"):
    """A hold is given back."""

    hold_ref: Reference


class Confirm(Event, frozen=True, kw_only=True, tag="confirm"):
    """A sale is final (delivered, the return window over): what it earned no longer waits."""

    order_ref: Reference


class Transfer(Event, frozen=True, kw_only=True, tag="transfer"):
    """Units leave for another member; they wait in transit until the receiver's event.

    ``by`` is the contributor for whom a pool gives.
    """

    currency: Code
    units: Positive
    receiver: MemberRef
    reason: Text | None = None
    by: MemberRef | None = None


class TransferIn(Event, frozen=True, kw_only=True, tag="transfer_in"):
    """A transfer arrives; made by Coterie itself, never accepted from outside."""

    currency: Code
    units: Positive
    sender_id: int
    expires_on: str | None = None


class TransferBack(Event, frozen=True, kw_only=True, tag="transfer_back"):
    """A transfer the receiver could not take comes back; made by Coterie itself."""

    currency: Code
    units: Positive
    transfer_seq: int


class Extend(Event, frozen=True, kw_only=True, tag="extend"):
    """Open lots that would lapse up to ``expiring_until`` are kept valid through ``expires_on``."""

    currency: Code
    expires_on: str
    expiring_until: str | None = None
    reason: Text


class Reinstate(Event, frozen=True, kw_only=True, tag="reinstate"):
    """Lapsed units come back as a lot valid through ``expires_on``; ``units`` at most lapsed."""

    currency: Code
    units: Positive
    expires_on: str
    reason: Text


class Reversal(Event, frozen=True, kw_only=True, tag="reversal"):
    """An earlier event of the same member is undone, with a reason."""

    reverses_seq: Annotated[int, Meta(ge=1, le=2**63 - 1)]
    reason: Text


class Due(Event, frozen=True, kw_only=True, tag="due"):
    """A moment arrived at which something was to be decided; made by Coterie itself."""


class Happening(Struct, gc=False):
    """An event on its way through the engine: read, resolved, placed in its member's sequence.

    ``at_us`` is when it occurred, ``offset_minutes`` the offset its sender wrote, ``received_us``
    when it arrived, ``as_of_us`` the moment up to which everything due is decided before it,
    ``day`` the business day it belongs to, ``approved`` that a person let it through.
    ``member_id`` and ``seq`` are zero until known.
    """

    event: Any
    kind: str
    at_us: int
    offset_minutes: int
    received_us: int
    as_of_us: int = 0
    day: int = 0
    booked_day: int = 0
    member_id: int = 0
    seq: int = 0
    digest: bytes = b""
    payload: bytes = b""
    approved: bool = False
