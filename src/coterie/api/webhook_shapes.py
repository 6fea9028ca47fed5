"""Webhooks as they go in and out."""

from __future__ import annotations

from typing import Annotated, Literal, cast

from msgspec import UNSET, Meta, Struct, UnsetType

from coterie.kernel.time import format_instant
from coterie.webhooks import Attempt, Delivery, Subscription, message_id

Url = Annotated[str, Meta(min_length=8, max_length=2_000)]
Kinds = Annotated[
    tuple[Annotated[str, Meta(min_length=1, max_length=64)], ...],
    Meta(min_length=1, max_length=100),
]
Description = Annotated[str, Meta(max_length=200)]
Instant = Annotated[str, Meta(max_length=64)]
State = Literal["waiting", "delivered", "dead"]


class WebhookWish(Struct, frozen=True, forbid_unknown_fields=True):
    """Where to send what. ``kinds``: facts by name, groups such as ``units.*``, or ``*``."""

    url: Url
    kinds: Kinds
    description: Description = ""


class WebhookChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be different; what is absent stays. A paused webhook is told nothing."""

    url: Url | UnsetType = UNSET
    kinds: Kinds | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class Webhook(Struct, frozen=True, omit_defaults=True):
    """A webhook. ``paused`` says why it is not active: ``by_hand``, or ``gone`` (it said 410)."""

    webhook: int
    url: str
    kinds: tuple[str, ...]
    description: str
    active: bool
    created_at: str
    changed_at: str
    paused: str | None = None


class NewWebhook(Struct, frozen=True):
    """A webhook and the secret that signs its messages: keep it, it is not shown again."""

    webhook: Webhook
    secret: str


class WebhookPage(Struct, frozen=True, omit_defaults=True):
    """Webhooks by number."""

    webhooks: tuple[Webhook, ...]
    cursor: str | None = None


class Rotation(Struct, frozen=True, forbid_unknown_fields=True):
    """For how many hours the secrets before sign as well; 0 ends them at once."""

    overlap_hours: Annotated[int, Meta(ge=0, le=168)] = 24


class NewSecret(Struct, frozen=True):
    """The secret that signs from now on: keep it, it is not shown again."""

    secret: str


class Message(Struct, frozen=True):
    """The name of a message: what its receiver finds in ``webhook-id``."""

    message: str


class WebhookDelivery(Struct, frozen=True, omit_defaults=True):
    """A message to a webhook. ``tries`` counts those since it was last begun."""

    message: str
    kind: str
    member_id: int
    state: State
    tries: int
    recorded_at: str
    settled_at: str | None = None


class DeliveryPage(Struct, frozen=True, omit_defaults=True):
    """Deliveries, the newest first."""

    deliveries: tuple[WebhookDelivery, ...]
    cursor: str | None = None


class DeliveryAttempt(Struct, frozen=True, omit_defaults=True):
    """A try; without ``status`` no answer came. ``answer`` is the beginning of what was said."""

    at: str
    latency_ms: int
    status: int | None = None
    answer: str = ""
    error: str = ""


class DeliveryDetail(Struct, frozen=True):
    """A delivery with its body as it is sent, and its last tries, the newest first."""

    delivery: WebhookDelivery
    body: str
    attempts: tuple[DeliveryAttempt, ...]


class ReplayWish(Struct, frozen=True, forbid_unknown_fields=True):
    """What to send again: recorded from ``since`` up to before ``until``, dead ones or all."""

    since: Instant
    until: Instant
    what: Literal["dead", "all"] = "dead"


class Replayed(Struct, frozen=True):
    """How many are sent again. As many as 10,000: there may be more, call again."""

    deliveries: int


def shape_of(found: Subscription) -> Webhook:
    """Return a subscription as it goes out."""
    return Webhook(
        found.subscription_id,
        found.url,
        found.kinds,
        found.description,
        found.active,
        format_instant(found.created_us),
        format_instant(found.changed_us),
        found.paused,
    )


def delivery_shape(row: Delivery) -> WebhookDelivery:
    """Return a delivery as it goes out."""
    return WebhookDelivery(
        message_id(row.member_id, row.seq, row.n),
        row.kind,
        row.member_id,
        cast("State", row.state),
        row.tries,
        format_instant(row.recorded_us),
        None if row.settled_us is None else format_instant(row.settled_us),
    )


def attempt_shape(row: Attempt) -> DeliveryAttempt:
    """Return a try as it goes out."""
    return DeliveryAttempt(
        format_instant(row.at_us), row.latency_ms, row.status, row.answer, row.error
    )
