"""Who is told what happened: subscriptions, deliveries, and the log of both.

Owns the schema ``webhooks``. Speaks the Standard Webhooks specification: three headers, a signature
by HMAC-SHA256, secrets that can be rotated. Invariants: a fact becomes one delivery for each active
subscription that wants its kind, in the transaction that takes it out of the outbox; deliveries of
one member to one subscriber are attempted in the order in which things happened, and one that fails
holds those behind it; what was taken out of the outbox is delivered at least once, or is dead after
some days of trying and says so in the log. Facts of historical and simulated events never come.
A body names members by id and holds nothing else about a person.

Does not promise exactly once (receivers tell copies by ``webhook-id``), order between members, or
that a paused subscription hears later of what happened meanwhile. Secrets are kept readable,
because a signature needs them: who reads the database can sign.
"""

from coterie.webhooks.actions import (
    change_subscription,
    fan_out,
    forget_settled,
    ping,
    remove_subscription,
    replay,
    replay_between,
    rotate_secret,
    subscribe,
)
from coterie.webhooks.errors import (
    BadSubscription,
    DeliveryUnknown,
    SecretsTooMany,
    SubscriptionsTooMany,
    SubscriptionUnknown,
)
from coterie.webhooks.model import (
    FACTS,
    FACTS_VERSION,
    Attempt,
    Backlog,
    Change,
    Delivery,
    FactKind,
    Subscription,
    Told,
    WebhookSettings,
    Wish,
)
from coterie.webhooks.rules import message_id, write_secret
from coterie.webhooks.sending import Sender
from coterie.webhooks.views import (
    attempts_of,
    backlog,
    list_deliveries,
    list_subscriptions,
    read_delivery,
    read_subscription,
)

__all__ = [
    "FACTS",
    "FACTS_VERSION",
    "Attempt",
    "Backlog",
    "BadSubscription",
    "Change",
    "Delivery",
    "DeliveryUnknown",
    "FactKind",
    "SecretsTooMany",
    "Sender",
    "Subscription",
    "SubscriptionUnknown",
    "SubscriptionsTooMany",
    "Told",
    "WebhookSettings",
    "Wish",
    "attempts_of",
    "backlog",
    "change_subscription",
    "fan_out",
    "forget_settled",
    "list_deliveries",
    "list_subscriptions",
    "message_id",
    "ping",
    "read_delivery",
    "read_subscription",
    "remove_subscription",
    "replay",
    "replay_between",
    "rotate_secret",
    "subscribe",
    "write_secret",
]
