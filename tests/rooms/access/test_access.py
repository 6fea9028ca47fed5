"""The life of a key: issued, shown once, used, judged, revoked."""

from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie import access
from coterie.access import Caller, KeyRing, Scope
from coterie.access.rules import read_key
from coterie.kernel.errors import Kind
from coterie.storage import Connection

NOW = 1_767_225_600_000_000
MINUTE = 60_000_000


def test_a_key_is_issued_and_opens_what_it_says(db: Connection):
    key_id, text = access.issue_key(
        db, "shop", ["events:write", "ledger:read"], now_us=NOW, note="till 1"
    )
    assert text.startswith(f"ctr_{key_id}_")
    caller = access.authenticate(db, text, now_us=NOW + 5)
    scopes = frozenset({Scope.EVENTS_WRITE, Scope.LEDGER_READ})
    assert caller == Caller("shop", key_id, scopes)
    access.require(caller, Scope.EVENTS_WRITE)
    with pytest.raises(access.ScopeMissing, match="members:read"):
        access.require(caller, Scope.MEMBERS_READ)
    [line], cursor = access.list_keys(db)
    assert cursor is None
    assert (line.note, line.last_used_us, line.revoked_us) == ("till 1", NOW + 5, None)


def test_admin_allows_everything(db: Connection):
    _, text = access.issue_key(db, "office", ["admin"], now_us=NOW)
    caller = access.authenticate(db, text, now_us=NOW)
    for scope in Scope:
        access.require(caller, scope)


def test_the_secret_is_nowhere_in_the_database(db: Connection):
    _, text = access.issue_key(db, "shop", ["admin"], now_us=NOW)
    secret = text.split("_", 2)[2]
    row = db.execute("select k::text from access.api_key k").fetchone()
    assert row is not None
    assert secret not in row[0]


def test_unknown_expired_and_revoked_are_told_apart_only_to_who_has_the_secret(db: Connection):
    key_id, text = access.issue_key(db, "shop", ["admin"], now_us=NOW, expires_us=NOW + 10)
    wrong = text[:-3] + ("AAA" if not text.endswith("AAA") else "BBB")
    access.authenticate(db, text, now_us=NOW + 9)
    with pytest.raises(access.KeyExpired) as expired:
        access.authenticate(db, text, now_us=NOW + 10)
    assert expired.value.kind is Kind.UNAUTHENTICATED
    assert access.revoke_key(db, key_id, now_us=NOW + 1) == NOW + 1
    assert access.revoke_key(db, key_id, now_us=NOW + 2) == NOW + 1
    with pytest.raises(access.KeyRevoked):
        access.authenticate(db, text, now_us=NOW + 2)
    for unknown in (wrong, "ctr_000000000000_" + "A" * 43, "", "Bearer x", text + "\n", "é" * 60):
        with pytest.raises(access.KeyUnknown):
            access.authenticate(db, unknown, now_us=NOW + 2)
    with pytest.raises(access.NoSuchKey):
        access.revoke_key(db, "000000000000", now_us=NOW)


@pytest.mark.parametrize(
    ("request_", "where"),
    [
        ({"source": "a b", "scopes": ["admin"]}, "source"),
        ({"source": "shop", "scopes": []}, "scopes"),
        ({"source": "shop", "scopes": ["event:write"]}, "scopes"),
        ({"source": "shop", "scopes": ["admin"], "expires_us": NOW}, "expires_us"),
        ({"source": "shop", "scopes": ["admin"], "note": ""}, "note"),
    ],
)
def test_a_key_that_makes_no_sense_is_not_issued(
    db: Connection, request_: dict[str, Any], where: str
):
    with pytest.raises(access.BadKeyRequest) as refused:
        access.issue_key(db, now_us=NOW, **request_)
    assert refused.value.where == where
    assert access.list_keys(db) == ([], None)


def test_use_is_noted_once_a_minute_and_never_waited_for(db: Connection, database_url: str):
    key_id, text = access.issue_key(db, "shop", ["admin"], now_us=NOW)

    def used_at(now_us: int) -> int | None:
        access.authenticate(db, text, now_us=now_us)
        return access.list_keys(db)[0][0].last_used_us

    assert used_at(NOW) == NOW
    assert used_at(NOW + MINUTE - 1) == NOW
    assert used_at(NOW + MINUTE) == NOW + MINUTE
    with psycopg.connect(database_url) as other:
        other.execute("select 1 from access.api_key where key_id = %s for update", (key_id,))
        db.execute("set statement_timeout = 2000")
        assert used_at(NOW + 5 * MINUTE) == NOW + MINUTE


def test_the_ring_remembers_for_seconds_and_no_longer(db: Connection):
    elapsed = [0.0]
    ring = KeyRing(ttl_s=5, keys_max=2, elapsed_s=lambda: elapsed[0])
    key_id, text = access.issue_key(db, "shop", ["admin"], now_us=NOW, expires_us=NOW + 100)
    caller = ring.authenticate(db, text, now_us=NOW)
    access.revoke_key(db, key_id, now_us=NOW + 1)
    assert ring.authenticate(db, text, now_us=NOW + 2) is caller
    with pytest.raises(access.KeyExpired):
        ring.authenticate(db, text, now_us=NOW + 100)
    elapsed[0] = 5.0
    with pytest.raises(access.KeyRevoked):
        ring.authenticate(db, text, now_us=NOW + 3)
    texts = [access.issue_key(db, "shop", ["admin"], now_us=NOW).text for _ in range(3)]
    for each in texts:
        ring.authenticate(db, each, now_us=NOW)
    assert ring.known(texts[0], now_us=NOW) is None
    assert ring.known(texts[2], now_us=NOW) is not None
    assert ring.known("\ud800", now_us=NOW) is None


def test_keys_are_listed_by_pages(db: Connection):
    ids = sorted(access.issue_key(db, "shop", ["admin"], now_us=NOW).key_id for _ in range(5))
    first, cursor = access.list_keys(db, limit=3)
    second, end = access.list_keys(db, cursor=cursor, limit=3)
    assert [line.key_id for line in [*first, *second]] == ids
    assert end is None


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading_of_keys(text: str):
    with pytest.raises(access.KeyUnknown):
        read_key(text)
