"""Codes that open once, visits that end, and bounds that hold for everybody."""

from __future__ import annotations

import re

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie import signins
from coterie.kernel.errors import Kind
from coterie.signins import CodeOutcome
from coterie.signins.rules import read_code, read_token, write_token
from coterie.storage import Connection

NOW = 1_767_225_600_000_000
MINUTE = 60_000_000
PHONE = ("phone", "+8613800138000")


def ask(db: Connection, *contact: str, network: str = "192.0.2.1", at: int = NOW):
    kind, value = contact or PHONE
    return signins.ask_code(db, kind, value, network=network, now_us=at)


def check(
    db: Connection, handle: str, code: str, *, at: int = NOW, contact: tuple[str, str] = PHONE
) -> CodeOutcome:
    return signins.check_code(db, handle, *contact, code, now_us=at)


def other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_a_code_opens_once(db: Connection):
    handle, code = ask(db)
    assert re.fullmatch(r"\d{6}", code)
    assert check(db, handle, f" {code[:3]} {code[3:]} ") is CodeOutcome.RIGHT
    assert check(db, handle, code) is CodeOutcome.OVER


def test_five_tries_and_the_right_one_comes_too_late(db: Connection):
    handle, code = ask(db)
    outcomes = [check(db, handle, other(code)) for _ in range(5)]
    assert outcomes == [CodeOutcome.WRONG] * 4 + [CodeOutcome.OVER]
    assert check(db, handle, code) is CodeOutcome.OVER


def test_a_code_is_over_after_ten_minutes_and_when_a_new_one_is_asked_for(db: Connection):
    handle, code = ask(db)
    assert check(db, handle, code, at=NOW + 10 * MINUTE) is CodeOutcome.OVER
    first, second = ask(db, at=NOW + 11 * MINUTE), ask(db, at=NOW + 12 * MINUTE)
    assert check(db, *first, at=NOW + 12 * MINUTE) is CodeOutcome.OVER
    assert check(db, *second, at=NOW + 12 * MINUTE) is CodeOutcome.RIGHT


def test_a_code_is_good_for_the_contact_it_was_sent_to_alone(db: Connection):
    handle, code = ask(db)
    assert check(db, handle, code, contact=("phone", "+8613800138001")) is CodeOutcome.OVER
    assert check(db, handle, code, contact=("email", PHONE[1])) is CodeOutcome.OVER
    assert check(db, "0" * 32, code) is CodeOutcome.OVER
    assert check(db, "nonsense", code) is CodeOutcome.OVER
    assert check(db, handle, code) is CodeOutcome.RIGHT


def test_a_contact_gets_a_code_a_minute_and_five_an_hour(db: Connection):
    ask(db)
    with pytest.raises(signins.TooManyCodes) as refused:
        ask(db, at=NOW + MINUTE - 1)
    assert refused.value.kind is Kind.BUSY
    for minute in range(1, 5):
        ask(db, at=NOW + minute * MINUTE)
    with pytest.raises(signins.TooManyCodes):
        ask(db, at=NOW + 30 * MINUTE)
    ask(db, at=NOW + 61 * MINUTE)


def test_a_network_asks_thirty_times_an_hour_for_whomever(db: Connection):
    for number in range(30):
        ask(db, "phone", f"+86138001380{number:02d}")
    with pytest.raises(signins.TooManyCodes):
        ask(db, "phone", "+8613900000000")
    ask(db, "phone", "+8613900000000", network="192.0.2.2")


def test_no_code_no_contact_and_no_token_is_in_the_database(db: Connection):
    _, code = ask(db)
    token = signins.open_visit(db, 7, device="Mozilla/5.0 (iPhone) Safari/604.1", now_us=NOW)
    rows = db.execute("select c::text from signins.code c").fetchall()
    rows += db.execute("select v::text from signins.visit v").fetchall()
    kept = " ".join(row[0] for row in rows)
    for hidden in (PHONE[1], PHONE[1].encode().hex(), token.split(".")[1]):
        assert hidden not in kept
    assert f",{code}," not in kept


def test_a_visit_is_found_seen_listed_and_ended(db: Connection):
    token = signins.open_visit(db, 7, device="Mozilla/5.0 (iPhone) Safari/604.1", now_us=NOW)
    later = signins.open_visit(db, 7, device="", now_us=NOW + 1)
    visit = signins.visit_of(db, token, now_us=NOW + 2 * MINUTE)
    assert visit is not None
    assert (visit.member_id, visit.device) == (7, "Safari, iPhone")
    names = [each.name for each in signins.list_visits(db, 7, now_us=NOW + 2 * MINUTE)]
    assert names[0] == visit.name
    assert len(names) == 2
    assert not signins.end_visit(db, 8, visit.name), "nobody ends another member's visit"
    assert not signins.end_visit(db, 7, ""), "an empty name would end all of them"
    assert signins.end_visit(db, 7, visit.name)
    assert signins.visit_of(db, token, now_us=NOW + 3 * MINUTE) is None
    assert signins.visit_of(db, later, now_us=NOW + 3 * MINUTE) is not None
    assert signins.end_visits(db, 7) == 1
    assert signins.visit_of(db, later, now_us=NOW + 3 * MINUTE) is None


def test_a_visit_ends_when_nobody_comes_for_a_month(db: Connection):
    day = 24 * 60 * MINUTE
    token = signins.open_visit(db, 7, device="", now_us=NOW)
    assert signins.visit_of(db, token, now_us=NOW + 29 * day) is not None
    assert signins.visit_of(db, token, now_us=NOW + 58 * day) is not None
    assert signins.visit_of(db, token, now_us=NOW + 88 * day) is None


def test_a_visit_ends_after_half_a_year_however_often_it_is_used(db: Connection):
    day = 24 * 60 * MINUTE
    token = signins.open_visit(db, 7, device="", now_us=NOW)
    seen = [signins.visit_of(db, token, now_us=NOW + n * 20 * day) for n in range(1, 10)]
    assert [each is not None for each in seen] == [True] * 8 + [False]


def test_one_member_has_twenty_visits_at_most(db: Connection):
    tokens = [signins.open_visit(db, 7, device="", now_us=NOW + n) for n in range(22)]
    alive = [signins.visit_of(db, token, now_us=NOW + 30) is not None for token in tokens]
    assert alive == [False, False] + [True] * 20


@pytest.mark.parametrize("text", ["", "7", "7.", ".x", "0." + "a" * 43, "9" * 19 + "." + "a" * 43])
def test_what_is_no_token_finds_nobody(db: Connection, text: str):
    assert signins.visit_of(db, text, now_us=NOW) is None


def test_the_database_keeps_the_bounds_too(db: Connection):
    ask(db)
    with pytest.raises(psycopg.errors.CheckViolation):
        db.execute("update signins.code set tries = 6")


@given(st.integers(1, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_a_token_reads_as_it_was_written(member_id: int, secret: bytes):
    import base64

    text = base64.urlsafe_b64encode(secret).decode().rstrip("=")
    found = read_token(write_token(member_id, text))
    assert found is not None
    assert found[0] == member_id


def test_full_width_digits_are_digits():
    assert read_code("１２３ ４５６") == "123456"
    assert read_code("12345") is None
    assert read_code("12345a") is None
    assert read_code("1234567") is None
