"""What a programme can say, after reading and before compiling: plain frozen values.

A programme is written as YAML (see ``docs/reference/programme.md``); the reader turns it into these
structs with every default filled in, and :mod:`coterie.programme.compile` turns them into functions
over integers. Units are integers in a currency's own scale, amounts integers in minor units of the
programme's money, ratios exact :class:`fractions.Fraction`.
"""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from typing import Any

from msgspec import Struct, field

from coterie.kernel.numbers import Rounding

MICRO = 1_000_000
OPTED_IN = "optin:"
"""How the mark of what a member has joined begins."""


class Words(Struct, frozen=True):
    """A text in both languages."""

    zh: str
    en: str


NAMED = (
    "category",
    "brand",
    "product",
    "tag",
    "store",
    "channel",
    "source",
    "partner",
    "campaign",
    "tender",
)
"""Kinds of codes that events bring along, which a programme may give names to."""


class ExpiryModel(StrEnum):
    """How units of a currency lapse."""

    NONE = "none"
    FIXED = "fixed"
    """A time after earning, the last day moved to the end of its month, quarter or year."""
    CALENDAR = "calendar"
    """On the next of some dates of the year that leaves at least ``min_months``."""
    INACTIVITY = "inactivity"
    """All at once, a time after the last of some kinds of event."""


class Expiry(Struct, frozen=True):
    """A currency's expiry.

    FIXED: ``months`` and ``days`` after earning, ``round_to`` none, month, quarter or year.
    CALENDAR: ``dates`` as (month, day), at least ``min_months`` after earning.
    INACTIVITY: ``months``/``days`` after the last event whose kind (``order``) or activity
    (``activity:check_in``) is in ``activities``; empty means any earning or spending event.
    The end day is included: units lapse at the start of the day after it. Where the member's
    ``attribute``, or the tier on ``ladder``, is among ``months_by``, that number replaces
    ``months``; None: never lapses.
    """

    model: ExpiryModel = ExpiryModel.NONE
    months: int = 0
    days: int = 0
    round_to: str = "none"
    dates: tuple[tuple[int, int], ...] = ()
    min_months: int = 0
    activities: tuple[str, ...] = ()
    attribute: str | None = None
    months_by: dict[str, int | None] = field(default_factory=dict)
    ladder: str | None = None

    @property
    def decides(self) -> str | None:
        """What the months depend on, as :meth:`CompiledProgramme.deciding` calls it."""
        return self.attribute if self.ladder is None else f"ladder:{self.ladder}"


class Pending(Struct, frozen=True):
    """Earned units wait ``days`` whole local days before they can be spent (0: no waiting).

    They are released at the start of the local day ``days`` after the earning day, but not before
    ``until_day``; a ``confirm`` event of the sale releases them earlier, a return cancels them.
    ``expiry_from`` says whether the expiry counts from ``earning`` or from ``release``.
    """

    days: int = 0
    expiry_from: str = "earning"
    until_day: int | None = None


class DebtPolicy(StrEnum):
    """What happens when more is taken back than a member has."""

    REFUSE = "refuse"
    CLAMP = "clamp"
    ALLOW = "allow"


class Debt(Struct, frozen=True):
    """REFUSE the event, CLAMP the rest to written_off, or ALLOW a debt up to ``limit_units``.

    What an allowed debt cannot hold is clamped. ``limit_units`` None: without limit.
    """

    policy: DebtPolicy = DebtPolicy.CLAMP
    limit_units: int | None = None


class ReturnPolicy(StrEnum):
    """What of a grant remains when part of its sale comes back."""

    PROPORTIONAL = "proportional"
    RECOMPUTE = "recompute"
    KEEP = "keep"


class Currency(Struct, frozen=True):
    """A kind of unit. ``lapsed_refund``: what a refund into a lapsed lot does."""

    code: str
    name: Words
    scale: int = 0
    expiry: Expiry = Expiry()
    pending: Pending = Pending()
    debt: Debt = Debt()
    returns: ReturnPolicy = ReturnPolicy.PROPORTIONAL
    return_rounding: Rounding = Rounding.DOWN
    lapsed_refund: str = "lapse"
    extend_days: int = 30
    hold_minutes: int = 30
    transferable: bool = False
    spendable: bool = True
    unit_cost_micro: int = 0
    """Cost of one unit of the scale's last digit, in millionths of the money's minor unit."""
    funder: str | None = None
    worth_minor: int | None = None
    """What the brand says that 100 whole units are worth, in minor units of money."""
    redeem_from: int = 0
    """Units that must be there before any are spent or set aside."""


class Window(Struct, frozen=True):
    """Which buckets a metric or a cap counts.

    ``kind`` is one of :mod:`coterie.programme.windows`, which says what the two numbers mean; a cap
    may also be per ``event``.
    """

    kind: str
    length: int = 0
    offset: int = 0
    attribute: str = ""
    """The member's date it goes by, for the kind that goes by one."""


class Metric(Struct, frozen=True):
    """A counted or summed quantity.

    ``on`` is ``order``, ``activity:CODE``, or what its measure says where it looks at all kinds of
    event or at none. ``measure`` is a kind of :mod:`coterie.programme.measures` or the name of an
    activity's field; ``of`` and ``rules`` say more for some kinds. ``when`` narrows it as a rule's
    condition does, ``lines`` chooses lines. Returns of an order take its part out again when
    ``returns`` is ``subtract``.
    """

    code: str
    on: str
    measure: str
    window: Window
    when: Condition | None = None
    returns: str = "subtract"
    name: Words | None = None
    of: str | None = None
    rules: tuple[str, ...] = ()
    lines: Condition | None = None
    remembers_year: bool = False
    """Whether the same period of the year before is kept, to be compared with."""


class Condition(Struct, frozen=True):
    """A declared test: ``kind`` names the condition, ``args`` its typed values."""

    kind: str
    args: dict[str, Any] = {}
    where: str = ""


class Basis(Struct, frozen=True):
    """What of an order counts: its lines, with or without tax, plus shipping and fees if wanted.

    Tenders of the kinds ``without_tenders`` are taken off in proportion (rounded down per line,
    the rest from the last lines that have room); where ``only_tenders`` are named, all others are.
    ``quantity``: the lines' quantities in thousandths count instead of what they cost.
    """

    tax: bool = True
    shipping: bool = False
    fees: bool = False
    without_tenders: tuple[str, ...] = ()
    only_tenders: tuple[str, ...] = ()
    quantity: bool = False


class RateTable(Struct, frozen=True):
    """Units by value: of a ``field`` of the event or its lines, an ``attribute``, or a tier.

    ``way`` is ``field``, ``attribute`` or ``ladder``, ``code`` the one that is looked at.
    """

    way: str
    code: str
    rates: dict[str, Fraction]


class Band(Struct, frozen=True):
    """``units`` for what lies up to ``up_to``, included; None: for all above."""

    up_to: int | None
    units: Fraction


class RoundBasis(Struct, frozen=True):
    """What counts is rounded to multiples of ``to`` before anything is earned by it."""

    to: int
    rounding: Rounding


class Effect(Struct, frozen=True):
    """What a rule gives; one struct a kind (:mod:`coterie.programme.effects`)."""


class Earn(Effect, frozen=True):
    """Give units of ``currency``.

    ``units`` for every ``per_minor`` of the basis (or of the activity field ``per_field``, per
    ``per_minor`` of its value), or, without ``per_minor``, ``units`` once. ``blocks``: only whole
    multiples of ``per_minor`` count. Rounded by ``rounding`` once per ``round_each`` (``order``,
    ``line`` or ``unit``: one piece of a line). A ``table`` gives other units by value, ``bands`` by
    what ``bands_of`` measures (``amount``, ``quantity`` or a field): each for its part
    (``marginal``), or the one it lies in for the whole. ``at_least`` is the least an event gives
    that gives anything.
    """

    currency: str
    units: Fraction
    per_minor: int | None = None
    per_field: str | None = None
    blocks: bool = False
    rounding: Rounding = Rounding.DOWN
    round_each: str = "order"
    basis: Basis = Basis()
    table: RateTable | None = None
    bands: tuple[Band, ...] = ()
    bands_apply: str = "marginal"
    bands_of: str = "amount"
    round_basis: RoundBasis | None = None
    at_least: int = 0
    parameter: str | None = None
    """Whose number for the member are the units, in place of ``units``."""

    def every_units(self) -> list[Fraction]:
        """Return all the units it may give for the same."""
        table = self.table.rates.values() if self.table else ()
        return [self.units, *table, *(band.units for band in self.bands)]


class Multiply(Effect, frozen=True):
    """Give a bonus of (factor - 1) times what ``rules`` gave on the lines this rule matches.

    The factor is ``factor``, or looked up in ``factors`` by the member's ``attribute`` or by the
    tier on ``ladder``, as before the event. The bonus is a movement of its own, rounded once.
    """

    rules: tuple[str, ...]
    factor: Fraction = Fraction(1)
    attribute: str | None = None
    factors: dict[str, Fraction] = field(default_factory=dict)
    rounding: Rounding = Rounding.DOWN
    ladder: str | None = None
    parameter: str | None = None
    """Whose number for the member is the factor; below one there is no bonus."""


class Cap(Struct, frozen=True):
    """A bound shared by the rules that name it.

    ``measure``: ``units``, ``amount`` (basis in minor units) or ``applications``; counted per
    ``window`` (or ``event``: per ticket). Over the bound a grant is cut to what fits.
    ``on_return``: ``release`` gives the room back to its period, ``keep`` does not. ``by`` makes it
    one bound for each brand, category, product, store, channel, partner or value of a field.
    """

    code: str
    limit: int
    measure: str
    window: Window
    on_return: str = "release"
    name: Words | None = None
    by: str | None = None
    parameter: str | None = None
    """Whose number for the member is the bound, in place of ``limit``."""


class Rule(Struct, frozen=True):
    """A declared condition and a declared effect.

    ``on`` is ``order`` or ``activity:CODE``. ``lines`` conditions choose the lines that count,
    ``when`` conditions the events. Rules apply in the order they are written. One with ``rest_of``
    counts only what the caps of those rules left over, one with ``opt_in`` applies to members who
    joined it, or its campaign.
    """

    code: str
    name: Words
    on: str
    effect: Effect
    when: Condition | None = None
    lines: Condition | None = None
    caps: tuple[str, ...] = ()
    campaign: str | None = None
    funder: str | None = None
    from_day: int | None = None
    to_day: int | None = None
    rest_of: tuple[str, ...] = ()
    opt_in: bool = False

    @property
    def condition(self) -> Condition | None:
        """What must hold: ``when``, and, with ``opt_in``, that the member joined it."""
        if not self.opt_in:
            return self.when
        codes = [self.code] if self.campaign is None else [self.code, self.campaign]
        joined = Condition("has_opted_in", {"in": codes})
        return joined if self.when is None else Condition("all", {"of": [joined, self.when]})


class FieldType(StrEnum):
    """What a declared field holds."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    """A text such as ``2026-01-31``."""


class Field(Struct, frozen=True):
    """A declared attribute or activity field; ``values`` lists what a text may be (empty: any).

    ``names`` are what some of the values are called.
    """

    code: str
    type: FieldType = FieldType.TEXT
    values: tuple[str, ...] = ()
    required: bool = False
    minimum: int | None = None
    maximum: int | None = None
    name: Words | None = None
    names: dict[str, Words] = field(default_factory=dict)


class ActivityKind(Struct, frozen=True):
    """A custom kind of event with its fields."""

    code: str
    name: Words
    fields: dict[str, Field] = field(default_factory=dict)


class StateRights(Struct, frozen=True):
    """What a member in a state may do."""

    earn: bool
    spend: bool
    receive: bool


class Source(Struct, frozen=True):
    """How events of one source are met.

    ``on_unknown_member``: ``refuse``, ``park`` or ``enrol``. ``unmatched_returns``: ``refuse`` (the
    whole return), ``match`` (take what fits, refuse the excess) or ``approve`` (wait).
    """

    code: str
    on_unknown_member: str = "refuse"
    unmatched_returns: str = "refuse"


class Late(Struct, frozen=True):
    """How late an event may be (``days``), and what happens to later ones.

    ``beyond``: ``refuse`` or ``approve``. ``future_minutes``: how far ahead a till's clock may be.
    """

    days: int = 60
    beyond: str = "refuse"
    future_minutes: int = 10


class Programme(Struct, frozen=True):
    """Everything a brand promises in one version.

    ``moves_to`` says, per section, what became of codes the version before this one had
    (``{"rules": {"old": "new", "older": None}}``).
    """

    code: str
    name: Words
    zone: str
    money: str
    currencies: dict[str, Currency]
    rules: tuple[Rule, ...] = ()
    caps: dict[str, Cap] = field(default_factory=dict)
    metrics: dict[str, Metric] = field(default_factory=dict)
    attributes: dict[str, Field] = field(default_factory=dict)
    activities: dict[str, ActivityKind] = field(default_factory=dict)
    states: dict[str, StateRights] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    late: Late = Late()
    return_days: int = 365
    moves_to: dict[str, dict[str, str | None]] = field(default_factory=dict)
    names: dict[str, dict[str, Words]] = field(default_factory=dict)
    """What codes are called that come from outside: ``{"category": {"tea": Words(...)}}``."""
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Entries of the sections (:mod:`coterie.programme.sections`) by section and code."""
