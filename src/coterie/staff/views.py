"""Accounts, roles, sign-ins and tills, as others may see them."""

from __future__ import annotations

from coterie.kernel.paging import decode_cursor, encode_cursor, page_size
from coterie.staff import rules, store
from coterie.staff.errors import AccountUnknown, DeviceUnknown
from coterie.staff.model import Account, AccountState, Device, Permission, Role, SignIn
from coterie.storage import Connection

ACCOUNTS_MAX = 2_000
_ID_MAX = 2**63 - 1


def roles(db: Connection) -> dict[str, Role]:
    """Return every role by its code: the built-in ones and one's own."""
    own = {}
    for code, name, allowed in store.list_roles(db, rules.ROLES_MAX):
        # A permission that only a newer version knows allows nothing.
        known = frozenset(each for each in Permission if each.value in allowed)
        own[code] = Role(code, name, name, known, built_in=False)
    return {**rules.BUILT_IN, **own}


def read_account(db: Connection, account_id: int) -> Account:
    """Return an account. Raises AccountUnknown."""
    found = store.find_accounts(db, account_id=account_id) if 0 < account_id <= _ID_MAX else []
    if not found:
        raise AccountUnknown(f"{account_id}.")
    return found[0]


def find_account(db: Connection, login: str) -> Account:
    """Return an account by its login. Raises AccountUnknown."""
    found = store.find_accounts(db, login=rules.normal_login(login))
    if not found:
        raise AccountUnknown(f"{login!r}.")
    return found[0]


def list_accounts(
    db: Connection, *, cursor: str | None = None, limit: int | None = None
) -> tuple[list[Account], str | None]:
    """Return a page of accounts, and the next page's cursor."""
    size = page_size(limit)
    after = 0 if cursor is None else int(decode_cursor(cursor, int)[0])
    found = store.find_accounts(db, after=after, limit=size + 1)
    if len(found) <= size:
        return found, None
    return found[:size], encode_cursor(found[size - 1].account_id)


def who_may(db: Connection, *permissions: Permission) -> list[Account]:
    """Return who can sign in and may all of this everywhere."""
    known = roles(db)
    demo = store.is_open_house(db)
    found = []
    for account in store.find_accounts(db, after=0, limit=ACCOUNTS_MAX):
        can_enter = account.state is AccountState.ACTIVE or (
            demo and account.state is AccountState.INVITED
        )
        grants = rules.grants_of(account.roles, known)
        if can_enter and all(grants.get(each, frozenset()) is None for each in permissions):
            found.append(account)
    return found


def list_sign_ins(
    db: Connection,
    *,
    now_us: int,
    account_id: int | None = None,
    only_open: bool = False,
    cursor: str | None = None,
    limit: int | None = None,
) -> tuple[list[SignIn], str | None]:
    """Return a page of sign-ins, the newest first: of one account, or of all."""
    size = page_size(limit)
    below = None if cursor is None else int(decode_cursor(cursor, int)[0])
    found = store.list_sign_ins(
        db, account_id, now_us, only_open=only_open, below=below, limit=size + 1
    )
    if len(found) <= size:
        return found, None
    return found[:size], encode_cursor(found[size - 1].sign_in_id)


def recovery_codes_left(db: Connection, account_id: int) -> int:
    """Return how many recovery codes somebody has left."""
    return store.count_recovery_codes(db, account_id)


def device_of(db: Connection, token: str) -> Device:
    """Return the till that keeps a token. Raises DeviceUnknown."""
    found = store.find_device(db, rules.digest(token))
    if found is None:
        raise DeviceUnknown
    return found


def list_devices(
    db: Connection, *, cursor: str | None = None, limit: int | None = None
) -> tuple[list[Device], str | None]:
    """Return a page of tills, and the next page's cursor."""
    size = page_size(limit)
    after = 0 if cursor is None else int(decode_cursor(cursor, int)[0])
    found = store.list_devices(db, after, size + 1)
    if len(found) <= size:
        return found, None
    return found[:size], encode_cursor(found[size - 1].device_id)


def is_open_house(db: Connection) -> bool:
    """Tell whether this world is a demo, into which people get without a password."""
    return store.is_open_house(db)
