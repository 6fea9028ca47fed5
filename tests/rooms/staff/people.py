"""People for tests of who may what."""

from __future__ import annotations

from coterie import staff
from coterie.staff import NewAccount, Person, RoleGrant, Visitor
from coterie.storage import Connection, transaction

NOW = 1_767_225_600_000_000
SECOND = 1_000_000
PASSWORD = "seven herons at dusk"
HERE = Visitor("Firefox · Linux", "192.0.2.0/24")
ADDRESS = "192.0.2.7"


def account(
    db: Connection,
    login: str,
    *roles: RoleGrant,
    password: str | None = PASSWORD,
    staff_code: str | None = None,
) -> int:
    """Add somebody who can sign in."""
    given = roles or (RoleGrant("owner"),)
    with transaction(db):
        asked = NewAccount(login, login.title(), given, "en", staff_code)
        account_id = staff.add_account(db, asked, now_us=NOW)
        if password is not None:
            code = staff.invite(db, account_id, now_us=NOW).code
            staff.set_password_by_code(db, code, password, now_us=NOW)
    return account_id


def enter(db: Connection, login: str, *, now_us: int = NOW) -> Person:
    """Sign somebody in by the password of all tests."""
    token = staff.sign_in(db, login, PASSWORD, HERE, ADDRESS, now_us=now_us).token
    return staff.who(db, token, now_us=now_us)


def person(db: Connection, login: str, *roles: RoleGrant) -> Person:
    """Add somebody and sign them in."""
    account(db, login, *roles)
    return enter(db, login)
