"""How messages are written and signed, where they may go, when they are tried again."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from ipaddress import ip_network

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from coterie.kernel.time import DAY_US, MINUTE_US
from coterie.programme import explaining
from coterie.webhooks import FACTS, BadSubscription, Told, rules
from coterie.webhooks.model import BODY_BYTES_MAX, KIND_NAMES, UnitsMoved

LOCAL = (ip_network("10.0.0.0/8"), ip_network("127.0.0.0/8"))


@given(st.binary(min_size=24, max_size=64), st.text(max_size=200))
def test_a_signature_is_the_one_the_reference_makes(secret: bytes, text: str):
    body = json.dumps({"type": "x", "data": text})
    at = datetime(2026, 3, 1, tzinfo=UTC)
    ours = rules.signatures("msg_1_2_3", int(at.timestamp()), body.encode(), [secret])
    assert ours == Webhook(rules.write_secret(secret)).sign("msg_1_2_3", at, body)


def test_while_secrets_rotate_both_verify():
    old, new = bytes(32), bytes(range(32))
    now_s = int(datetime.now(tz=UTC).timestamp())
    header = rules.signatures("msg_1_2_3", now_s, b"{}", [new, old])
    headers = {
        "webhook-id": "msg_1_2_3",
        "webhook-timestamp": str(now_s),
        "webhook-signature": header,
    }
    for secret in (old, new):
        assert Webhook(rules.write_secret(secret)).verify("{}", headers) == {}
    with pytest.raises(WebhookVerificationError):
        Webhook(base64.b64encode(b"x" * 24).decode()).verify("{}", headers)


def test_every_reason_units_move_for_is_in_the_catalogue():
    assert {f"units.{reason}" for reason in explaining._REASONS} <= KIND_NAMES


def test_a_body_is_what_the_catalogue_says():
    told = Told(
        0,
        480,
        5_000_000,
        "order",
        [
            {"fact": "units.earn", "currency": "points", "units": 7},
            {"fact": "newer.kind", "a": 1},
            {"fact": "tier.changed", "ladder": "l", "from": None, "to": "gold", "reason": "r"},
        ],
    )
    found = rules.bodies(9, 4, told)
    assert [(n, kind) for n, kind, _ in found] == [(1, "units.earn"), (3, "tier.changed")]
    for _, kind, text in found:
        message = json.loads(text)
        assert set(message) == {"type", "timestamp", "version", "data"}
        shape = next(each.shape for each in FACTS if each.kind == kind)
        (schema,), parts = msgspec.json.schema_components([shape])
        whole = schema | {"$defs": parts}
        jsonschema.validate(message["data"], whole)
        assert message["data"]["event"] == "9:4"
        assert message["data"]["occurred_at"] == "1970-01-01T08:00:00+08:00"
        assert message["timestamp"].startswith("1970-01-01T00:00:05")


def test_a_body_is_never_over_its_bound():
    text = rules.body("units.earn", 0, {"member_id": 1, "event": "1:1", "x": "y" * 70_000})
    assert len(text) < BODY_BYTES_MAX
    assert json.loads(text)["truncated"] is True
    assert json.loads(text)["data"] == {"member_id": 1, "event": "1:1"}


@pytest.mark.parametrize(
    ("kinds", "kind", "heard"),
    [
        (("*",), "units.earn", True),
        (("units.*",), "units.earn", True),
        (("units.*",), "tier.changed", False),
        (("tier.changed",), "tier.changed", True),
        (("units.earn",), "units.spend", False),
        (("units.earn",), "ping", True),
    ],
)
def test_who_hears_of_what(kinds: tuple[str, ...], kind: str, heard: bool):
    assert rules.wants(kinds, kind) is heard


@given(st.floats(0, 1))
def test_tries_go_on_for_days_and_end(chance: float):
    pauses: list[int] = []
    while (pause := rules.pause_us(len(pauses) + 1, chance)) is not None:
        pauses.append(pause)
    assert pauses == sorted(pauses)
    assert 4_000_000 <= pauses[0] <= 6_000_000
    assert 2 * DAY_US < sum(pauses) < 4 * DAY_US


def test_a_receiver_may_ask_for_a_pause_up_to_a_day():
    assert rules.pause_us(1, 0.5, 600) == 10 * MINUTE_US
    assert rules.pause_us(1, 0.5, 10**8) == DAY_US


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1"),
        *("::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "2001:db8::1"),
        *("::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:a00:1::"),
    ],
)
def test_addresses_of_ones_own_house_are_refused(address: str):
    assert not rules.allowed(address, ())


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111"])
def test_public_addresses_are_allowed(address: str):
    assert rules.allowed(address, ())


def test_a_setting_allows_ones_own_networks():
    assert rules.allowed("127.0.0.1", LOCAL)
    assert rules.allowed("::ffff:10.0.0.1", LOCAL)
    assert not rules.allowed("192.168.0.1", LOCAL)


@pytest.mark.parametrize(
    "url",
    [
        *("", "x", "https://", "ftp://example.com/", "https://a b.example/", "https://[::1"),
        *("http://example.com/hook", "https://u:p@example.com/", "https://example.com/#x"),
        *("https://127.0.0.1/x", "https://[::1]/x", "https://169.254.169.254/latest"),
        *("https://example.com:0/", "https://example.com:99999/", "https://例子.example/"),
        "https://example.com/" + "x" * 2_000,
    ],
)
def test_addresses_nothing_can_be_sent_to_are_refused(url: str):
    with pytest.raises(BadSubscription):
        rules.check_url(url, ())


def test_addresses_that_are_fine():
    rules.check_url("https://example.com/hook?x=1", ())
    rules.check_url("http://127.0.0.1:8000/hook", LOCAL)


def test_kinds_that_do_not_exist_are_refused_with_the_nearest():
    rules.check_kinds(("*", "units.*", "tier.changed"))
    with pytest.raises(BadSubscription, match=r"units\.earn"):
        rules.check_kinds(("units.earned",))
    with pytest.raises(BadSubscription):
        rules.check_kinds(())


@given(st.integers(0, 10**18 - 1), st.integers(0, 10**18 - 1), st.integers(1, 10**6))
def test_a_messages_name_says_where_its_fact_stands(member_id: int, seq: int, n: int):
    assert rules.place_of(rules.message_id(member_id, seq, n)) == (member_id, seq, n)


@pytest.mark.parametrize(
    "name", ["", "msg_1_2", "msg_1_2_x", "msg_-1_2_3", "msg_1_2_3_4", "msg___"]
)
def test_other_names_are_none(name: str):
    assert rules.place_of(name) is None


def test_units_are_positive():
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(
            {
                "member_id": 1,
                "event": "1:1",
                "event_kind": "order",
                "occurred_at": "",
                "recorded_at": "",
                "currency": "p",
                "units": 0,
            },
            UnitsMoved,
        )
