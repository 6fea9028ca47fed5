"""What changes accounts, roles, secrets and tills, in the caller's transaction.

``now_us`` is the machine's time everywhere in this room, not the world's: a demo whose time stands
still must not keep a sign-in open for ever, nor a telephone's codes wrong.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from coterie.staff import rules, store
from coterie.staff.entry.hashing import hash_secret
from coterie.staff.errors import (
    AccountUnknown,
    BadAccount,
    BadRole,
    DeviceUnknown,
    InvitationRefused,
    LastOwner,
    LoginTaken,
    RoleInUse,
    RoleUnknown,
    WeakPin,
)
from coterie.staff.model import Account, Invitation, NewAccount, Role, RoleGrant
from coterie.staff.views import find_account, read_account, roles
from coterie.storage import Connection

TOKEN_BYTES = 32


def add_account(db: Connection, asked: NewAccount, *, now_us: int) -> int:
    """Add somebody, who cannot sign in before they set a password; return the account's number.

    Raises BadAccount, RoleUnknown and LoginTaken.
    """
    account = rules.check_account(asked, roles(db))
    account_id = store.insert_account(
        db, account.login, account.name, account.language, account.staff_code, now_us
    )
    if account_id is None:
        raise LoginTaken(where="login")
    store.set_account_roles(db, account_id, account.roles)
    return account_id


def change_roles(
    db: Connection, account_id: int, granted: Iterable[RoleGrant], *, now_us: int
) -> Account:
    """Replace somebody's roles and return the account as it was.

    Open sign-ins heed it at their next page. Raises AccountUnknown, BadAccount, RoleUnknown and
    LastOwner.
    """
    given = tuple(granted)
    rules.check_grants(given, roles(db))
    owners = store.lock_owners(db)
    before = read_account(db, account_id)
    if owners == [account_id] and all(grant.role != "owner" for grant in given):
        raise LastOwner
    store.set_account_roles(db, account_id, given)
    store.set_profile(db, account_id, before.name, before.language, now_us)
    return before


def change_profile(
    db: Connection, account_id: int, *, name: str, language: str, now_us: int
) -> Account:
    """Change what somebody is called and reads, and return the account as it was.

    Raises AccountUnknown and BadAccount.
    """
    rules.check_name(name)
    if language not in ("zh", "en"):
        raise BadAccount("The language is zh or en.", where="language")
    before = read_account(db, account_id)
    store.set_profile(db, account_id, name.strip(), language, now_us)
    return before


def disable_account(db: Connection, account_id: int, *, now_us: int) -> Account:
    """Let somebody in no more; their sign-ins and codes end. Return the account as it was.

    Raises AccountUnknown and LastOwner.
    """
    owners = store.lock_owners(db)
    before = read_account(db, account_id)
    if owners == [account_id]:
        raise LastOwner
    store.set_enabled(db, account_id, False, now_us)
    store.end_invitations(db, account_id, now_us)
    store.end_sign_ins(db, account_id, now_us)
    return before


def enable_account(db: Connection, account_id: int, *, now_us: int) -> Account:
    """Let somebody in again, by what they had. Raises AccountUnknown."""
    before = read_account(db, account_id)
    store.set_enabled(db, account_id, True, now_us)
    return before


def invite(db: Connection, account_id: int, *, now_us: int) -> Invitation:
    """Make a code by which somebody sets a password; it is shown this once, earlier ones end.

    The password they have stays good until then. Raises AccountUnknown.
    """
    state = store.lock_account(db, account_id)
    if state is None or state == "disabled":
        raise AccountUnknown
    code = secrets.token_urlsafe(TOKEN_BYTES)
    expires_us = now_us + rules.INVITATION_US
    store.insert_invitation(db, account_id, rules.digest(code), now_us, expires_us)
    return Invitation(account_id, code, expires_us)


def set_password_by_code(db: Connection, code: str, password: str, *, now_us: int) -> int:
    """Set a password by a one-time code; every sign-in of the account ends. Return its number.

    A second factor stays. Raises InvitationRefused and WeakPassword (the code stays good).
    """
    found = store.find_invitation(db, rules.digest(code), now_us)
    if found is None:
        raise InvitationRefused
    account_id, login, name = found
    rules.check_password(password, login, name)
    store.set_password_hash(db, account_id, hash_secret(password), now_us)
    store.end_invitations(db, account_id, now_us)
    store.end_sign_ins(db, account_id, now_us)
    return account_id


def set_pin(db: Connection, account_id: int, pin: str, *, now_us: int) -> None:
    """Set the PIN of somebody with a staff code. Raises AccountUnknown, BadAccount, WeakPin."""
    rules.check_pin(pin)
    account = read_account(db, account_id)
    if account.staff_code is None:
        raise BadAccount("A PIN goes with a staff code.", where="staff_code")
    store.set_pin_hash(db, account_id, hash_secret(pin), now_us)


def random_pin() -> str:
    """Return a PIN that is not guessed first."""
    while True:
        pin = "".join(secrets.choice("0123456789") for _ in range(rules.PIN_DIGITS_MIN))
        try:
            rules.check_pin(pin)
        except WeakPin:
            continue
        return pin


def save_role(
    db: Connection, role: str, name: str, permissions: Iterable[str], *, now_us: int
) -> Role:
    """Save one's own role; whoever has it may at once what it says. Raises BadRole."""
    wanted = rules.check_role(role, name, permissions)
    known = roles(db)
    if role not in known and len(known) - len(rules.BUILT_IN) >= rules.ROLES_MAX:
        raise BadRole(f"There are {rules.ROLES_MAX} roles at most.", where="role")
    store.save_role(db, role, wanted.en, [each.value for each in wanted.permissions], now_us)
    return wanted


def remove_role(db: Connection, role: str) -> None:
    """Remove one's own role. Raises RoleUnknown and RoleInUse."""
    if role in rules.BUILT_IN or role not in roles(db):
        raise RoleUnknown(f"{role!r}.")
    if not store.delete_role(db, role):
        raise RoleInUse(f"{role!r}.")


def register_device(db: Connection, name: str, place: str, *, now_us: int) -> tuple[int, str]:
    """Make a browser the till of a store; return its number and the token it keeps.

    That the store exists is the caller's to know. Raises BadAccount.
    """
    rules.check_name(name)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    return store.insert_device(db, rules.digest(token), name.strip(), place, now_us), token


def revoke_device(db: Connection, device_id: int, *, now_us: int) -> None:
    """Make a till none; who is signed in there is signed out. Raises DeviceUnknown."""
    if not store.revoke_device(db, device_id, now_us):
        raise DeviceUnknown


def open_house(db: Connection, *, now_us: int) -> None:
    """Let people into a new demo without a password; nobody but its builder calls this.

    Raises OpenHouseRefused in a world where somebody has a password.
    """
    store.open_house(db, now_us)


def account_named(db: Connection, name: str) -> Account:
    """Return an account by its number or login. Raises AccountUnknown."""
    return read_account(db, int(name)) if name.isdecimal() else find_account(db, name)
