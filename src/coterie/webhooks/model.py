"""Subscriptions, the facts there are, deliveries and attempts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

Network = IPv4Network | IPv6Network

FACTS_VERSION = 1
"""The version of all bodies. It grows when a field goes or changes its meaning."""
BODY_BYTES_MAX = 65_536
SUBSCRIPTIONS_MAX = 100
SECRETS_MAX = 3
KINDS_MAX = 100
URL_LENGTH_MAX = 2_000
DESCRIPTION_LENGTH_MAX = 200
ANSWER_CHARACTERS_MAX = 1_000
RETENTION_DAYS = 30

Units = Annotated[int, Meta(ge=1)]


class Happened(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What every fact says: whom it is about and which event brought it.

    ``event`` is the event's name, ``event_kind`` its kind, ``occurred_at`` when it occurred with
    the offset its sender wrote, ``recorded_at`` when it arrived.
    """

    member_id: int
    event: str
    event_kind: str
    occurred_at: str
    recorded_at: str


class UnitsMoved(Happened, frozen=True, kw_only=True):
    """Units of a currency moved for one reason; all movements of that reason in the event."""

    currency: str
    units: Units


class TierChanged(
    Happened, frozen=True, kw_only=True, rename={"from_tier": "from", "to_tier": "to"}
):
    """The member stands on another tier of a ladder; null: on none."""

    ladder: str
    from_tier: str | None
    to_tier: str | None
    reason: str


class StateChanged(Happened, frozen=True, kw_only=True):
    """The member is in another state."""

    state: str


class MemberMerged(Happened, frozen=True, kw_only=True):
    """The member was merged into another, or that was taken back."""

    into: int


class MemberErased(Happened, frozen=True, kw_only=True):
    """The member's personal data is gone; whoever copied some must remove it too."""


class Pinged(Struct, frozen=True):
    """Nothing happened: somebody wants to know whether messages arrive."""

    webhook: int


class FactKind(Struct, frozen=True):
    """A kind of fact: its name, what it says, and the shape of its ``data``."""

    kind: str
    zh: str
    en: str
    shape: Any


_UNITS = {
    "earn": ("获得积分", "Units were earned"),
    "milestone": ("里程碑奖励入账", "Units came for a milestone"),
    "release_pending": ("待用积分转可用", "Pending units were released"),
    "spend": ("消耗积分", "Units were spent"),
    "hold": ("积分被冻结", "Units were set aside"),
    "capture": ("冻结转消耗", "Units on hold were spent"),
    "hold_release": ("解除冻结", "A hold was released"),
    "hold_lapse": ("冻结到期解除", "A hold lapsed"),
    "repay": ("抵还欠额", "A debt was repaid"),
    "expire": ("积分过期", "Units lapsed"),
    "inactivity": ("长期无活动失效", "Units lapsed for inactivity"),
    "transfer": ("转赠出账", "Units were given away"),
    "transfer_in": ("收到转赠", "Units were given by another member"),
    "transfer_back": ("转赠退回", "A transfer came back"),
    "adjustment": ("人工调整", "Units were adjusted by hand"),
    "opening": ("期初余额", "An opening balance was set"),
    "reinstate": ("恢复已过期积分", "Lapsed units were given back"),
    "return": ("因退货收回", "Units were taken back for a return"),
    "reversal": ("撤销", "An event was reversed"),
    "referral": ("推荐奖励", "Units came for a referral"),
    "referral_back": ("收回推荐奖励", "Units for a referral were taken back"),
    "convert": ("积分转换", "Units were converted"),
    "exchange": ("兑换币种", "Units were exchanged"),
    "redeem": ("兑换奖励", "Units were spent on a reward"),
    "settle": ("期末结算", "A period was settled"),
    "merge": ("会员合并", "Units moved by a merge"),
    "unmerge": ("撤销合并", "Units moved back with an un-merge"),
    "pool": ("积分池", "Units moved into or out of a pool"),
    "forfeit": ("注销后失效", "Units were forfeited when the member was erased"),
}
FACTS: tuple[FactKind, ...] = (
    *(FactKind(f"units.{reason}", zh, en, UnitsMoved) for reason, (zh, en) in _UNITS.items()),
    FactKind("tier.changed", "等级变化", "The member's tier changed", TierChanged),
    FactKind("member.state_changed", "会员状态变化", "The member's state changed", StateChanged),
    FactKind("member.merged", "会员被并入", "The member was merged into another", MemberMerged),
    FactKind("member.unmerged", "合并被撤销", "A merge was taken back", MemberMerged),
    FactKind("member.erased", "会员已删除", "The member was erased", MemberErased),
    FactKind("ping", "测试消息", "A test message", Pinged),
)
"""Every kind there is; what is not here is never sent."""
KIND_NAMES = frozenset(each.kind for each in FACTS)


class Told(Struct, frozen=True, array_like=True, gc=False):
    """The facts of one event, as they lie in the outbox.

    Each of ``facts`` has its kind under ``fact`` and the fields of its own.
    """

    at_us: int
    offset_minutes: int
    received_us: int
    event_kind: str
    facts: list[dict[str, Any]]


class Wish(Struct, frozen=True):
    """What somebody wants to be told, and where. ``kinds`` may end in ``.*``, or be ``*``."""

    url: str
    kinds: tuple[str, ...]
    description: str = ""


class Change(Struct, frozen=True):
    """What of a subscription is to be different; UNSET stays as it is."""

    url: str | msgspec.UnsetType = msgspec.UNSET
    kinds: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    description: str | msgspec.UnsetType = msgspec.UNSET
    active: bool | msgspec.UnsetType = msgspec.UNSET


class Subscription(Struct, frozen=True):
    """A subscription; ``paused`` says why it is not active: ``by_hand`` or ``gone``."""

    subscription_id: int
    url: str
    kinds: tuple[str, ...]
    description: str
    active: bool
    paused: str | None
    created_us: int
    changed_us: int


class Delivery(Struct, frozen=True):
    """A fact for a subscriber. ``tries`` counts failures since it was last begun."""

    member_id: int
    subscription_id: int
    seq: int
    n: int
    kind: str
    recorded_us: int
    state: str
    tries: int
    settled_us: int | None
    body: str


class Attempt(Struct, frozen=True):
    """One try; ``status`` None: no answer came, ``error`` says why."""

    at_us: int
    latency_ms: int
    status: int | None
    answer: str
    error: str


class Parcel(Struct, frozen=True):
    """A delivery whose lane is leased: everything sending needs."""

    member_id: int
    subscription_id: int
    seq: int
    n: int
    body: str
    tries: int
    lease_no: int
    url: str
    secrets: tuple[bytes, ...]


class Outcome(Struct, frozen=True):
    """What became of a parcel. ``retry_after_s`` is what the receiver asked for."""

    status: int | None
    latency_ms: int
    answer: str = ""
    error: str = ""
    retry_after_s: int = 0


class Backlog(Struct, frozen=True):
    """What waits: lanes, those that failed, since when the oldest does; and what is dead."""

    lanes: int
    failing: int
    oldest_us: int | None
    dead: int


class WebhookSettings(Struct, frozen=True):
    """``networks`` are private addresses that may be sent to, and without encryption."""

    networks: tuple[Network, ...] = ()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> WebhookSettings:
        """Read ``COTERIE_WEBHOOK_NETWORKS``, networks separated by commas. Raises ValueError."""
        given = os.environ if environment is None else environment
        text = given.get("COTERIE_WEBHOOK_NETWORKS", "")
        return cls(tuple(ip_network(part.strip()) for part in text.split(",") if part.strip()))
