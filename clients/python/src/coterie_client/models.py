"""The shapes that go in and out.

Written by `make pages` from the description of the API; not by hand.
"""

from __future__ import annotations
from typing import Any, Literal, NotRequired
from typing import TypedDict


class Activity(TypedDict):
    """Something a programme declares by name and fields: a check-in, a stay, a finished lesson."""

    kind: Literal["activity"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    activity: str
    fields: NotRequired[dict[str, str | int | bool]]


class Adjustment(TypedDict):
    """A correction by hand: ``units`` above zero are given, below zero are taken."""

    kind: Literal["adjustment"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    currency: str
    units: int
    reason: str


class Answer(TypedDict):
    """The answer to one event, the same whenever it is asked again. ``status``: ``accepted``, ``refused`` (with ``code`` and ``detail``), ``waiting`` (``code`` says for what) or ``failed`` (Coterie's own fault). ``event`` is ``member:sequence``; it is absent where nothing was recorded. ``excess`` is what of a return was refused, by its line (from 0), ``tiers`` what changed on ladders. ``replayed`` is true when the event had been answered before."""

    status: str
    event: NotRequired[str | None]
    member_id: NotRequired[int | None]
    code: NotRequired[str | None]
    detail: NotRequired[str | None]
    where: NotRequired[str | None]
    kind: NotRequired[str | None]
    effects: NotRequired[list[Effect]]
    balances: NotRequired[list[BalanceAfter]]
    excess: NotRequired[list[Excess]]
    replayed: NotRequired[bool]
    tiers: NotRequired[list[TierAfter]]


class AskedJob(TypedDict):
    """The number under which the job can be followed."""

    job_id: int


class Assign(TypedDict):
    """The member gets numbers of its own for ``parameters`` of the programme; null takes one back. ``reason`` says why, for those who read the record."""

    kind: Literal["assign"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    parameters: dict[str, str | int | None]
    reason: NotRequired[str | None]


class AttributeChange(TypedDict):
    """New values of declared attributes; ``null`` removes one."""

    kind: Literal["attribute_change"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    attributes: dict[str, str | int | bool | None]


class BalanceAfter(TypedDict):
    """A holder's balances right after an event; ``available`` is open lots less what is owed."""

    currency: str
    available: int
    pending: int
    held: int
    owed: int


class BalanceShape(TypedDict):
    """What a member has of one currency, in its own scale. ``available`` can be spent: open lots less what is owed, so it may lie below zero. ``worth_minor`` is what that is worth by the programme's published value, in minor units of its money."""

    currency: str
    available: int
    pending: int
    held: int
    owed: int
    next_expiry: NotRequired[Lapsing | None]
    inactive_at: NotRequired[str | None]
    worth_minor: NotRequired[int | None]


class Balances(TypedDict):
    """All balances of a member as of now."""

    member_id: int
    as_of: str
    balances: list[BalanceShape]


class BatchAnswers(TypedDict):
    """An answer for each event, in the order of the events."""

    answers: list[Answer]


class Bilingual(TypedDict):
    """Lines in both languages."""

    zh: list[str]
    en: list[str]


class Brand(TypedDict):
    """The name under which a product is sold."""

    brand: str
    name_zh: NotRequired[str | None]
    name_en: NotRequired[str | None]


class BrandPage(TypedDict):
    """Brands by key."""

    brands: list[Brand]
    cursor: NotRequired[str | None]


class CampaignDraw(TypedDict):
    """A campaign of the newest version, and what its comparison group is drawn by. ``hold_out`` is in thousandths of all members. ``secret_sha256`` may be published before the campaign begins; ``secret`` is there when its last day is over, so that anybody can draw again. Both are None without a comparison group."""

    code: str
    name: Words
    first_day: str | None
    last_day: str | None
    hold_out: int
    secret_sha256: str | None
    secret: str | None


class CampaignDraws(TypedDict):
    """The campaigns of the newest version."""

    campaigns: list[CampaignDraw]


class Capture(TypedDict):
    """A hold is spent, wholly or in ``units``; what is left goes back."""

    kind: Literal["capture"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    hold_ref: str
    units: NotRequired[int | None]


class Category(TypedDict):
    """A kind of product within a wider one."""

    category: str
    parent: NotRequired[str | None]
    name_zh: NotRequired[str | None]
    name_en: NotRequired[str | None]


class CategoryPage(TypedDict):
    """Categories by key."""

    categories: list[Category]
    cursor: NotRequired[str | None]


class Change(TypedDict):
    """What became of one entry. ``words_before`` and ``words_after`` say the entry as members read it, where it has a sentence. ``moves_to`` is the code that takes over from a removed one."""

    section: str
    code: str
    what: What
    values: NotRequired[list[ValueChange]]
    words_before: NotRequired[Words | None]
    words_after: NotRequired[Words | None]
    moves_to: NotRequired[str | None]


class CheckedProgramme(TypedDict):
    """Whether a text can be used, and everything that is wrong or odd about it. ``sha256`` names what it means: texts of one meaning have one name."""

    usable: bool
    findings: list[Finding]
    sha256: NotRequired[str | None]


class Choose(TypedDict):
    """The member chooses what a milestone that was reached gives."""

    kind: Literal["choose"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    milestone: str
    option: str


class ComparedProgrammes(TypedDict):
    """What differs, as values and in words; empty where both mean the same."""

    changes: list[Change]
    words: Bilingual


class Confirm(TypedDict):
    """A sale is final (delivered, the return window over): what it earned no longer waits."""

    kind: Literal["confirm"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    order_ref: str


class ContactShape(TypedDict):
    """One way a member is found."""

    kind: str
    value: str


class Convert(TypedDict):
    """Units become another currency by a declared conversion; without ``units``, all that can."""

    kind: Literal["convert"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    conversion: str
    units: NotRequired[int | None]


class DeliveryAttempt(TypedDict):
    """A try; without ``status`` no answer came. ``answer`` is the beginning of what was said."""

    at: str
    latency_ms: int
    status: NotRequired[int | None]
    answer: NotRequired[str]
    error: NotRequired[str]


class DeliveryDetail(TypedDict):
    """A delivery with its body as it is sent, and its last tries, the newest first."""

    delivery: WebhookDelivery
    body: str
    attempts: list[DeliveryAttempt]


class DeliveryPage(TypedDict):
    """Deliveries, the newest first."""

    deliveries: list[WebhookDelivery]
    cursor: NotRequired[str | None]


class Effect(TypedDict):
    """Units that moved: how many of which currency, why, by which rule, from where to where."""

    currency: str
    units: int
    reason: str
    debit: str
    credit: str
    rule: NotRequired[str | None]


class Erasure(TypedDict):
    """Why somebody is erased; never who it was."""

    reason: NotRequired[str | None]


class EventBatch(TypedDict):
    """Events to be answered one by one; a bad one does not hold up the others."""

    events: list[
        Order
        | Return
        | Adjustment
        | OpeningBalance
        | AttributeChange
        | StateChange
        | StatusChange
        | Activity
        | Spend
        | Convert
        | Exchange
        | Redeem
        | Choose
        | Hold
        | Capture
        | Release
        | Confirm
        | Transfer
        | OptIn
        | Assign
        | TagChange
        | Link
        | Unmerge
        | OpeningMetrics
        | PoolJoin
        | PoolLeave
        | PoolChange
        | Extend
        | Reinstate
        | Reversal
    ]


class EventHit(TypedDict):
    """An order or another event; ``event`` is ``member:sequence``."""

    event: str
    kind: str
    occurred_at: str
    status: str
    order_ref: NotRequired[str | None]
    store: NotRequired[str | None]


class EventTrial(TypedDict):
    """An event, and the text of a programme to decide by instead of what is in force."""

    event: (
        Order
        | Return
        | Adjustment
        | OpeningBalance
        | AttributeChange
        | StateChange
        | StatusChange
        | Activity
        | Spend
        | Convert
        | Exchange
        | Redeem
        | Choose
        | Hold
        | Capture
        | Release
        | Confirm
        | Transfer
        | OptIn
        | Assign
        | TagChange
        | Link
        | Unmerge
        | OpeningMetrics
        | PoolJoin
        | PoolLeave
        | PoolChange
        | Extend
        | Reinstate
        | Reversal
    )
    draft: NotRequired[str | None]


class Evidence(TypedDict):
    """What was looked at: the ``values`` of metrics on ``day``, with what was ``carried`` over. ``test`` is ``reach``, ``keep``, ``lifetime`` or ``challenge`` of the tier ``of``, ``met`` its outcome, ``wanted`` its thresholds by metric. ``parts`` are the parts of the ``score``. ``note`` is what a person gave as reason."""

    day: NotRequired[int]
    test: NotRequired[str | None]
    of: NotRequired[str | None]
    met: NotRequired[bool]
    values: NotRequired[dict[str, int]]
    carried: NotRequired[dict[str, int]]
    wanted: NotRequired[dict[str, int]]
    score: NotRequired[int | None]
    parts: NotRequired[dict[str, int]]
    note: NotRequired[str | None]


class Excess(TypedDict):
    """What a line of a return asked for beyond what was bought: 0 when only its amount exceeds."""

    line: int
    quantity_milli: int


class Exchange(TypedDict):
    """Units go for others at the day's rate of a declared exchange; ``units`` are those given."""

    kind: Literal["exchange"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    exchange: str
    units: NotRequired[int | None]


class ExplainedCurrency(TypedDict):
    """Where a balance comes from: ``sums`` add up to ``units``, ``lots`` are what is left of it. ``units`` is what the member has in all: to be spent, waiting and set aside, less what is owed. ``events`` explain the events that gave the lots."""

    member_id: int
    currency: str
    units: int
    available: int
    pending: int
    held: int
    owed: int
    sums: list[ReasonSum]
    lots: list[ExplainedLot]
    events: list[ExplainedEvent]
    words: Lines


class ExplainedEvent(TypedDict):
    """The chain of one event: what happened, the version, what was read, each rule, what moved. ``metrics`` and ``attributes`` are as before the event. ``words`` are all sentences in order. ``event`` is empty for one that was only tried, ``status`` then also ``waiting``."""

    event: str
    kind: str
    occurred_at: str
    version: int
    status: str
    words: Lines
    code: NotRequired[str | None]
    detail: NotRequired[str | None]
    state: NotRequired[str]
    metrics: NotRequired[dict[str, int]]
    attributes: NotRequired[dict[str, Any]]
    rules: NotRequired[list[ExplainedRule]]
    movements: NotRequired[list[ExplainedMovement]]
    opened: NotRequired[list[ExplainedLot]]
    tiers: NotRequired[list[ExplainedTier]]


class ExplainedLadder(TypedDict):
    """Where a member stands on a ladder (None: not on it) and the changes, newest first."""

    member_id: int
    ladder: str
    tier: str | None
    changes: list[ExplainedTier]
    words: Lines


class ExplainedLot(TypedDict):
    """A lot, and the event that gave it."""

    lot: int
    currency: str
    event: str
    units: int
    remaining: int
    words: Words
    held: NotRequired[int]
    expires_on: NotRequired[str | None]
    releases_at: NotRequired[str | None]


class ExplainedMissing(TypedDict):
    """Why a rule gave nothing: how often which verdict fell, and the last events about it. ``words_now`` says the rule as it is in force now, None where it went away."""

    member_id: int
    rule: str
    given: int
    verdicts: dict[str, int]
    last: list[Missed]
    words: Lines
    words_now: NotRequired[Words | None]


class ExplainedMovement(TypedDict):
    """Units that moved, why, by which rule, and which lots that changed."""

    currency: str
    units: int
    debit: str
    credit: str
    reason: str
    words: Words
    rule: NotRequired[str | None]
    lots: NotRequired[list[LotPart]]


class ExplainedRule(TypedDict):
    """One rule's part in an event. ``units`` is what it gave, ``uncapped`` what it would have given without caps, ``basis_minor`` the amount it stands on (of an activity: the number of its field). ``condition`` is the part that does not hold."""

    rule: str
    verdict: str
    currency: str
    words: Words
    units: NotRequired[int]
    uncapped: NotRequired[int]
    basis_minor: NotRequired[int | None]
    cap: NotRequired[str | None]
    condition: NotRequired[Any]


class ExplainedTier(TypedDict):
    """A change on a ladder: from which tier to which (the same: its validity), why, by what."""

    event: str
    occurred_at: str
    version: int
    ladder: str
    reason: str
    evidence: Evidence
    words: Words
    before: NotRequired[str | None]
    tier: NotRequired[str | None]
    until_on: NotRequired[str | None]


class Explanation(TypedDict):
    """The answer to a question about a member, as of an instant."""

    member_id: int
    as_of: str
    event: NotRequired[ExplainedEvent | None]
    currency: NotRequired[ExplainedCurrency | None]
    missing: NotRequired[ExplainedMissing | None]
    tier: NotRequired[ExplainedLadder | None]


class Extend(TypedDict):
    """Open lots that would lapse up to ``expiring_until`` are kept valid through ``expires_on``."""

    kind: Literal["extend"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    currency: str
    expires_on: str
    expiring_until: NotRequired[str | None]
    reason: str


class Finding(TypedDict):
    """One thing found at ``file``:``line`` (from 1; 0: the whole file) and ``path`` below it."""

    file: str
    line: int
    path: str
    problem: str
    allowed: NotRequired[str]
    warning: NotRequired[bool]


class FoundMember(TypedDict):
    """A member's id."""

    member_id: int


class GivenIdentity(TypedDict):
    """One way to find the new member: a card, phone, e-mail, messenger or external id."""

    kind: IdentityKind
    value: str


class Health(TypedDict):
    """``ok``, or what is missing."""

    status: str


class Hold(TypedDict):
    """Units are set aside until ``expires_at``, or as long as the programme holds by default. ``by`` is the contributor for whom a pool does so."""

    kind: Literal["hold"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    currency: str
    units: int
    hold_ref: str
    expires_at: NotRequired[str | None]
    by: NotRequired[MemberRef | None]


class HoldPage(TypedDict):
    """Holds, newest first."""

    member_id: int
    as_of: str
    holds: list[HoldShape]
    cursor: NotRequired[str | None]


class HoldShape(TypedDict):
    """Units set aside. ``state``: open, captured, released or lapsed. ``event`` placed it."""

    hold_ref: str
    currency: str
    units: int
    captured: int
    state: str
    event: str
    expires_at: str


IdentityKind = Literal["card", "email", "external", "messenger", "phone"]


class IdentityShape(TypedDict):
    """One way the member is found, and since when (until when, if it no longer is)."""

    kind: str
    value: str
    valid_from: str
    valid_to: NotRequired[str | None]


class JobError(TypedDict):
    """Why a job failed, as a refusal says it."""

    code: str
    detail: str


class JobLine(TypedDict):
    """A job without what was given and what came of it. ``done`` of ``total`` is counted in what ``phase`` names. ``ending``: it was cancelled and is about to end. ``runs`` is how often it was begun: more than once where its process was killed."""

    job_id: int
    kind: str
    state: JobState
    asked_by: str
    created_at: str
    runs: NotRequired[int]
    ending: NotRequired[bool]
    phase: NotRequired[str | None]
    done: NotRequired[int]
    total: NotRequired[int | None]
    started_at: NotRequired[str | None]
    finished_at: NotRequired[str | None]
    error: NotRequired[JobError | None]


class JobPage(TypedDict):
    """Jobs, the newest first; ``cursor`` leads to the next page."""

    jobs: list[JobLine]
    cursor: NotRequired[str | None]


class JobShape(TypedDict):
    """A job with what was given and, once it is done, what came of it."""

    job_id: int
    kind: str
    state: JobState
    asked_by: str
    created_at: str
    runs: NotRequired[int]
    ending: NotRequired[bool]
    phase: NotRequired[str | None]
    done: NotRequired[int]
    total: NotRequired[int | None]
    started_at: NotRequired[str | None]
    finished_at: NotRequired[str | None]
    error: NotRequired[JobError | None]
    arguments: dict[str, Any]
    result: NotRequired[dict[str, Any] | None]


JobState = Literal["cancelled", "done", "failed", "queued", "running"]


class Lapsing(TypedDict):
    """Units that lapse next: how many, and their last valid day."""

    units: int
    expires_on: str


class LineShape(TypedDict):
    """One movement: why, by which rule, through which event. ``change`` is what it did to the units that can be spent, ``running`` how many those were after it; ``units`` moved from ``debit`` to ``credit``; ``said`` is the reason in words."""

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
    rule: NotRequired[str | None]
    campaign: NotRequired[str | None]
    store: NotRequired[str | None]


class Lines(TypedDict):
    """Sentences in both languages, one line each."""

    zh: list[str]
    en: list[str]


class Link(TypedDict):
    """Another member stands in a ``role`` to this one (``referrer``: who brought them). ``null`` ends it; a later link of the same role takes its place."""

    kind: Literal["link"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    role: str
    other: MemberRef | None


class LotPage(TypedDict):
    """Lots in the order they burn."""

    member_id: int
    as_of: str
    lots: list[LotShape]
    cursor: NotRequired[str | None]


class LotPart(TypedDict):
    """What of a lot moved: below zero it was taken; ``event`` is the one that gave the lot."""

    lot: int
    event: str
    units: int


class LotShape(TypedDict):
    """Units of one earning: ``remaining`` can be spent, ``held`` are set aside, ``lapsed`` expired. ``state``: ``pending`` until ``releases_at``, then ``open``; ``cancelled`` when taken back. ``event`` granted it."""

    lot: int
    currency: str
    state: str
    units: int
    remaining: int
    held: int
    lapsed: int
    event: str
    earned_at: str
    expires_on: NotRequired[str | None]
    releases_at: NotRequired[str | None]
    priority: NotRequired[int]
    contributor_id: NotRequired[int | None]


class MemberErased(TypedDict):
    """The member's personal data is gone; whoever copied some must remove it too."""

    member_id: int
    event: str
    event_kind: str
    occurred_at: str
    recorded_at: str


class MemberHit(TypedDict):
    """A member that fits; ``match`` is ``exact``, ``prefix`` or ``contains``."""

    member_id: int
    state: str
    match: str
    enrolled_at: str
    name: NotRequired[str | None]
    merged_into: NotRequired[int | None]
    contacts: NotRequired[list[ContactShape]]


MemberKind = Literal["household", "organisation", "person", "pool"]


class MemberMerged(TypedDict):
    """The member was merged into another, or that was taken back."""

    member_id: int
    event: str
    event_kind: str
    occurred_at: str
    recorded_at: str
    into: int


class MemberRef(TypedDict):
    """One way to name a member: exactly one of an id, or an identity kind with its value."""

    id: NotRequired[int | None]
    card: NotRequired[str | None]
    phone: NotRequired[str | None]
    email: NotRequired[str | None]
    messenger: NotRequired[str | None]
    external: NotRequired[str | None]


class MemberShape(TypedDict):
    """A member: who they are, where they stand and what they are found by."""

    member_id: int
    kind: str
    state: str
    enrolled_at: str
    sequence: int
    merged_into: NotRequired[int | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    origin: NotRequired[str | None]
    name: NotRequired[str | None]
    language: NotRequired[str | None]
    born_on: NotRequired[str | None]
    attributes: NotRequired[dict[str, Any]]
    identities: NotRequired[list[IdentityShape]]


class Merge(TypedDict):
    """Which member takes over, and why."""

    into: int
    reason: NotRequired[str | None]


class MergePlan(TypedDict):
    """What a merge would move; ``blocked`` says why it would be refused."""

    member_id: int
    into: int
    balances: list[BalanceShape]
    identities: int
    events: int
    blocked: NotRequired[str | None]


class Message(TypedDict):
    """The name of a message: what its receiver finds in ``webhook-id``."""

    message: str


class Missed(TypedDict):
    """An event in which a rule did not give all it could, or nothing."""

    event: str
    occurred_at: str
    version: int
    rule: ExplainedRule
    words: Words


Mode = Literal["historical", "live", "simulated"]


class Need(TypedDict):
    """A threshold and how far the member is: ``all`` or ``any`` ``of`` several, or one of its own. ``have``, ``wanted`` and ``missing`` are written in the unit of the ``metric`` (or ``score``); ``at_most``: the bound is from above, and nothing can be done about what exceeds it."""

    kind: str
    met: bool
    metric: NotRequired[str | None]
    name: NotRequired[Words | None]
    have: NotRequired[str | None]
    wanted: NotRequired[str | None]
    missing: NotRequired[str | None]
    at_most: NotRequired[bool]
    of: NotRequired[list[Need]]


class NewJob(TypedDict):
    """What is to be done; ``arguments`` are those of the kind."""

    kind: str
    arguments: NotRequired[dict[str, Any]]


class NewMember(TypedDict):
    """Somebody who becomes a member: as little as one identity will do. ``enrolled_at`` is for members brought from elsewhere; without it, now. ``attributes`` are the programme's declared attributes; later only events change them."""

    identities: NotRequired[list[GivenIdentity]]
    name: NotRequired[str | None]
    language: NotRequired[str | None]
    born_on: NotRequired[str | None]
    kind: NotRequired[MemberKind]
    state: NotRequired[str]
    enrolled_at: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    origin: NotRequired[str | None]
    attributes: NotRequired[dict[str, str | int | bool]]


class NewSecret(TypedDict):
    """The secret that signs from now on: keep it, it is not shown again."""

    secret: str


class NewWebhook(TypedDict):
    """A webhook and the secret that signs its messages: keep it, it is not shown again."""

    webhook: Webhook
    secret: str


class NextTierShape(TypedDict):
    """A tier, what it takes, and what is missing in words; ``met``: nothing is."""

    tier: str
    name: Words
    met: bool
    missing: Words
    need: Need


class OpeningBalance(TypedDict):
    """What a member had when Coterie took over."""

    kind: Literal["opening_balance"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    currency: str
    lots: list[OpeningLot]


class OpeningLot(TypedDict):
    """Units brought from another system, with the last day they are valid (none: by programme)."""

    units: int
    expires_on: NotRequired[str | None]
    earned_on: NotRequired[str | None]


class OpeningMetrics(TypedDict):
    """What a member had done when Coterie took over: by metric, in its smallest unit. ``as_of`` (2026-01-31, the event's day if not said) is the day in whose window it counts; a history of several windows is several events."""

    kind: Literal["opening_metrics"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    metrics: dict[str, int]
    as_of: NotRequired[str | None]


class OptIn(TypedDict):
    """The member joins what a rule, a campaign or a condition names by ``code``, or leaves it."""

    kind: Literal["opt_in"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    code: str
    joined: NotRequired[bool]


class Order(TypedDict):
    """A sale. Shipping and fees are not part of any line."""

    kind: Literal["order"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    order_ref: str
    currency: NotRequired[str | None]
    lines: list[OrderLine]
    shipping_minor: NotRequired[int]
    fees_minor: NotRequired[int]
    tenders: NotRequired[list[Tender]]


class OrderLine(TypedDict):
    """One line of a sale. ``amount_minor`` is what the line costs the member after its discounts, tax included; ``tax_minor`` is contained in it, ``discount_minor`` was already taken off. ``categories`` (the product's category first, then its parents), ``brand`` and ``tags`` are resolved from the catalogue at intake where it knows the product."""

    amount_minor: int
    line: NotRequired[str | None]
    product: NotRequired[str | None]
    quantity_milli: NotRequired[int]
    tax_minor: NotRequired[int]
    discount_minor: NotRequired[int]
    categories: NotRequired[list[str]]
    brand: NotRequired[str | None]
    tags: NotRequired[list[str]]


class PartHit(TypedDict):
    """Something the programme declares, with its names in both languages."""

    section: str
    code: str
    name_zh: str
    name_en: str


class Pinged(TypedDict):
    """Nothing happened: somebody wants to know whether messages arrive."""

    webhook: int


class Place(TypedDict):
    """A node of the tree of places; ``day_cut_minutes`` after midnight a store's day begins."""

    place: str
    kind: NotRequired[str]
    parent: NotRequired[str | None]
    name: NotRequired[str | None]
    day_cut_minutes: NotRequired[int]


class PlacePage(TypedDict):
    """Brands, regions and stores by key."""

    places: list[Place]
    cursor: NotRequired[str | None]


PlanArguments = TypedDict(
    "PlanArguments",
    {
        "text": "str",
        "role": "NotRequired[Literal['draft', 'rival']]",
        "from": "NotRequired[str | None]",
        "to": "NotRequired[str | None]",
        "jobs": "NotRequired[int | None]",
    },
)


class PoolChange(TypedDict):
    """The pool lets a contributor do more or less, or lets them go (``remove``). ``limit_units`` is what they may spend in the time the programme says, in the smallest unit. ``by`` is the contributor who decides, an owner; without it the pool's keeper does."""

    kind: Literal["pool_change"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    scheme: str
    contributor: MemberRef
    role: NotRequired[Literal["member", "owner", "saver"] | None]
    limit_units: NotRequired[int | None]
    remove: NotRequired[bool]
    by: NotRequired[MemberRef | None]


class PoolJoin(TypedDict):
    """The member's units go to a pool from now on; ``scheme`` is a pool of the programme. ``invited_by`` is who of the pool asked them in, where the programme lets not everybody do so."""

    kind: Literal["pool_join"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    scheme: str
    pool: MemberRef
    invited_by: NotRequired[MemberRef | None]


class PoolLeave(TypedDict):
    """The member leaves the pool and gets what is left of their own contribution."""

    kind: Literal["pool_leave"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    scheme: str


class Problem(TypedDict):
    """A refusal, in one shape for every address. ``type`` leads to a page about the code. ``code`` is stable and meant for programs, ``title`` is the sentence of the code in the language that was asked for (``Accept-Language``), ``detail`` what is specific to this case, ``where`` a path into the input, ``instance`` the recorded event or the address that was called. ``facts`` holds values a program may want. ``event`` and ``member_id`` are there when the refusal was recorded; ``replayed`` when the event had been answered before. ``request_id`` names the request, as the header ``X-Request-Id`` does."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    where: str
    instance: str
    event: NotRequired[str | None]
    member_id: NotRequired[int | None]
    replayed: NotRequired[bool]
    facts: NotRequired[dict[str, Any]]
    request_id: NotRequired[str]


class Product(TypedDict):
    """Something that can stand on a line of an order."""

    product: str
    name: NotRequired[str | None]
    category: NotRequired[str | None]
    brand: NotRequired[str | None]
    tags: NotRequired[list[str]]


class ProductPage(TypedDict):
    """Products by key."""

    products: list[Product]
    cursor: NotRequired[str | None]


class ProgrammeCheck(TypedDict):
    """A text to be checked."""

    text: str


class ProgrammeComparison(TypedDict):
    """What is compared; ``before`` is what is in force unless it is said."""

    after: ProgrammeOrigin
    before: NotRequired[ProgrammeOrigin]


class ProgrammeOrigin(TypedDict):
    """A programme: a ``text``, or the published version ``version``; neither: what is in force."""

    text: NotRequired[str | None]
    version: NotRequired[int | None]


class ProspectPage(TypedDict):
    """Prospects, the newest first; ``cursor`` leads to the next page."""

    prospects: list[ProspectShape]
    cursor: NotRequired[str | None]


class ProspectShape(TypedDict):
    """Somebody who was enrolled as a prospect or unverified, and how far they have come."""

    member_id: int
    began_as: str
    state: str
    enrolled_at: str
    name: NotRequired[str | None]
    channel: NotRequired[str | None]
    origin: NotRequired[str | None]
    first_order_at: NotRequired[str | None]
    first_order_ref: NotRequired[str | None]
    joined_at: NotRequired[str | None]


class Publication(TypedDict):
    """A text to be published. ``active_from`` absent: now, or always for the first version."""

    text: str
    active_from: NotRequired[str | None]
    note: NotRequired[str | None]


class PublishedVersion(TypedDict):
    """What was published."""

    version: int


class ReasonSum(TypedDict):
    """What one reason (and rule) has brought a member over time; below zero: cost."""

    reason: str
    change: int
    events: int
    words: Words
    rule: NotRequired[str | None]


class RecordedEvent(TypedDict):
    """A recorded event: its envelope, what was sent, and the answer it got. ``occurred_at`` has the offset its sender wrote; ``booked_on`` is the accounting day. ``input`` holds what was sent, resolved against the catalogue, members named by id."""

    event: str
    member_id: int
    kind: str
    source: str
    key: str
    occurred_at: str
    received_at: str
    day: str
    booked_on: str
    version: int
    mode: str
    answer: Answer
    input: dict[str, Any]


class Redeem(TypedDict):
    """Units are spent on a declared reward. ``value_minor`` is what one piece is worth, where the reward leaves that open; ``of_minor`` the whole bill it is taken off, where the reward pays a share of one at most. ``by`` is the contributor for whom a pool spends."""

    kind: Literal["redeem"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    reward: str
    quantity: NotRequired[int]
    value_minor: NotRequired[int | None]
    of_minor: NotRequired[int | None]
    by: NotRequired[MemberRef | None]


class Reinstate(TypedDict):
    """Lapsed units come back as a lot valid through ``expires_on``; ``units`` at most lapsed."""

    kind: Literal["reinstate"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    currency: str
    units: int
    expires_on: str
    reason: str


class Release(TypedDict):
    """A hold is given back."""

    kind: Literal["release"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    hold_ref: str


class ReplayWish(TypedDict):
    """What to send again: recorded from ``since`` up to before ``until``, dead ones or all."""

    since: str
    until: str
    what: NotRequired[Literal["all", "dead"]]


class Replayed(TypedDict):
    """How many are sent again. As many as 10,000: there may be more, call again."""

    deliveries: int


class Return(TypedDict):
    """Goods that come back, of one sale (``order_ref``) or of whichever sales held them. Without ``lines`` and with ``order_ref``, everything that is left of the sale."""

    kind: Literal["return"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    order_ref: NotRequired[str | None]
    lines: NotRequired[list[ReturnLine]]


class ReturnLine(TypedDict):
    """What of one line comes back: by line of the sale, or by product where no sale is named. ``amount_minor`` is what is paid back; without it, the sale's amount in proportion to the quantity. Without a quantity, the whole rest of the line."""

    line: NotRequired[str | None]
    product: NotRequired[str | None]
    quantity_milli: NotRequired[int | None]
    amount_minor: NotRequired[int | None]


class Reversal(TypedDict):
    """An earlier event of the same member is undone, with a reason."""

    kind: Literal["reversal"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    reverses_seq: int
    reason: str


class Rollback(TypedDict):
    """The version whose content is published again. ``active_from`` absent: now, or in place of a version that has not begun."""

    version: int
    active_from: NotRequired[str | None]
    note: NotRequired[str | None]


class Rotation(TypedDict):
    """For how many hours the secrets before sign as well; 0 ends them at once."""

    overlap_hours: NotRequired[int]


class SearchResult(TypedDict):
    """Groups of what was found, each with its best first; ``more_members``: there may be others."""

    members: list[MemberHit]
    more_members: bool
    orders: list[EventHit]
    events: list[EventHit]
    programme: list[PartHit]


class SearchText(TypedDict):
    """What is looked for. ``masked``: show no more of people than they would recognise."""

    text: str
    limit: NotRequired[int]
    masked: NotRequired[bool]


class Separation(TypedDict):
    """Why a merge is taken back."""

    reason: NotRequired[str | None]


class SetAsideAccepted(TypedDict):
    """How many members the version begins without."""

    members: int


class SetAsideMember(TypedDict):
    """A member whose past could not be counted, and why."""

    member_id: int
    reason: str
    set_aside_at: str


class SetAsidePage(TypedDict):
    """Members set aside, by id; ``cursor`` leads to the next page."""

    members: list[SetAsideMember]
    cursor: NotRequired[str | None]


class Spend(TypedDict):
    """Units are redeemed at once; ``by`` is the contributor for whom a pool spends."""

    kind: Literal["spend"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    currency: str
    units: int
    reason: NotRequired[str | None]
    order_ref: NotRequired[str | None]
    by: NotRequired[MemberRef | None]


class Staff(TypedDict):
    """Somebody who sells; ``store`` is where."""

    staff: str
    name: NotRequired[str | None]
    store: NotRequired[str | None]
    active: NotRequired[bool]


class StaffPage(TypedDict):
    """Staff by key."""

    staff: list[Staff]
    cursor: NotRequired[str | None]


class StateChange(TypedDict):
    """The member enters another state of the programme's table."""

    kind: Literal["state_change"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    state: str
    reason: NotRequired[str | None]
    merged_into: NotRequired[int | None]


class StateChanged(TypedDict):
    """The member is in another state."""

    member_id: int
    event: str
    event_kind: str
    occurred_at: str
    recorded_at: str
    state: str


class StatementPage(TypedDict):
    """Movements, newest first."""

    member_id: int
    as_of: str
    lines: list[LineShape]
    cursor: NotRequired[str | None]


class StatusChange(TypedDict):
    """A person decides about a member's tier on a ladder. ``grant`` and ``match`` a ``tier`` through ``until`` (a match stays when its challenge is met), give it for ``lifetime``, ``pin`` the member to it or to what it has, ``unpin``, ``pause`` and ``resume`` reviews, ``correct`` what was earned (``since``: the day on which it was, by which its validity and renewal go), ``select`` this ladder of a track."""

    kind: Literal["status_change"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    ladder: str
    action: Literal[
        "correct", "grant", "lifetime", "match", "pause", "pin", "resume", "select", "unpin"
    ]
    tier: NotRequired[str | None]
    until: NotRequired[str | None]
    since: NotRequired[str | None]
    reason: str


class TagChange(TypedDict):
    """Tags are put on the member or taken off; whatever reads them sees it from the next event."""

    kind: Literal["tag_change"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    add: NotRequired[list[str]]
    remove: NotRequired[list[str]]


class Tender(TypedDict):
    """A means of payment and the part of the order it paid."""

    kind: str
    amount_minor: int


class TierAfter(TypedDict):
    """A change on a ladder: the tier now, why, the tier before, the last day it is valid. ``tier`` is null on a ladder that was left; without ``until`` it has no end."""

    ladder: str
    tier: str | None
    reason: str
    before: NotRequired[str | None]
    until: NotRequired[str | None]


class TierChangePage(TypedDict):
    """Changes, newest first."""

    member_id: int
    as_of: str
    changes: list[TierChangeShape]
    cursor: NotRequired[str | None]


class TierChangeShape(TypedDict):
    """A change on a ladder: from which tier to which (the same: its validity), why, by what. ``evidence`` is what was looked at; its ``day`` is ``judged_on``."""

    event: str
    change: int
    at: str
    ladder: str
    reason: str
    programme_version: int
    evidence: Evidence
    before: NotRequired[str | None]
    tier: NotRequired[str | None]
    until_on: NotRequired[str | None]
    judged_on: NotRequired[str | None]


TierChanged = TypedDict(
    "TierChanged",
    {
        "member_id": "int",
        "event": "str",
        "event_kind": "str",
        "occurred_at": "str",
        "recorded_at": "str",
        "ladder": "str",
        "from": "str | None",
        "to": "str | None",
        "reason": "str",
    },
)


class TierShape(TypedDict):
    """A member on one ladder. ``rise`` is the next tier above, ``keep`` what keeps the tier that was earned, ``projected`` where the present pace leads. ``earned`` is the tier of the member's own doing where another one holds (granted, matched, pinned or for ever)."""

    ladder: str
    name: Words
    tier: str
    tier_name: Words
    projected: str
    since_on: NotRequired[str | None]
    until_on: NotRequired[str | None]
    review_on: NotRequired[str | None]
    reason: NotRequired[str | None]
    earned: NotRequired[str | None]
    granted_until: NotRequired[str | None]
    grace_until: NotRequired[str | None]
    pinned: NotRequired[bool]
    lifetime: NotRequired[str | None]
    paused: NotRequired[bool]
    rise: NotRequired[NextTierShape | None]
    keep: NotRequired[NextTierShape | None]
    score: NotRequired[int | None]
    parts: NotRequired[dict[str, int]]
    carried: NotRequired[dict[str, int]]
    benefits: NotRequired[list[Words]]


class Tiers(TypedDict):
    """A member's place on every ladder, as of now."""

    member_id: int
    as_of: str
    tiers: list[TierShape]


class Transfer(TypedDict):
    """Units leave for another member; they wait in transit until the receiver's event. ``by`` is the contributor for whom a pool gives."""

    kind: Literal["transfer"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    currency: str
    units: int
    receiver: MemberRef
    reason: NotRequired[str | None]
    by: NotRequired[MemberRef | None]


class UnitsMoved(TypedDict):
    """Units of a currency moved for one reason; all movements of that reason in the event."""

    member_id: int
    event: str
    event_kind: str
    occurred_at: str
    recorded_at: str
    currency: str
    units: int


class Unmerge(TypedDict):
    """A merge is taken back: ``merge_seq`` is this member's event that brought ``merged_id``."""

    kind: Literal["unmerge"]
    source: NotRequired[str]
    key: str
    occurred_at: str
    member: MemberRef
    mode: NotRequired[Mode]
    actor: NotRequired[str | None]
    channel: NotRequired[str | None]
    store: NotRequired[str | None]
    operator: NotRequired[str | None]
    device: NotRequired[str | None]
    device_sequence: NotRequired[int | None]
    partner: NotRequired[str | None]
    campaign: NotRequired[str | None]
    caused_by: NotRequired[str | None]
    merged_id: int
    merge_seq: int
    reason: NotRequired[str | None]


class ValueChange(TypedDict):
    """One value inside an entry; None where it is not there."""

    path: str
    before: Any
    after: Any


class VersionLine(TypedDict):
    """A published version; ``sha256`` is of its text. ``counting`` are new metrics in which recorded events are being counted: it cannot begin before."""

    version: int
    active_from: str
    published_at: str
    sha256: str
    note: str | None
    counting: list[str]


class VersionPage(TypedDict):
    """Versions, the newest first; the next page begins ``below`` the last one."""

    versions: list[VersionLine]
    below: NotRequired[int | None]


class VersionShape(TypedDict):
    """A version with its content: ``text`` is canonical YAML, every default spelt out."""

    version: int
    active_from: str
    published_at: str
    sha256: str
    note: str | None
    counting: list[str]
    text: str
    words: Bilingual


class Webhook(TypedDict):
    """A webhook. ``paused`` says why it is not active: ``by_hand``, or ``gone`` (it said 410)."""

    webhook: int
    url: str
    kinds: list[str]
    description: str
    active: bool
    created_at: str
    changed_at: str
    paused: NotRequired[str | None]


class WebhookChange(TypedDict):
    """What is to be different; what is absent stays. A paused webhook is told nothing."""

    url: NotRequired[str]
    kinds: NotRequired[list[str]]
    description: NotRequired[str]
    active: NotRequired[bool]


class WebhookDelivery(TypedDict):
    """A message to a webhook. ``tries`` counts those since it was last begun."""

    message: str
    kind: str
    member_id: int
    state: Literal["dead", "delivered", "waiting"]
    tries: int
    recorded_at: str
    settled_at: NotRequired[str | None]


class WebhookPage(TypedDict):
    """Webhooks by number."""

    webhooks: list[Webhook]
    cursor: NotRequired[str | None]


class WebhookWish(TypedDict):
    """Where to send what. ``kinds``: facts by name, groups such as ``units.*``, or ``*``."""

    url: str
    kinds: list[str]
    description: NotRequired[str]


What = Literal["added", "changed", "removed", "reordered"]


class Words(TypedDict):
    """A text in both languages."""

    zh: str
    en: str
