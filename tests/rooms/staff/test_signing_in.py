"""The life of an account: invited, signed in, guessed at, locked out, disabled."""

import statistics
import time

import psycopg
import pyotp
import pytest
from argon2 import PasswordHasher

from coterie import staff
from coterie.kernel.errors import Refusal
from coterie.staff import NewAccount, Permission, RoleGrant, Stage, Way, rules
from coterie.staff.entry import hashing
from coterie.storage import Connection, transaction
from tests.rooms.staff.people import ADDRESS, HERE, NOW, PASSWORD, SECOND, account, enter, person

DAY = rules.FORGET_US


def test_an_account_is_invited_sets_a_password_and_signs_in(db: Connection):
    with transaction(db):
        account_id = staff.add_account(
            db, NewAccount(" Mei@Tea.example ", "Mei", (RoleGrant("operator"),)), now_us=NOW
        )
        invitation = staff.invite(db, account_id, now_us=NOW)
    with pytest.raises(staff.SignInRefused):
        staff.sign_in(db, "mei@tea.example", PASSWORD, HERE, ADDRESS, now_us=NOW)
    with transaction(db):
        staff.set_password_by_code(db, invitation.code, PASSWORD, now_us=NOW)
    entered = staff.sign_in(db, "MEI@tea.example", PASSWORD, HERE, ADDRESS, now_us=NOW)
    found = staff.who(db, entered.token, now_us=NOW + SECOND)
    assert (found.login, found.way, entered.stage) == ("mei@tea.example", Way.PASSWORD, Stage.OPEN)
    assert staff.may(found, Permission.PROGRAMME_PUBLISH)
    assert not staff.may(found, Permission.STAFF_WRITE)


def test_a_code_that_sets_a_password_works_once_and_not_for_ever(db: Connection):
    account_id = account(db, "mei", password=None)
    with transaction(db):
        first = staff.invite(db, account_id, now_us=NOW)
        second = staff.invite(db, account_id, now_us=NOW)
    for code, at_us in (
        (first.code, NOW),
        ("nonsense", NOW),
        (second.code, second.expires_us),
    ):
        with pytest.raises(staff.InvitationRefused), transaction(db):
            staff.set_password_by_code(db, code, PASSWORD, now_us=at_us)
    with pytest.raises(staff.WeakPassword), transaction(db):
        staff.set_password_by_code(db, second.code, "password", now_us=NOW)
    with transaction(db):
        staff.set_password_by_code(db, second.code, PASSWORD, now_us=NOW)
    with pytest.raises(staff.InvitationRefused), transaction(db):
        staff.set_password_by_code(db, second.code, PASSWORD, now_us=NOW)


def test_no_secret_is_in_the_database(db: Connection):
    account(db, "mei")
    token = staff.sign_in(db, "mei", PASSWORD, HERE, ADDRESS, now_us=NOW).token
    tables = db.execute(
        "select table_name from information_schema.tables where table_schema = 'staff'"
    ).fetchall()
    assert len(tables) >= 8
    for (table,) in tables:
        kept = str(db.execute(f"select x::text from staff.{table} x").fetchall())
        assert PASSWORD not in kept
        assert token not in kept
        assert ADDRESS not in kept


def test_what_is_installed_hashes_as_dear_as_it_should():
    made = PasswordHasher().hash("x")
    assert made.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_the_hash_is_argon2id_and_made_anew_when_its_parameters_are_old(
    db: Connection, monkeypatch: pytest.MonkeyPatch
):
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)
    monkeypatch.setattr(hashing, "_HASHER", old)
    account(db, "mei")
    before = db.execute("select password_hash from staff.account").fetchone()
    newer = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    monkeypatch.setattr(hashing, "_HASHER", newer)
    enter(db, "mei")
    after = db.execute("select password_hash from staff.account").fetchone()
    assert before is not None
    assert before[0].startswith("$argon2id$v=19$m=8192,t=1,p=1$")
    assert after is not None
    assert after[0].startswith("$argon2id$v=19$m=1024,t=1,p=1$")
    enter(db, "mei")


@pytest.mark.long
def test_known_and_unknown_people_get_the_same_answer_in_the_same_time(db: Connection):
    account(db, "mei")
    told, took = {}, {}
    for login in ("mei", "nobody"):
        times = []
        for _ in range(4):
            began = time.perf_counter()
            with pytest.raises(staff.SignInRefused) as refused:
                staff.sign_in(db, login, "wrong wrong wrong", HERE, ADDRESS, now_us=NOW)
            times.append(time.perf_counter() - began)
        told[login] = (refused.value.code, refused.value.message)
        took[login] = statistics.median(times)
    assert told["mei"] == told["nobody"]
    assert 0.3 < took["mei"] / took["nobody"] < 3


def test_who_fails_too_often_waits_longer_and_longer_known_or_not(db: Connection):
    account(db, "mei")
    for login in ("mei", "nobody"):
        now_us, waits = NOW, []
        for _ in range(9):
            try:
                staff.sign_in(db, login, "wrong wrong wrong", HERE, login, now_us=now_us)
            except staff.SignInRefused:
                continue
            except staff.TooManyTries as refused:
                waits.append(refused.facts["retry_after_s"])
                now_us += waits[-1] * SECOND
        assert waits == [1, 2]
    # Also the right password waits; later it is heard, and what was counted is forgotten.
    with pytest.raises(staff.TooManyTries):
        enter(db, "mei", now_us=NOW + 3 * SECOND)
    enter(db, "mei", now_us=NOW + DAY)


def test_a_network_that_guesses_many_logins_waits(db: Connection):
    account(db, "mei")
    for n in range(rules.FREE_TRIES["network"]):
        with pytest.raises(staff.SignInRefused):
            staff.sign_in(db, f"guess-{n}", "wrong wrong wrong", HERE, ADDRESS, now_us=NOW)
    with pytest.raises(staff.TooManyTries):
        staff.sign_in(db, "mei", PASSWORD, HERE, ADDRESS, now_us=NOW)
    staff.sign_in(db, "mei", PASSWORD, HERE, "198.51.100.1", now_us=NOW)


def test_what_was_counted_does_not_grow_for_ever(db: Connection):
    for n in range(6):
        with pytest.raises(staff.SignInRefused):
            staff.sign_in(db, f"guess-{n}", "x", HERE, f"{n}", now_us=NOW)
    with pytest.raises(staff.SignInRefused):
        staff.sign_in(db, "later", "x", HERE, "later", now_us=NOW + DAY + 1)
    assert db.execute("select count(*) from staff.attempt").fetchone() == (2,)


def test_a_sign_in_ends_idle_at_last_by_oneself_and_with_the_account(db: Connection):
    account(db, "other")
    account_id = account(db, "mei")
    idle, whole = rules.IDLE_US[Way.PASSWORD], rules.ABSOLUTE_US[Way.PASSWORD]
    token = staff.sign_in(db, "mei", PASSWORD, HERE, ADDRESS, now_us=NOW).token
    with pytest.raises(staff.SignedOut):
        staff.who(db, token, now_us=NOW + idle)
    at_us = NOW
    while at_us + idle - SECOND < NOW + whole:
        at_us += idle - SECOND
        staff.who(db, token, now_us=at_us)
    with pytest.raises(staff.SignedOut):
        staff.who(db, token, now_us=NOW + whole)
    again = staff.sign_in(db, "mei", PASSWORD, HERE, ADDRESS, now_us=NOW)
    third = staff.sign_in(db, "mei", PASSWORD, HERE, ADDRESS, now_us=NOW)
    staff.sign_out(db, staff.who(db, again.token, now_us=NOW), now_us=NOW)
    with pytest.raises(staff.SignedOut):
        staff.who(db, again.token, now_us=NOW)
    with transaction(db):
        staff.disable_account(db, account_id, now_us=NOW)
    with pytest.raises(staff.SignedOut):
        staff.who(db, third.token, now_us=NOW)
    with pytest.raises(staff.SignInRefused):
        staff.sign_in(db, "mei", PASSWORD, HERE, ADDRESS, now_us=NOW)


def test_sign_ins_are_seen_with_where_from_and_ended(db: Connection):
    mei = person(db, "mei")
    later = enter(db, "mei", now_us=NOW + SECOND)
    found, cursor = staff.list_sign_ins(
        db, account_id=mei.account_id, only_open=True, now_us=NOW + SECOND
    )
    assert cursor is None
    assert [each.sign_in_id for each in found] == [later.sign_in_id, mei.sign_in_id]
    assert {(each.client, each.network) for each in found} == {("Firefox · Linux", "192.0.2.0/24")}
    staff.end_sign_in(db, mei.account_id, mei.sign_in_id, now_us=NOW)
    with pytest.raises(staff.SignInUnknown):
        staff.end_sign_in(db, mei.account_id, mei.sign_in_id, now_us=NOW)
    assert staff.end_all_sign_ins(db, mei.account_id, now_us=NOW) == 1


def test_a_changed_password_ends_other_sign_ins(db: Connection):
    mei = person(db, "mei")
    token = staff.sign_in(db, "mei", PASSWORD, HERE, ADDRESS, now_us=NOW).token
    with pytest.raises(staff.SignInRefused):
        staff.change_password(db, mei, "wrong", "nine cranes by noon", ADDRESS, now_us=NOW)
    staff.change_password(db, mei, PASSWORD, "nine cranes by noon", ADDRESS, now_us=NOW)
    with pytest.raises(staff.SignedOut):
        staff.who(db, token, now_us=NOW)
    with pytest.raises(staff.SignInRefused):
        staff.sign_in(db, "mei", PASSWORD, HERE, ADDRESS, now_us=NOW)


def test_a_second_factor_is_asked_for_and_a_code_counts_once(db: Connection):
    mei = person(db, "mei")
    offer = staff.offer_factor(db, mei, now_us=NOW)
    assert offer.uri.startswith("otpauth://totp/Coterie:mei?secret=")
    maker = pyotp.TOTP(offer.secret)
    with transaction(db), pytest.raises(staff.SignInRefused):
        staff.confirm_factor(db, mei, "000000", now_us=NOW)
    at = NOW // SECOND
    with transaction(db):
        codes = staff.confirm_factor(db, mei, maker.at(at), now_us=NOW)
    assert len(set(codes)) == 10
    with pytest.raises(staff.FactorSet):
        staff.offer_factor(db, mei, now_us=NOW)
    half = staff.sign_in(db, "mei", PASSWORD, HERE, ADDRESS, now_us=NOW)
    assert half.stage is Stage.FACTOR
    with pytest.raises(staff.SignedOut):
        staff.who(db, half.token, now_us=NOW)
    # The code that confirmed it was used, and so is every earlier one.
    for code in (maker.at(at), maker.at(at - 30), maker.at(at + 90), "000000"):
        with pytest.raises(staff.SignInRefused):
            staff.pass_factor(db, half.token, code, ADDRESS, now_us=NOW)
    whole = staff.pass_factor(db, half.token, maker.at(at + 30), ADDRESS, now_us=NOW)
    assert staff.who(db, whole.token, now_us=NOW).login == "mei"
    with pytest.raises(staff.SignedOut):
        staff.pass_factor(db, half.token, codes[0], ADDRESS, now_us=NOW)
    replay = staff.sign_in(db, "mei", PASSWORD, HERE, ADDRESS, now_us=NOW)
    with pytest.raises(staff.SignInRefused):
        staff.pass_factor(db, replay.token, maker.at(at + 30), ADDRESS, now_us=NOW)


def test_a_recovery_code_stands_in_once(db: Connection):
    mei = person(db, "mei")
    offer = staff.offer_factor(db, mei, now_us=NOW)
    with transaction(db):
        code = pyotp.TOTP(offer.secret).at(NOW // SECOND)
        codes = staff.confirm_factor(db, mei, code, now_us=NOW)
    half = staff.sign_in(db, "mei", PASSWORD, HERE, ADDRESS, now_us=NOW)
    staff.pass_factor(db, half.token, codes[3].upper(), ADDRESS, now_us=NOW)
    assert staff.recovery_codes_left(db, mei.account_id) == 9
    half = staff.sign_in(db, "mei", PASSWORD, HERE, ADDRESS, now_us=NOW)
    with pytest.raises(staff.SignInRefused):
        staff.pass_factor(db, half.token, codes[3], ADDRESS, now_us=NOW)
    with pytest.raises(staff.SignInRefused), transaction(db):
        staff.remove_factor(db, mei, "wrong", now_us=NOW)
    with transaction(db):
        staff.remove_factor(db, mei, PASSWORD, now_us=NOW)
    assert staff.sign_in(db, "mei", PASSWORD, HERE, ADDRESS, now_us=NOW).stage is Stage.OPEN


def test_a_second_factor_is_not_guessed(db: Connection):
    mei = person(db, "mei")
    offer = staff.offer_factor(db, mei, now_us=NOW)
    with transaction(db):
        staff.confirm_factor(db, mei, pyotp.TOTP(offer.secret).at(NOW // SECOND), now_us=NOW)
    half = staff.sign_in(db, "mei", PASSWORD, HERE, ADDRESS, now_us=NOW)
    for n in range(rules.FREE_TRIES["factor"]):
        with pytest.raises(staff.SignInRefused):
            staff.pass_factor(db, half.token, f"00000{n}", ADDRESS, now_us=NOW)
    with pytest.raises(staff.TooManyTries):
        staff.pass_factor(db, half.token, "000009", ADDRESS, now_us=NOW)
    # A new sign-in does not begin the counting anew.
    half = staff.sign_in(db, "mei", PASSWORD, HERE, ADDRESS, now_us=NOW)
    with pytest.raises(staff.TooManyTries):
        staff.pass_factor(db, half.token, "000009", ADDRESS, now_us=NOW)


def till(db: Connection, store: str = "hz-01") -> str:
    return staff.register_device(db, "Counter 1", store, now_us=NOW)[1]


def clerk(db: Connection, *stores: str) -> None:
    role = RoleGrant("clerk", stores or None)
    account_id = account(db, "yun", role, RoleGrant("care"), password=None, staff_code="S1")
    staff.set_pin(db, account_id, "482915", now_us=NOW)


def test_a_clerk_signs_in_at_a_registered_till_and_is_no_more_than_that(db: Connection):
    clerk(db, "hz-01")
    entered = staff.sign_in_at_till(db, till(db), "S1", "482915", HERE, ADDRESS, now_us=NOW)
    found = staff.who(db, entered.token, now_us=NOW)
    assert (found.store, found.way) == ("hz-01", Way.PIN)
    assert found.grants == {Permission.TILL_USE: frozenset({"hz-01"})}


def test_a_pin_opens_nothing_without_a_till_in_another_store_or_by_guessing(db: Connection):
    clerk(db, "hz-01")
    with pytest.raises(staff.DeviceUnknown):
        staff.sign_in_at_till(db, "nonsense", "S1", "482915", HERE, ADDRESS, now_us=NOW)
    elsewhere = till(db, "hz-02")
    with pytest.raises(staff.SignInRefused):
        staff.sign_in_at_till(db, elsewhere, "S1", "482915", HERE, ADDRESS, now_us=NOW)
    token = till(db)
    for n in range(rules.FREE_TRIES["pin"] - 1):
        with pytest.raises(staff.SignInRefused):
            staff.sign_in_at_till(db, token, "S1", f"00012{n}", HERE, ADDRESS, now_us=NOW)
    with pytest.raises(staff.TooManyTries):
        staff.sign_in_at_till(db, token, "S1", "482915", HERE, ADDRESS, now_us=NOW)


def test_a_revoked_till_signs_out_who_stands_there(db: Connection):
    clerk(db)
    device_id, token = staff.register_device(db, "Counter 1", "hz-01", now_us=NOW)
    entered = staff.sign_in_at_till(db, token, "S1", "482915", HERE, ADDRESS, now_us=NOW)
    staff.revoke_device(db, device_id, now_us=NOW)
    with pytest.raises(staff.SignedOut):
        staff.who(db, entered.token, now_us=NOW)
    with pytest.raises(staff.DeviceUnknown):
        staff.sign_in_at_till(db, token, "S1", "482915", HERE, ADDRESS, now_us=NOW)


def test_a_demo_opens_its_doors_and_no_other_world_does(db: Connection):
    account(db, "owner@demo.example", password=None)
    with pytest.raises(staff.SignInRefused):
        staff.enter_demo(db, "owner@demo.example", HERE, now_us=NOW)
    assert staff.demo_people(db) == []
    with transaction(db):
        staff.open_house(db, now_us=NOW)
    assert staff.demo_people(db) == ["owner@demo.example"]
    token = staff.enter_demo(db, "owner@demo.example", HERE, now_us=NOW).token
    assert staff.who(db, token, now_us=NOW).way is Way.DEMO
    account(db, "mei")
    with pytest.raises(staff.SignInRefused):
        staff.enter_demo(db, "mei", HERE, now_us=NOW)


def test_a_world_with_passwords_never_becomes_a_demo(db: Connection):
    account(db, "mei")
    with pytest.raises(staff.OpenHouseRefused), transaction(db):
        staff.open_house(db, now_us=NOW)
    assert not staff.is_open_house(db)


def test_the_last_owner_stays(db: Connection):
    first = account(db, "mei")
    for change in (
        lambda: staff.disable_account(db, first, now_us=NOW),
        lambda: staff.change_roles(db, first, (RoleGrant("analyst"),), now_us=NOW),
    ):
        with pytest.raises(staff.LastOwner), transaction(db):
            change()
    account(db, "lan")
    with transaction(db):
        staff.disable_account(db, first, now_us=NOW)
    assert staff.read_account(db, first).state == "disabled"


def test_roles_change_what_an_open_sign_in_may(db: Connection):
    account(db, "owner")
    mei = account(db, "mei", RoleGrant("analyst"))
    token = staff.sign_in(db, "mei", PASSWORD, HERE, ADDRESS, now_us=NOW).token
    with transaction(db):
        staff.save_role(db, "night", "Night desk", ["members:read"], now_us=NOW)
        staff.change_roles(db, mei, (RoleGrant("night", ("hz-01",)),), now_us=NOW)
    grants = staff.who(db, token, now_us=NOW).grants
    assert grants == {Permission.MEMBERS_READ: frozenset({"hz-01"})}
    with pytest.raises(staff.RoleInUse), transaction(db):
        staff.remove_role(db, "night")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (NewAccount("a b", "A", (RoleGrant("owner"),)), "bad_account"),
        (NewAccount("mei", "", (RoleGrant("owner"),)), "bad_account"),
        (NewAccount("mei", "Mei", ()), "bad_account"),
        (NewAccount("mei", "Mei", (RoleGrant("ovner"),)), "role_unknown"),
        (NewAccount("mei", "Mei", (RoleGrant("owner", ("hz-01",)),)), "bad_account"),
        (NewAccount("mei", "Mei", (RoleGrant("care"), RoleGrant("care"))), "bad_account"),
        (NewAccount("taken", "Mei", (RoleGrant("care"),)), "login_taken"),
    ],
)
def test_accounts_that_cannot_be_are_refused(db: Connection, asked: NewAccount, code: str):
    account(db, "taken")
    with pytest.raises(Refusal) as refused, transaction(db):
        staff.add_account(db, asked, now_us=NOW)
    assert refused.value.code == code


def test_the_database_says_it_a_second_time(db: Connection):
    account_id = account(db, "mei")
    for statement in (
        "update staff.account set password_hash = 'plain'",
        "update staff.account set state = 'active', password_hash = null",
        "update staff.account set login = 'MEI'",
        "update staff.account set totp_since_us = 1",
        f"insert into staff.account_role values ({account_id}, 'owner', null)",
        "insert into staff.role values ('owner', 'x', '{a}', 1)",
        "insert into staff.open_house values (false, 1)",
    ):
        with pytest.raises(psycopg.IntegrityError):
            db.execute(statement)
