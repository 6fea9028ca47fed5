"""What is refused about webhooks.

Refusal
 ├─ BadSubscription                         malformed
 ├─ SubscriptionUnknown, DeliveryUnknown    not found
 └─ SubscriptionsTooMany, SecretsTooMany    conflict
"""

from __future__ import annotations

from coterie.kernel.errors import Kind, Malformed, Refusal


class BadSubscription(Malformed):
    """Nothing can be sent like that."""

    code = "bad_webhook"
    zh = "无法按此设置发送。"


class SubscriptionUnknown(Refusal):
    """No webhook has this id."""

    code = "webhook_not_found"
    zh = "没有此编号的 Webhook。"
    kind = Kind.NOT_FOUND


class DeliveryUnknown(Refusal):
    """There is no such delivery, or it is too old to be remembered."""

    code = "delivery_not_found"
    zh = "没有此投递记录，或记录已过保留期。"
    kind = Kind.NOT_FOUND


class SubscriptionsTooMany(Refusal):
    """There are as many webhooks as there may be."""

    code = "webhooks_too_many"
    zh = "Webhook 数量已达上限。"
    kind = Kind.CONFLICT


class SecretsTooMany(Refusal):
    """As many secrets as may be sign already; wait until an older one is over."""

    code = "webhook_secrets_too_many"
    zh = "同时有效的签名密钥已达上限，请等旧密钥失效。"
    kind = Kind.CONFLICT
