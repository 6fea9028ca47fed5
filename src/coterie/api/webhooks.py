"""Webhooks: who is told what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from coterie.access import Scope
from coterie.api.contract import (
    CURSOR,
    IDEMPOTENCY_KEY,
    KIB,
    LIMIT,
    LOCATION,
    REPLAYED,
    Call,
    Endpoint,
    Operation,
    Parameter,
    Reply,
    Returns,
    Words,
)
from coterie.api.reading import decoded, ok
from coterie.api.services import Services
from coterie.api.webhook_shapes import (
    NewSecret,
    NewWebhook,
    Rotation,
    Webhook,
    WebhookChange,
    WebhookPage,
    WebhookWish,
    shape_of,
)
from coterie.kernel.clock import SystemClock
from coterie.kernel.errors import Kind
from coterie.kernel.numbers import INT64_MAX
from coterie.storage import Connection, transaction
from coterie.webhooks import (
    Change,
    Subscription,
    SubscriptionUnknown,
    Wish,
    change_subscription,
    list_subscriptions,
    read_subscription,
    remove_subscription,
    rotate_secret,
    subscribe,
    write_secret,
)

Result = TypeVar("Result")
BODY_BYTES_MAX = 16 * KIB
Kinds = Annotated[
    tuple[Annotated[str, Meta(min_length=1, max_length=64)], ...],
    Meta(min_length=1, max_length=100),
]
_encoder = msgspec.json.Encoder()


_wish = msgspec.json.Decoder(WebhookWish)
_change = msgspec.json.Decoder(WebhookChange)
_rotation = msgspec.json.Decoder(Rotation)


def now_us() -> int:
    """Return the machine's time: receivers live in it, whatever the world's is."""
    return SystemClock().now_us()


def number_of(call: Call) -> int:
    """Return the webhook in the path. Raises :class:`SubscriptionUnknown`."""
    text = call.path_values["webhook"]
    if text.isascii() and text.isdigit() and len(text) <= 18:
        return int(text)
    raise SubscriptionUnknown


async def change_with(services: Services, work: Callable[[Connection], Result]) -> Result:
    """Do something in a transaction of its own."""

    def run(db: Connection) -> Result:
        with transaction(db):
            return work(db)

    return await services.batches.run(run)


async def post_webhook(services: Services, call: Call) -> Reply:
    """Subscribe, once for each key."""
    assert call.caller is not None
    asked, source = decoded(_wish, call.body), call.caller.source
    wish = Wish(asked.url, asked.kinds, asked.description)
    key = call.headers[IDEMPOTENCY_KEY.name]
    made, secret, replayed = await change_with(
        services, lambda db: subscribe(db, wish, source=source, key=key, now_us=now_us())
    )
    reply = Reply(201, _encoder.encode(NewWebhook(shape_of(made), write_secret(secret))))
    reply.headers = [(b"location", f"/v1/webhooks/{made.subscription_id}".encode())]
    if replayed:
        reply.headers.append((b"coterie-replayed", b"true"))
    return reply


async def get_webhooks(services: Services, call: Call) -> Reply:
    """List subscriptions."""
    found, cursor = await services.reads.run(lambda db: list_subscriptions(db, **call.query))
    return ok(WebhookPage(tuple(map(shape_of, found)), cursor))


async def get_webhook(services: Services, call: Call) -> Reply:
    """Read a subscription."""
    number = number_of(call)
    return ok(shape_of(await services.reads.run(lambda db: read_subscription(db, number))))


async def patch_webhook(services: Services, call: Call) -> Reply:
    """Change a subscription."""
    number, asked = number_of(call), decoded(_change, call.body)
    change = Change(asked.url, asked.kinds, asked.description, asked.active)
    changed = await change_with(
        services, lambda db: change_subscription(db, number, change, now_us=now_us())
    )
    return ok(shape_of(changed))


async def delete_webhook(services: Services, call: Call) -> Reply:
    """Remove a subscription; what it was is the answer."""
    number = number_of(call)

    def remove(db: Connection) -> Subscription:
        found = read_subscription(db, number)
        remove_subscription(db, number)
        return found

    return ok(shape_of(await change_with(services, remove)))


async def post_rotation(services: Services, call: Call) -> Reply:
    """Make a new secret, once for each key."""
    assert call.caller is not None
    number, asked = number_of(call), decoded(_rotation, call.body)
    key = f"{call.caller.source}/{call.headers[IDEMPOTENCY_KEY.name]}"
    secret, replayed = await change_with(
        services,
        lambda db: rotate_secret(
            db, number, key=key, now_us=now_us(), overlap_hours=asked.overlap_hours
        ),
    )
    reply = Reply(201, _encoder.encode(NewSecret(write_secret(secret))))
    reply.headers = [(b"coterie-replayed", b"true")] if replayed else []
    return reply


WEBHOOK = Parameter(
    "webhook",
    Annotated[int, Meta(ge=1, le=INT64_MAX)],
    Words("Webhook 编号", "The webhook's number"),
    example=1,
)
MESSAGE = Parameter(
    "message",
    Annotated[str, Meta(pattern=r"^msg_[0-9]{1,18}_[0-9]{1,18}_[0-9]{1,9}$")],
    Words("消息名（webhook-id）", "The message's name (webhook-id)"),
    example="msg_100001_1_1",
)
_EXAMPLE = {"url": "https://example.com/hooks", "kinds": ["units.*", "tier.changed"]}
PATH = "/v1/webhooks/{webhook}"


def operation(name: str, method: str, path: str, words: Words, **more: Any) -> Operation:
    """Return an operation on webhooks; its path says what it is about."""
    numbered = (WEBHOOK,) if "{webhook}" in path else ()
    return Operation(
        id=name,
        method=method,
        path=path,
        tag="webhooks",
        words=words,
        scope=Scope.WEBHOOKS_READ if method == "GET" else Scope.WEBHOOKS_WRITE,
        path_parameters=(*numbered, *((MESSAGE,) if "{message}" in path else ())),
        body_bytes_max=BODY_BYTES_MAX,
        **more,
    )


ENDPOINTS = (
    Endpoint(
        operation(
            "createWebhook",
            "POST",
            "/v1/webhooks",
            Words("订阅事实", "Subscribe to facts"),
            returns=(
                Returns(
                    201, NewWebhook, Words("已订阅", "Subscribed"), headers=(LOCATION, REPLAYED)
                ),
            ),
            more="Messages are signed by the Standard Webhooks specification, sent at least once,"
            " in order per member, and tried for three days. The address begins with `https://` and"
            " lies in no private network.",
            headers=(IDEMPOTENCY_KEY,),
            body=WebhookWish,
            body_example=_EXAMPLE,
            refuses=(Kind.CONFLICT,),
        ),
        post_webhook,
    ),
    Endpoint(
        operation(
            "listWebhooks",
            "GET",
            "/v1/webhooks",
            Words("列出 Webhook", "List webhooks"),
            returns=(Returns(200, WebhookPage, Words("一页，按编号", "A page, by number")),),
            query=(CURSOR, LIMIT),
        ),
        get_webhooks,
    ),
    Endpoint(
        operation(
            "getWebhook",
            "GET",
            PATH,
            Words("读取一个 Webhook", "Read a webhook"),
            returns=(Returns(200, Webhook, Words("Webhook", "The webhook")),),
        ),
        get_webhook,
    ),
    Endpoint(
        operation(
            "changeWebhook",
            "PATCH",
            PATH,
            Words("修改、暂停或恢复 Webhook", "Change, pause or resume a webhook"),
            returns=(Returns(200, Webhook, Words("修改后的 Webhook", "The webhook as it is now")),),
            more="A paused webhook hears nothing of what happens meanwhile. Resuming it tries at"
            " once what waits. Sending the same change again changes nothing.",
            body=WebhookChange,
            body_example={"active": False},
        ),
        patch_webhook,
    ),
    Endpoint(
        operation(
            "deleteWebhook",
            "DELETE",
            PATH,
            Words("删除 Webhook 及其记录", "Remove a webhook, what waits for it and its log"),
            returns=(Returns(200, Webhook, Words("已删除的 Webhook", "What it was")),),
        ),
        delete_webhook,
    ),
    Endpoint(
        operation(
            "rotateWebhookSecret",
            "POST",
            PATH + "/secrets",
            Words("更换签名密钥", "Sign by a new secret"),
            returns=(
                Returns(201, NewSecret, Words("新密钥", "The new secret"), headers=(REPLAYED,)),
            ),
            more="Messages carry a signature by each secret that still signs, so that a receiver"
            " can change over in its own time. At most three sign at once.",
            headers=(IDEMPOTENCY_KEY,),
            body=Rotation,
            body_example={"overlap_hours": 24},
            refuses=(Kind.CONFLICT,),
        ),
        post_rotation,
    ),
)
