"""What became of messages: the log of a webhook, test messages, sending again."""

from __future__ import annotations

import msgspec

from coterie.api.contract import CURSOR, LIMIT, Call, Endpoint, Parameter, Reply, Returns, Words
from coterie.api.reading import decoded, ok
from coterie.api.services import Services
from coterie.api.webhook_shapes import (
    DeliveryDetail,
    DeliveryPage,
    Message,
    Replayed,
    ReplayWish,
    State,
    attempt_shape,
    delivery_shape,
)
from coterie.api.webhooks import PATH, change_with, now_us, number_of, operation
from coterie.kernel.time import parse_instant
from coterie.storage import Connection
from coterie.webhooks import (
    attempts_of,
    list_deliveries,
    ping,
    read_delivery,
    replay,
    replay_between,
)

_encoder = msgspec.json.Encoder()
_replay = msgspec.json.Decoder(ReplayWish)


async def post_ping(services: Services, call: Call) -> Reply:
    """Send a test message."""
    number = number_of(call)
    name = await change_with(services, lambda db: ping(db, number, now_us=now_us()))
    return Reply(202, _encoder.encode(Message(name)))


async def get_deliveries(services: Services, call: Call) -> Reply:
    """List deliveries."""
    number = number_of(call)
    found, cursor = await services.reads.run(lambda db: list_deliveries(db, number, **call.query))
    return ok(DeliveryPage(tuple(map(delivery_shape, found)), cursor))


async def get_delivery(services: Services, call: Call) -> Reply:
    """Read a delivery with its tries."""
    number, message = number_of(call), call.path_values["message"]

    def read(db: Connection) -> DeliveryDetail:
        found = read_delivery(db, number, message)
        tries = tuple(map(attempt_shape, attempts_of(db, found)))
        return DeliveryDetail(delivery_shape(found), found.body, tries)

    return ok(await services.reads.run(read))


async def post_replay(services: Services, call: Call) -> Reply:
    """Send deliveries of a time again."""
    number, asked = number_of(call), decoded(_replay, call.body)
    since_us = parse_instant(asked.since, where="since")[0]
    until_us = parse_instant(asked.until, where="until")[0]
    found = await change_with(
        services,
        lambda db: replay_between(db, number, since_us, until_us, dead_only=asked.what == "dead"),
    )
    return Reply(202, _encoder.encode(Replayed(found)))


async def post_replay_one(services: Services, call: Call) -> Reply:
    """Send one delivery again."""
    number, message = number_of(call), call.path_values["message"]
    await change_with(services, lambda db: replay(db, number, message))
    return Reply(202, _encoder.encode(Message(message)))


_STATE = Parameter("state", State, Words("只看此状态", "Only those in this state"))

ENDPOINTS = (
    Endpoint(
        operation(
            "pingWebhook",
            "POST",
            PATH + "/pings",
            Words("发送测试消息", "Send a test message"),
            returns=(Returns(202, Message, Words("即将发送", "It goes out in a moment")),),
        ),
        post_ping,
    ),
    Endpoint(
        operation(
            "listWebhookDeliveries",
            "GET",
            PATH + "/deliveries",
            Words("投递记录", "List deliveries"),
            returns=(
                Returns(200, DeliveryPage, Words("一页，新的在前", "A page, the newest first")),
            ),
            more="Settled deliveries are remembered for 30 days.",
            query=(_STATE, CURSOR, LIMIT),
        ),
        get_deliveries,
    ),
    Endpoint(
        operation(
            "getWebhookDelivery",
            "GET",
            PATH + "/deliveries/{message}",
            Words("读取一次投递及其尝试", "Read a delivery with its tries"),
            returns=(
                Returns(200, DeliveryDetail, Words("投递与尝试", "The delivery and its tries")),
            ),
        ),
        get_delivery,
    ),
    Endpoint(
        operation(
            "replayWebhookDelivery",
            "POST",
            PATH + "/deliveries/{message}/replays",
            Words("重发一条消息", "Send one message again"),
            returns=(Returns(202, Message, Words("即将发送", "It goes out in a moment")),),
            more="It keeps its name, by which a receiver knows it. One that waits is tried now.",
        ),
        post_replay_one,
    ),
    Endpoint(
        operation(
            "replayWebhookDeliveries",
            "POST",
            PATH + "/replays",
            Words("重发一段时间的消息", "Send the messages of a time again"),
            returns=(Returns(202, Replayed, Words("即将发送", "They go out in a moment")),),
            body=ReplayWish,
            body_example={"since": "2026-03-01T00:00:00Z", "until": "2026-03-02T00:00:00Z"},
        ),
        post_replay,
    ),
)
