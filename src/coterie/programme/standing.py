"""What a decision reads and what it gives: a member's working state, a sale, a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from coterie.events import Order
from coterie.ledger import Account, Book, HoldRecord, Lot, LotUse, Movement
from coterie.members import Member
from coterie.metrics import Counters
from coterie.tiers import TierChange, TierStanding

if TYPE_CHECKING:
    from coterie.programme.turn import Step

Claims = Mapping[str, int]
"""Supply (a budget, stock, seats) to how much of it was secured for one event."""
NO_CLAIMS: Claims = {}


class CapTaken(Struct, array_like=True, frozen=True, gc=False):
    """Room a grant took from a cap: of which bucket, in the cap's measure.

    ``key`` is the value it is about, where the cap has a bound for each.
    """

    cap: str
    bucket: int
    taken: int
    key: str = ""


class Grant(Struct, array_like=True, gc=False):
    """What a rule gave for a sale and on what basis; kept so that a return can undo it exactly.

    ``lines`` are pairs of line index and basis in minor units; shipping is index -1, fees -2.
    """

    rule: str
    currency: str
    units: int
    lines: list[tuple[int, int]]
    caps: tuple[CapTaken, ...] = ()


MARKS_READ = ("optin:", "parameter:")
"""How marks begin that a condition may ask for."""


HELD_OUT = "held_out:"
"""How the marks of campaigns begin in whose comparison group the member was; in contexts alone."""


class Context(Struct, array_like=True, frozen=True, gc=False):
    """What the rules of a sale read about the member, kept where a currency recomputes."""

    attributes: dict[str, Any]
    metrics: dict[str, int]
    caps: dict[str, int]
    enrolled_day: int
    marks: dict[str, int] = {}
    """Of the numbers that steps keep, those that conditions read (``MARKS_READ``)."""
    tiers: dict[str, str | None] = {}
    """The tier by ladder."""


class Taken(Struct, array_like=True, gc=False):
    """Units that returns took of a sale, by the account and lot (0: none) they came from."""

    account: str
    lot_no: int
    units: int


class Sale(Struct, gc=False):
    """A recorded order and what has come back of it: line index to (quantity milli, amount)."""

    seq: int
    order: Order
    at_us: int
    day: int
    version: int
    grants: list[Grant]
    context: Context | None = None
    returned: dict[int, tuple[int, int]] = field(default_factory=dict)
    counted: tuple[str, ...] = ()
    """The metrics that counted it."""
    lots: list[int] = field(default_factory=list)
    """Numbers of lots of the sale that returns opened, beside those it opened itself."""
    taken: dict[str, list[Taken]] = field(default_factory=dict)
    """What returns took of it by currency, in their order, less what was given again."""
    merge_seq: int = 0
    """The merge that brought it; its own number is below zero then, and ``lots`` are all of it."""


class Undone(Struct, gc=False):
    """A recorded event to reverse, with its movements and lot uses."""

    seq: int
    kind: str
    day: int
    movements: list[Movement]
    uses: list[LotUse]
    version: int = 0
    grants: list[Grant] = field(default_factory=list)
    counted: tuple[str, ...] = ()
    fields: dict[str, Any] = field(default_factory=dict)
    captured: list[tuple[int, int]] = field(default_factory=list)
    """For a capture: lot number and units of the part of its hold that was spent."""
    undone: bool = False


class Standing:
    """A member's working state during a batch.

    ``lots`` holds live lots by number; ``complete`` says whether all live lots and open holds are
    there (earning alone needs none). ``sales`` are the recorded orders that this batch asks about,
    ``undone`` the events it reverses, both by sequence number.
    """

    __slots__ = (
        "accounts",
        "complete",
        "counters",
        "counters_changed",
        "holds",
        "lots",
        "member",
        "sales",
        "tiers",
        "tiers_changed",
        "undone",
    )

    def __init__(self, member: Member) -> None:
        """Start empty: a member who has nothing yet."""
        self.member = member
        self.accounts: dict[str, Account] = {}
        self.lots: dict[int, Lot] = {}
        self.holds: dict[str, HoldRecord] = {}
        self.counters: Counters = {}
        self.counters_changed = False
        self.tiers: dict[str, TierStanding] = {}
        self.tiers_changed = False
        self.complete = False
        self.sales: dict[int, Sale] = {}
        self.undone: dict[int, Undone] = {}


class MoreNeeded(Exception):
    """The decision needs state that was not loaded; nothing has changed yet."""


class FollowUp(Struct, array_like=True, frozen=True, gc=False):
    """What an event means for another member: an event of a ``kind`` with these ``fields``.

    Its key is derived (:func:`follow_up_key`); ``name`` tells several of one kind and cause apart.
    ``undoes`` is the key of an earlier follow-up that this one takes back: its number in that
    member's sequence is given to the event as ``undoes_seq``.
    """

    kind: str
    member_id: int
    fields: dict[str, Any]
    name: str = ""
    undoes: str | None = None


def follow_up_key(kind: str, member_id: int, seq: int, name: str = "") -> str:
    """Return the key of the event that follows from event ``seq`` of a member."""
    return f"{kind}:{member_id}:{seq}:{name}" if name else f"{kind}:{member_id}:{seq}"


class Decision(Struct, gc=False):
    """What an event did. ``code`` and ``detail`` say why it was refused."""

    status: str = "accepted"
    code: str | None = None
    detail: str | None = None
    where: str | None = None
    kind: str | None = None
    version: int = 0
    movements: list[Movement] = field(default_factory=list)
    uses: list[LotUse] = field(default_factory=list)
    opened: list[Lot] = field(default_factory=list)
    touched: dict[int, Lot] = field(default_factory=dict)
    holds: list[HoldRecord] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    context: Context | None = None
    counted: tuple[str, ...] = ()
    returned: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Per piece of a return: sequence of the sale, line index, quantity milli, amount minor."""
    excess: list[tuple[int, int]] = field(default_factory=list)
    """Per line of a return that was not (wholly) met: its index, quantity milli left over."""
    sales: list[Sale] = field(default_factory=list)
    """The sales of which something came back, with the new totals."""
    merged_sales: dict[int, dict[int, Sale]] = field(default_factory=dict)
    """By merge whose sales came back in part: those of its sales, by their place in its list."""
    undone: int | None = None
    """The event that was reversed."""
    tiers: list[TierChange] = field(default_factory=list)
    """What changed on ladders, in their order."""
    follow_ups: list[FollowUp] = field(default_factory=list)
    """What it means for other members."""
    entered: tuple[str, str] | None = None
    """The entry rule by which the member entered another state, and that state."""
    identities: tuple[str, int, int] | None = None
    """``merge`` or ``unmerge``, the merged member and the one that took over."""
    asked: frozenset[str] = frozenset()
    """Names of the conditions of steps that held before the event."""
    noted: bool = False
    """A step did something at a due moment that is neither a movement nor a hold."""
    claims: Claims = NO_CLAIMS
    """What was secured for the event; recorded, so that a replay decides by the same."""

    def take_book(self, book: Book) -> None:
        """Take over what a book collected."""
        self.movements = book.movements
        self.uses = book.uses
        self.opened = book.opened
        self.touched = book.touched


def note_live_lots(standing: Standing) -> None:
    """Note from which number on lots are live, after some were touched.

    Opening a lot needs no note: it is numbered after all others. A lot that is filled again may lie
    below, so the number falls as well as rises.
    """
    assert standing.complete, "lots are touched only where all live ones are known"
    live = [lot.lot_no for lot in standing.lots.values() if lot.remaining > 0 or lot.held > 0]
    standing.member.lots_from = min(live, default=standing.member.lot_no + 1)


def next_due(standing: Standing, steps: Sequence[Step] = ()) -> int | None:
    """Return the earliest moment at which something falls due, from complete state."""
    moments = [at_us for step in steps if (at_us := step.next_due(standing)) is not None]
    for lot in standing.lots.values():
        if lot.remaining > 0:
            if lot.state == "pending":
                if lot.releases_us is not None:
                    moments.append(lot.releases_us)
            elif lot.expires_us is not None:
                moments.append(lot.expires_us)
    moments += [hold.expires_us for hold in standing.holds.values() if hold.state == "open"]
    moments += [
        account.inactive_us
        for account in standing.accounts.values()
        if account.inactive_us is not None and account.available > 0
    ]
    return min(moments, default=None)
