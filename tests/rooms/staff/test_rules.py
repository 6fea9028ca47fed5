"""What is denied, what is guessed first, how long one waits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie import staff
from coterie.staff import Permission, Person, Role, RoleGrant, Way, rules


def person_with(*roles: RoleGrant, known: dict[str, Role] | None = None) -> Person:
    grants = rules.grants_of(roles, known or rules.BUILT_IN)
    return Person(1, "x", "X", "en", 1, Way.PASSWORD, grants)


def test_what_no_role_names_is_denied():
    nobody = person_with()
    for permission in Permission:
        assert not staff.may(nobody, permission)
        with pytest.raises(staff.PermissionMissing, match=permission.value):
            staff.require(nobody, permission)
    assert not staff.may(person_with(RoleGrant("gone")), Permission.MEMBERS_READ)


def test_an_owner_may_everything_and_a_clerk_uses_the_till():
    owner, clerk = person_with(RoleGrant("owner")), person_with(RoleGrant("clerk"))
    assert all(staff.may(owner, permission) for permission in Permission)
    assert [each for each in Permission if staff.may(clerk, each)] == [Permission.TILL_USE]


def test_who_only_looks_changes_nothing():
    changing = {each for each in Permission if each.value.endswith((":write", ":publish"))}
    changing |= {Permission.LEDGER_ADJUST, Permission.TIERS_GRANT, Permission.MEMBERS_ERASE}
    changing |= {Permission.APPROVALS_DECIDE, Permission.JOBS_RUN, Permission.IMPORTS_RUN}
    for role in ("analyst", "auditor"):
        assert not rules.BUILT_IN[role].permissions & changing
        assert Permission.MEMBERS_PERSONAL not in rules.BUILT_IN[role].permissions


def test_a_role_of_some_stores_holds_there_alone_and_the_widest_wins():
    here = person_with(RoleGrant("care", ("hz-01", "hz-02")), RoleGrant("clerk", ("hz-03",)))
    assert staff.may(here, Permission.LEDGER_ADJUST)
    assert staff.may(here, Permission.LEDGER_ADJUST, "hz-01")
    assert not staff.may(here, Permission.LEDGER_ADJUST, "hz-03")
    assert staff.stores_of(here, Permission.TILL_USE) == frozenset({"hz-03"})
    for roles in (
        (RoleGrant("care", ("hz-01",)), RoleGrant("operator")),
        (RoleGrant("operator"), RoleGrant("care", ("hz-01",))),
    ):
        assert staff.may(person_with(*roles), Permission.LEDGER_ADJUST, "anywhere")


def test_every_permission_has_words_in_both_languages():
    assert set(staff.WORDS) == set(Permission)
    assert all(zh and en for zh, en in staff.WORDS.values())


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "password1234",
        "aaaaaaaaaaaaaa",
        "1234567890123",
        "lin.mei-tea-1",
        "qwertyuiop!!",
        "x" * 201,
    ],
)
def test_passwords_that_are_guessed_first_are_refused(password: str):
    with pytest.raises(staff.WeakPassword):
        rules.check_password(password, "lin.mei@tea.example", "Lin Mei")


@pytest.mark.parametrize(
    "password", ["seven herons at dusk", "七只苍鹭黄昏时分飞过西湖岸", "h3-Gkq!9zLmT2"]
)
def test_passwords_that_are_not_are_taken(password: str):
    rules.check_password(password, "lin.mei@tea.example", "Lin Mei")


@pytest.mark.parametrize(
    "pin", ["12345", "123456", "987654", "111111", "112211", "12a456", "１２３４５７"]
)
def test_pins_that_are_guessed_first_are_refused(pin: str):
    with pytest.raises(staff.WeakPin):
        rules.check_pin(pin)


@given(st.integers(1, 2_000), st.integers(1, 50))
def test_waiting_grows_and_is_bounded(failures: int, free: int):
    now, more = rules.wait_us(failures, free), rules.wait_us(failures + 1, free)
    assert 0 <= now <= more <= rules.WAIT_US_MAX
    assert (now == 0) == (failures < free)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:12:34::1", "2001:db8:12::/48"),
        ("2001:db8::1", "2001:db8:0::/48"),
        ("::1", "::1"),
        ("nonsense", "unknown"),
    ],
)
def test_of_an_address_only_the_network_is_kept(address: str, network: str):
    assert staff.coarse_network(address) == network


def test_of_a_program_only_its_sort_is_kept():
    agent = "Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 Chrome/126.0 Mobile"
    assert staff.coarse_client(agent) == "Chrome · Android"
